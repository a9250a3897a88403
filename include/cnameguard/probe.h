/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Asks the own server for a zone's SOA, so that a hook sees the current version.
 */

#pragma once

#include <sys/socket.h>

#include <libknot/libknot.h>

/*!
 * \brief Sends one query over UDP and waits for its answer, \a patience_ms at most.
 *
 * \param server  An address that the server listens on; a wildcard address
 *                stands for loopback.
 *
 * \param id  Message ID.
 *
 * \retval KNOT_EOK      answered.
 * \retval KNOT_ETIMEOUT not answered.
 * \retval KNOT_ECONN    no such address to be reached.
 */
int cg_probe(const struct sockaddr_storage *server, const knot_dname_t *zone, uint16_t id,
             int patience_ms);
