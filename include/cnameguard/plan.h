/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The plan: findings in, a deterministic list of edits out. No I/O.
 */

#pragma once

#include "cnameguard/rules.h"

typedef enum {
	CG_STRATEGY_REFUSE,      /*!< As a fallback only. */
	CG_STRATEGY_FLATTEN,     /*!< The CNAME is replaced by what it stood for. */
	CG_STRATEGY_KEEP_OTHER,  /*!< The CNAME is dropped. */
	CG_STRATEGY_KEEP_CNAME,  /*!< The other data is dropped. */
} cg_strategy_t;

/*! \brief Edits that a plan copies records for: many aliases of one big name would have no end. */
#define CG_PLAN_EDITS_MAX 100000

typedef enum {
	CG_EDIT_REMOVE,
	CG_EDIT_ADD,
} cg_edit_op_t;

/*! \brief One record to be removed or added. */
typedef struct {
	cg_edit_op_t op;
	const knot_dname_t *owner; /*!< Lower-cased wire format. */
	const char *spelling;      /*!< Owner, absolute, presentation format. */
	cg_rr_t rr;
	cg_rule_t rule;            /*!< The finding that asked for it. */
} cg_edit_t;

/*! \brief Enforced findings of one name that nothing was planned for, and why. */
typedef struct {
	const cg_finding_t *findings; /*!< The first of them; the others are its neighbours. */
	size_t count;
	const char *why;              /*!< One line, begins with the name. */
} cg_refusal_t;

typedef struct {
	cg_edit_t *list;      /*!< Removals of a name before its additions; names in canonical order. */
	size_t count;
	size_t refused;       /*!< Enforced findings that nothing was planned for. */
	cg_refusal_t *refusals; /*!< The same by name, in canonical order. */
	size_t refusals_count;
	const char *why;      /*!< Why the first of those cannot be repaired; NULL: none. One line. */
	void *pool;           /*!< Private. */
} cg_plan_t;

/*!
 * \brief Plans the repair of all findings of level error that are not exempt.
 *
 * Each finding is repaired by the strategy, else by the fallback, else counted
 * in \a refused, and \a refusals says why. Only rules marked editable are ever
 * edited. Records are never dropped unless \a strategy or \a fallback is one
 * that drops. A name broken by several rules is edited once.
 *
 * \param zones  Where flatten looks up what an alias stands for, each name in the deepest of
 *               them; NULL: \a zone alone. \a zone need not be one of them: the owners are
 *               taken from it, and all that they lead to from \a zones.
 * \param zone  The version that \a findings was found in.
 * \param[out] out  To be freed by cg_plan_free(), also after an error. Borrows from
 *                  all three, which must live as long.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_plan_make(const cg_zones_t *zones, const cg_zone_t *zone, const cg_findings_t *findings,
                 cg_strategy_t strategy, cg_strategy_t fallback, cg_plan_t *out);

void cg_plan_free(cg_plan_t *plan);

/*! \brief Name as in the configuration. */
const char *cg_strategy_name(cg_strategy_t strategy);
