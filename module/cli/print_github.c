/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Workflow commands of GitHub Actions, which show as annotations beside the lines of a
 * change: ::error file=...,line=...,title=...::message */

#include <stdio.h>

#include "cli/print.h"

static const char *const COMMANDS[] = {
	[CG_LEVEL_INFO]    = "notice",
	[CG_LEVEL_WARNING] = "warning",
	[CG_LEVEL_ERROR]   = "error",
};

/*! \brief Escapes as GitHub reads it; a property ends also at a colon or comma. */
static void put_escaped(const char *text, bool property)
{
	for (; *text != '\0'; text++) {
		unsigned char c = *text;
		if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
			printf("%%%02X", c);
		} else {
			putchar(c);
		}
	}
}

/*! \brief Where the first record stands that is in a file. */
static const cg_rr_t *find_place(const cg_finding_t *finding)
{
	for (size_t i = 0; i < finding->rr_count; i++) {
		if (finding->rr[i].rr.file != NULL) {
			return &finding->rr[i].rr;
		}
	}
	return NULL;
}

static void print_finding(cg_print_t *print, const cg_subject_t *subject,
                          const cg_finding_t *finding)
{
	(void)print;
	(void)subject;
	printf("::%s ", COMMANDS[finding->exempt ? CG_LEVEL_INFO : finding->level]);
	const cg_rr_t *place = find_place(finding);
	if (place != NULL) {
		printf("file=");
		put_escaped(place->file, true);
		printf(",line=%u", place->line - place->more);
		if (place->more > 0) {
			printf(",endLine=%u", place->line);
		}
		putchar(',');
	}
	printf("title=%s%s::", cg_rule_info(finding->rule)->name,
	       finding->exempt ? " (exempt)" : "");
	put_escaped(finding->spelling, false);
	printf(": ");
	put_escaped(finding->message, false);
	printf("; ");
	put_escaped(finding->remedy, false);
	putchar('\n');
}

const cg_format_t cg_format_github = {
	.name = "github",
	.finding = print_finding,
	.summary = cg_print_summary,
};
