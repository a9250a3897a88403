/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The owner names that are never acted on.
 */

#pragma once

#include "cnameguard/rules.h"
#include "rules/pool.h"

/*! \brief Sorted set of names. */
typedef struct {
	const knot_dname_t **names;
	size_t count;
} cg_exempt_t;

/*!
 * \brief Makes the set from the policy; names that are none are left out.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_exempt_make(cg_exempt_t *set, const cg_rules_policy_t *policy,
                   const knot_dname_t *origin, cg_pool_t *pool);

bool cg_exempt_has(const cg_exempt_t *set, const knot_dname_t *name);
