/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "cnameguard/hash.h"
#include "guard/apart.h"
#include "guard/report.h"

/*! \brief Lines a verdict that go into the server's log; the audit log has all. */
#define LOG_LINES	10
/*! \brief One in the audit log takes as long as work about so many records. */
#define LINE_COST	10

static void complain(cg_guarded_t *zone, const cg_policy_t *policy, const cg_audit_t *audit)
{
	cg_zone_log_once(zone, CG_WARNED_AUDIT, LOG_ERR,
	                 "audit log '%s': cannot be written (%s); findings are in this log only, "
	                 "and nothing is edited, until it can: check the folder's owner, "
	                 "permissions and free space", policy->audit_log, strerror(audit->error));
}

/*! \brief "A, CNAME, MX" */
static void types_text(const cg_finding_t *finding, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < finding->types_count && used < size; i++) {
		char type[16] = "";
		(void)knot_rrtype_to_string(finding->types[i], type, sizeof(type));
		int ret = snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", type);
		used += (ret > 0) ? ret : 0;
	}
}

/*! \brief ", FILE:LINE" of the first record, with the lines of the others. */
static void place_text(const cg_finding_t *finding, char *out, size_t size)
{
	size_t used = 0;
	const char *file = NULL;
	out[0] = '\0';
	for (size_t i = 0; i < finding->rr_count && used < size; i++) {
		const cg_rr_t *rr = &finding->rr[i].rr;
		if (rr->file == NULL) {
			continue;
		}
		bool same = (file != NULL && strcmp(file, rr->file) == 0);
		int ret = same ? snprintf(out + used, size - used, ",%u", rr->line) :
		                 snprintf(out + used, size - used, ", %s:%u", rr->file, rr->line);
		used += (ret > 0) ? ret : 0;
		file = rr->file;
	}
}

static void log_finding(cg_guarded_t *zone, const cg_finding_t *finding)
{
	char types[128];
	char place[256];
	types_text(finding, types, sizeof(types));
	place_text(finding, place, sizeof(place));

	int priority = (finding->level == CG_LEVEL_INFO) ? LOG_INFO : LOG_WARNING;
	cg_zone_log(zone, priority, "finding %s (%s%s) %s %s%s: %s; %s",
	            cg_rule_info(finding->rule)->name, cg_level_name(finding->level),
	            finding->exempt ? ", exempt" : "", finding->spelling, types, place,
	            finding->message, finding->remedy);
}

static void log_verdict(cg_guarded_t *zone, const cg_report_t *report)
{
	const cg_findings_t *findings = report->findings;
	bool good = (strcmp(report->action, "clean") == 0);
	bool bad = (strcmp(report->action, "audited") != 0 &&
	            strcmp(report->action, "rewritten") != 0 &&
	            strcmp(report->action, "restored") != 0 && !good);

	cg_zone_log(zone, bad ? LOG_ERR : good ? LOG_INFO : LOG_NOTICE,
	            "verdict %s, serial %u, judged %s, mode %s, %zu finding%s, %zu records, %.1f ms%s%s",
	            report->action, findings->serial, report->judged,
	            cg_mode_name(report->policy->mode), findings->count,
	            findings->count == 1 ? "" : "s", findings->records, report->ms,
	            report->why != NULL ? "; " : "", report->why != NULL ? report->why : "");
}

bool cg_report_close(cg_guarded_t *zone, const cg_policy_t *policy, cg_audit_t *audit)
{
	if (cg_audit_close(audit)) {
		zone->warned &= ~CG_WARNED_AUDIT;
		return true;
	}
	complain(zone, policy, audit);
	return false;
}

static uint64_t digest_findings(const cg_findings_t *findings)
{
	uint64_t digest = CG_HASH;
	for (size_t i = 0; i < findings->count; i++) {
		digest = cg_hash_text(digest, findings->list[i].spelling);
		digest = cg_hash_text(digest, findings->list[i].message);
		digest = cg_hash_text(digest, findings->list[i].remedy);
	}
	return digest;
}

static cg_said_t say(const cg_findings_t *findings, const char *action)
{
	return (cg_said_t){
		.said = true,
		.serial = findings->serial,
		.findings = findings->count,
		.records = findings->records,
		.digest = digest_findings(findings),
		.action = action,
	};
}

static bool same_version(const cg_said_t *said, const cg_findings_t *findings)
{
	return said->serial == findings->serial && said->records == findings->records;
}

/*!
 * \brief Whether that was said already.
 *
 * Errors are said again for each version that has them; what is only to be
 * reported is said when it changes.
 */
static bool same_findings(const cg_said_t *said, const cg_findings_t *findings)
{
	bool same = said->said && said->findings == findings->count &&
	            said->digest == digest_findings(findings);
	return same && (findings->errors == 0 || same_version(said, findings));
}

/*! \brief Findings on their way into the audit log. */
typedef struct {
	cg_audit_t audit;
	const char *zone;
	const cg_findings_t *findings;
} writing_t;

