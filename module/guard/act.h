/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What is done about a judged version, by the mode.
 */

#pragma once

#include "guard/whole.h"

/*!
 * \brief Acts, and says so.
 *
 * \param version    What the verdict is bound to; NULL: to nothing, no verdict was published.
 * \param[out] committed  A repaired version was made; it needs a verdict of its own.
 *
 * \retval KNOT_EOK     done, or nothing that could be done.
 * \retval KNOT_EAGAIN  another version came in between.
 * \retval other        to be tried again.
 */
int cg_act(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
           const cg_reading_t *reading, const cg_version_t *version, double ms,
           bool *committed);
