/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What an alias stands for: a name looked up as the server would answer it.
 */

#pragma once

#include "cnameguard/zone.h"

typedef enum {
	CG_TARGET_FOUND,    /*!< \a name holds what the chain ends in. */
	CG_TARGET_OUTSIDE,  /*!< Leads out of the zones. */
	CG_TARGET_CUT,      /*!< At or below a zone cut: glue is no answer. */
	CG_TARGET_MISSING,  /*!< No such name. */
	CG_TARGET_LOOP,     /*!< Comes back to itself, or is longer than CG_CHAIN_MAX. */
	CG_TARGET_CONFLICT, /*!< On the way lies a name with several CNAMEs. */
} cg_target_t;

/*! \brief Links that are followed at the most (Knot itself answers with five). */
#define CG_CHAIN_MAX 16

typedef struct {
	cg_target_t result;
	cg_name_t name;   /*!< Where the chain ends (CG_TARGET_FOUND); valid as long as the zone. */
	uint32_t ttl;     /*!< Smallest TTL of the aliases on the way; UINT32_MAX without any. */
	knot_dname_storage_t last; /*!< The last name that was looked at. */
} cg_answer_t;

/*!
 * \brief Looks up \a name through CNAMEs, DNAMEs and wildcards (RFC 1034, 4.3.2; RFC 4592; RFC 6672).
 *
 * Wildcards are suppressed by any existing name, also an empty non-terminal;
 * a DNAME does not cover its own owner. Each name is looked up in the deepest
 * of the zones that it is in.
 *
 * \param self  The zone that asks, preferred to others of its origin; may be NULL.
 */
void cg_lookup(const cg_zones_t *zones, const cg_zone_t *self, const knot_dname_t *name,
               cg_answer_t *out);
