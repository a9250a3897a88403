/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The rules about what names lead to: they need whole zones.
 */

#pragma once

#include "rules/aliases.h"
#include "rules/run.h"

/*! \brief Records that are listed of one way; the rest is counted. */
#define WAY_LISTED 20

/*! \brief Judges all zones; \a runs, one for each, take the findings. \a each: as in cg_rules_zones(). */
int cg_targets_judge(const cg_zones_t *zones, cg_rules_t **runs, cg_each_t each);

/*! \brief Rules mx-alias to svcb-alias, about one name. */
int cg_references_judge(const cg_zones_t *zones, const cg_zone_t *self, const cg_node_t *node,
                        cg_rules_t *run);

/*! \brief Rules cname-loop to cname-mail. */
int cg_chains_judge(cg_aliases_t *aliases, cg_rules_t **runs);

/*! \brief New finding about a name, with its types. NULL: out of memory. */
cg_found_t *cg_target_found(cg_rules_t *run, cg_rule_t rule, const cg_name_t *name);
