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
static void put_escaped(const char *text, bool property)
{
	const char *special = property ? "%\r\n:," : "%\r\n";
	while (true) {
		size_t plain = strcspn(text, special);
		cg_escape(stdout, text, plain);
		text += plain;
		if (*text == '\0') {
			return;
		}
		printf("%%%02X", (unsigned char)*text++);
	}
}

static void print_finding(cg_print_t *print, const cg_subject_t *subject,
                          const cg_finding_t *finding)
{
	(void)print;
	(void)subject;
	printf("::%s ", COMMANDS[finding->exempt ? CG_LEVEL_INFO : finding->level]);
	const char *file;
	uint32_t line;
	if (cg_audit_place(finding, &file, &line)) {
		printf("file=");
		put_escaped(file, true);
		printf(",line=%" PRIu32 ",", line);
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

static void print_note(const char *file, uint32_t line, const char *kind, const char *text)
{
	printf("::%s file=", (strcmp(kind, "note") == 0) ? "notice" : kind);
	put_escaped(file, true);
	if (line > 0) {
		printf(",line=%" PRIu32, line);
	}
	printf("::");
	put_escaped(text, false);
	putchar('\n');
}

const cg_format_t cg_format_github = {
	.name = "github",
	.finding = print_finding,
	.summary = cg_print_summary,
	.note = print_note,
};
