/* SPDX-License-Identifier: GPL-2.0-or-later */

/* For people: what is wrong, where, the lines themselves, and what to write instead. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/escape.h"
#include "cli/print.h"
#include "cli/say.h"
#include "cnameguard/audit.h"
#include "cnameguard/remedy.h"

/*! \brief Lines of one record that are shown; of a longer one the first ones and the last. */
#define LINES_SHOWN	6

#define BOLD	"1"
#define RED	"1;31"
#define YELLOW	"1;33"
#define CYAN	"1;36"
#define BLUE	"1;34"

static const char *const LEVEL_COLORS[] = {
	[CG_LEVEL_INFO]    = CYAN,
	[CG_LEVEL_WARNING] = YELLOW,
	[CG_LEVEL_ERROR]   = RED,
};

/*! \brief A finding on its way to stdout. */
typedef struct {
	cg_print_t *print;
	const cg_subject_t *subject;
	const cg_finding_t *finding;
	const char *file;            /*!< Where it stands first; NULL: not in a file. */
	uint32_t line;
	const cg_finding_rr_t **rr;  /*!< Its records, by file and line. */
	int width;                   /*!< Of the longest line number. */
	uint32_t last;               /*!< Line that was shown last in the block; 0: none. */
} report_t;

static void begin_color(const cg_print_t *print, const char *color)
{
	if (print->color) {
		printf("\033[%sm", color);
	}
}

static void end_color(const cg_print_t *print)
{
	if (print->color) {
		printf("\033[0m");
	}
}

static void put_text(const char *text, size_t len)
{
	cg_escape(stdout, text, len);
}

static void put_string(const char *text)
{
	put_text(text, strlen(text));
}

/*! \brief Whether a sentence names the owner as a word of its own. */
static bool names_owner(const char *sentence, size_t len, const char *owner)
{
	size_t owner_len = strlen(owner);
	for (const char *at = sentence; (at = strstr(at, owner)) != NULL; at++) {
		if (at + owner_len > sentence + len) {
			return false;
		}
		if (at == sentence || at[-1] == ' ' || at[-1] == '(') {
			return true;
		}
	}
	return false;
}

/*! \brief The first half of the message, with the owner where it does not name him. */
static void put_headline(const cg_finding_t *finding)
{
	const char *colon = strstr(finding->message, ": ");
	size_t len = (colon != NULL) ? (size_t)(colon - finding->message)
	                             : strlen(finding->message);
	bool named = names_owner(finding->message, len, finding->spelling);
	bool at_name = (finding->rule <= CG_RULE_APEX_NO_NS); /* The others lead away from it. */
	if (!named && !at_name) {
		put_string(finding->spelling);
		printf(": ");
	}
	put_text(finding->message, len);
	if (!named && at_name) {
		printf(" at ");
		put_string(finding->spelling);
	}
}

/*! \brief "error[cname-mx]: CNAME beside MX at www.example.com." */
static void put_title(const report_t *report)
{
	const cg_finding_t *finding = report->finding;
	begin_color(report->print, finding->exempt ? CYAN : LEVEL_COLORS[finding->level]);
	printf("%s[%s]", finding->exempt ? "exempt" : cg_level_name(finding->level),
	       cg_rule_info(finding->rule)->name);
	end_color(report->print);
	begin_color(report->print, BOLD);
	printf(": ");
	put_headline(finding);
	end_color(report->print);
	putchar('\n');
}

/*! \brief The gutter, with or without a line's number. */
static void put_gutter(const report_t *report, uint32_t line, const char *sign)
{
	begin_color(report->print, BLUE);
	if (line > 0) {
		printf("%*" PRIu32 " %s", report->width, line, sign);
	} else {
		printf("%*s %s", report->width, "", sign);
	}
	end_color(report->print);
}

static void put_record(FILE *out, const cg_finding_rr_t *rr)
{
	char type[16] = "";
	(void)knot_rrtype_to_string(rr->rr.type, type, sizeof(type));
	fprintf(out, "%s %u %s %s", rr->owner, rr->rr.ttl, type, rr->rr.data);
}

/*! \brief A record in place of the line that it stands on. */
static void put_record_line(const report_t *report, uint32_t line, const cg_finding_rr_t *rr)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL) {
		report->print->failed = true;
		return;
	}
	put_record(out, rr);
	if (fclose(out) != 0) {
		report->print->failed = true;
	} else {
		put_gutter(report, line, "| ");
		cg_escape_line(stdout, text, len);
		putchar('\n');
	}
	free(text);
}

/*! \brief Dots for lines that are left out. */
static void put_dots(const report_t *report)
{
	begin_color(report->print, BLUE);
	printf("...");
	end_color(report->print);
	putchar('\n');
}

static bool put_line(report_t *report, const char *file, uint32_t line)
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
	put_gutter(report, line, (len > 0) ? "| " : "|");
	cg_escape_line(stdout, text, len);
	putchar('\n');
	report->last = line;
	return true;
}

