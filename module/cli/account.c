/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/account.h"
#include "cli/say.h"
#include "rules/rr.h"

static void say_edit(const char *file, const cg_splice_t *splice)
{
	const cg_edit_t *edit = splice->edit;
	char type[32];
	if (knot_rrtype_to_string(edit->rr.type, type, sizeof(type)) < 0) {
		type[0] = '\0';
	}
	cg_say_at(file, splice->line, (splice->kind == CG_SPLICE_ADD) ? "added" : "removed",
	          "%s %u %s %s (%s)", edit->spelling, edit->rr.ttl, type, edit->rr.data,
	          cg_rule_info(edit->rule)->name);
}

void cg_account_edits(const cg_mending_t *mending)
{
	const cg_patched_t *patched = &mending->patched;
	for (size_t i = 0; i < patched->splices_count; i++) {
		const cg_splice_t *splice = &patched->splices[i];
		switch (splice->kind) {
		case CG_SPLICE_REMOVE:
		case CG_SPLICE_ADD:
			say_edit(mending->file, splice);
			break;
		case CG_SPLICE_OWNER:
			cg_say_at(mending->file, splice->line, "changed", "the owner is written out, "
			          "the line that it was inherited from is gone");
			break;
		case CG_SPLICE_SERIAL:
			cg_say_at(mending->file, splice->line, "changed", "serial %u to %u",
			          patched->serial_old, patched->serial_new);
			break;
		}
	}
}

static bool is_error(const cg_finding_t *finding)
{
	return finding->level == CG_LEVEL_ERROR && !finding->exempt;
}

static int finding_cmp(const void *a_ptr, const void *b_ptr)
{
	const cg_finding_t *a = a_ptr, *b = b_ptr;
	int cmp = cg_name_cmp(a->owner, b->owner);
	return (cmp != 0) ? cmp : (a->rule > b->rule) - (a->rule < b->rule);
}

/*! \brief The same finding in a list; NULL: it is new. */
static const cg_finding_t *find(const cg_finding_t *finding, const cg_finding_t *list, size_t count)
{
	return (count > 0) ? bsearch(finding, list, count, sizeof(*list), finding_cmp) : NULL;
}

static int refusal_cmp(const void *finding, const void *refusal_ptr)
{
	const cg_refusal_t *refusal = refusal_ptr;
	if (find(finding, refusal->findings, refusal->count) != NULL) {
		return 0;
	}
	return finding_cmp(finding, refusal->findings);
}

/*! \brief Why a finding stays. */
static const char *reason(const cg_mending_t *mending, const cg_finding_t *finding)
{
	if (cg_rule_info(finding->rule)->editable) {
		const char *why = mending->alone;
		if (why == NULL && mending->mend.full) {
			why = "the repairs of the zone take too many records together: many aliases "
			      "lead to names with very many records";
		}
		if (why == NULL) {
			why = cg_mending_unpatched(mending, finding->owner);
		}
		if (why != NULL) {
			return why;
		}
	}
	const cg_mend_t *mend = &mending->mend;
	const cg_refusal_t *refusal = NULL;
	if (mend->refusals_count > 0) {
		refusal = bsearch(finding, mend->refusals, mend->refusals_count,
		                  sizeof(*mend->refusals), refusal_cmp);
	}
	return (refusal != NULL) ? refusal->why : finding->message;
}

/*! \brief Where a finding stood in the file as it was read; line 0: nowhere. */
static void locate(const cg_mending_t *mending, const cg_finding_t *finding, const char **file,
                   uint32_t *line)
{
	const cg_findings_t *findings = mending->mend.findings;
	const cg_finding_t *was = find(finding, findings->list, findings->count);
	*file = mending->file;
	*line = 0;
	if (was != NULL && was->rr_count > 0 && was->rr[0].rr.file != NULL) {
		*file = was->rr[0].rr.file;
		*line = was->rr[0].rr.line - was->rr[0].rr.more;
	}
}

/*! \brief Tells findings of one name that stay for one reason. */
static void say_left(const cg_mending_t *mending, const cg_finding_t *findings, size_t count,
                     const char *why)
{
	char rules[256] = "";
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(rules);
		snprintf(rules + len, sizeof(rules) - len, "%s%s", (i > 0) ? ", " : "",
		         cg_rule_info(findings[i].rule)->name);
	}
	/* Reasons of the plan begin with the name. */
	size_t len = strlen(findings->spelling);
	if (strncmp(why, findings->spelling, len) == 0 && strncmp(why + len, ": ", 2) == 0) {
		why += len + 2;
	}
	const char *file;
	uint32_t line;
	locate(mending, findings, &file, &line);
	cg_say_at(file, line, "error", "%s not repaired (%s): %s", findings->spelling, rules, why);
}

void cg_account_left(const cg_mending_t *mending)
{
	const cg_findings_t *left = &mending->left;
	for (size_t i = 0, next; i < left->count; i = next) {
		const cg_finding_t *first = &left->list[i];
		next = i + 1;
		if (!is_error(first)) {
			continue;
		}
		const char *why = reason(mending, first);
		while (next < left->count && is_error(&left->list[next]) &&
		       knot_dname_is_equal(left->list[next].owner, first->owner) &&
		       reason(mending, &left->list[next]) == why) {
			next++;
		}
		say_left(mending, first, next - i, why);
	}
}

static size_t count_names(const cg_mending_t *mending)
{
	size_t count = 0;
	const cg_mend_t *mend = &mending->mend;
	for (size_t i = 0; i < mend->edits_count && mending->alone == NULL; i++) {
		count += (i == 0 || !knot_dname_is_equal(mend->edits[i - 1].owner, mend->edits[i].owner));
	}
	return count - mending->patched.left_count;
}

void cg_account_sum(const cg_mending_t *mending, const char *kept)
{
	size_t names = count_names(mending), errors = mending->left.errors;
	if (names == 0 && errors == 0) {
		cg_say("%s: nothing to repair", cg_say_file(mending->file));
		return;
	}
	bool same_serial = names > 0 && !mending->patched.has_serial;
	cg_say("%s: %zu name%s repaired, %zu error%s left%s%s%s", cg_say_file(mending->file), names,
	       (names == 1) ? "" : "s", errors, (errors == 1) ? "" : "s",
	       (kept != NULL) ? "; the old file is " : "", (kept != NULL) ? kept : "",
	       same_serial ? "; the serial is as it was, secondaries fetch the zone when it is "
	                     "raised (--serial)" : "");
}
