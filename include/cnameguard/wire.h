/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Records in wire format, from their text.
 */

#pragma once

#include "cnameguard/record.h"

/*!
 * \brief Adds the data of a record to a set, read by libzscanner.
 *
 * \param rr           Data with absolute names.
 * \param[in,out] out  Of the same type; its data are to be cleared by knot_rdataset_clear().
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval KNOT_EMALF  these are no data of that type.
 */
int cg_wire_add(const cg_rr_t *rr, knot_rrset_t *out);