/*! \brief The lines of one record, or the record itself where they cannot be shown. */
static void put_lines(report_t *report, const cg_finding_rr_t *rr)
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

static void put_file(const report_t *report, const char *sign, const char *file, uint32_t line)
{
	begin_color(report->print, BLUE);
	printf("%*s%s ", report->width, "", sign);
	end_color(report->print);
	put_string(cg_say_file(file));
	printf(":%" PRIu32 "\n", line);
}

static void put_zone(const report_t *report, const char *sign)
{
	begin_color(report->print, BLUE);
	printf("%*s%s ", report->width, "", sign);
	end_color(report->print);
	printf("zone ");
	put_string(report->subject->name);
	if (report->subject->findings.has_serial) {
		printf(", serial %" PRIu32, report->subject->findings.serial);
	}
	putchar('\n');
}

/*! \brief Tells where the block of records that begins here comes from. */
static void put_place(report_t *report, size_t block)
{
	const cg_rr_t *rr = &report->rr[block]->rr;
	const char *sign = (block == 0) ? "-->" : ":::";
	if (rr->file == NULL) {
		put_zone(report, sign);
	} else {
		put_file(report, sign, rr->file, (block == 0) ? report->line
		                                              : rr->line - rr->more);
	}
	put_gutter(report, 0, "|");
	putchar('\n');
	report->last = 0;
}

static bool same_file(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/*! \brief All records, a block for each file. */
static void put_records(report_t *report)
{
	for (size_t i = 0; i < report->finding->rr_count; i++) {
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
	put_gutter(report, 0, "|");
	putchar('\n');
}

static void put_note(const report_t *report, const char *text, size_t len)
{
	put_gutter(report, 0, "= ");
	put_text(text, len);
	putchar('\n');
}

/*! \brief Each way to repair it on a line of its own. */
static void put_remedy(const report_t *report)
{
	const char *text = report->finding->remedy;
	while (text != NULL && *text != '\0') {
		const char *end = strstr(text, "; or ");
		put_note(report, text, (end != NULL) ? (size_t)(end - text) : strlen(text));
		text = (end != NULL) ? end + 2 : NULL;
	}
}

static void put_list(const report_t *report, const char *title, const cg_finding_rr_t *list,
                     size_t count)
{
	if (count == 0) {
		return;
	}
	put_note(report, title, strlen(title));
	for (size_t i = 0; i < count; i++) {
		printf("%*s", report->width + 5, "");
		put_record(stdout, &list[i]);
		putchar('\n');
	}
}

static void put_repair(report_t *report)
{
	cg_remedy_t remedy;
	int ret = cg_remedy_make(&report->print->subjects->zones, report->subject->zone,
	                         report->finding, &remedy);
	if (ret == KNOT_EOK) {
		put_list(report, "remove:", remedy.remove, remedy.remove_count);
		put_list(report, "write instead:", remedy.write, remedy.write_count);
	} else {
		report->print->failed = true;
	}
	cg_remedy_free(&remedy);
}

static void put_notes(report_t *report)
{
	const cg_finding_t *finding = report->finding;
	const cg_rule_info_t *rule = cg_rule_info(finding->rule);
	const char *colon = strstr(finding->message, ": ");
	if (colon != NULL) {
		put_note(report, colon + 2, strlen(colon + 2));
	}
	put_remedy(report);
	put_repair(report);
	put_gutter(report, 0, "= ");
	printf("see: cnameguard explain %s (%s)\n", rule->name, rule->source);
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

static bool sort_records(report_t *report)
{
	const cg_finding_t *finding = report->finding;
	report->rr = malloc((finding->rr_count + 1) * sizeof(*report->rr));
	if (report->rr == NULL) {
		return false;
	}
	uint32_t longest = 1;
	for (size_t i = 0; i < finding->rr_count; i++) {
		report->rr[i] = &finding->rr[i];
		longest = (finding->rr[i].rr.line > longest) ? finding->rr[i].rr.line : longest;
	}
	(void)cg_audit_place(finding, &report->file, &report->line);
	qsort_r(report->rr, finding->rr_count, sizeof(*report->rr), compare,
	        (void *)report->file);
	report->width = snprintf(NULL, 0, "%" PRIu32, longest);
	return true;
}

static void print_finding(cg_print_t *print, const cg_subject_t *subject,
                          const cg_finding_t *finding)
{
	report_t report = { .print = print, .subject = subject, .finding = finding };
	if (!sort_records(&report)) {
		print->failed = true;
		return;
	}
	put_title(&report);
	if (finding->rr_count > 0) {
		put_records(&report);
	}
	put_notes(&report);
	putchar('\n');
	free(report.rr);
}

const cg_format_t cg_format_text = {
	.name = "text",
	.finding = print_finding,
	.summary = cg_print_summary,
};
