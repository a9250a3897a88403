/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the other rule files may ask a zone beyond cnameguard/zone.h.
 */

#pragma once

#include "cnameguard/zone.h"

/*! \brief A name with what is known of it. */
typedef struct {
	cg_name_t name;
	uint32_t seen;  /*!< Bits of the types (SEEN_*). */
	size_t at;      /*!< Place in the canonical order; CG_NO_NODE: an empty non-terminal. */
	size_t cover;   /*!< The outermost zone cut or DNAME above it; CG_NO_NODE: none. */
} cg_node_t;

#define CG_NO_NODE SIZE_MAX

/*! \brief Below a zone cut or a DNAME. */
static inline bool cg_node_occluded(const cg_node_t *node)
{
	return node->cover != CG_NO_NODE;
}

/*! \brief Key of the origin (see cg_key()). */
const uint8_t *cg_zone_origin_key(const cg_zone_t *zone, size_t *len);

/*! \brief Number of names that own records, owners of NSEC3 records among them. */
size_t cg_zone_names(const cg_zone_t *zone);

/*! \brief The name at that place of the canonical order. */
void cg_zone_node_at(const cg_zone_t *zone, size_t at, cg_node_t *out);

/*!
 * \brief cg_zone_find() that tells more.
 *
 * Owners of NSEC3 records are no names of the zone here.
 */
int cg_zone_node(const cg_zone_t *zone, const knot_dname_t *name, cg_node_t *out);

/*!
 * \brief Finds a name, or the closest name above it (RFC 4592, 3.3.1).
 *
 * \param[out] encloser  That name, within \a name.
 *
 * \retval KNOT_EOK         \a out is the name.
 * \retval KNOT_ENONODE     \a out is its closest encloser.
 * \retval KNOT_EOUTOFZONE  there is not even an apex above it.
 */
int cg_zone_closest(const cg_zone_t *zone, const knot_dname_t *name, cg_node_t *out,
                    const knot_dname_t **encloser);

/*!
 * \brief The records of one type at a name that came from a zone, which are neighbours.
 *
 * \return Their number; 0: none.
 */
size_t cg_zone_rrset(const cg_name_t *name, uint16_t type, const cg_rr_t **rr);

/*! \brief Third field of SOA data; false: it is not there. */
bool cg_soa_serial(const char *data, uint32_t *serial);
