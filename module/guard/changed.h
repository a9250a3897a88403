/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A version judged by what it changes. Worker only.
 *
 * What was clean, and is changed at a few names, is clean if these are. They are
 * looked at with their ancestors, which may have a DNAME or be the apex.
 */

#pragma once

#include "guard/reading.h"

/*!
 * \brief Whether a version that is held can be judged so: a big zone whose last version was clean,
 *        and no rule about targets enforced, for which all names count.
 *
 * Not where a zone file is loaded as a whole and then signed or digested by the server: there
 * the changes are those of the signing alone, under the serial of the file.
 */
bool cg_changed_can_held(const cg_guarded_t *zone, const cg_policy_t *policy);

/*!
 * \brief Judges the names that a held version changes; only a result without findings is a verdict.
 *
 * \param[out] reading  Its findings; no contents.
 *
 * \retval KNOT_EOK      clean.
 * \retval KNOT_ENOTSUP  all of the version has to be read: it was not told what is changed, or
 *                       against which version, or too much, or something was found.
 * \retval other         as cg_server_read().
 */
int cg_changed_judge_held(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                          cg_reading_t *reading);

/*!
 * \brief Whether the running version can be: it came from the one that was clean by updates,
 *        transfers or transactions, and the server can tell which, by an incremental transfer.
 *
 * It did where owner and NS of the apex are the same in memory: what is loaded as a whole is
 * made anew. All else gets a new serial and is in the journal, also what was edited in the
 * zone file under the same serial (zonefile-load: difference).
 */
bool cg_changed_can(const cg_guarded_t *zone, const cg_policy_t *policy,
                    const cg_version_t *version);

/*!
 * \brief Judges the names that the running version changes.
 *
 * \param[in,out] reading  Its version; then its findings.
 *
 * \retval KNOT_EAGAIN  another version came in between.
 * \retval other        as cg_changed_judge_held().
 */
int cg_changed_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_reading_t *reading);
