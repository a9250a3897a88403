/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The sentences of a finding.
 */

#pragma once

#include "cnameguard/rules.h"
#include "rules/pool.h"

/*! \brief A finding with what only its sentences need. */
typedef struct {
	cg_finding_t pub;
	const char *cover;    /*!< The zone cut or DNAME above an occluded owner. */
	bool cover_is_dname;
	size_t names_below;   /*!< dname-children: all of them, not only the listed. */
	size_t records_below;
} cg_found_t;

/*!
 * \brief Writes message and remedy of a finding.
 *
 * \param texts  Zone to look up targets in, or NULL.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_explain(cg_found_t *found, const knot_dname_t *origin, const cg_zone_t *texts,
               cg_pool_t *pool);
