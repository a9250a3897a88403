/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Edits of a zone file's text: only the lines that must change are changed.
 */

#pragma once

#include "cnameguard/plan.h"
#include "cnameguard/scan.h"

/*! \brief How the SOA serial is raised (RFC 1982). */
typedef enum {
	CG_SERIAL_KEEP,
	CG_SERIAL_INCREMENT,
	CG_SERIAL_UNIXTIME,
	CG_SERIAL_DATESERIAL,
} cg_serial_t;

typedef struct {
	const char *file;          /*!< As for cg_scan(). */
	const char *text;
	size_t len;
	const knot_dname_t *origin;
	const char *include_dir;
	const cg_edit_t *edits;    /*!< Of a plan. */
	size_t edits_count;
	cg_serial_t serial;
	int64_t now;               /*!< Seconds since the epoch, UTC, for the serial. */
} cg_patch_t;

/*!
 * \brief The text with the edits made.
 *
 * A line that is taken out stays as a comment with the name of the rule; one
 * that is added comes in its place. Records that inherited their owner from
 * such a line are given one. Without edits the text stays as it is, serial
 * included.
 *
 * \param[out] out  To be freed.
 * \param[out] why  What cannot be done in this file and why, one line, to be freed; NULL: all done.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOTSUP  see \a why; \a out is NULL.
 * \retval KNOT_ENOMEM
 */
int cg_patch_make(const cg_patch_t *patch, char **out, size_t *out_len, char **why);
