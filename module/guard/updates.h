/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What became of dynamic updates: looked at a moment after they came.
 */

#pragma once

#include "guard/worker.h"

/*! \brief Worker: monotonic milliseconds when there is something to do; INT64_MAX: nothing is known. */
int64_t cg_updates_due(cg_guard_t *guard);

/*!
 * \brief Worker: looks at the updates that are due and reports what Knot has dropped of them.
 *
 * Stops when a hook wants something, and after a number of updates; what is
 * left stays due.
 */
void cg_updates_look(cg_guard_t *guard);

/*! \brief Counts an update that will not be looked at; from any thread. */
void cg_updates_lost(cg_guard_t *guard, cg_guarded_t *zone);

/*! \brief Forgets all updates, when the worker has ended. */
void cg_updates_forget(cg_guard_t *guard);
