/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>

#include "cli/print.h"
#include "cnameguard/audit.h"

/*! \brief One object a line, as in the audit log. */
static void print_finding(cg_print_t *print, const cg_subject_t *subject,
                          const cg_finding_t *finding)
{
	char *line = cg_audit_finding_line(subject->name, subject->findings.serial, finding);
	if (line == NULL) {
		print->failed = true;
		return;
	}
	puts(line);
	free(line);
}

const cg_format_t cg_format_json = {
	.name = "json",
	.finding = print_finding,
};
