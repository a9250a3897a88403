/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Reading the zones of a running server, one a conversation.
 */

#pragma once

#include "cli/subject.h"
#include "cnameguard/server.h"

/*! \brief A zone that the server has. */
typedef struct {
	char *name;
	bool empty;
} cg_listed_t;

typedef struct {
	const char *socket;
	cg_control_t *ctl;
	cg_read_t from;
	const atomic_bool *interrupted; /*!< Set by a signal. */
	cg_subjects_t *subjects;
	cg_listed_t *list;
	size_t count;
	size_t max;
	size_t at;        /*!< Zone that is being read. */
	bool gone;        /*!< The server does not answer any more. */
	size_t missed;    /*!< Zones since then, that one included. */
	bool left_open;   /*!< A transaction could not be ended. */
	int ret;          /*!< KNOT_EOK, KNOT_ENOMEM. */
} cg_zones_reading_t;

/*! \brief Opens a conversation; what is wrong is said. */
int cg_zones_connect(cg_zones_reading_t *reading);

/*!
 * \brief Reads one zone and adds it to the subjects.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval other  which was said.
 */
int cg_zones_read_one(cg_zones_reading_t *reading, const cg_listed_t *listed);
