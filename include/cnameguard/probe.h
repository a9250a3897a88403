/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Asks the own server for the SOA of zones, so that a hook sees their current versions.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <libknot/libknot.h>

/*! \brief One question. */
typedef struct {
	const knot_dname_t *zone;
	uint16_t id;              /*!< Message ID, another one for each. */
	bool answered;
} cg_probe_t;

/*!
 * \brief How to reach a server that listens on an address: loopback for a wildcard one.
 *
 * \return Length of \a out; 0: not over UDP or TCP.
 */
socklen_t cg_probe_address(const struct sockaddr_storage *server, struct sockaddr_storage *out);

/*!
 * \brief Sends one query for each over UDP, and waits for all answers, \a patience_ms at most.
 *
 * \param server  An address that the server listens on; a wildcard address
 *                stands for loopback.
 *
 * \retval KNOT_EOK      all are answered.
 * \retval KNOT_ETIMEOUT not all.
 * \retval KNOT_ECONN    no such address to be reached.
 */
int cg_probe(const struct sockaddr_storage *server, cg_probe_t *list, size_t count,
             int patience_ms);
