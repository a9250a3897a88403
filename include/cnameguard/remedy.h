/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The repair of one finding as records to paste. No I/O.
 */

#pragma once

#include "cnameguard/plan.h"

typedef struct {
	cg_finding_rr_t *remove;  /*!< Records to be taken out. */
	size_t remove_count;
	cg_finding_rr_t *write;   /*!< Records to be written instead. */
	size_t write_count;
	void *pool;               /*!< Private. */
} cg_remedy_t;

/*!
 * \brief What to write so that the finding is gone and nothing is lost.
 *
 * Nothing to write and nothing to remove where that cannot be known, as for a
 * target outside the zones.
 *
 * \param zones    The zones that were judged together.
 * \param zone     The one that the finding is of.
 * \param[out] out To be freed by cg_remedy_free(), also after an error; borrows
 *                 from \a zones and \a finding.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_remedy_make(const cg_zones_t *zones, const cg_zone_t *zone, const cg_finding_t *finding,
                   cg_remedy_t *out);

void cg_remedy_free(cg_remedy_t *remedy);
