/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A version as it is read from the server.
 */

#pragma once

#include "guard/worker.h"

/*! \brief A version as it was read. Zeroed, but for \a from and \a limit, before the first call. */
typedef struct cg_reading {
	cg_read_t from;
	size_t limit;          /*!< Records that are read at most; 0: all. */
	cg_version_t version;
	cg_findings_t findings;
	cg_names_t wildcards;  /*!< Of a version that was judged whole. */
	bool published;        /*!< The verdict is out. */
	cg_zone_t *contents;   /*!< NULL: too big to be kept. */
} cg_reading_t;

/*!
 * \brief First look: judges while reading, and keeps the contents of a small zone.
 *
 * \retval KNOT_EAGAIN  something else is wanted.
 * \retval KNOT_ELIMIT  it has more records than \a limit.
 * \retval other        as cg_server_read().
 */
int cg_reading_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_reading_t *reading);

/*! \brief Reads the contents, if they are not there. Returns as cg_reading_judge(). */
int cg_reading_contents(cg_guard_t *guard, cg_guarded_t *zone, cg_reading_t *reading);

void cg_reading_free(cg_reading_t *reading);
