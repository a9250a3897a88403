/* SPDX-License-Identifier: GPL-2.0-or-later */

/* For people: what is wrong, where, the lines themselves, and what to write instead. */

#include <string.h>

#include "cli/escape.h"
#include "cli/report.h"
#include "cnameguard/remedy.h"

static const char *const LEVEL_COLORS[] = {
	[CG_LEVEL_INFO]    = CG_CYAN,
	[CG_LEVEL_WARNING] = CG_YELLOW,
	[CG_LEVEL_ERROR]   = CG_RED,
};

static void put_text(const cg_report_t *report, const char *text, size_t len)
{
	cg_escape_add(report->out, text, len);
}

static void put_string(const cg_report_t *report, const char *text)
{
	put_text(report, text, strlen(text));
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
static void put_headline(const cg_report_t *report)
{
	const cg_finding_t *finding = report->finding;
	const char *colon = strstr(finding->message, ": ");
	size_t len = (colon != NULL) ? (size_t)(colon - finding->message)
	                             : strlen(finding->message);
	bool named = names_owner(finding->message, len, finding->spelling);
	/* The rules behind these are about what the owner leads to. */
	bool at_name = (finding->rule <= CG_RULE_APEX_NO_NS &&
	                memmem(finding->message, len, " at ", 4) == NULL);
	if (!named && !at_name) {
		put_string(report, finding->spelling);
		cg_text_str(report->out, ": ");
	}
	put_text(report, finding->message, len);
	if (!named && at_name) {
		cg_text_str(report->out, " at ");
		put_string(report, finding->spelling);
	}
}

/*! \brief "error[cname-mx]: CNAME beside MX at www.example.com." */
static void put_title(const cg_report_t *report)
{
	const cg_finding_t *finding = report->finding;
	cg_report_color(report, finding->exempt ? CG_CYAN : LEVEL_COLORS[finding->level]);
	cg_text_add(report->out, "%s[%s]",
	            finding->exempt ? "exempt" : cg_level_name(finding->level),
	            cg_rule_info(finding->rule)->name);
	cg_report_plain(report);
	cg_report_color(report, CG_BOLD);
	cg_text_str(report->out, ": ");
	put_headline(report);
	cg_report_plain(report);
	cg_text_str(report->out, "\n");
}

static void put_note(const cg_report_t *report, const char *text, size_t len)
{
	cg_report_gutter(report, 0, "= ");
	put_text(report, text, len);
	cg_text_str(report->out, "\n");
}

/*! \brief Each way to repair it on a line of its own. */
static void put_remedy(const cg_report_t *report)
{
	const char *text = report->finding->remedy;
	while (text != NULL && *text != '\0') {
		const char *end = strstr(text, "; or ");
		put_note(report, text, (end != NULL) ? (size_t)(end - text) : strlen(text));
		text = (end != NULL) ? end + 2 : NULL;
	}
}

/*! \brief Records to remove or to write that are listed. */
#define LISTED 50

static void put_list(const cg_report_t *report, const char *title, const cg_finding_rr_t *list,
                     size_t count)
{
	if (count == 0) {
		return;
	}
	put_note(report, title, strlen(title));
	for (size_t i = 0; i < count && i < LISTED; i++) {
		cg_text_blanks(report->out, report->width + 5);
		cg_report_record(report->out, &list[i]);
		cg_text_str(report->out, "\n");
	}
	if (count > LISTED) {
		cg_text_blanks(report->out, report->width + 5);
		cg_text_add(report->out, "; and %zu more, which cnameguard fix writes", count - LISTED);
		cg_text_str(report->out, "\n");
	}
}

static void put_repair(cg_report_t *report)
{
	cg_remedy_t remedy;
	int ret = cg_remedy_make(&report->print->subjects->zones, report->subject->zone,
	                         report->finding, &remedy);
	if (ret == KNOT_EOK) {
		put_list(report, "remove:", remedy.remove, remedy.remove_count);
		put_list(report, "write instead:", remedy.write, remedy.write_count);
	} else {
		report->failed = true;
	}
	cg_remedy_free(&remedy);
}

static void put_notes(cg_report_t *report)
{
	const cg_finding_t *finding = report->finding;
	const cg_rule_info_t *rule = cg_rule_info(finding->rule);
	const char *colon = strstr(finding->message, ": ");
	if (colon != NULL) {
		put_note(report, colon + 2, strlen(colon + 2));
	}
	put_remedy(report);
	put_repair(report);
	cg_report_gutter(report, 0, "= ");
	cg_text_add(report->out, "see: cnameguard explain %s (%s)", rule->name, rule->source);
	cg_text_str(report->out, "\n");
}

static int print_finding(const cg_print_t *print, cg_text_t *out, const cg_subject_t *subject,
                         const cg_finding_t *finding)
{
	cg_report_t report = { .print = print, .out = out, .subject = subject, .finding = finding };
	put_title(&report);
	cg_report_records(&report);
	put_notes(&report);
	cg_text_str(out, "\n");
	return (report.failed || out->failed) ? KNOT_ENOMEM : KNOT_EOK;
}

const cg_format_t cg_format_text = {
	.name = "text",
	.finding = print_finding,
	.summary = cg_print_summary,
};
