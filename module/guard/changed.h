/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A version that is held, judged by what it changes. Worker only.
 *
 * What was clean, and is changed at a few names, is clean if these are. They are
 * looked at with their ancestors, which may have a DNAME or be the apex.
 */

#pragma once

#include "guard/reading.h"

/*!
 * \brief Whether it can be judged so: a big zone whose last version was clean, and no rule about
 *        targets enforced, for which all names count.
 *
 * Not where a zone file is loaded as a whole and then signed or digested by the server: there
 * the changes are those of the signing alone, under the serial of the file.
 */
bool cg_changed_can(const cg_guarded_t *zone, const cg_policy_t *policy);

/*!
 * \brief Judges the names that are changed; only a result without findings is a verdict.
 *
 * \param[out] reading  Its findings; no contents.
 *
 * \retval KNOT_EOK      clean.
 * \retval KNOT_ENOTSUP  all of the version has to be read: it was not told what is changed, or
 *                       against which version, or too much, or something was found.
 * \retval other         as cg_server_read().
 */
int cg_changed_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_reading_t *reading);
