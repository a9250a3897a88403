/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cli/escape.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cnameguard/audit.h"
#include "rules/rr.h"

/*! \brief Lines of one record that are shown; of a longer one the first ones and the last. */
#define LINES_SHOWN	6

void cg_report_color(const cg_report_t *report, const char *color)
{
	if (report->print->color) {
		cg_text_str(report->out, "\033[");
		cg_text_str(report->out, color);
		cg_text_str(report->out, "m");
	}
}

void cg_report_plain(const cg_report_t *report)
{
	if (report->print->color) {
		cg_text_str(report->out, "\033[0m");
	}
}

void cg_report_gutter(const cg_report_t *report, uint32_t line, const char *sign)
{
	cg_report_color(report, CG_BLUE);
	char digits[CG_DIGITS_MAX];
	size_t count = (line > 0) ? cg_text_digits(line, digits) : 0;
	char *out = cg_text_room(report->out, report->width + 1);
	if (out != NULL) {
		memset(out, ' ', report->width + 1);
		memcpy(out + report->width - count, digits, count);
	}
	cg_text_str(report->out, sign);
	cg_report_plain(report);
}

void cg_report_record(cg_text_t *out, const cg_finding_rr_t *rr)
{
	cg_text_str(out, rr->owner);
	cg_text_str(out, " ");
	cg_text_number(out, rr->rr.ttl);
	cg_text_str(out, " ");
	cg_text_type(out, rr->rr.type);
	cg_text_str(out, " ");
	cg_text_str(out, rr->rr.data);
}

/*! \brief A record in place of the line that it stands on. */
static void put_record_line(cg_report_t *report, uint32_t line, const cg_finding_rr_t *rr)
{
	cg_text_t record = { 0 };
	cg_report_record(&record, rr);
	cg_report_gutter(report, line, "| ");
	cg_escape_line(report->out, record.str, record.len);
	cg_text_str(report->out, "\n");
	report->failed |= record.failed;
	cg_text_free(&record);
}

/*! \brief Dots for lines that are left out. */
static void put_dots(const cg_report_t *report)
{
	cg_report_color(report, CG_BLUE);
	cg_text_str(report->out, "...");
	cg_report_plain(report);
	cg_text_str(report->out, "\n");
}

static bool put_line(cg_report_t *report, const char *file, uint32_t line)
{
	const char *text = NULL;
	size_t len = 0;
	if (line <= report->last) {
		return true; /* Shown already: two records on one line. */
	}
	if (!cg_excerpts_line(report->print->excerpts, file, line, &text, &len)) {
		return false;
	}
	if (report->last > 0 && line > report->last + 1) {
		put_dots(report);
	}
	cg_report_gutter(report, line, (len > 0) ? "| " : "|");
	cg_escape_line(report->out, text, len);
	cg_text_str(report->out, "\n");
	report->last = line;
	return true;
}

/*! \brief The lines of one record, or the record itself where they cannot be shown. */
static void put_lines(cg_report_t *report, const cg_finding_rr_t *rr)
{
	uint32_t first = rr->rr.line - rr->rr.more;
	for (uint32_t line = first; line <= rr->rr.line; line++) {
		if (rr->rr.more >= LINES_SHOWN && line == first + LINES_SHOWN - 1) {
			line = rr->rr.line;
		}
		if (!put_line(report, rr->rr.file, line)) {
			put_record_line(report, first, rr);
			report->last = rr->rr.line;
			return;
		}
	}
}

static void put_sign(const cg_report_t *report, const char *sign)
{
	cg_report_color(report, CG_BLUE);
	cg_text_blanks(report->out, report->width);
	cg_text_str(report->out, sign);
	cg_text_str(report->out, " ");
	cg_report_plain(report);
}

static void put_file(const cg_report_t *report, const char *sign, const char *file, uint32_t line)
{
	put_sign(report, sign);
	file = cg_say_file(file);
	cg_escape_add(report->out, file, strlen(file));
	cg_text_str(report->out, ":");
	cg_text_number(report->out, line);
	cg_text_str(report->out, "\n");
}

static void put_zone(const cg_report_t *report, const char *sign)
{
	put_sign(report, sign);
	cg_text_str(report->out, "zone ");
	cg_text_str(report->out, report->subject->name);
	if (report->subject->findings.has_serial) {
		cg_text_add(report->out, ", serial %u", report->subject->findings.serial);
	}
	cg_text_str(report->out, "\n");
}

