/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Long work that needs no server is done in a thread of its own, and small zones are judged
 *        meanwhile. Worker only.
 */

#pragma once

#include "guard/worker.h"

/*! \brief Work; it must touch nothing of the guard, nor write to the server's log. */
typedef int (*cg_work_cb)(void *ctx);

/*!
 * \brief Does work about a zone and waits for its end.
 *
 * Work about fewer than some thousand records is done at once. Where there is no other thread to
 * be had, so is all of it.
 *
 * \param judged   The zone has its verdict: another may be wanted.
 * \param records  So many does it go over.
 *
 * \return What the work returns.
 */
int cg_apart(cg_guard_t *guard, cg_guarded_t *zone, bool judged, size_t records, cg_work_cb work,
             void *ctx);

/*!
 * \brief Judges small zones that are wanted: for long work that does need the guard, now and then.
 *
 * Nothing is being read by the running conversation then.
 */
void cg_breathe(cg_guard_t *guard, cg_guarded_t *zone);
