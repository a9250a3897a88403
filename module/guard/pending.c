/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "guard/pending.h"
#include "guard/pending_judge.h"
#include "guard/repair.h"
#include "guard/zone_file.h"

/*! \brief How often it is asked which zones are held, where nobody tells; and the part of the time that may take. */
#define ASK_MS		50
#define ASK_FACTOR	20
#define ASK_MAX_MS	250
#define ASK_MAX_FACTOR	4
#define HEARD_MS	5000
/*! \brief When it is looked at whether those that were let through are. */
#define CHECK_MS	250
/*! \brief How long one that was answered for may still seem to be held. */
#define GOING_MS	100
/*! \brief First and longest pause before what could not be answered for is asked for again. */
#define AGAIN_MIN_MS	250
#define AGAIN_MAX_MS	30000
/*! \brief So soon after one version the next is expected; and how long all else waits for that. */
#define BUSY_MS		20
#define BUSY_MAX_MS	1000
/*! \brief Versions of a zone that are answered for in a row, where nobody tells. */
#define ROUNDS		8

/* --- Zones that are held --- */

/*! \brief One that was answered for since \a since_ms does not count. */
static bool mark_held(cg_guard_t *guard, const knot_dname_t *name, int64_t since_ms)
{
	cg_pending_t *pending = &guard->pending;
	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = cg_registry_find(guard, name);
	bool held = (zone != NULL && zone->refs > 0 &&
	             atomic_load(&zone->pending.answered_ms) < since_ms);
	if (held && !zone->pending.held) {
		zone->pending.held = true;
		zone->pending.next = NULL;
		*(pending->first != NULL ? &pending->last->pending.next : &pending->first) = zone;
		pending->last = zone;
	}
	pthread_mutex_unlock(&guard->lock);
	return held;
}

/*! \brief Takes the one that has waited longest; NULL: none is known. */
static cg_guarded_t *take_held(cg_guard_t *guard)
{
	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = guard->pending.first;
	if (zone != NULL) {
		guard->pending.first = zone->pending.next;
		zone->pending.held = false;
	}
	pthread_mutex_unlock(&guard->lock);
	return zone;
}

/*! \brief The thread that listens: wakes the worker. */
static void take_told(const knot_dname_t *zone, void *ctx)
{
	cg_guard_t *guard = ctx;
	if (zone != NULL) {
		(void)mark_held(guard, zone, INT64_MAX);
		atomic_store(&guard->pending.deaf, false);
		atomic_store(&guard->pending.told, true);
	} else {
		atomic_store(&guard->pending.missed, true);
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
		guard->pending.found = true;
	}
}

/*! \brief Asks which zones are held; true: there are some. */
static bool ask(cg_guard_t *guard)
{
	cg_guarded_t *first = cg_registry_first(guard);
	if (first == NULL || (guard->down_ms != 0 && cg_now_ms() < guard->not_before_ms)) {
		return false;
	}
	cg_policy_t *policy = cg_zone_policy(first);
	guard->pending.found = false;
	int ret = cg_worker_converse(guard, first, policy);
	if (ret == KNOT_EOK) {
		ret = cg_server_held(guard->control, note_held, guard);
	}
	cg_policy_unref(policy);
	return ret == KNOT_EOK && guard->pending.found;
}

/* --- Answers --- */

/*! \brief One more comes in; the first after a pause begins a row. */
static void note_coming(cg_pending_t *pending)
{
	int64_t now = cg_now_ms();
	if (now - pending->last_ms >= BUSY_MS) {
		pending->since_ms = now;
	}
	pending->last_ms = now;
}

int64_t cg_pending_busy(const cg_guard_t *guard)
{
	const cg_pending_t *pending = &guard->pending;
	int64_t next = pending->last_ms + BUSY_MS, most = pending->since_ms + BUSY_MAX_MS;
	int64_t until = (next < most) ? next : most;
	return (cg_now_ms() < until) ? until : 0;
}

static void note_file(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_file_id_t file;
	(void)cg_zone_file_identify(zone, policy, &file);
	zone->pending.file_answered = cg_file_mark(&file);
}

/*! \brief Notes how it went; what could not be answered for is asked for again, ever more rarely. */
static void note_answered(cg_guard_t *guard, cg_guarded_t *zone, int ret)
{
	cg_pending_zone_t *held = &zone->pending;
	atomic_store(&held->answered_ms, cg_now_ms());
	held->unanswered = (ret != KNOT_EOK);
	if (!held->unanswered) {
		held->again_ms = held->again_pause_ms = 0;
		return;
	}
	guard->pending.unanswered = true;
	if (held->again_ms < guard->pending.due_ms) {
		guard->pending.due_ms = held->again_ms;
	}
}

