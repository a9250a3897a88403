/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "cnameguard/mend.h"
#include "guard/follow.h"
#include "guard/keep.h"
#include "guard/last_good.h"
#include "guard/pending.h"
#include "guard/report.h"
#include "guard/wanted.h"

/*! \brief How often it is asked which zones are held, where nobody tells; and the part of the time that may take. */
#define ASK_MS		50
#define ASK_FACTOR	20
#define ASK_MAX_MS	250
#define HEARD_MS	5000
/*! \brief When it is looked at whether those that were let through are. */
#define CHECK_MS	250
/*! \brief How long one that was answered for may still seem to be held. */
#define GOING_MS	100
/*! \brief So soon after one version the next is expected; and how long all else waits for that. */
#define BUSY_MS		20
#define BUSY_MAX_MS	1000
/*! \brief How often the server is told, and how long it has to let go: 100 ms a time. */
#define TELL_TRIES	3
#define TELL_NAPS	100
#define TELL_NAP_NS	1000000
/*! \brief Versions of a zone that are answered for in a row. */
#define ROUNDS		8

/* --- One version --- */

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
 * \brief Tells the server, and looks whether it has heard: a reply alone says nothing.
 *
 * \retval KNOT_EAGAIN  it has not, or was told by somebody else.
 */
static int tell(cg_guard_t *guard, cg_guarded_t *zone, const char *command)
{
	bool held = true;
	int ret = KNOT_EAGAIN;
	for (int i = 0; i < TELL_TRIES && held; i++) {
		ret = cg_server_simple(guard->control, command, zone->text);
		if (ret != KNOT_EOK && ret != KNOT_EDENIED) {
			return ret;
		}
		int asked = wait_until_gone(guard, zone, &held);
		ret = (asked != KNOT_EOK) ? asked : (ret == KNOT_EDENIED || held) ? KNOT_EAGAIN : KNOT_EOK;
	}
	return ret;
}

/*! \brief Most versions are clean: whether the server has heard is looked at later, for all together. */
static int let_through(cg_guard_t *guard, const cg_guarded_t *zone)
{
	int64_t check = cg_now_ms() + CHECK_MS;
	guard->pending_due_ms = (check < guard->pending_due_ms) ? check : guard->pending_due_ms;
	int ret = cg_server_simple(guard->control, "zone-commit", zone->text);
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
	cg_report_verdict(zone, &zone->said_pending, &said);
}

/*! \brief What the version would be, repaired as a whole; NULL: it cannot be, see \a why. */
static int repaired_version(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                            const cg_reading_t *reading, cg_zone_t **out, cg_why_t *why)
{
	cg_foreign_t foreign;
	cg_plan_t plan = { 0 };
	int ret = cg_follow_conflicts(guard, zone, policy, reading->contents, &reading->findings,
	                              &foreign, why);
	cg_zones_t zones = { .list = foreign.list, .count = foreign.count };
	if (ret == KNOT_EOK) {
		ret = cg_plan_make(&zones, reading->contents, &reading->findings, policy->strategy,
		                   policy->fallback, &plan);
	}
	if (ret == KNOT_EOK && plan.why != NULL) {
		cg_repair_explain(why, "cannot be repaired", plan.why);
	} else if (ret == KNOT_EOK &&
	           cg_repair_write_down(zone, policy, reading->findings.serial, plan.list,
	                                plan.count, why) &&
	           cg_keep_original(zone, policy, reading->contents, &plan, why)) {
		ret = cg_mend_apply(reading->contents, plan.list, plan.count, out);
	}
	cg_plan_free(&plan);
	cg_foreign_free(&foreign);
	return ret;
}

/*! \brief Mode rewrite: abort first, so that nobody ever gets the version as it came. */
static const char *rewrite(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                           const cg_reading_t *reading, cg_why_t *why)
{
	cg_zone_t *wanted = NULL;
	int ret = KNOT_EOK;
	if (reading->findings.is_signed && !policy->signs) {
		cg_repair_explain(why, "a zone signed elsewhere is never edited, its signatures would "
		                  "break", "");
	} else {
		ret = repaired_version(guard, zone, policy, reading, &wanted, why);
	}
	int told = tell(guard, zone, "zone-abort");
	if (wanted == NULL) {
		return (ret == KNOT_EOK && told == KNOT_EOK) ? "refused" : "failed";
	}
	ret = (told == KNOT_EOK) ? cg_wanted_put(guard, zone, policy, wanted, why) : told;
	cg_zone_free(wanted);
	return (ret == KNOT_EOK) ? "rewritten" : "failed";
}

