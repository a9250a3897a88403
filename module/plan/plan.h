/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief One name under repair.
 */

#pragma once

#include "cnameguard/plan.h"
#include "rules/pool.h"
#include "rules/text.h"

/*! \brief A strategy gives this where it cannot be applied, and has then added no edit. */
#define CG_NOT_APPLICABLE 1

typedef struct {
	const cg_zones_t *zones;      /*!< Where targets are looked up. */
	const cg_zone_t *zone;
	const cg_finding_t *findings; /*!< All of the name's that are enforced and editable. */
	size_t findings_count;
	cg_name_t name;               /*!< As the zone has it. */
	bool apex;
	cg_plan_t *plan;
	cg_pool_t *pool;              /*!< The plan's. */
	cg_text_t *why;               /*!< Takes the reason where a strategy cannot be applied. */
} cg_repair_t;

/*! \brief Adds one edit of the name to the plan. */
int cg_repair_edit(cg_repair_t *repair, cg_edit_op_t op, const cg_rr_t *rr);

/*! \brief Removes all CNAMEs of the name. */
int cg_repair_drop_cname(cg_repair_t *repair);

/*! \brief Whether a name is more than aliases and their DNSSEC records. */
bool cg_repair_has_other(const cg_name_t *name);

/*!
 * \brief Replaces the CNAMEs by what they stood for.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM, CG_NOT_APPLICABLE (with the reason in \a why)
 */
int cg_flatten(cg_repair_t *repair);