/*! \brief Answers for all zones that are known to be held. */
static void answer(cg_guard_t *guard)
{
	cg_guarded_t *zone;
	atomic_store(&guard->pending.told, false);
	while (!atomic_load(&guard->stop) && (zone = take_held(guard)) != NULL) {
		cg_policy_t *policy = cg_zone_policy(zone);
		note_coming(&guard->pending);
		if (policy->external && zone->refs > 0) {
			int ret = cg_pending_judge(guard, zone, policy);
			note_file(zone, policy);
			note_answered(guard, zone, ret);
		}
		cg_policy_unref(policy);
	}
}

/* --- Whether the server has heard --- */

void cg_pending_check(cg_guard_t *guard, cg_guarded_t *zone)
{
	cg_pending_t *pending = &guard->pending;
	if (zone->pending.unchecked) {
		return;
	}
	if (pending->unchecked == 0) {
		pending->check_ms = cg_now_ms() + CHECK_MS;
	}
	if (pending->unchecked < CG_PENDING_CHECKS) {
		zone->pending.unchecked = true;
		pending->checks[pending->unchecked] = zone;
	}
	pending->unchecked++;
}

static int check_zone(cg_guard_t *guard, cg_guarded_t *zone)
{
	bool held = false;
	cg_policy_t *policy = cg_zone_policy(zone);
	int ret = cg_worker_converse(guard, zone, policy);
	if (ret == KNOT_EOK) {
		ret = cg_server_held_zone(guard->control, zone->text, &held);
	}
	if (ret == KNOT_EOK && held && !mark_held(guard, zone->name, cg_now_ms() - GOING_MS)) {
		cg_pending_check(guard, zone); /* Too soon after its answer to tell. */
	}
	cg_policy_unref(policy);
	return ret;
}

/*! \brief Looks whether those that were let through are; of many, all zones are asked for at once. */
static void check(cg_guard_t *guard)
{
	cg_pending_t *pending = &guard->pending;
	bool many = (pending->unchecked > CG_PENDING_CHECKS);
	size_t count = many ? CG_PENDING_CHECKS : pending->unchecked;
	pending->unchecked = 0; /* What is put back meanwhile takes no place that was not looked at. */
	for (size_t i = 0; i < count; i++) {
		cg_guarded_t *zone = pending->checks[i];
		zone->pending.unchecked = false;
		if (!many && zone->refs > 0 && guard->down_ms == 0 && check_zone(guard, zone) != KNOT_EOK) {
			atomic_store(&pending->missed, true);
		}
	}
	if (many) {
		(void)ask(guard);
	}
	answer(guard);
}

/*! \brief Whether a version may have been given up without an answer. */
static bool may_be_lost(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_file_id_t now;
	bool reloaded = atomic_exchange(&zone->pending.reloaded, false);
	if (zone->pending.unanswered || (reloaded && policy->secondary)) {
		return true;
	}
	(void)cg_zone_file_identify(zone, policy, &now);
	return reloaded && now.exists && zone->pending.file_answered != 0 &&
	       zone->pending.file_answered != cg_file_mark(&now);
}

/*! \brief Asks for the version again, unless it is held still. */
static int ask_for(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	bool held = false;
	int ret = cg_worker_converse(guard, zone, policy);
	if (ret == KNOT_EOK) { /* A transaction of ours would keep it waiting. */
		ret = cg_repair_clean_up(guard, zone);
	}
	if (ret == KNOT_EOK) {
		ret = cg_server_held_zone(guard->control, zone->text, &held);
	}
	if (ret != KNOT_EOK || held) {
		return (ret != KNOT_EOK) ? ret : KNOT_EBUSY;
	}
	uint32_t serial;
	bool empty;
	if (zone->pending.put &&
	    cg_server_serial(guard->control, zone->text, &serial, &empty) == KNOT_EOK && !empty &&
	    serial == zone->pending.put_serial) {
		return KNOT_EOK; /* The repaired version is there; Knot would load the file over it unasked. */
	}
	return cg_server_simple(guard->control, policy->secondary ? "zone-refresh" : "zone-reload",
	                        zone->text);
}

/*!
 * \brief What was held and is no more, though nobody answered, is asked for again.
 *
 * Knot aborts it after its time-out, or when it was told to reload meanwhile, and
 * does not try again by itself.
 *
 * \return When to do so once more.
 */
