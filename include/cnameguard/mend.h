/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Plans upon plans: what stood in the way of a repair may itself be repaired. No I/O.
 */

#pragma once

#include "cnameguard/plan.h"

/*! \brief Plans that are made at the most, one after the other. */
#define CG_MEND_ROUNDS 32

/*! \brief A zone and all its repairs. */
typedef struct {
	const cg_findings_t *findings;  /*!< In the zone as it is. */
	cg_edit_t *edits;               /*!< All of them, names in canonical order. */
	size_t edits_count;
	const cg_zone_t *result;        /*!< The zone as it will be; as it is, if there are no edits. */
	const cg_findings_t *left;      /*!< In \a result. */
	const cg_refusal_t *refusals;   /*!< Why the enforced ones of those stay. */
	size_t refusals_count;
	bool full;                      /*!< What is left would take more than CG_PLAN_EDITS_MAX edits. */
	void *rounds;                   /*!< Private. */
} cg_mend_t;

/*!
 * \brief Judges a zone and plans, until there is nothing more that can be repaired.
 *
 * So an alias to a name that is in conflict itself is repaired in the same run.
 * No name is edited twice.
 *
 * \param zone      Borrowed until cg_mend_free(), as is \a policy.
 * \param[out] out  To be freed by cg_mend_free(), also after an error.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_mend_make(const cg_zone_t *zone, const cg_rules_policy_t *policy, cg_strategy_t strategy,
                 cg_strategy_t fallback, cg_mend_t *out);

void cg_mend_free(cg_mend_t *mend);

/*!
 * \brief The zone as it is after edits.
 *
 * \param[out] out  To be freed by cg_zone_free(); NULL after an error.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_mend_apply(const cg_zone_t *zone, const cg_edit_t *edits, size_t count, cg_zone_t **out);
