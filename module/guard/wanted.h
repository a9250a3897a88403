/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A zone is brought to wanted contents, in one control transaction. Worker only.
 */

#pragma once

#include "guard/repair.h"

/*!
 * \brief Edits the zone until it is what is wanted, its serial included.
 *
 * What a server makes itself when it signs is left to it.
 *
 * \param wanted  Finished; with an SOA.
 *
 * \retval KNOT_EOK        committed.
 * \retval KNOT_EBUSY      an operator's transaction is open, or the next version is held.
 * \retval KNOT_ESEMCHECK  the server refused the commit, see \a why.
 * \retval other           failed, see \a why.
 */
int cg_wanted_put(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                  const cg_zone_t *wanted, cg_why_t *why);
