/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "guard/apart.h"
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

/*! \brief What is read and found in a file, in a thread of its own where it is big. */
typedef struct {
	const char *path;
	const knot_dname_t *name;
	const cg_rules_policy_t *rules;
	cg_zone_t *contents;
	cg_file_report_t syntax;
	cg_findings_t findings;
} file_t;

static int read_file(void *ctx)
{
	file_t *file = ctx;
	int ret = cg_file_read(file->path, file->name, &file->contents, &file->syntax);
	return (ret == KNOT_EOK) ? cg_rules_zone(file->contents, file->rules, &file->findings) : ret;
}

static int free_file(void *ctx)
{
	file_t *file = ctx;
	cg_findings_free(&file->findings);
	cg_zone_free(file->contents);
	return KNOT_EOK;
}

/*! \brief Says what Knot refuses the file for. */
static void report(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   const file_t *file, double ms)
{
	char why[512];
	describe(zone, &file->findings, &file->syntax, why, sizeof(why));
	cg_report_t report = {
		.guard = guard,
		.policy = policy,
		.findings = &file->findings,
		.action = (policy->mode == CG_MODE_AUDIT) ? "audited" : "refused",
		.judged = "file",
		.why = why,
		.ms = ms,
	};
	cg_said_t unsaid, *said = cg_zone_said(&zone->said_file, &unsaid);
	cg_report_findings(zone, said, &report);
	cg_report_verdict(zone, said, &report);
}

/*! \brief Meanwhile the zone, its policy or the file can have become another one: all is looked at again. */
static bool is_current(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_file_id_t now;
	cg_policy_t *current = cg_zone_policy(zone);
	bool same = current->generation == policy->generation;
	cg_policy_unref(current);
	return same && zone->refs > 0 && !atomic_load(&guard->stop) &&
	       cg_zone_file_identify(zone, policy, &now) && cg_file_mark(&now) == zone->file;
}

/*! \brief What was found is noted and said. */
static void explain(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                    const file_t *file, int ret, double ms)
{
	const cg_findings_t *findings = &file->findings;
	zone->file_has_serial = (ret == KNOT_EOK && findings->has_serial);
	zone->file_serial = findings->serial;
	bool refused = (ret == KNOT_EOK && !policy->soft && is_refused(findings));
	zone->file_refused = refused || ret == KNOT_EACCES || ret == KNOT_EFILE ||
	                     (ret == KNOT_EOK && (file->syntax.errors > 0 || !findings->has_serial));
	if (refused) {
		report(guard, zone, policy, file, ms);
	} else if (ret == KNOT_EOK) {
		cg_zone_unsay(&zone->said_file);
	} else if (ret != KNOT_ENOENT) {
		cg_zone_log_once(zone, CG_WARNED_FILE, LOG_WARNING,
		                 "zone file '%s' cannot be read (%s), so a refusal by Knot cannot be "
		                 "explained", file->path, knot_strerror(ret));
	}
}

/*! \brief Reads a file of so many octets. */
static void look_into(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      const char *path, size_t octets)
{
	file_t file = { .path = path, .name = zone->name, .rules = &policy->rules };
	size_t records = octets / CG_ZONE_FILE_RECORD;
	records = (records > zone->records) ? records : zone->records; /* It may include others. */
	struct timespec begin;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (records >= CG_BIG_RECORDS) {
		cg_worker_hang_up(guard); /* Nobody has to wait for the file. */
	}
	int ret = cg_apart(guard, zone, true, records, read_file, &file);
	if (is_current(guard, zone, policy)) {
		explain(guard, zone, policy, &file, ret, cg_elapsed_ms(&begin));
	} else {
		zone->file = 0;
		guard->again = true;
	}
	(void)cg_apart(guard, zone, true, records, free_file, &file);
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
	look_into(guard, zone, policy, path, now->size);
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
