/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <syslog.h>
#include <time.h>

#include "guard/follow.h"
#include "guard/last_good.h"
#include "guard/look.h"
#include "guard/pace.h"
#include "guard/pending.h"
#include "guard/round.h"
#include "guard/updates.h"

/*! \brief First pause while zones are still loading; then it doubles. */
#define PAUSE_MIN_MS	25
/*! \brief While the server is loading zones it is asked again after so many times what a sweep cost, ... */
#define LOADING_FACTOR	2
/*! \brief ... and what it has not loaded so far is not taken for refused; not for longer than this. */
#define LOADING_MAX_MS	30000
/*! \brief It is no more after so long without a step, and a millisecond for so many zones. */
#define LOADING_MS	20
#define LOADING_ZONES	100
/*! \brief Big zones that a sweep finds before it goes on with them. */
#define ROUNDS	16
/*! \brief How often files are looked at while there is no conversation. */
#define SILENT_SWEEP_MS	1000
/*! \brief How often a server that loads zones, and answers no queries, is asked how far it has come. */
#define LISTING_MS	1000

double cg_elapsed_ms(const struct timespec *from)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1e3 + (now.tv_nsec - from->tv_nsec) / 1e6;
}

void cg_queue_put(cg_guard_t *guard, cg_guarded_t *zone)
{
	if (atomic_exchange(&zone->wanted, true)) {
		return; /* Is in the queue already. */
	}
	zone->queued = atomic_load(&guard->queue);
	while (!atomic_compare_exchange_weak(&guard->queue, &zone->queued, zone)) {
	}
	sem_post(&guard->wake);
}

cg_guarded_t *cg_queue_take(cg_guard_t *guard)
{
	cg_guarded_t *newest = atomic_exchange(&guard->queue, NULL);
	cg_guarded_t *first = NULL;

	while (newest != NULL) {
		cg_guarded_t *older = newest->queued;
		newest->queued = first;
		first = newest;
		newest = older;
	}
	return first;
}

/*! \brief Something was wanted, and it is not too early to try again. */
static bool may_serve(cg_guard_t *guard)
{
	return cg_queue_waiting(guard) && cg_now_ms() >= guard->not_before_ms;
}

/*! \brief Puts big zones behind the others, each in the order in which they came. */
static cg_guarded_t *big_last(cg_guarded_t *list)
{
	cg_guarded_t *small = NULL, *big = NULL, **small_end = &small, **big_end = &big;
	for (cg_guarded_t *zone = list; zone != NULL; zone = zone->queued) {
		cg_guarded_t ***end = (zone->records >= CG_BIG_RECORDS) ? &big_end : &small_end;
		**end = zone;
		*end = &zone->queued;
	}
	*big_end = NULL;
	*small_end = big;
	return small;
}

/*! \brief Judges a zone that was wanted; a failure is tried again. */
static void serve_zone(cg_guard_t *guard, cg_guarded_t *zone, bool first)
{
	if (zone->refs == 0 || !cg_judge_needed(zone)) {
		return;
	}
	/* One try is enough to see that nobody answers. */
	if ((!first && guard->down_ms != 0) || cg_judge_running(guard, zone) != KNOT_EOK) {
		zone->retry = true;
		guard->again |= (zone->put_off_ms == 0 || guard->resume_ms == 0);
	}
}

/*! \brief Looks at what hooks have asked for: names ahead of all zones, small zones first. */
static void serve_wanted(cg_guard_t *guard)
{
	int64_t begin = cg_thread_us();
	cg_guarded_t *list = big_last(cg_judge_names(guard));
	const cg_guarded_t *first = list;
	while (list != NULL && !atomic_load(&guard->stop)) {
		cg_guarded_t *zone = list;
		list = zone->queued;
		/* From here on a hook may put the zone into the queue again. */
		atomic_store(&zone->wanted, false);
		if (zone != first && zone->records >= CG_BIG_RECORDS && cg_queue_waiting(guard)) {
			cg_queue_put(guard, zone); /* What has come since may be small. */
		} else {
			serve_zone(guard, zone, zone == first);
		}
	}
	guard->judging_us += cg_thread_us() - begin;
}

