/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What lies below a zone cut or a DNAME, and the rule dname-children.
 */

#pragma once

#include "rules/run.h"

/*! \brief Leaves the covers that the name is not below, and tells the others of it. */
int cg_covers_meet(cg_rules_t *run, const cg_name_t *name);

/*! \brief The names that come now may be below this one. */
int cg_covers_push(cg_rules_t *run, const cg_name_t *name, bool is_dname);

void cg_covers_pop(cg_rules_t *run);