/*! \brief Tells where the block of records that begins here comes from. */
static void put_place(cg_report_t *report, size_t block)
{
	const cg_rr_t *rr = &report->rr[block]->rr;
	const char *sign = (block == 0) ? "-->" : ":::";
	if (block > 0) {
		cg_report_gutter(report, 0, "|");
		cg_text_str(report->out, "\n");
	}
	if (rr->file == NULL) {
		put_zone(report, sign);
	} else {
		put_file(report, sign, rr->file, (block == 0) ? report->line
		                                              : rr->line - rr->more);
	}
	cg_report_gutter(report, 0, "|");
	cg_text_str(report->out, "\n");
	report->last = 0;
}

static bool same_file(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void put_blocks(cg_report_t *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const cg_finding_rr_t *rr = report->rr[i];
		if (i == 0 || !same_file(report->rr[i - 1]->rr.file, rr->rr.file)) {
			put_place(report, i);
		}
		if (rr->rr.file != NULL) {
			put_lines(report, rr);
		} else {
			put_record_line(report, 0, rr);
		}
	}
	cg_report_gutter(report, 0, "|");
	cg_text_str(report->out, "\n");
}

/*! \brief Records of the file \a first come first. */
static int compare(const void *a, const void *b, void *first)
{
	const cg_finding_rr_t *left = *(const cg_finding_rr_t *const *)a;
	const cg_finding_rr_t *right = *(const cg_finding_rr_t *const *)b;
	const char *left_file = left->rr.file, *right_file = right->rr.file;
	if (!same_file(left_file, right_file)) {
		if (same_file(left_file, first) || same_file(right_file, first)) {
			return same_file(left_file, first) ? -1 : 1;
		}
		return (left_file == NULL) ? -1 : (right_file == NULL) ? 1 :
		       strcmp(left_file, right_file);
	}
	if (left->rr.line != right->rr.line) {
		return (left->rr.line < right->rr.line) ? -1 : 1;
	}
	return (left > right) - (left < right);
}

/*! \brief Adds one place of a record. */
static bool add_place(cg_report_t *report, const char *owner, const cg_rr_t *rr)
{
	if (report->count == report->max) {
		size_t max = (report->max == 0) ? 16 : report->max * 2;
		cg_finding_rr_t *bigger = realloc(report->places, max * sizeof(*bigger));
		if (bigger == NULL) {
			return false;
		}
		report->places = bigger;
		report->max = max;
	}
	report->places[report->count++] = (cg_finding_rr_t){ owner, *rr };
	return true;
}

static int add_repeat(const cg_rr_t *rr, void *ctx)
{
	cg_report_t *report = ctx;
	const char *owner = report->places[report->count - 1].owner;
	return add_place(report, owner, rr) ? KNOT_EOK : KNOT_ENOMEM;
}

/*! \brief All places of all records: one that is written twice stands at both. */
static bool find_places(cg_report_t *report)
{
	const cg_finding_t *finding = report->finding;
	for (size_t i = 0; i < finding->rr_count; i++) {
		const cg_finding_rr_t *rr = &finding->rr[i];
		knot_dname_storage_t owner;
		if (!add_place(report, rr->owner, &rr->rr)) {
			return false;
		}
		if (rr->rr.file == NULL || !cg_target_wire(rr->owner, owner)) {
			continue;
		}
		if (cg_zone_repeats(report->subject->zone, owner, &rr->rr, add_repeat,
		                    report) != KNOT_EOK) {
			return false;
		}
	}
	return true;
}

static bool sort_records(cg_report_t *report)
{
	if (!find_places(report)) {
		return false;
	}
	report->rr = malloc((report->count + 1) * sizeof(*report->rr));
	if (report->rr == NULL) {
		return false;
	}
	uint32_t longest = 1;
	for (size_t i = 0; i < report->count; i++) {
		report->rr[i] = &report->places[i];
		longest = (report->rr[i]->rr.line > longest) ? report->rr[i]->rr.line : longest;
	}
	(void)cg_audit_place(report->finding, &report->file, &report->line);
	qsort_r(report->rr, report->count, sizeof(*report->rr), compare, (void *)report->file);
	char digits[CG_DIGITS_MAX];
	report->width = cg_text_digits(longest, digits);
	return true;
}

void cg_report_records(cg_report_t *report)
{
	if (!sort_records(report)) {
		report->failed = true;
	} else if (report->count > 0) {
		put_blocks(report);
	}
	free(report->rr);
	free(report->places);
	report->rr = NULL;
	report->places = NULL;
}
