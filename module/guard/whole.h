/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A second look at a version, with all of it in memory: for the texts of
 *        findings, and for the rules about targets.
 */

#pragma once

#include "guard/reading.h"

/*! \brief Whether all of the version must be looked at before it may have its verdict. */
bool cg_whole_first(const cg_policy_t *policy, const cg_reading_t *reading);

/*!
 * \brief Judges all of the version, and puts the result in place of its findings.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EAGAIN  another version came in between, or something else is wanted;
 *                      here and after other errors the findings stay as they were.
 */
int cg_whole_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   cg_reading_t *reading);

/*!
 * \brief The rules about targets, once the verdict about the names is out.
 *
 * A zone that changes all the time is looked at once a sweep interval; what
 * was put off (\a targets_due of the zone) is judged by a later sweep.
 */
void cg_whole_targets(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      cg_reading_t *reading);
