/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief While a long read goes on, or long work, small zones are judged beside it. Worker only.
 *
 * Beside a read that needs a server that serves several control clients at once (Knot 3.4 and
 * later). The read waits meanwhile, and the server with it: it keeps all old versions of all
 * zones until the read ends, so that an update of a zone may have to wait for it. So nothing is
 * edited here, and nothing is read that is not small.
 */

#pragma once

#include "guard/worker.h"

/*!
 * \brief Serves what is wanted, in a conversation of its own.
 *
 * \param reading  The zone that is being read. It has its verdict with the end of that, but
 *                 single names of it may have theirs now.
 * \param judged   The read is not for its verdict: that may be wanted too.
 *
 * \return false: some could not be served, and are in the queue again.
 */
bool cg_aside_serve(cg_guard_t *guard, cg_guarded_t *reading, bool judged);

/*!
 * \brief The same while nothing is read, in the running conversation.
 *
 * It is open afterwards if it was before, and if the server is still there.
 */
void cg_aside_idle(cg_guard_t *guard, cg_guarded_t *zone, bool judged);

/*! \brief Something is wanted, and the read has had its share of the time since the last call. */
bool cg_aside_due(cg_guard_t *guard);
