/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Zones of a running knotd, read over its control socket.
 *
 * All calls block and return what cg_control_command() returns; KNOT_EDENIED
 * is the server's own word, see cg_control_error(). Those about the state of
 * one zone return KNOT_EBUSY where the server was too busy to say anything.
 */

#pragma once

#include "cnameguard/control.h"
#include "cnameguard/zone.h"

/*! \brief What to read from. */
typedef enum {
	CG_READ_CURRENT,     /*!< The version that is being served (zone-read). */
	CG_READ_TRANSACTION, /*!< The contents of the open transaction (zone-get). */
} cg_read_t;

/*!
 * \brief Streams a zone, name after name, in canonical order; NSEC3 owners last.
 *
 * \param zone   Name in presentation format.
 * \param owner  Only this name, absolute; NULL: all.
 *
 * \retval KNOT_EDENIED  also when there is no such owner.
 */
int cg_server_read(cg_control_t *ctl, cg_read_t from, const char *zone, const char *owner,
                   cg_name_cb cb, void *ctx);

/*! \brief Reads a whole zone into memory; \a out to be freed by cg_zone_free(). */
int cg_server_zone(cg_control_t *ctl, cg_read_t from, const char *zone, cg_zone_t **out);

/*! \brief A record that a change removes or adds. */
typedef struct {
	bool added;
	const knot_dname_t *owner; /*!< Lower-cased wire format. */
	uint16_t type;
	uint32_t serial;           /*!< Of a SOA. */
} cg_change_t;

/*! \brief Takes such a record; KNOT_EOK to go on, anything else ends the conversation and is returned. */
typedef int (*cg_change_cb)(const cg_change_t *change, void *ctx);

/*!
 * \brief Streams what the open transaction changes (zone-diff): what goes, then what comes.
 *
 * Nothing at all where a file or a journal was loaded as a whole, or all of the new contents as
 * added: only a removed SOA tells which version the changes are against.
 */
int cg_server_changes(cg_control_t *ctl, const char *zone, cg_change_cb cb, void *ctx);

/*!
 * \brief Serial of a zone as it is served.
 *
 * \param[out] empty  The zone has no contents.
 */
int cg_server_serial(cg_control_t *ctl, const char *zone, uint32_t *serial, bool *empty);

typedef void (*cg_serial_cb)(const char *zone, uint32_t serial, bool empty, void *ctx);

/*! \brief Serials of all zones in one command. */
int cg_server_serials(cg_control_t *ctl, cg_serial_cb cb, void *ctx);

/*!
 * \brief Serial of a zone, and whether dynamic updates of it are waiting, frozen or being made.
 *
 * \param[out] waiting  False also where the server does not tell.
 */
int cg_server_updates(cg_control_t *ctl, const char *zone, uint32_t *serial, bool *empty,
                      bool *waiting);

/*! \brief Whether somebody's transaction is open for the zone, or a version of it is held. */
int cg_server_transaction(cg_control_t *ctl, const char *zone, bool *open);

typedef void (*cg_held_cb)(const char *zone, void *ctx);

/*! \brief Zones with a version that the server holds for its external validation. */
int cg_server_held(cg_control_t *ctl, cg_held_cb cb, void *ctx);

/*! \brief Whether that is so for one zone. */
int cg_server_held_zone(cg_control_t *ctl, const char *zone, bool *held);

/*!
 * \brief Whether the server's rundir is the one given; one that it does not tell may be.
 */
int cg_server_has_rundir(cg_control_t *ctl, const char *rundir, bool *same);

/*! \brief Version of the server as 100 * major + minor: 302, 305; 0: it does not tell. */
int cg_server_version(cg_control_t *ctl, unsigned *version);

/*! \brief A command about one zone without further items, such as zone-notify. */
int cg_server_simple(cg_control_t *ctl, const char *command, const char *zone);
