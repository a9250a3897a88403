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
static void put_escaped(cg_text_t *out, const char *text, bool property)
{
	const char *special = property ? "%\r\n:," : "%\r\n";
	while (true) {
		size_t plain = strcspn(text, special);
		cg_escape_add(out, text, plain);
		text += plain;
		if (*text == '\0') {
			return;
		}
		static const char HEX[] = "0123456789ABCDEF";
		uint8_t octet = *text++;
		cg_text_put(out, (char []){ '%', HEX[octet >> 4], HEX[octet & 0xF] }, 3);
	}
}

static int print_finding(const cg_print_t *print, cg_text_t *out, const cg_subject_t *subject,
                         const cg_finding_t *finding)
{
	(void)print;
	(void)subject;
	cg_text_add(out, "::%s ", COMMANDS[finding->exempt ? CG_LEVEL_INFO : finding->level]);
	const char *file;
	uint32_t line;
	if (cg_audit_place(finding, &file, &line)) {
		cg_text_str(out, "file=");
		put_escaped(out, file, true);
		cg_text_add(out, ",line=%u,", line);
	}
	cg_text_add(out, "title=%s%s::", cg_rule_info(finding->rule)->name,
	            finding->exempt ? " (exempt)" : "");
	put_escaped(out, finding->spelling, false);
	cg_text_str(out, ": ");
	put_escaped(out, finding->message, false);
	cg_text_str(out, "; ");
	put_escaped(out, finding->remedy, false);
	cg_text_str(out, "\n");
	return out->failed ? KNOT_ENOMEM : KNOT_EOK;
}

static void print_note(const char *file, uint32_t line, const char *kind, const char *text)
{
	cg_text_t out = { 0 };
	cg_text_add(&out, "::%s file=", (strcmp(kind, "note") == 0) ? "notice" : kind);
	put_escaped(&out, file, true);
	if (line > 0) {
		cg_text_add(&out, ",line=%u", line);
	}
	cg_text_str(&out, "::");
	put_escaped(&out, text, false);
	cg_text_str(&out, "\n");
	if (!out.failed) {
		fwrite(out.str, 1, out.len, stdout);
	}
	cg_text_free(&out);
}

const cg_format_t cg_format_github = {
	.name = "github",
	.finding = print_finding,
	.summary = cg_print_summary,
	.note = print_note,
};
