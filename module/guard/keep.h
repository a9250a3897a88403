/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What is kept before a version is rewritten.
 */

#pragma once

#include "guard/repair.h"

/*! \brief Files that are kept of a zone: where Knot writes over the zone file, that one with each version. */
static inline unsigned cg_keep_files(const cg_policy_t *policy)
{
	return policy->flushes ? 2 * policy->keep : policy->keep;
}

/*!
 * \brief Keeps the version that is about to be edited, and says where.
 *
 * Where Knot will write over the zone file, that is kept too, comments and all.
 *
 * \param contents  The version, as it is in the transaction.
 *
 * \return False: it cannot be kept, and must not be edited; \a why says so.
 */
bool cg_keep_original(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      const cg_zone_t *contents, const cg_plan_t *plan, cg_why_t *why);

/*!
 * \brief Keeps the zone file of a version that is not published, where Knot could write over it.
 *
 * At its stop, with zonefile-sync other than -1, Knot writes what it serves.
 */
void cg_keep_refused(cg_guarded_t *zone, const cg_policy_t *policy, uint32_t serial);
