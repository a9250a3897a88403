/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Data of records in wire format.
 */

#pragma once

#include "cnameguard/scan.h"

/*!
 * \brief Writes the data of a record in presentation format.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ESPACE  the buffer is too small, or these are no data of the type.
 */
int cg_data_text(const cg_scan_rr_t *rr, char *out, size_t size);

/*! \brief Octets of plain data, with their end. */
#define CG_DATA_PLAIN_MAX	264

/*!
 * \brief The same for what most records have: addresses, and names that need no escapes.
 *
 * \return Length; 0: these are others, \a out may be changed.
 */
size_t cg_data_plain(const cg_scan_rr_t *rr, char out[CG_DATA_PLAIN_MAX]);

/*!
 * \brief Whether these are data of the type; libzscanner takes anything behind \#.
 *
 * \param[in,out] buffer  Room to try it in, NULL at first; to be freed.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EMALF   no.
 * \retval KNOT_ENOMEM
 */
int cg_data_check(const cg_scan_rr_t *rr, char **buffer);
