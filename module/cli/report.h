/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A finding for people, part by part.
 */

#pragma once

#include "cli/print.h"

/*! \brief Colors (ECMA-48, select graphic rendition). */
#define CG_BOLD	"1"
#define CG_RED	"1;31"
#define CG_YELLOW	"1;33"
#define CG_CYAN	"1;36"
#define CG_BLUE	"1;34"

/*! \brief A finding on its way out. */
typedef struct {
	const cg_print_t *print;
	cg_text_t *out;
	bool failed;                 /*!< Out of memory. */
	const cg_subject_t *subject;
	const cg_finding_t *finding;
	const char *file;            /*!< Where it stands first; NULL: not in a file. */
	uint32_t line;
	cg_finding_rr_t *places;     /*!< Its records, each at all its places. */
	size_t count;
	size_t max;
	const cg_finding_rr_t **rr;  /*!< The same by file and line. */
	size_t width;                /*!< Of the longest line number. */
	uint32_t last;               /*!< Line that was shown last in the block; 0: none. */
} cg_report_t;

void cg_report_color(const cg_report_t *report, const char *color);
void cg_report_plain(const cg_report_t *report);

/*! \brief The gutter, with a line's number or without one (0). */
void cg_report_gutter(const cg_report_t *report, uint32_t line, const char *sign);

/*! \brief "www.example.com. 3600 MX 10 mail.example.com." */
void cg_report_record(cg_text_t *out, const cg_finding_rr_t *rr);

/*! \brief All records with the lines that they stand on, a block for each file. */
void cg_report_records(cg_report_t *report);
