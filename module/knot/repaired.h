/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Answers of names that the verdict has repaired, while the zone stays as it is.
 */

#pragma once

#include "knot/instance.h"

/*! \brief Hook PREANSWER: answers such a name, and follows its aliases. */
knotd_in_state_t cg_repaired_answer(knotd_in_state_t state, knot_pkt_t *pkt,
                                    knotd_qdata_t *qdata, knotd_mod_t *mod);

/*! \brief Hook ANSWER: such a name has no data of the type, which Knot has to be told for the SOA (RFC 2308, 2.2). */
bool cg_repaired_no_data(const knot_pkt_t *pkt, knotd_qdata_t *qdata, knotd_mod_t *mod);
