/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The last good version of a zone: remembered on disk, and put back where a start lost it.
 *
 * Knot keeps the last good version over a reload that it refuses. Started with
 * a file that it does not take it serves nothing, even with a good journal: then
 * the version that was remembered is put back. Worker only.
 *
 * Never remembered and never put back: in mode audit, of a zone that is not
 * loaded from a file, and of one that has a primary, whose expiry only Knot knows.
 */

#pragma once

#include "guard/worker.h"

static inline bool cg_good_remembers(const cg_policy_t *policy)
{
	return policy->mode != CG_MODE_AUDIT && policy->file != NULL && !policy->secondary;
}

/*! \brief The version that is served is clean: it is to be remembered when there is time. */
void cg_good_is_due(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy);

/*!
 * \brief Updates have made the version with that serial: it is judged and remembered soon.
 *
 * Not for each of many, see cg_good_remember(); the sweep finds the last one.
 */
void cg_good_updated(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     uint32_t serial);

/*!
 * \brief Remembers what is due, until something is wanted.
 *
 * A version is read again for it and judged on the way. For a zone that
 * changes all the time it is done for a twentieth of the time at the most.
 *
 * \param until_ms  When there is other work: after the first, none is begun later.
 */
void cg_good_remember(cg_guard_t *guard, int64_t until_ms);

/*!
 * \brief Forgets the last good version of a zone that somebody has removed or purged.
 *
 * Another zone of that name may be another's. To be called after the server
 * has told which zones it has, never on the word of a detach: a server that
 * stops detaches too.
 */
void cg_good_forget(cg_guarded_t *zone);

/*!
 * \brief Puts the last good version back, if Knot has refused the zone file and serves nothing.
 *
 * Only where the zone had no contents since the module was loaded for it: what was emptied
 * later was emptied by somebody.
 */
void cg_good_restore(cg_guard_t *guard, cg_guarded_t *zone);
