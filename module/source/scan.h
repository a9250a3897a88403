/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the parts of one cg_scan() share.
 */

#pragma once

#include <libzscanner/scanner.h>

#include "cnameguard/scan.h"
#include "source/entry.h"
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
	size_t files;
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
	cg_cursor_t cursor;    /*!< Next entry. */
	unsigned depth;
	unsigned unclosed;     /*!< Parentheses so far that had no end. */
	bool identified;       /*!< \a own says which file it is. */
	zs_scanner_t *scanner;
	int start;             /*!< State of the scanner between two entries. */
} cg_scan_file_t;
