/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief From what was read of a version to its verdict. Worker only.
 */

#pragma once

#include <time.h>

#include "guard/reading.h"

/*!
 * \brief Publishes the verdict about what was read, and acts by the mode.
 *
 * \param begin  When the reading began, of CLOCK_MONOTONIC.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EAGAIN  another version came in between, by our own repair too.
 * \retval other        to be tried again.
 */
int cg_conclude(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                cg_reading_t *reading, const struct timespec *begin);

/*! \brief A version has its verdict: what is remembered of the one before ends. */
void cg_judged(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
               const cg_version_t *version, uint32_t serial);
