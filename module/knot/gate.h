/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The gate: what may go out, and what goes out instead.
 */

#pragma once

#include "knot/instance.h"

/*! \brief Sets the answer that stands for a refused name or zone. */
void cg_gate_refuse(knotd_qdata_t *qdata, knotd_mod_t *mod);

/*! \brief Decides before the answer is made; true: nothing may be answered to this question. */
bool cg_gate_refuses(knotd_qdata_t *qdata, const cg_instance_t *self);

/*! \brief Decides about an answer; true: it must not go out, qdata says what goes instead. */
bool cg_gate_answer(cg_instance_t *self, knot_pkt_t *pkt, knotd_qdata_t *qdata, knotd_mod_t *mod);

/*! \brief Decides about one message of a transfer; the state that BEGIN returns. */
knotd_state_t cg_gate_transfer(knotd_state_t state, knotd_qdata_t *qdata, knotd_mod_t *mod);

/*!
 * \brief The same behind a message, where BEGIN is not hooked: lets the transfer go on, or ends it.
 *
 * The configuration has changed since: a transfer cannot be made another one here.
 */
knotd_state_t cg_gate_unseen_transfer(knotd_state_t state, knotd_qdata_t *qdata, knotd_mod_t *mod);
