/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The sentences of a finding.
 */

#pragma once

#include "cnameguard/lookup.h"
#include "cnameguard/rules.h"
#include "rules/pool.h"

/*! \brief A finding with what only its sentences need. */
typedef struct {
	cg_finding_t pub;
	const char *cover;    /*!< The zone cut or DNAME above an occluded owner. */
	bool cover_is_dname;
	size_t names_below;   /*!< dname-children: all of them, not only the listed. */
	size_t records_below;
	size_t own;           /*!< Rules about targets: records of the owner, which come first. */
	size_t links;         /*!< cname-chain, cname-loop: all of them, not only the listed. */
	const char *end;      /*!< Rules about aliases: the name that the way ends at. */
	cg_target_t how;      /*!< How it ends. */
} cg_found_t;

/*!
 * \brief Writes message and remedy of a finding.
 *
 * \param texts  Zones to look up targets in, or NULL.
 * \param self   The one that the finding is of, or NULL.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_explain(cg_found_t *found, const knot_dname_t *origin, const cg_zones_t *texts,
               const cg_zone_t *self, cg_pool_t *pool);
