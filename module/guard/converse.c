/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <syslog.h>

#include "guard/worker.h"

/*! \brief How long a conversation goes on while others may be waiting for the socket. */
#define CONVERSE_MS	50
/*! \brief Longest time to wait for the server's attention. */
#define PATIENCE_MS	2000
/*! \brief First pause after a failure; and what is wanted by hooks waits no longer than the other. */
#define PAUSE_MIN_MS	25
#define PAUSE_WANTED_MS	1000
/*! \brief So long may a server take to start. */
#define START_MS	60000
/*! \brief The same beside a long read, which waits meanwhile. */
#define ASIDE_PATIENCE_MS 50
/*! \brief After that without a conversation no hook waits for a verdict. */
#define MUTE_MS		1000
/*! \brief Age of a line that is replaced by another, and how long that one may take; else when it is tried again. */
#define LINE_MS		250
#define LINE_PATIENCE_MS 100
#define LINE_PAUSE_MS	1000

/*!
 * \brief How long until the next try.
 *
 * Where there is nobody to be bothered, which is a server that starts, soon;
 * one that sends us away, ever more rarely.
 */
static int64_t pause_ms(int ret, int64_t down_ms)
{
	int64_t pause = (ret == KNOT_ECONN && down_ms < START_MS) ? PAUSE_MIN_MS : down_ms / 3;
	return (pause < PAUSE_MIN_MS) ? PAUSE_MIN_MS :
	       (pause > PAUSE_WANTED_MS) ? PAUSE_WANTED_MS : pause;
}

/*! \brief Says once that there is no conversation to be had, and once that there is again. */
static void report_connection(cg_guard_t *guard, cg_guarded_t *zone,
                              const cg_policy_t *policy, int ret)
{
	int64_t now = cg_now_ms();

	if (ret == KNOT_EOK) {
		atomic_store(&guard->mute, false);
		if (guard->down_said) {
			cg_zone_log(zone, LOG_NOTICE, "control socket '%s' answers again, "
			            "verdicts go on", policy->control);
		}
		guard->down_ms = 0;
		guard->down_said = false;
		guard->not_before_ms = 0;
		return;
	}

	if (guard->down_ms == 0) {
		guard->down_ms = now;
	}
	guard->not_before_ms = now + pause_ms(ret, now - guard->down_ms);
	atomic_store(&guard->mute, now - guard->down_ms >= MUTE_MS);
	if (!guard->down_said && now - guard->down_ms >= CG_DOWN_SAY_MS) {
		guard->down_said = true;
		cg_zone_log(zone, LOG_ERR, "control socket '%s': %s; no new verdicts for any "
		            "zone until it answers, unverified aliases are %s",
		            policy->control, cg_control_error(guard->control),
		            policy->hold ? "held" : "served");
	}
}

/*! \brief Verdicts about another server's zones would open the gate for ours. */
static int recognise(cg_guard_t *guard, const cg_policy_t *policy)
{
	bool same = true;
	if (guard->recognised || policy->rundir == NULL) {
		return KNOT_EOK;
	}
	int ret = cg_server_has_rundir(guard->control, policy->rundir, &same);
	if (ret == KNOT_EOK && !same) {
		cg_control_reject(guard->control, "it is the socket of another server: correct or "
		                                  "leave out the option control");
		ret = KNOT_EDENIED;
	}
	return ret;
}

/* --- The line --- */

/*!
 * \brief Where versions are held, a line is open all the time.
 *
 * Operators who wait for such a version (knotc -b) can have all threads that
 * serve control commands; without a line nobody could answer for it then.
 */
static bool keeps_line(const cg_guard_t *guard)
{
	return atomic_load(&guard->pending.expected);
}

static void note_any(const char *zone, void *ctx)
{
	(void)zone;
	*(bool *)ctx = true;
}

/*!
 * \brief Replaces the line by a new one; false: it shall be closed.
 *
 * A server that stops waits for the end of each line, and takes up no other.
 * One without a thread to spare does not either: then the line is kept for as
 * long as a version waits for its answer.
 */
static bool renew(cg_guard_t *guard, const cg_policy_t *policy)
{
	cg_control_t *next = cg_control_new(&guard->stop, &guard->pin);
	if (next != NULL && cg_control_open(next, policy->control, LINE_PATIENCE_MS) == KNOT_EOK) {
		cg_control_free(guard->control);
		guard->control = next;
		guard->opened_ms = cg_now_ms();
		return true;
	}
	cg_control_free(next);
	bool held = false;
	guard->opened_ms = cg_now_ms() + LINE_PAUSE_MS;
	return cg_control_again(guard->control, LINE_PATIENCE_MS) == KNOT_EOK &&
	       cg_server_held(guard->control, note_any, &held) == KNOT_EOK && held;
}

int64_t cg_line_due(const cg_guard_t *guard)
{
	return (keeps_line(guard) && cg_control_is_open(guard->control)) ?
	       guard->opened_ms + LINE_MS : INT64_MAX;
}

void cg_line_renew(cg_guard_t *guard)
{
	cg_guarded_t *zone = cg_registry_first(guard);
	if (zone != NULL) {
		cg_policy_t *policy = cg_zone_policy(zone);
		(void)cg_worker_converse(guard, zone, policy);
		cg_policy_unref(policy);
	}
}

void cg_worker_hang_up(cg_guard_t *guard)
{
	if (!keeps_line(guard)) {
		cg_control_close(guard->control);
	}
}

/*! \brief Begins a conversation. */
static int begin(cg_guard_t *guard, const cg_policy_t *policy, int patience_ms)
{
	guard->conversations++;
	return cg_control_open(guard->control, policy->control, patience_ms);
}

int cg_worker_converse(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	if (guard->beside != NULL) { /* Short, and what becomes of it tells nothing about the server. */
		return cg_control_is_open(guard->control) ? KNOT_EOK :
		       begin(guard, policy, ASIDE_PATIENCE_MS);
	}
	if (cg_control_is_open(guard->control)) {
		if (cg_now_ms() - guard->opened_ms < CONVERSE_MS ||
		    (keeps_line(guard) && renew(guard, policy))) {
			return KNOT_EOK;
		}
		cg_control_close(guard->control);
	}

	int ret = begin(guard, policy, PATIENCE_MS);
	if (ret == KNOT_EOK) {
		ret = recognise(guard, policy);
	}
	guard->recognised = (ret == KNOT_EOK);
	guard->opened_ms = cg_now_ms();
	if (!atomic_load(&guard->stop)) {
		report_connection(guard, zone, policy, ret);
	}
	return ret;
}
