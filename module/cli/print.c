/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>

#include "cli/print.h"

static void print_subject(cg_print_t *print, const cg_format_t *format,
                          const cg_subject_t *subject)
{
	if (subject->text != NULL) {
		cg_excerpts_keep(print->excerpts, subject->file, subject->text, subject->len);
	}
	if (subject->lines.count > 0) {
		cg_excerpts_keep_lines(print->excerpts, subject->file, &subject->lines);
	}
	for (size_t i = 0; i < subject->findings.count && !ferror(stdout); i++) {
		const cg_finding_t *finding = &subject->findings.list[i];
		if (finding->level < print->level) {
			continue;
		}
		if (finding->exempt) {
			print->exempt++;
		} else {
			print->counts[finding->level]++;
		}
		format->finding(print, subject, finding);
	}
	cg_excerpts_clear(print->excerpts);
}

void cg_print(cg_print_t *print, const cg_format_t *format)
{
	for (size_t i = 0; i < print->subjects->count && !ferror(stdout); i++) {
		print_subject(print, format, &print->subjects->list[i]);
	}
	if (format->summary != NULL && !ferror(stdout)) {
		format->summary(print);
	}
}

static void count_things(const char *separator, size_t count, const char *thing)
{
	printf("%s%zu %s%s", separator, count, thing, (count == 1) ? "" : "s");
}

void cg_print_summary(const cg_print_t *print)
{
	const cg_subjects_t *subjects = print->subjects;
	if (subjects->count == 0 && subjects->failed > 0) {
		return; /* What there is to say was said. */
	}
	count_things("", subjects->count, print->noun);
	count_things(", ", subjects->records, "record");

	const char *separator = ": ";
	for (int level = CG_LEVEL_ERROR; level >= CG_LEVEL_INFO; level--) {
		if (print->counts[level] == 0) {
			continue;
		}
		if (level == CG_LEVEL_INFO) {
			printf("%s%zu info", separator, print->counts[level]);
		} else {
			count_things(separator, print->counts[level], cg_level_name(level));
		}
		separator = ", ";
	}
	if (print->exempt > 0) {
		printf("%s%zu exempt", separator, print->exempt);
		separator = ", ";
	}
	if (separator[0] == ':') {
		printf(": nothing found");
	}
	if (subjects->failed > 0) {
		printf("; %zu could not be checked whole", subjects->failed);
	}
	putchar('\n');
}
