/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A big zone file, of which only the suspects are held in memory.
 */

#pragma once

#include "cli/lines.h"
#include "cli/options.h"
#include "cnameguard/parts.h"
#include "cnameguard/screen.h"

/*! \brief A smaller file is held whole. */
#define CG_SCREENED_MIN	((off_t)1 << 20)

typedef struct {
	const char *file;
	const knot_dname_t *origin;
	const cg_rules_policy_t *policy;
	size_t threads;
	/*! As in cg_scan_t, in the caller's thread; NULL: none. */
	void (*progress)(size_t octets, size_t total, size_t records, void *ctx);
	void *ctx;
} cg_screened_how_t;

/*! \brief What was read. All to be freed. */
typedef struct {
	cg_screen_t *screen;  /*!< Knows the suspects. */
	cg_zone_t *zone;      /*!< Their records, and those that these depend on. */
	cg_lines_t lines;     /*!< On which these stand. */
	size_t records;       /*!< Of the whole zone, repeated ones once. */
	size_t outside;       /*!< Records of the file that are not in the zone. */
} cg_screened_t;

/*!
 * \brief Reads a zone file twice: all records for a screen, then those that are wanted.
 *
 * \param parts  With the origin set, nothing taken.
 *
 * \retval KNOT_EOK
 * \retval other  the file is to be read and judged whole, for whatever reason.
 */
int cg_screened_read(const cg_screened_how_t *how, cg_parts_t *parts, cg_screened_t *out);

void cg_screened_free(cg_screened_t *screened);