/*! \brief Reads that were broken off begin anew. */
static void resume(cg_guard_t *guard)
{
	int64_t now = cg_now_ms();
	if (guard->resume_ms == 0 || now < guard->resume_ms) {
		return;
	}
	guard->resume_ms = 0;
	for (cg_guarded_t *zone = cg_registry_first(guard); zone != NULL; zone = zone->next) {
		if (zone->put_off_ms == 0) {
			continue;
		} else if (now >= zone->not_before_ms) {
			cg_queue_put(guard, zone);
		} else {
			cg_resume_at(guard, zone->not_before_ms);
		}
	}
}

static void note_serial(const char *name, uint32_t serial, bool empty, void *ctx)
{
	cg_guard_t *guard = ctx;
	knot_dname_storage_t dname;
	if (knot_dname_from_str(dname, name, sizeof(dname)) == NULL) {
		return;
	}

	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = cg_registry_find(guard, dname);
	pthread_mutex_unlock(&guard->lock);
	if (zone == NULL) {
		return;
	}
	zone->listed = true;
	zone->loaded = !empty;
	guard->loaded += !empty;
	zone->serial = serial;
	if (!empty && atomic_load(&zone->fresh)) {
		atomic_store(&zone->fresh, false);
	}
	if (zone->judged && (empty || (int32_t)(serial - zone->judged_serial) < 0)) {
		/* Emptied, or gone back: serials that were judged may come again. */
		cg_verdicts_reset(&zone->verdicts, zone->verdicts.generation);
		zone->judged = false;
	}
}

/*! \brief Nobody has been at the control socket so far: Knot 3.2 makes it when it has loaded all zones. */
static bool is_starting(const cg_guard_t *guard)
{
	return guard->loaded == 0 && guard->down_ms != 0 &&
	       cg_now_ms() - guard->down_ms < LOADING_MAX_MS;
}

/*!
 * \brief Whether the server is loading zones: a moment ago some were attached, or have got contents.
 *
 * \param more  More zones have contents than at the last look.
 */
static void note_progress(cg_guard_t *guard, bool more)
{
	pthread_mutex_lock(&guard->lock);
	int64_t moment = LOADING_MS + guard->attached / LOADING_ZONES;
	pthread_mutex_unlock(&guard->lock);

	int64_t now = cg_now_ms();
	if (more) {
		guard->progress_ms = now;
	}
	if (guard->progress_ms == 0 || now - guard->progress_ms >= moment) {
		guard->loading_ms = 0;
	} else if (guard->loading_ms == 0) {
		guard->loading_ms = now;
	}
	guard->loading = is_starting(guard) || (guard->loading_ms != 0 &&
	                                        now - guard->loading_ms < LOADING_MAX_MS);
}

/*!
 * \brief Learns the serials of all zones.
 *
 * \param[out] cost_us  Microseconds that it took the server, by the clock: nothing tells those of
 *                      its thread alone. Ours are in them.
 */
static int look_around(cg_guard_t *guard, int64_t *cost_us)
{
	cg_guarded_t *zone = cg_registry_first(guard);
	if (zone == NULL) {
		return KNOT_EOK;
	}

	for (cg_guarded_t *each = cg_registry_all(guard); each != NULL; each = each->next) {
		each->listed = false;
	}
	guard->listed_ms = cg_now_ms();
	size_t loaded = guard->loaded;
	cg_policy_t *policy = cg_zone_policy(zone);
	int ret = cg_worker_converse(guard, zone, policy);
	if (ret == KNOT_EOK) {
		struct timespec begin;
		clock_gettime(CLOCK_MONOTONIC, &begin);
		int64_t own_us = cg_thread_us();
		guard->loaded = 0;
		ret = cg_server_serials(guard->control, note_serial, guard);
		*cost_us = cg_elapsed_ms(&begin) * 1000 - (cg_thread_us() - own_us);
	}
	note_progress(guard, guard->loaded > loaded);
	cg_policy_unref(policy);
	return ret;
}