/*! \brief What is done about a version with an error. */
static int refuse(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                  const cg_reading_t *reading, const struct timespec *begin)
{
	cg_why_t why = { "" };
	cg_report_t findings = { .policy = policy, .findings = &reading->findings, .judged = "pending" };
	cg_report_findings(zone, &zone->said_pending, &findings);
	cg_keep_refused(zone, policy, reading->findings.serial);

	const char *action = "refused";
	int ret = KNOT_EOK;
	if (policy->mode == CG_MODE_REWRITE) {
		action = rewrite(guard, zone, policy, reading, &why);
	} else {
		ret = tell(guard, zone, "zone-abort");
		action = (ret == KNOT_EOK) ? action : "failed";
	}
	if (strcmp(action, "rewritten") == 0) {
		cg_repair_explain(&why, "nobody got it as it came", "");
		zone->retry = true;
	} else {
		describe(zone, &why);
	}
	report(zone, policy, reading, action, &why, cg_elapsed_ms(begin));
	return ret;
}

/*! \brief Judges the version that is held, and tells the server what becomes of it. */
static int judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_reading_t reading = { .from = CG_READ_TRANSACTION };
	struct timespec begin;
	clock_gettime(CLOCK_MONOTONIC, &begin);

	int ret = cg_worker_converse(guard, zone, policy);
	if (ret == KNOT_EOK) {
		ret = cg_reading_judge(guard, zone, policy, &reading);
	}
	if (ret == KNOT_EDENIED) {
		cg_reading_free(&reading);
		return KNOT_EOK; /* It is held no more. */
	}
	if (ret == KNOT_EOK && cg_whole_first(policy, &reading)) {
		ret = cg_whole_judge(guard, zone, policy, &reading);
	}
	if (ret == KNOT_EOK && (reading.findings.errors == 0 || policy->mode == CG_MODE_AUDIT)) {
		ret = let_through(guard, zone);
	} else if (ret == KNOT_EOK) {
		ret = refuse(guard, zone, policy, &reading, &begin);
	}
	cg_reading_free(&reading);
	return ret;
}

/* --- All zones --- */

/*! \brief One that was answered for since \a since_ms does not count. */
static bool mark_held(cg_guard_t *guard, const knot_dname_t *name, int64_t since_ms)
{
	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = cg_registry_find(guard, name);
	bool held = (zone != NULL && zone->refs > 0 && atomic_load(&zone->answered_ms) < since_ms);
	if (held) {
		atomic_store(&zone->held, true);
	}
	pthread_mutex_unlock(&guard->lock);
	return held;
}

/*! \brief The thread that listens: wakes the worker. */
static void take_told(const knot_dname_t *zone, void *ctx)
{
	cg_guard_t *guard = ctx;
	if (zone != NULL) {
		(void)mark_held(guard, zone, INT64_MAX);
		atomic_store(&guard->told, true);
	} else {
		atomic_store(&guard->missed, true);
	}
	sem_post(&guard->wake);
}

static void note_held(const char *name, void *ctx)
{
	cg_guard_t *guard = ctx;
	knot_dname_storage_t dname;
	/* It goes a moment after its answer. */
	if (knot_dname_from_str(dname, name, sizeof(dname)) != NULL &&
	    mark_held(guard, dname, cg_now_ms() - GOING_MS)) {
		guard->held = true;
	}
}

/*! \brief Asks which zones are held; true: there are some. */
static bool ask(cg_guard_t *guard)
{
	if (guard->down_ms != 0 && cg_now_ms() < guard->not_before_ms) {
		return false;
	}
	cg_guarded_t *first = cg_registry_first(guard);
	if (first == NULL) {
		return false;
	}
	cg_policy_t *policy = cg_zone_policy(first);
	guard->held = false;
	int ret = cg_worker_converse(guard, first, policy);
	if (ret == KNOT_EOK) {
		ret = cg_server_held(guard->control, note_held, guard);
	}
	cg_policy_unref(policy);
	return ret == KNOT_EOK && guard->held;
}

/*! \brief One more comes in; the first after a pause begins a row. */
static void note_coming(cg_guard_t *guard)
{
	int64_t now = cg_now_ms();
	if (now - guard->pending_last_ms >= BUSY_MS) {
		guard->pending_since_ms = now;
	}
	guard->pending_last_ms = now;
}

