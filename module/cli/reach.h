/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What a zone may need of others: the hosts outside of it that its records name.
 */

#pragma once

#include <libknot/libknot.h>

#include "cnameguard/rules.h"

/*! \brief Hosts, each once or a few times, and the zone itself. Zeroed is empty. */
typedef struct {
	uint8_t *octets;  /*!< Types and names, one after the other, all in lower case. */
	size_t len;
	size_t max;
	bool failed;      /*!< Out of memory: it is not whole. */
} cg_reach_t;

/*! \brief Makes it that of a zone; first of all, once. */
void cg_reach_begin(cg_reach_t *reach, const knot_dname_t *origin);

/*! \brief Adds a host, if it is not in the zone. */
void cg_reach_add(cg_reach_t *reach, const knot_dname_t *host, uint16_t type);

/*! \brief Adds all hosts of a zone that was begun with. KNOT_EOK, KNOT_ENOMEM */
int cg_reach_add_zone(cg_reach_t *reach, const cg_zone_t *zone);

static inline const knot_dname_t *cg_reach_origin(const cg_reach_t *reach)
{
	return reach->octets;
}

/*! \brief Goes through the hosts; \a at is 0 at first. NULL: there are no more. */
const knot_dname_t *cg_reach_next(const cg_reach_t *reach, size_t *at, uint16_t *type);

void cg_reach_free(cg_reach_t *reach);
