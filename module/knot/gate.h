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

/*! \brief Decides about an answer; true: it must not go out, qdata says what goes instead. */
bool cg_gate_answer(knot_pkt_t *pkt, knotd_qdata_t *qdata, knotd_mod_t *mod);

/*! \brief Decides about one message of a transfer; the state that BEGIN returns. */
knotd_state_t cg_gate_transfer(knotd_state_t state, knotd_qdata_t *qdata, knotd_mod_t *mod);
