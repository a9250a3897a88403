/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A dynamic update (RFC 2136) as the worker holds it.
 */

#pragma once

#include "cnameguard/guard.h"

/*! \brief Owns all that it points to but \a next. */
typedef struct cg_update {
	struct cg_update *next;
	knot_pkt_t *pkt;         /*!< Parsed; names in it are lower-cased. */
	knot_dname_t *key;       /*!< Of TSIG; NULL: unsigned. */
	struct sockaddr_storage client;
	int64_t due_ms;          /*!< When to look at it, monotonic. */
	unsigned tries;          /*!< How often it was put off. */
} cg_update_t;

/*! \brief Longest text of a client: an IPv6 address with scope, '@' and port. */
#define CG_CLIENT_MAX	80

/*!
 * \brief Copies and parses an update.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EMALF  no well-formed update: one that Knot answers with an error.
 * \retval KNOT_ENOMEM
 */
int cg_update_new(const cg_updated_t *from, cg_update_t **out);

void cg_update_free(cg_update_t *update);

/*! \brief Name of the zone that is updated, lower-cased. */
static inline const knot_dname_t *cg_update_zone(const cg_update_t *update)
{
	return knot_pkt_qname(update->pkt);
}

/*! \brief The records of the update section (RFC 2136, 2.5). */
const knot_rrset_t *cg_update_records(const cg_update_t *update, size_t *count);

/*! \brief The records of the prerequisite section (RFC 2136, 2.4). */
const knot_rrset_t *cg_update_prerequisites(const cg_update_t *update, size_t *count);

/*! \brief Whether a record of the update section can be dropped because of a CNAME, or for one. */
bool cg_update_droppable(const knot_rrset_t *rr);

/*! \brief "192.0.2.1@5353", as Knot writes it. */
void cg_update_client(const cg_update_t *update, char out[CG_CLIENT_MAX]);

/*!
 * \brief Data of a record in presentation format, as the control socket gives it.
 *
 * \return To be freed; NULL: out of memory.
 */
char *cg_update_data(const knot_rrset_t *rr);
