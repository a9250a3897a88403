/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A repair on the way out: of the answers, where the zone must not be edited.
 */

#pragma once

#include "guard/repair.h"
#include "guard/whole.h"

/*!
 * \brief Plans, writes down and makes the answers of the names in conflict.
 *
 * \param[out] answers  To be given back; NULL: no name can be answered repaired.
 * \param[out] all      No enforced finding is left.
 * \param[out] why      What is left, and why.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval KNOT_EFILE  the audit log cannot be written.
 * \retval KNOT_EBUSY  a target cannot be read for now.
 */
int cg_way_out(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
               const cg_reading_t *reading, cg_answers_t **answers, bool *all, cg_why_t *why);