static int64_t ask_again(cg_guard_t *guard)
{
	int64_t next = INT64_MAX;
	guard->pending.unanswered = false;
	atomic_store(&guard->pending.reloaded, false);
	for (cg_guarded_t *zone = cg_registry_first(guard); zone != NULL; zone = zone->next) {
		cg_pending_zone_t *held = &zone->pending;
		bool due = (held->unanswered && cg_now_ms() >= held->again_ms);
		if (zone->refs > 0 && (due || atomic_load(&held->reloaded))) {
			cg_policy_t *policy = cg_zone_policy(zone);
			if (may_be_lost(zone, policy) && ask_for(guard, zone, policy) == KNOT_EOK) {
				held->unanswered = false;
				held->again_pause_ms = cg_longer_pause(held->again_pause_ms, AGAIN_MIN_MS,
				                                       AGAIN_MAX_MS);
				held->again_ms = cg_now_ms() + held->again_pause_ms;
			}
			cg_policy_unref(policy);
		}
		if (zone->refs > 0 && held->unanswered) {
			guard->pending.unanswered = true;
			next = (held->again_ms < next) ? held->again_ms : next;
		}
	}
	return next;
}

/* --- When --- */

/*! \brief Where signals are heard it is asked once in a while only, for what could be lost. */
static int64_t next_ask(const cg_guard_t *guard, int64_t took)
{
	bool hears = cg_bus_hears(guard->pending.bus) && !atomic_load(&guard->pending.deaf);
	int64_t least = hears ? HEARD_MS : ASK_MS;
	int64_t most = hears ? INT64_MAX :
	               (took * ASK_MAX_FACTOR > ASK_MAX_MS) ? took * ASK_MAX_FACTOR : ASK_MAX_MS;
	int64_t pause = took * ASK_FACTOR;
	return cg_now_ms() + ((pause < least) ? least : (pause > most) ? most : pause);
}

/*! \brief Asks, and answers, until nothing is held. */
static void ask_and_answer(cg_guard_t *guard)
{
	int64_t begin = cg_now_ms();
	for (int i = 0; i < ROUNDS && ask(guard); i++) {
		/* Nobody has told of it: not relied on before the next signal. */
		atomic_store(&guard->pending.deaf, true);
		answer(guard);
		begin = cg_now_ms();
		if (cg_bus_hears(guard->pending.bus)) {
			break;
		}
	}
	int64_t again = INT64_MAX;
	if ((guard->pending.unanswered || atomic_load(&guard->pending.reloaded)) &&
	    guard->down_ms == 0) {
		again = ask_again(guard);
	}
	int64_t next = next_ask(guard, cg_now_ms() - begin);
	again = (again < begin + ASK_MS) ? begin + ASK_MS : again;
	guard->pending.due_ms = (again < next) ? again : next;
}

void cg_pending_expect(cg_guard_t *guard)
{
	atomic_store(&guard->pending.expected, true);
}

int64_t cg_pending_due(const cg_guard_t *guard)
{
	const cg_pending_t *pending = &guard->pending;
	if (!atomic_load(&pending->expected) || guard->down_ms != 0) {
		return INT64_MAX;
	} else if (atomic_load(&pending->told) || atomic_load(&pending->missed)) {
		return pending->first_ms;
	}
	return (pending->unchecked > 0 && pending->check_ms < pending->due_ms) ?
	       pending->check_ms : pending->due_ms;
}

void cg_pending_look(cg_guard_t *guard)
{
	cg_pending_t *pending = &guard->pending;
	if (cg_now_ms() < cg_pending_due(guard)) {
		return;
	}
	if (pending->bus == NULL) {
		pending->bus = cg_bus_start(take_told, guard);
	}
	if (atomic_load(&pending->told)) {
		answer(guard);
	}
	int64_t busy = cg_pending_busy(guard);
	if (pending->unchecked > 0 && cg_now_ms() >= pending->check_ms) {
		pending->check_ms = busy;
		if (busy == 0) {
			check(guard);
		}
	}
	if (atomic_exchange(&pending->missed, false) || cg_now_ms() >= pending->due_ms) {
		ask_and_answer(guard);
	}
	pending->first_ms = atomic_load(&pending->missed) ? cg_now_ms() + ASK_MS : 0;
}

void cg_pending_end(cg_guard_t *guard)
{
	cg_pending_t *pending = &guard->pending;
	cg_bus_stop(pending->bus);
	while (take_held(guard) != NULL) {
	}
	for (size_t i = 0; i < pending->unchecked && i < CG_PENDING_CHECKS; i++) {
		pending->checks[i]->pending.unchecked = false;
	}
	pending->bus = NULL;
	pending->unchecked = 0;
	pending->due_ms = pending->first_ms = 0;
}
