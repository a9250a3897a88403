/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Edits of a zone file's text: only the lines that must change are changed.
 *
 * Text in, text out; the files that it includes are read, never written.
 */

#pragma once

#include "cnameguard/plan.h"
#include "cnameguard/scan.h"

/*! \brief How the SOA serial is raised (RFC 1982). */
typedef enum {
	CG_SERIAL_KEEP,
	CG_SERIAL_INCREMENT,
	CG_SERIAL_UNIXTIME,
	CG_SERIAL_DATESERIAL,      /*!< YYYYMMDDnn */
} cg_serial_t;

typedef struct {
	const char *file;          /*!< As for cg_scan(). */
	const char *text;
	size_t len;
	const knot_dname_t *origin;
	const char *include_dir;
	const cg_edit_t *edits;    /*!< Those of one name are neighbours. */
	size_t edits_count;
	cg_serial_t serial;
	int64_t now;               /*!< Seconds since the epoch, UTC, for the serial. */
} cg_patch_t;

typedef enum {
	CG_SPLICE_REMOVE, /*!< A record became a comment. */
	CG_SPLICE_ADD,    /*!< A line is new. */
	CG_SPLICE_OWNER,  /*!< A line that inherited its owner has it written out. */
	CG_SPLICE_SERIAL, /*!< The digits of the serial. */
} cg_splice_kind_t;

/*! \brief One change: the octets from \a begin to \a end of the text give way to others. */
typedef struct {
	cg_splice_kind_t kind;
	size_t begin;
	size_t end;
	const char *text;
	size_t len;
	uint32_t line;         /*!< Of the text as it was; what is added bears that of what it follows. */
	const cg_edit_t *edit; /*!< REMOVE, ADD; else NULL. */
} cg_splice_t;

/*! \brief A name whose edits cannot be made in this file: none of them was. */
typedef struct {
	const cg_edit_t *edit; /*!< The first of them. */
	const char *why;       /*!< One line. */
} cg_unpatched_t;

typedef struct {
	char *text;            /*!< The result; a zero octet that \a len does not count ends it. */
	size_t len;
	cg_splice_t *splices;  /*!< In the order of the text. */
	size_t splices_count;
	cg_unpatched_t *left;  /*!< In the order of the edits. */
	size_t left_count;
	bool has_serial;       /*!< A serial was raised. */
	uint32_t serial_old;
	uint32_t serial_new;
	const char *why;       /*!< KNOT_ENOTSUP: why the file is left alone; one line. */
	void *pool;            /*!< Private. */
} cg_patched_t;

/*!
 * \brief The text with the edits made.
 *
 * A record that is taken out, and whatever repeats it, stays as a comment with
 * the name of the rule; what is added comes in its place. Records that
 * inherited their owner from such a line are given one. Without edits the text
 * stays as it is, serial included.
 *
 * The result is read again: its records are those of the text without the
 * removed and with the added ones, or nothing is given out.
 *
 * \param[out] out  To be freed by cg_patched_free(), also after an error; borrows from the edits.
 *
 * \retval KNOT_EOK      \a left says what was not done.
 * \retval KNOT_ENOTSUP  nothing can be done in this file, see \a why.
 * \retval KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM  of cg_scan().
 */
int cg_patch_make(const cg_patch_t *patch, cg_patched_t *out);

void cg_patched_free(cg_patched_t *patched);

/*!
 * \brief The next serial.
 *
 * What the scheme says, if that is ahead of the present one, else one more.
 * Never zero, which old software takes for something else (RFC 1982, 7).
 */
uint32_t cg_serial_next(uint32_t present, cg_serial_t scheme, int64_t now);

/*! \brief Name as on the command line. */
const char *cg_serial_name(cg_serial_t scheme);
