/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cnameguard/mend.h"
#include "cnameguard/store.h"
#include "guard/apart.h"
#include "guard/changed.h"
#include "guard/follow.h"
#include "guard/keep.h"
#include "guard/passed.h"
#include "guard/pending.h"
#include "guard/pending_judge.h"
#include "guard/report.h"
#include "guard/wanted.h"
#include "guard/whole.h"
#include "guard/zone_file.h"

/*! \brief How long the server has to let go: 100 ms. */
#define TELL_NAPS	100
#define TELL_NAP_NS	1000000

/*! \brief Whether the version is held no more, a moment after the server was told. */
static int wait_until_gone(cg_guard_t *guard, const cg_guarded_t *zone, bool *held)
{
	const struct timespec nap = { .tv_nsec = TELL_NAP_NS };
	int ret = KNOT_EOK;
	*held = true;
	for (int i = 0; i < TELL_NAPS && ret == KNOT_EOK && *held; i++) {
		if (i > 0) {
			nanosleep(&nap, NULL);
		}
		ret = cg_server_held_zone(guard->control, zone->text, held);
	}
	return ret;
}

/*!
 * \brief Aborts the version, and looks whether the server has heard: a reply alone says nothing.
 *
 * What is held still can be the next version, which came as this one went. So it
 * is not told again, but judged.
 *
 * \retval KNOT_EAGAIN  it was told by somebody else.
 */
static int tell_abort(cg_guard_t *guard, cg_guarded_t *zone)
{
	bool held = true;
	int ret = cg_server_simple(guard->control, "zone-abort", zone->text);
	if (ret == KNOT_EOK) {
		ret = wait_until_gone(guard, zone, &held);
	}
	if (ret == KNOT_EOK && held) {
		cg_pending_check(guard, zone);
	}
	return (ret == KNOT_EDENIED) ? KNOT_EAGAIN : ret;
}

/*! \brief Most versions are clean: whether the server has heard is looked at later, for all together. */
static int let_through(cg_guard_t *guard, cg_guarded_t *zone, cg_reading_t *reading)
{
	cg_pending_check(guard, zone);
	int ret = cg_server_simple(guard->control, "zone-commit", zone->text);
	if (ret == KNOT_EOK && reading->findings.errors == 0) {
		cg_passed_remember(guard, zone, reading);
	}
	return (ret == KNOT_EDENIED) ? KNOT_EOK : ret; /* Then it is held no more. */
}

static void describe(const cg_guarded_t *zone, cg_why_t *why)
{
	char now[64] = "Knot has nothing else to serve and answers SERVFAIL";
	if (zone->loaded) {
		snprintf(now, sizeof(now), "Knot goes on serving serial %u", zone->serial);
	}
	size_t used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used,
	         "%sthis version was not published, %s", used > 0 ? "; " : "", now);
}

static void report(cg_guarded_t *zone, const cg_policy_t *policy, const cg_reading_t *reading,
                   const char *action, const cg_why_t *why, double ms)
{
	cg_report_t said = {
		.policy = policy,
		.findings = &reading->findings,
		.judged = "pending",
		.action = action,
		.why = why->text,
		.ms = ms,
	};
	cg_said_t unsaid;
	cg_report_verdict(zone, cg_zone_said(&zone->said_pending, &unsaid), &said);
}

/*! \brief Makes the repaired version, in a thread of its own. */
typedef struct {
	const cg_zone_t *contents;
	const cg_plan_t *plan;
	cg_zone_t **out;
} mending_t;

static int mend(void *ctx)
{
	mending_t *mending = ctx;
	return cg_mend_apply(mending->contents, mending->plan->list, mending->plan->count,
	                     mending->out);
}

/*! \brief What the version would be, repaired as a whole; NULL: it cannot be, see \a why. */
static int repaired_version(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                            const cg_reading_t *reading, cg_zone_t **out, cg_why_t *why)
{
	cg_foreign_t foreign;
	cg_plan_t plan = { 0 };
	int ret = cg_follow_conflicts(guard, zone, policy, reading->contents, &reading->findings,
	                              &foreign, why);
	if (ret == KNOT_EOK) {
		ret = cg_repair_plan(guard, zone, policy, reading, &foreign, &plan);
	}
	if (ret == KNOT_EOK && plan.why != NULL) {
		cg_repair_explain(why, "cannot be repaired", plan.why);
	} else if (ret == KNOT_EOK && cg_repair_prepare(guard, zone, policy, reading, &plan, &foreign, why)) {
		mending_t mending = { reading->contents, &plan, out };
		ret = cg_apart(guard, zone, true, reading->findings.records, mend, &mending);
	}
	cg_plan_free(&plan);
	cg_foreign_free(&foreign);
	return ret;
}

