/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>

#include "cli/print.h"
#include "cnameguard/audit.h"

/*! \brief One object a line, as in the audit log. */
static int print_finding(const cg_print_t *print, cg_text_t *out, const cg_subject_t *subject,
                         const cg_finding_t *finding)
{
	(void)print;
	char *line = cg_audit_finding_line(subject->name, subject->findings.serial, finding);
	if (line == NULL) {
		return KNOT_ENOMEM;
	}
	cg_text_str(out, line);
	cg_text_str(out, "\n");
	free(line);
	return out->failed ? KNOT_ENOMEM : KNOT_EOK;
}

const cg_format_t cg_format_json = {
	.name = "json",
	.finding = print_finding,
};