static int write_findings(void *ctx)
{
	writing_t *writing = ctx;
	const cg_findings_t *findings = writing->findings;
	for (size_t i = 0; i < findings->count && writing->audit.error == 0; i++) {
		cg_audit_finding(&writing->audit, writing->zone, findings->serial,
		                 &findings->list[i]);
	}
	return KNOT_EOK;
}

static bool audit_findings(cg_guarded_t *zone, const cg_report_t *report)
{
	writing_t writing = { .zone = zone->text, .findings = report->findings };

	cg_audit_open(&writing.audit, report->policy->audit_log);
	if (report->guard != NULL) {
		(void)cg_apart(report->guard, zone, true, LINE_COST * report->findings->count,
		               write_findings, &writing);
	} else {
		(void)write_findings(&writing);
	}
	return cg_report_close(zone, report->policy, &writing.audit);
}

static void log_findings(cg_guarded_t *zone, const cg_report_t *report)
{
	const cg_findings_t *findings = report->findings;

	/* What is acted on first: warnings must not push it out. */
	size_t lines = 0;
	for (int acted = 1; acted >= 0; acted--) {
		for (size_t i = 0; i < findings->count && lines < LOG_LINES; i++) {
			const cg_finding_t *finding = &findings->list[i];
			bool error = finding->level == CG_LEVEL_ERROR && !finding->exempt;
			if (error == (acted == 1)) {
				log_finding(zone, finding);
				lines++;
			}
		}
	}
	if (findings->count > LOG_LINES) {
		cg_zone_log(zone, LOG_WARNING, "%zu more findings%s", findings->count - LOG_LINES,
		            report->policy->audit_log != NULL ? ", see the audit log" :
		            "; set audit-log to have them all");
	}
}

void cg_report_findings(cg_guarded_t *zone, cg_said_t *said, const cg_report_t *report)
{
	bool known = same_findings(said, report->findings);
	if (!known) {
		*said = say(report->findings, "");
		log_findings(zone, report);
	}
	if (!said->audited) {
		said->audited = (report->findings->count == 0) || audit_findings(zone, report);
	}
}

void cg_report_verdict(cg_guarded_t *zone, cg_said_t *said, const cg_report_t *report)
{
	const cg_findings_t *findings = report->findings;

	if ((report->partial || same_findings(said, findings)) && same_version(said, findings) &&
	    said->said && strcmp(said->action, report->action) == 0) {
		return;
	}
	cg_said_t before = *said;
	*said = say(findings, report->action);
	said->audited = before.audited;
	if (report->partial) {
		said->findings = before.findings;
		said->digest = before.digest;
	}

	cg_audit_t audit;
	cg_audit_verdict_t verdict = {
		.zone = zone->text,
		.serial = findings->serial,
		.mode = cg_mode_name(report->policy->mode),
		.action = report->action,
		.judged = report->judged,
		.why = report->why,
		.findings = findings->count,
		.records = findings->records,
		.ms = report->ms,
	};
	cg_audit_open(&audit, report->policy->audit_log);
	cg_audit_verdict(&audit, &verdict);
	cg_report_close(zone, report->policy, &audit);
	log_verdict(zone, report);
}

static void log_edit(cg_guarded_t *zone, const cg_edit_t *edit)
{
	char type[16] = "";
	(void)knot_rrtype_to_string(edit->rr.type, type, sizeof(type));
	cg_zone_log(zone, LOG_NOTICE, "edit %c %s %u %s %s", edit->op == CG_EDIT_ADD ? '+' : '-',
	            edit->spelling, edit->rr.ttl, type, edit->rr.data);
}

bool cg_report_writable(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_audit_t audit;
	cg_audit_open(&audit, policy->audit_log);
	if (cg_audit_close(&audit)) {
		return true; /* A full disk lets it be opened: what was said of it stands. */
	}
	complain(zone, policy, &audit);
	return false;
}

/*! \brief Edits on their way into the audit log. */
typedef struct {
	cg_audit_t audit;
	const char *zone;
	uint32_t serial;
	const cg_edit_t *edits;
	size_t count;
} write_edits_t;

static int write_edits(void *ctx)
{
	write_edits_t *writing = ctx;
	for (size_t i = 0; i < writing->count && writing->audit.error == 0; i++) {
		cg_audit_edit(&writing->audit, writing->zone, writing->serial, &writing->edits[i]);
	}
	return KNOT_EOK;
}

bool cg_report_edits(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     uint32_t serial, const cg_edit_t *edits, size_t count)
{
	write_edits_t writing = { .zone = zone->text, .serial = serial, .edits = edits, .count = count };
	cg_audit_open(&writing.audit, policy->audit_log);
	(void)cg_apart(guard, zone, true, LINE_COST * count, write_edits, &writing);
	if (!cg_report_close(zone, policy, &writing.audit)) {
		return false;
	}

	for (size_t i = 0; i < count && i < LOG_LINES; i++) {
		log_edit(zone, &edits[i]);
	}
	if (count > LOG_LINES) {
		cg_zone_log(zone, LOG_NOTICE, "%zu more edits%s", count - LOG_LINES,
		            policy->audit_log != NULL ? ", see the audit log" : "");
	}
	return true;
}
