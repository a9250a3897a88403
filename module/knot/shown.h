/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What an answer shows of names in conflict.
 */

#pragma once

#include "knot/own.h"

/*! \brief Whether the answer shows data of a refused name. */
bool cg_shows_refused(const cg_verdict_t *verdict, const knot_pkt_t *pkt,
                      const knot_dname_t *qname);

/*! \brief Whether a name in the answer can be one that is refused or answered repaired, in some zone. */
bool cg_shows_alert(const knot_pkt_t *pkt, const knotd_qdata_t *qdata);

/*! \brief The name was renamed by a DNAME in the answer, not made from a wildcard. */
bool cg_shows_renamed(const knot_pktsection_t *answer, const knot_dname_t *name);

/*!
 * \brief First name in the answer whose cleanness is not known; NULL: none.
 *
 * An alias that was made from a DNAME or a wildcard was cleared under its own
 * name, together with what it was made from.
 *
 * \param table  NULL: nothing was cleared.
 * \param own    What is not cleared is looked at; NULL: it is not.
 */
const knot_dname_t *cg_shows_unverified(const cg_table_t *table, const cg_version_t *version,
                                        const knot_pkt_t *pkt, const knot_dname_t *qname,
                                        const cg_own_t *own);

/*! \brief Whether there is anything in the answer that a conflict could be behind. */
bool cg_shows_alias(const knot_pkt_t *pkt);
