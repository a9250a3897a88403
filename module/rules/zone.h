/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the other rule files may ask a zone beyond cnameguard/zone.h.
 */

#pragma once

#include "cnameguard/zone.h"

/*!
 * \brief cg_zone_find() that also gives the bits of the types (SEEN_*).
 *
 * Owners of NSEC3 records are no names of the zone here.
 */
int cg_zone_node(const cg_zone_t *zone, const knot_dname_t *name,
                 cg_name_t *out, uint32_t *seen);

/*!
 * \brief The records of one type at a name that came from a zone, which are neighbours.
 *
 * \return Their number; 0: none.
 */
size_t cg_zone_rrset(const cg_name_t *name, uint16_t type, const cg_rr_t **rr);

/*! \brief Third field of SOA data; false: it is not there. */
bool cg_soa_serial(const char *data, uint32_t *serial);