static bool needs_verdict(cg_guarded_t *zone)
{
	return zone->loaded && (zone->not_before_ms == 0 || cg_now_ms() >= zone->not_before_ms) &&
	       (zone->retry || atomic_load(&zone->changed) || !zone->judged ||
	                        zone->judged_serial != zone->serial ||
	                        (zone->repair_due_ms != 0 && cg_now_ms() >= zone->repair_due_ms));
}

/*! \brief Rules about targets that were put off, because the zone changes all the time. */
static bool needs_targets(cg_guarded_t *zone)
{
	if (!zone->loaded || !zone->targets_due) {
		return false;
	}
	cg_policy_t *policy = cg_zone_policy(zone);
	int64_t due_ms = zone->targets_ms + (int64_t)policy->sweep_interval * 1000;
	cg_policy_unref(policy);
	return cg_now_ms() >= due_ms;
}

/*! \brief What goes before a sweep; true: so much comes in that it has to wait. */
static bool give_way(cg_guard_t *guard)
{
	if (may_serve(guard)) {
		serve_wanted(guard);
	}
	cg_pending_look(guard);
	return atomic_load(&guard->stop) || cg_pending_busy(guard) != 0;
}

/*! \brief Judges a round of zones, which is not counted as looking at them; true: see cg_round_judge(). */
static bool judge_round(cg_guard_t *guard, cg_round_t *round)
{
	int64_t begin = cg_thread_us();
	bool left = round->count > 0 && cg_round_judge(guard, round);
	guard->judging_us += cg_thread_us() - begin;
	return left;
}

/*!
 * \brief Most zones are small, and all of them are new at a start.
 *
 * \return true: some were left, since others have turned out to be big.
 */
static bool judge_small(cg_guard_t *guard)
{
	bool left = false;
	cg_round_t round = { .count = 0 };
	for (cg_guarded_t *zone = cg_registry_all(guard); zone != NULL && guard->down_ms == 0;
	     zone = zone->next) {
		if (zone->refs > 0 && needs_verdict(zone)) {
			(void)cg_round_add(&round, zone);
		}
		if (cg_round_full(&round)) {
			left |= judge_round(guard, &round);
			if (give_way(guard)) {
				return false;
			}
		}
	}
	return judge_round(guard, &round) || left;
}

static void judge_one(cg_guard_t *guard, cg_guarded_t *zone)
{
	int64_t begin = cg_thread_us();
	zone->retry = (cg_judge_running(guard, zone) != KNOT_EOK);
	guard->judging_us += cg_thread_us() - begin;
}

/*! \brief Looks at one of all zones, with the server or without. */
static void sweep_zone(cg_guard_t *guard, cg_guarded_t *zone)
{
	cg_zone_file_look_t file = { .done = false };
	if (guard->down_ms == 0 &&
	    (needs_verdict(zone) || needs_targets(zone) || cg_judge_reloaded(guard, zone, &file))) {
		judge_one(guard, zone);
	}
	if (zone->loaded || !guard->loading) {
		cg_judge_file(guard, zone, &file);
	}
	cg_good_restore(guard, zone);
	if (guard->down_ms == 0 && cg_follow_sweep(guard, zone)) {
		judge_one(guard, zone);
	}
	guard->again |= zone->retry || !zone->loaded;
}

/*!
 * \brief Zones that are known to be big, or the others; false: so much comes in that they have to wait.
 *
 * \param silent  The server does not answer.
 */
