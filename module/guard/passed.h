/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A version that was judged clean before it was published need not be read again. Worker only.
 *
 * All others of that serial would have been held, and judged, too: control
 * transactions, which are not, get the next serial.
 */

#pragma once

#include "guard/reading.h"

/*! \brief The server was told to publish it. Takes over what is in the reading, where it can. */
void cg_passed_remember(cg_guard_t *guard, cg_guarded_t *zone, cg_reading_t *reading);

/*! \brief Whether a version of that serial was, and nothing may have come between. */
bool cg_passed_is(const cg_guarded_t *zone, uint32_t serial);

/*!
 * \brief What was read of the version that is served now; false: it has to be read.
 *
 * \param[out] reading  With the version that the verdict can be bound to.
 */
bool cg_passed_take(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                    cg_reading_t *reading);

void cg_passed_forget(cg_guard_t *guard, cg_guarded_t *zone);