/*!
 * \brief Mode rewrite: abort first, so that nobody ever gets the version as it came.
 *
 * \return Not KNOT_EOK: it shall be asked for once more, the repair may have success then.
 */
static int rewrite(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   const cg_reading_t *reading, const char **action, cg_why_t *why)
{
	cg_zone_t *wanted = NULL;
	int ret = KNOT_EOK;
	if (reading->findings.is_signed && !policy->signs) {
		cg_repair_explain(why, "a zone signed elsewhere is never edited, its signatures would "
		                  "break", "");
	} else {
		ret = repaired_version(guard, zone, policy, reading, &wanted, why);
	}
	int told = tell_abort(guard, zone);
	if (wanted == NULL) {
		ret = (told != KNOT_EOK) ? told : ret; /* As where a target cannot be read so far. */
		*action = (ret == KNOT_EOK) ? "refused" : "failed";
		return ret;
	}
	zone->pending.put = (told == KNOT_EOK);
	zone->pending.put_serial = reading->findings.serial;
	ret = (told == KNOT_EOK) ? cg_wanted_put(guard, zone, policy, wanted, why) : told;
	cg_zone_free(wanted);
	*action = (ret == KNOT_EOK) ? "rewritten" : "failed";
	return (ret == KNOT_ESEMCHECK) ? KNOT_EOK : ret; /* Knot would refuse it again. */
}

/*! \brief At a start there is nothing else to be served: then the last good version is put back, see restore.c. */
static void note_refused_file(cg_guarded_t *zone, const cg_policy_t *policy, uint32_t serial)
{
	cg_file_id_t file;
	if (zone->loaded || !cg_zone_file_identify(zone, policy, &file)) {
		return;
	}
	zone->file = cg_file_mark(&file);
	zone->file_generation = policy->generation;
	zone->file_refused = file.exists;
	zone->file_has_serial = true;
	zone->file_serial = serial;
}

/*! \brief What is done about a version with an error. */
static int refuse(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                  const cg_reading_t *reading, const struct timespec *begin)
{
	cg_why_t why = { "" };
	cg_report_t findings = { .policy = policy, .findings = &reading->findings, .judged = "pending" };
	cg_said_t unsaid;
	cg_report_findings(zone, cg_zone_said(&zone->said_pending, &unsaid), &findings);
	cg_keep_refused(zone, policy, reading->findings.serial);

	const char *action = "refused";
	int ret = KNOT_EOK;
	if (policy->mode == CG_MODE_REWRITE) {
		ret = rewrite(guard, zone, policy, reading, &action, &why);
	} else {
		ret = tell_abort(guard, zone);
		action = (ret == KNOT_EOK) ? action : "failed";
	}
	if (strcmp(action, "rewritten") == 0) {
		cg_repair_explain(&why, "nobody got it as it came", "");
		zone->retry = true;
	} else {
		describe(zone, &why);
		note_refused_file(zone, policy, reading->findings.serial);
	}
	report(zone, policy, reading, action, &why, cg_elapsed_ms(begin));
	return ret;
}

/*! \brief Judges what is held, by its changes where that can be, else whole. */
static int read_held(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_reading_t *reading)
{
	int ret = cg_worker_converse(guard, zone, policy);
	if (ret == KNOT_EOK && cg_changed_can_held(zone, policy)) {
		ret = cg_changed_judge_held(guard, zone, policy, reading);
		if (ret != KNOT_ENOTSUP) {
			return ret;
		}
		ret = KNOT_EOK;
	}
	if (ret == KNOT_EOK) {
		ret = cg_reading_judge(guard, zone, policy, reading);
	}
	if (ret == KNOT_EOK && !reading->findings.has_serial) {
		ret = KNOT_EAGAIN; /* A server that is too busy sends nothing; each version has a SOA. */
	}
	if (ret == KNOT_EOK && cg_whole_first(policy, reading)) {
		ret = cg_whole_judge(guard, zone, policy, reading);
	}
	return ret;
}

int cg_pending_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_reading_t reading = { .from = CG_READ_TRANSACTION };
	struct timespec begin;
	clock_gettime(CLOCK_MONOTONIC, &begin);

	int ret = read_held(guard, zone, policy, &reading);
	if (ret == KNOT_EDENIED) {
		ret = KNOT_EOK; /* It is held no more. */
	} else if (ret == KNOT_EOK &&
	           (reading.findings.errors == 0 || policy->mode == CG_MODE_AUDIT)) {
		ret = let_through(guard, zone, &reading);
	} else if (ret == KNOT_EOK) {
		ret = refuse(guard, zone, policy, &reading, &begin);
	}
	cg_reading_free(&reading);
	return ret;
}
