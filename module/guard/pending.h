/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Versions that the server holds before it publishes them, until they are judged
 *        (external-validation of Knot 3.5). Worker only.
 *
 * A clean version is let through, and its verdict comes with the published
 * version as always. One with an error never becomes current: it is aborted, the
 * last good version goes on, and nobody is notified. In mode rewrite the zone is
 * then brought to what was wanted, repaired, with the serial that was coming in.
 */

#pragma once

#include "guard/worker.h"

/*!
 * \brief Asks which zones are held, and answers for each.
 *
 * Costs nothing where no zone has external-validation.
 */
void cg_pending_look(cg_guard_t *guard);

/*! \brief Monotonic milliseconds of the next call; INT64_MAX: nothing is to be asked. */
int64_t cg_pending_due(const cg_guard_t *guard);

/*!
 * \brief Versions come in one after the other, as at a start: what is published already can wait.
 *
 * \return Monotonic milliseconds until which; 0: no longer. Not for longer than a second in a row.
 */
int64_t cg_pending_busy(const cg_guard_t *guard);

/*! \brief A version was let through: it is looked at later whether the server has heard. */
void cg_pending_check(cg_guard_t *guard, cg_guarded_t *zone);

/*! \brief A zone has external-validation: it is asked for from now on. Any thread. */
void cg_pending_expect(cg_guard_t *guard);

/*! \brief The worker ends: nobody is listened to any more. */
void cg_pending_end(cg_guard_t *guard);
