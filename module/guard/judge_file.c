/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "guard/pace.h"
#include "guard/report.h"
#include "guard/worker.h"
#include "guard/zone_file.h"

/*! \brief What happens to people: what is served while Knot does not take the file. */
static void describe(const cg_guarded_t *zone, const cg_findings_t *findings,
                     const cg_file_report_t *syntax, char *out, size_t size)
{
	int used;
	if (zone->loaded && zone->gate == CG_GATE_REFUSED &&
	    zone->judged_serial == findings->serial) {
		used = snprintf(out, size, "this version is being served, past Knot's checks; at "
		                "its next start Knot does not take this file and answers SERVFAIL "
		                "for the whole zone");
	} else if (zone->loaded) {
		used = snprintf(out, size, "Knot does not take this file and goes on serving the "
		                "last good version, serial %u, until it is corrected", zone->serial);
	} else {
		used = snprintf(out, size, "Knot does not take this file and answers SERVFAIL for "
		                "the whole zone until it is corrected");
	}
	if (syntax->errors > 0 && used > 0 && (size_t)used < size) {
		snprintf(out + used, size - used, "; it has syntax errors too, the first: %s",
		         syntax->first);
	}
}

/*! \brief Whether Knot refuses the file for one of the findings. */
static bool is_refused(const cg_findings_t *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		/* Knot does not know who is exempt, nor what is enforced; NS it only misses. */
		cg_rule_t rule = findings->list[i].rule;
		if (cg_rule_info(rule)->level == CG_LEVEL_ERROR && rule != CG_RULE_APEX_NO_NS) {
			return true;
		}
	}
	return false;
}

static int explain_file(cg_guarded_t *zone, const cg_policy_t *policy, const char *path)
{
	cg_zone_t *contents = NULL;
	cg_file_report_t syntax;
	cg_findings_t findings = { 0 };
	struct timespec begin;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	int ret = cg_file_read(path, zone->name, &contents, &syntax);
	if (ret == KNOT_EOK) {
		ret = cg_rules_zone(contents, &policy->rules, &findings);
	}
	zone->file_has_serial = (ret == KNOT_EOK && findings.has_serial);
	zone->file_serial = findings.serial;
	bool refused = (ret == KNOT_EOK && !policy->soft && is_refused(&findings));
	zone->file_refused = refused || ret == KNOT_EACCES || ret == KNOT_EFILE ||
	                     (ret == KNOT_EOK && (syntax.errors > 0 || !findings.has_serial));
	if (refused) {
		char why[512];
		describe(zone, &findings, &syntax, why, sizeof(why));
		cg_report_t report = {
			.policy = policy,
			.findings = &findings,
			.action = (policy->mode == CG_MODE_AUDIT) ? "audited" : "refused",
			.judged = "file",
			.why = why,
			.ms = cg_elapsed_ms(&begin),
		};
		cg_said_t unsaid, *said = cg_zone_said(&zone->said_file, &unsaid);
		cg_report_findings(zone, said, &report);
		cg_report_verdict(zone, said, &report);
	} else if (ret == KNOT_EOK) {
		cg_zone_unsay(&zone->said_file);
	}
	cg_findings_free(&findings);
	cg_zone_free(contents);
	return ret;
}

/*!
 * \brief The server has loaded the file as it is: it is older than the server, and a zone that is
 *        loaded whole has no contents from elsewhere.
 */
static bool is_taken(const cg_guard_t *guard, const cg_guarded_t *zone, const cg_policy_t *policy,
                     const cg_file_id_t *file)
{
	return zone->loaded && policy->load == CG_LOAD_WHOLE && !policy->secondary &&
	       file->exists && file->mtime_s < guard->started_s && file->ctime_s < guard->started_s;
}

/*! \brief Explains the file, once it has changed. */
static void look_at(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                    const cg_file_id_t *now)
{
	uint64_t mark = cg_file_mark(now);
	if (mark == zone->file) {
		return;
	}
	zone->file = mark;
	zone->file_refused = false;
	if (!now->exists || is_taken(guard, zone, policy, now)) {
		return;
	}
	char *path = cg_zone_file(zone, policy);
	if (path == NULL) {
		return;
	}
	int64_t begin = cg_thread_us();
	int ret = explain_file(zone, policy, path);
	if (ret != KNOT_EOK && ret != KNOT_ENOENT) {
		cg_zone_log_once(zone, CG_WARNED_FILE, LOG_WARNING,
		                 "zone file '%s' cannot be read (%s), so a refusal by Knot cannot be "
		                 "explained", path, knot_strerror(ret));
	}
	free(path);
	guard->judging_us += cg_thread_us() - begin;
}

void cg_judge_file(cg_guard_t *guard, cg_guarded_t *zone, cg_zone_file_look_t *file)
{
	cg_policy_t *policy = cg_zone_policy(zone);
	if (zone->file_generation != policy->generation) {
		zone->file_generation = policy->generation;
		cg_zone_unsay(&zone->said_file);
		zone->file = 0;
	}
	/* Under soft Knot takes any file that it can read, which is judged as the running version. */
	if (policy->file != NULL && (!policy->soft || atomic_load(&zone->fresh))) {
		look_at(guard, zone, policy, cg_zone_file_look(zone, policy, file));
	}
	cg_policy_unref(policy);
}
