/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What goes out instead of an answer that is made already.
 */

#pragma once

#include <knot/module.h>

/*!
 * \brief Hook END: replaces the answer by the error, or TC, that qdata says.
 *
 * \return The state that END returns. Where the answer is not signed it is
 *         emptied in place, which costs less than to have Knot make another one.
 */
knotd_state_t cg_answer_instead(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata);

/*!
 * \brief Makes the message that replaces a signed one the first to be signed.
 *
 * Knot has written the MAC of its answer over the one of the query, which is
 * still where it was received.
 */
void cg_sign_anew(knotd_qdata_t *qdata);
