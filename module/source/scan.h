/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the parts of one cg_scan() share.
 */

#pragma once

#include "cnameguard/scan.h"
#include "source/entry.h"
#include "source/scanner.h"
#include "source/text.h"

/*! \brief Name of a file, kept until the end. */
typedef struct cg_scan_name {
	struct cg_scan_name *next;
	char text[];
} cg_scan_name_t;

/*! \brief One scan with all its files. */
typedef struct {
	const cg_scan_t *how;
	cg_scan_name_t *names;
	char *data;       /*!< Buffer for data that are tried. */
	size_t files;     /*!< That were included. */
	size_t errors;    /*!< Found; not all are told. */
	size_t octets;    /*!< Read, of files that are behind us. */
	size_t total;     /*!< Of all files so far. */
	size_t told;      /*!< Octets at the last progress. */
} cg_scanning_t;

/*! \brief One file of it. */
typedef struct cg_scan_file {
	const struct cg_scan_file *parent; /*!< That includes it, NULL: none. */
	cg_scanning_t *scanning;
	const char *name;
	cg_text_t own;         /*!< Text that is ours to change and to free, or empty. */
	bool identified;       /*!< \a own says which file it is. */
	cg_cursor_t cursor;    /*!< The entry that is read, then the next. */
	unsigned depth;
	bool generic;          /*!< There may be data given as \# in it. */
	bool loose;            /*!< The text ended within an entry, and libzscanner did not mind. */
	unsigned unclosed;     /*!< Parentheses so far that had no end. */
	cg_scanner_t *scanner;
} cg_scan_file_t;

/*! \brief TTL of a record where the file gives none, as in Knot. */
#define CG_SCAN_TTL	3600

/*! \brief Scans a file whose text is there. */
int cg_scan_file(cg_scan_file_t *file, const cg_scan_state_t *state);

/*! \brief Scans all from the cursor on, with the scanner that is there. */
int cg_scan_entries(cg_scan_file_t *file);

/*! \brief Whether data are given as \# anywhere (RFC 3597, 5). */
bool cg_scan_generic(const char *text, size_t len);

/*! \brief Whether the text seems to name another file. */
bool cg_scan_includes(const char *text, size_t len);

/*! \brief Scans what the $INCLUDE at the cursor names; \a stopped is where the scanner stopped. */
int cg_scan_include(cg_scan_file_t *file, size_t stopped);

/*! \brief Tells an error. */
void cg_scan_tell(const cg_scan_file_t *file, size_t line, const char *reason);

/*!
 * \brief Tells that parentheses of the entry at the cursor are not closed.
 *
 * \param next  Where another entry seems to begin; the end of the text: nowhere.
 */
void cg_scan_tell_open(const cg_scan_file_t *file, size_t next);

/*! \brief Tells how many were not told. */
void cg_scan_tell_rest(cg_scanning_t *scanning);

/*!
 * \brief Tells the scanner's error and goes behind it, or mends what can be mended.
 *
 * \param stopped  Where the scanner stopped.
 */
int cg_scan_error(cg_scan_file_t *file, size_t stopped);

/*!
 * \brief Goes behind an entry whose data are read, to the end of its parentheses.
 *
 * The scanner gives out a record at the first newline behind its data, also
 * where parentheses are still open; what is left of them may hold errors.
 */
void cg_scan_leave(cg_scan_file_t *file, size_t stopped);

/*! \brief As cg_scan_origin(), by the beginning of a file; KNOT_ENOTSUP: its SOA is not in there. */
int cg_scan_origin_begun(const char *file, const char *text, size_t len, knot_dname_storage_t out);