static bool sweep_zones(cg_guard_t *guard, bool big, bool silent)
{
	for (cg_guarded_t *zone = cg_registry_all(guard); zone != NULL; zone = zone->next) {
		if (give_way(guard)) {
			return false;
		}
		if ((zone->records >= CG_BIG_RECORDS) != big) {
			continue;
		}
		if (!silent) {
			cg_good_forget(zone);
		}
		if (zone->refs > 0) {
			sweep_zone(guard, zone);
		}
	}
	return true;
}

/*!
 * \brief While zones are loading: whether the server answers queries.
 *
 * From Knot 3.4 on it serves the control socket before. Until it answers nobody needs a verdict,
 * none could be bound to what a hook sees, and all that it has to do is to load.
 */
static bool answers_queries(cg_guard_t *guard)
{
	cg_guarded_t *zone = cg_registry_first(guard);
	if (zone == NULL) {
		return false;
	}
	cg_look_t look = { .zone = zone };
	cg_policy_t *policy = cg_zone_policy(zone);
	bool answered = policy->listen.ss_family == AF_UNSPEC || /* Nowhere to ask. */
	                cg_look_all(guard, policy, &look, 1);
	cg_policy_unref(policy);
	return answered;
}

/*! \brief Whatever is attached from now on is for the next one. */
static void begin_sweep(cg_guard_t *guard)
{
	guard->begun_ms = cg_now_ms();
	pthread_mutex_lock(&guard->lock);
	guard->fresh = false;
	pthread_mutex_unlock(&guard->lock);
}

/*! \brief Looks at all zones: what changed is judged, what failed is tried again. */
static void sweep(cg_guard_t *guard)
{
	int64_t begin = cg_thread_us(), cost_us = 0;
	int64_t judging_us = guard->judging_us;
	begin_sweep(guard);
	bool waits = guard->loading && !answers_queries(guard);
	if (waits && guard->begun_ms - guard->listed_ms < LISTING_MS) {
		guard->again = true;
		return;
	}
	bool silent = (look_around(guard, &cost_us) != KNOT_EOK);

	guard->again = silent;
	waits |= !silent && guard->loading && !answers_queries(guard);
	if (waits && !silent) { /* All there was to learn is how far it has come. */
		guard->again = true;
		cg_worker_hang_up(guard);
		return;
	}
	if (silent && cg_now_ms() - guard->swept_ms < SILENT_SWEEP_MS) {
		return; /* All that is left to do is to look at files. */
	}
	guard->swept_ms = cg_now_ms();
	for (unsigned i = 0; i < ROUNDS && !silent && judge_small(guard); i++) {
	}
	if (!sweep_zones(guard, false, silent) || !sweep_zones(guard, true, silent)) {
		guard->again = true;
		cg_worker_hang_up(guard);
		return;
	}
	cg_worker_hang_up(guard);
	guard->again |= guard->loading;
	if (!silent) { /* What was removed has been forgotten on the disk too. */
		cg_registry_clean(guard);
		guard->sweep_us = cost_us + (cg_thread_us() - begin) - (guard->judging_us - judging_us);
	}
}

/*! \brief Zones that are attached are looked at soon; thousands of them together. */
static void note_fresh(cg_guard_t *guard, int64_t *next_sweep, int64_t *pause)
{
	pthread_mutex_lock(&guard->lock);
	bool fresh = guard->fresh;
	pthread_mutex_unlock(&guard->lock);
	if (fresh) {
		guard->progress_ms = cg_now_ms();
		*next_sweep = guard->begun_ms + PAUSE_MIN_MS;
		*pause = PAUSE_MIN_MS;
	}
}

static int64_t sweep_interval_ms(cg_guard_t *guard)
{
	pthread_mutex_lock(&guard->lock);
	int64_t interval_ms = (int64_t)guard->interval_s * 1000;
	pthread_mutex_unlock(&guard->lock);
	return (interval_ms > 0) ? interval_ms : 1000;
}

