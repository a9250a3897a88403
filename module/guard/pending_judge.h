/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief One version that the server holds before it publishes it. Worker only.
 */

#pragma once

#include "guard/worker.h"

/*!
 * \brief Judges the version that is held, and tells the server what becomes of it.
 *
 * \retval KNOT_EOK  also where none is held any more.
 * \retval other     the server could not be told.
 */
int cg_pending_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy);
