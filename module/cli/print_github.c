/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Workflow commands of GitHub Actions, which show as annotations beside the lines of a
 * change: ::error file=...,line=...,title=...::message */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/escape.h"
#include "cli/print.h"
#include "cnameguard/audit.h"

static const char *const COMMANDS[] = {
	[CG_LEVEL_INFO]    = "notice",
	[CG_LEVEL_WARNING] = "warning",
	[CG_LEVEL_ERROR]   = "error",
};

/*! \brief Escapes as GitHub reads it; a property ends also at a colon or comma. */
static void put_escaped(FILE *out, const char *text, bool property)
{
	const char *special = property ? "%\r\n:," : "%\r\n";
	while (true) {
		size_t plain = strcspn(text, special);
		cg_escape(out, text, plain);
		text += plain;
		if (*text == '\0') {
			return;
		}
		fprintf(out, "%%%02X", (unsigned char)*text++);
	}
}

static int print_finding(const cg_print_t *print, FILE *out, const cg_subject_t *subject,
                         const cg_finding_t *finding)
{
	(void)print;
	(void)subject;
	fprintf(out, "::%s ", COMMANDS[finding->exempt ? CG_LEVEL_INFO : finding->level]);
	const char *file;
	uint32_t line;
	if (cg_audit_place(finding, &file, &line)) {
		fputs("file=", out);
		put_escaped(out, file, true);
		fprintf(out, ",line=%" PRIu32 ",", line);
	}
	fprintf(out, "title=%s%s::", cg_rule_info(finding->rule)->name,
	        finding->exempt ? " (exempt)" : "");
	put_escaped(out, finding->spelling, false);
	fputs(": ", out);
	put_escaped(out, finding->message, false);
	fputs("; ", out);
	put_escaped(out, finding->remedy, false);
	putc('\n', out);
	return KNOT_EOK;
}

static void print_note(const char *file, uint32_t line, const char *kind, const char *text)
{
	printf("::%s file=", (strcmp(kind, "note") == 0) ? "notice" : kind);
	put_escaped(stdout, file, true);
	if (line > 0) {
		printf(",line=%" PRIu32, line);
	}
	printf("::");
	put_escaped(stdout, text, false);
	putchar('\n');
}

const cg_format_t cg_format_github = {
	.name = "github",
	.finding = print_finding,
	.summary = cg_print_summary,
	.note = print_note,
};