static void sleep_until(cg_guard_t *guard, int64_t when_ms)
{
	int64_t rest = when_ms - cg_now_ms();
	if (rest <= 0) {
		return;
	}
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += rest / 1000;
	ts.tv_nsec += (rest % 1000) * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	while (sem_clockwait(&guard->wake, CLOCK_MONOTONIC, &ts) != 0 && errno == EINTR) {
	}
	while (sem_trywait(&guard->wake) == 0) {
		/* Several calls are one call. */
	}
}

/*! \brief When to sweep next: soon while something is left over, ever later while it stays. */
static int64_t plan_sweep(cg_guard_t *guard, int64_t *pause)
{
	int64_t interval = cg_pace_ms(sweep_interval_ms(guard), guard->sweep_us);
	int64_t wait = interval;

	if (guard->down_ms != 0) {
		wait = guard->not_before_ms - cg_now_ms();
	} else if (!guard->again) {
		*pause = PAUSE_MIN_MS;
	} else if (guard->loading) {
		int64_t least = guard->sweep_us * LOADING_FACTOR / 1000;
		*pause = PAUSE_MIN_MS;
		wait = (least > *pause) ? least : *pause;
	} else if (*pause < interval) {
		wait = *pause;
		*pause *= 2;
	}
	guard->again = false;
	return cg_now_ms() + wait;
}

/*! \brief When there is something to do, if nothing is wanted before. */
static int64_t wake_ms(cg_guard_t *guard, int64_t next_sweep)
{
	int64_t wake = cg_updates_due(guard);
	int64_t pending = cg_pending_due(guard), line = cg_line_due(guard);
	int64_t busy = cg_pending_busy(guard);
	wake = (pending < wake) ? pending : wake;
	wake = (line < wake) ? line : wake;
	wake = (busy != 0 && busy < wake) ? busy : wake;
	wake = (guard->resume_ms != 0 && guard->resume_ms < wake) ? guard->resume_ms : wake;
	if (guard->good_due && guard->down_ms == 0 && guard->good_next_ms < wake) {
		wake = guard->good_next_ms;
	}
	return (wake < next_sweep) ? wake : next_sweep;
}

void *cg_worker_run(void *arg)
{
	cg_guard_t *guard = arg;
	int64_t next_sweep = 0;
	int64_t pause = PAUSE_MIN_MS;

	cg_rcu_enter_thread();
	while (!atomic_load(&guard->stop)) {
		resume(guard);
		if (may_serve(guard)) {
			serve_wanted(guard);
			cg_worker_hang_up(guard);
			if (guard->again && next_sweep > cg_now_ms() + pause) {
				next_sweep = plan_sweep(guard, &pause);
			}
		}
		note_fresh(guard, &next_sweep, &pause);
		if (cg_now_ms() >= cg_pending_due(guard)) {
			cg_pending_look(guard);
		}
		int64_t busy = cg_pending_busy(guard);
		if (busy == 0) {
			cg_worker_hang_up(guard);
		} else if (next_sweep < busy) {
			next_sweep = busy;
		}
		if (cg_now_ms() >= cg_line_due(guard)) {
			cg_line_renew(guard);
		}
		if (cg_now_ms() >= cg_updates_due(guard)) {
			cg_updates_look(guard);
			cg_worker_hang_up(guard);
		}
		if (cg_now_ms() >= next_sweep) {
			sweep(guard);
			next_sweep = plan_sweep(guard, &pause);
		}
		if (!cg_queue_waiting(guard)) {
			if (busy == 0 && !guard->loading) {
				cg_good_remember(guard, next_sweep);
			}
			sleep_until(guard, wake_ms(guard, next_sweep));
		} else if (!may_serve(guard)) {
			sleep_until(guard, guard->not_before_ms);
		}
	}
	cg_pending_end(guard);
	cg_worker_hang_up(guard);
	cg_rcu_leave_thread();
	return NULL;
}
