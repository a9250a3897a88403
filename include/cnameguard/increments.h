/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What changed in a zone since an older version, by an incremental transfer (RFC 1995)
 *        from the own server.
 */

#pragma once

#include <stdatomic.h>
#include <sys/socket.h>

#include "cnameguard/server.h"

/*! \brief A TCP connection for one transfer. */
typedef struct {
	int sock;
	uint16_t port;              /*!< Of this end. */
	uint16_t id;                /*!< Message ID. */
	int64_t deadline_ms;        /*!< CLOCK_MONOTONIC; the transfer has to be over by then. */
	const atomic_bool *stop;    /*!< Gives up when it is set; NULL: never. */
} cg_increments_t;

/*!
 * \brief Connects to the server.
 *
 * \param server       As cg_probe().
 * \param patience_ms  For all of the transfer.
 *
 * \retval KNOT_EOK    to be closed by cg_increments_close().
 * \retval KNOT_ECONN  no connection is to be had.
 */
int cg_increments_open(cg_increments_t *increments, const struct sockaddr_storage *server,
                       int patience_ms, const atomic_bool *stop);

void cg_increments_close(cg_increments_t *increments);

/*!
 * \brief Asks for all changes since the version with that serial, and streams them.
 *
 * For each version in between: a removed SOA and what goes, an added SOA and what comes.
 *
 * \param[out] serial  Of the version that the changes lead to.
 *
 * \retval KNOT_EOK      it came whole.
 * \retval KNOT_EDENIED  the server does not let this address have a transfer.
 * \retval KNOT_ENOTSUP  it has no changes since that version, only all of the zone.
 * \retval KNOT_ECONN, KNOT_ETIMEOUT, KNOT_EMALF  it was cut, took too long, is not a transfer.
 * \retval other         what \a cb returned.
 */
int cg_increments_read(cg_increments_t *increments, const knot_dname_t *zone, uint32_t from,
                       cg_change_cb cb, void *ctx, uint32_t *serial);
