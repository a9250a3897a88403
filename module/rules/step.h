/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief One step of a lookup: what a name holds, or which alias takes its place.
 */

#pragma once

#include "cnameguard/lookup.h"
#include "rules/zone.h"

typedef struct {
	enum {
		CG_STEP_END,   /*!< See \a result. */
		CG_STEP_CNAME, /*!< The node, perhaps a wildcard, is an alias. */
		CG_STEP_DNAME, /*!< The node is above the name and renames it. */
	} kind;
	cg_target_t result;
	size_t zone;       /*!< Of the zones, in which the node is. */
	cg_node_t node;    /*!< Unless there is none (CG_TARGET_OUTSIDE, CUT, MISSING). */
} cg_step_t;

/*! \brief Looks at \a name, lower-cased. */
void cg_step(const cg_zones_t *zones, const cg_zone_t *self, const knot_dname_t *name,
             cg_step_t *out);

/*!
 * \brief Goes on from a CNAME or DNAME: puts what it leads to in place of \a name.
 *
 * \param ttl  Takes the smallest TTL; may be NULL.
 *
 * \return False: it leads nowhere, see \a result of the step, which is the end now.
 */
bool cg_step_on(cg_step_t *step, knot_dname_storage_t name, uint32_t *ttl);