/*! \brief Answers for all zones that are known to be held. */
static void answer(cg_guard_t *guard)
{
	atomic_store(&guard->told, false);
	for (cg_guarded_t *zone = cg_registry_first(guard);
	     zone != NULL && !atomic_load(&guard->stop); zone = zone->next) {
		if (!atomic_exchange(&zone->held, false) || zone->refs == 0) {
			continue;
		}
		cg_policy_t *policy = cg_zone_policy(zone);
		note_coming(guard);
		if (policy->external) {
			zone->unanswered = (judge(guard, zone, policy) != KNOT_EOK);
			cg_file_identify(policy->file, &zone->file_answered);
			atomic_store(&zone->answered_ms, cg_now_ms());
			guard->unanswered |= zone->unanswered;
		}
		cg_policy_unref(policy);
	}
}

bool cg_pending_busy(const cg_guard_t *guard)
{
	int64_t now = cg_now_ms();
	return now - guard->pending_last_ms < BUSY_MS && now - guard->pending_since_ms < BUSY_MAX_MS;
}

void cg_pending_expect(cg_guard_t *guard)
{
	atomic_store(&guard->external, true);
}

int64_t cg_pending_due(const cg_guard_t *guard)
{
	bool now = atomic_load(&guard->told) || atomic_load(&guard->missed);
	return (!atomic_load(&guard->external) || guard->down_ms != 0) ? INT64_MAX :
	       now ? guard->pending_first_ms : guard->pending_due_ms;
}

/*! \brief Where signals are heard it is asked once in a while only, for what could be lost. */
static int64_t next_ask(cg_guard_t *guard, int64_t took)
{
	int64_t pause = cg_bus_hears(guard->bus) ? HEARD_MS : took * ASK_FACTOR;
	if (pause < ASK_MS) {
		pause = ASK_MS;
	} else if (pause > ASK_MAX_MS && !cg_bus_hears(guard->bus)) {
		pause = ASK_MAX_MS;
	}
	return cg_now_ms() + pause;
}

/*! \brief Whether a version may have been given up without an answer. */
static bool may_be_lost(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_file_id_t now;
	bool reloaded = atomic_exchange(&zone->reloaded, false);
	if (zone->unanswered || (reloaded && policy->secondary)) {
		return true;
	}
	cg_file_identify(policy->file, &now);
	return reloaded && now.exists && zone->file_answered.exists &&
	       !cg_file_same(&now, &zone->file_answered);
}

/*! \brief Asks for the version again, unless it is held still. */
static int ask_for(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	bool held = false;
	int ret = cg_worker_converse(guard, zone, policy);
	if (ret == KNOT_EOK) {
		ret = cg_server_held_zone(guard->control, zone->text, &held);
	}
	if (ret != KNOT_EOK || held) {
		return (ret != KNOT_EOK) ? ret : KNOT_EBUSY;
	}
	return cg_server_simple(guard->control, policy->secondary ? "zone-refresh" : "zone-reload",
	                        zone->text);
}

/*!
 * \brief What was held and is no more, though nobody answered, is asked for again.
 *
 * Knot aborts it after its time-out, or when it was told to reload meanwhile, and
 * does not try again by itself.
 */
static void ask_again(cg_guard_t *guard)
{
	guard->unanswered = false;
	atomic_store(&guard->reloaded, false);
	for (cg_guarded_t *zone = cg_registry_first(guard); zone != NULL; zone = zone->next) {
		if (zone->refs == 0 || (!zone->unanswered && !atomic_load(&zone->reloaded))) {
			continue;
		}
		cg_policy_t *policy = cg_zone_policy(zone);
		if (may_be_lost(zone, policy) && ask_for(guard, zone, policy) == KNOT_EOK) {
			zone->unanswered = false;
		}
		guard->unanswered |= zone->unanswered;
		cg_policy_unref(policy);
	}
}

void cg_pending_look(cg_guard_t *guard)
{
	int64_t begin = cg_now_ms();
	if (begin < cg_pending_due(guard)) {
		return;
	}
	if (guard->bus == NULL) {
		guard->bus = cg_bus_start(take_told, guard);
	}
	if (atomic_load(&guard->told)) {
		answer(guard);
	}
	if (atomic_exchange(&guard->missed, false) || cg_now_ms() >= guard->pending_due_ms) {
		for (int i = 0; i < ROUNDS && ask(guard); i++) {
			answer(guard);
			begin = cg_now_ms();
		}
		if ((guard->unanswered || atomic_load(&guard->reloaded)) && guard->down_ms == 0) {
			ask_again(guard);
		}
		guard->pending_due_ms = next_ask(guard, cg_now_ms() - begin);
	}
	guard->pending_first_ms = atomic_load(&guard->missed) ? cg_now_ms() + ASK_MS : 0;
}

void cg_pending_end(cg_guard_t *guard)
{
	cg_bus_stop(guard->bus);
	guard->bus = NULL;
	guard->pending_due_ms = guard->pending_first_ms = 0;
}
