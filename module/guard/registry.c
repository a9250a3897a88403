/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <sched.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard/follow.h"
#include "guard/passed.h"
#include "guard/pending.h"
#include "guard/updates.h"

/*! \brief Longest line that Knot writes, with its end, and with what it puts in front: zone, module and its id. */
#define KNOT_LOG_MAX	512
#define KNOT_LOG_FRONT	"[] module 'mod-cnameguard/', "
#define KNOT_LOG_ID	32
#define KNOT_LOG_LEAST	128
#define LOG_CUT		" ... (cut; whole in the audit-log)"

static cg_guard_t the_guard = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.inbox = { .busy = ATOMIC_FLAG_INIT },
};

static int compare_zones(const void *a, const void *b)
{
	return cg_names_compare(((const cg_guarded_t *)a)->name, ((const cg_guarded_t *)b)->name);
}

cg_guarded_t *cg_registry_find(cg_guard_t *guard, const knot_dname_t *name)
{
	cg_guarded_t key = { .name = (knot_dname_t *)name };
	cg_guarded_t **found = tfind(&key, &guard->tree, compare_zones);
	return (found != NULL) ? *found : NULL;
}

static void free_zone(cg_guard_t *guard, cg_guarded_t *zone)
{
	if (zone == NULL) {
		return;
	}
	cg_verdicts_free(&zone->verdicts);
	cg_follow_free(zone);
	cg_passed_forget(guard, zone);
	cg_asked_forget(&guard->asked, zone);
	free(zone->drops_said);
	cg_zone_unsay(&zone->said_file);
	cg_zone_unsay(&zone->said_pending);
	cg_policy_unref(zone->policy);
	free(zone);
}

static cg_guarded_t *new_zone(cg_guard_t *guard, const knot_dname_t *name)
{
	knot_dname_txt_storage_t text;
	size_t size = knot_dname_size(name);
	if (knot_dname_to_str(text, name, sizeof(text)) == NULL) {
		return NULL;
	}
	size_t len = strlen(text);
	cg_guarded_t *zone = calloc(1, sizeof(*zone) + size + len + 1);
	if (zone == NULL) {
		return NULL;
	}
	atomic_flag_clear(&zone->slot.busy);
	atomic_init(&zone->probe, CG_NO_PROBE);
	zone->name = memcpy(zone + 1, name, size);
	zone->text = memcpy((char *)(zone + 1) + size, text, len + 1);
	if (tsearch(zone, &guard->tree, compare_zones) == NULL) {
		free_zone(guard, zone);
		return NULL;
	}
	zone->next = guard->list;
	guard->list = zone;
	return zone;
}

/*! \brief Takes a zone that nobody has attached out of list and tree, and frees it. */
static void remove_zone(cg_guard_t *guard, cg_guarded_t **link)
{
	cg_guarded_t *zone = *link;
	*link = zone->next;
	tdelete(zone, &guard->tree, compare_zones);
	free_zone(guard, zone);
}

cg_guarded_t *cg_registry_all(cg_guard_t *guard)
{
	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = guard->list;
	pthread_mutex_unlock(&guard->lock);
	return zone;
}

cg_guarded_t *cg_registry_first(cg_guard_t *guard)
{
	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = guard->list;
	while (zone != NULL && zone->refs == 0) {
		zone = zone->next;
	}
	pthread_mutex_unlock(&guard->lock);
	return zone;
}

/*! \brief Sweeps follow each other as the zone wants that wants it the most often; under the lock. */
static void note_interval(cg_guard_t *guard, const cg_guarded_t *zone)
{
	unsigned interval_s = zone->policy->sweep_interval;
	if (zone->refs > 0 && (guard->interval_s == 0 || interval_s < guard->interval_s)) {
		guard->interval_s = interval_s;
	}
}

void cg_registry_clean(cg_guard_t *guard)
{
	pthread_mutex_lock(&guard->lock);
	guard->interval_s = 0;
	cg_guarded_t **link = &guard->list;
	while (*link != NULL) {
		const cg_guarded_t *zone = *link;
		if (zone->refs == 0 && !atomic_load(&zone->wanted) && !zone->pending.held &&
		    !zone->pending.unchecked) {
			remove_zone(guard, link);
		} else {
			note_interval(guard, zone);
			link = &(*link)->next;
		}
	}
	pthread_mutex_unlock(&guard->lock);
}

static void free_controls(cg_guard_t *guard)
{
	cg_control_free(guard->control);
	cg_control_free(guard->aside);
	guard->control = guard->aside = NULL;
}

static int start_worker(cg_guard_t *guard, const cg_pin_t *pin)
{
	if (guard->running) {
		return KNOT_EOK;
	}
	if (pin != NULL) {
		guard->pin = *pin;
	}
	if (guard->started_s == 0) {
		guard->started_s = cg_process_started();
	}
	atomic_store(&guard->stop, false);
	guard->control = cg_control_new(&guard->stop, &guard->pin);
	guard->aside = cg_control_new(&guard->stop, &guard->pin);
	if (guard->control == NULL || guard->aside == NULL) {
		free_controls(guard);
		return KNOT_ENOMEM;
	}
	if (sem_init(&guard->wake, 0, 0) != 0 ||
	    pthread_create(&guard->thread, NULL, cg_worker_run, guard) != 0) {
		free_controls(guard);
		return KNOT_ERROR;
	}
	guard->running = true;
	return KNOT_EOK;
}

/*! \brief Ends the worker. Not under the lock: the worker takes it. */
static void stop_worker(cg_guard_t *guard)
{
	atomic_store(&guard->stop, true);
	sem_post(&guard->wake);
	pthread_join(guard->thread, NULL);
	sem_destroy(&guard->wake);
	free_controls(guard);
	guard->running = false;
	cg_updates_forget(guard);
	guard->down_ms = guard->not_before_ms = guard->probe_not_before_ms = guard->probe_pause_ms = 0;
	guard->begun_ms = guard->listed_ms = guard->loading_ms = guard->progress_ms = 0;
	guard->interval_s = 0;
	guard->loading = false;
	guard->down_said = guard->again = guard->fresh = false;
	atomic_store(&guard->mute, false);
	atomic_store(&guard->pending.expected, false);
	atomic_store(&guard->queue, NULL);
	for (size_t i = 0; i < CG_POLICIES; i++) {
		cg_policy_unref(guard->policies[i]);
		guard->policies[i] = NULL;
	}

	/* A transaction of ours that a lost connection left open is not forgotten. */
	cg_guarded_t **link = &guard->list;
	while (*link != NULL) {
		if ((*link)->transaction != CG_OURS_NOT) {
			cg_verdicts_free(&(*link)->verdicts);
			(*link)->judged = false;
			link = &(*link)->next;
		} else {
			remove_zone(guard, link);
		}
	}
}

/*!
 * \brief One policy for all zones that have equal ones, of those that came last; under the lock.
 *
 * Takes the reference over, and gives one back. The policy may be one that other zones have got
 * already: then it stays as it is.
 */
static cg_policy_t *share_policy(cg_guard_t *guard, const cg_guarded_t *zone, cg_policy_t *policy)
{
	if (zone->policy != NULL && cg_policy_equal(zone->policy, policy)) {
		cg_policy_unref(policy);
		return cg_policy_ref(zone->policy);
	}
	if (policy->generation != 0) {
		return policy;
	}
	policy->generation = (zone->policy != NULL && cg_policy_same(zone->policy, policy)) ?
	                     zone->policy->generation : 0;
	for (size_t i = 0; i < CG_POLICIES; i++) {
		cg_policy_t *other = guard->policies[i];
		if (other == NULL || !cg_policy_same(other, policy)) {
			continue;
		}
		if (cg_policy_equal(other, policy)) {
			cg_policy_unref(policy);
			return cg_policy_ref(other);
		}
		policy->generation = other->generation;
	}
	if (policy->generation == 0) {
		policy->generation = ++guard->generations;
	}
	cg_policy_unref(guard->policies[guard->policies_next]);
	guard->policies[guard->policies_next] = cg_policy_ref(policy);
	guard->policies_next = (guard->policies_next + 1) % CG_POLICIES;
	return policy;
}

/*! \brief Sets the policy and the log of a zone; under the lock. */
static void set_policy(cg_guard_t *guard, cg_guarded_t *zone, cg_policy_t *policy,
                       cg_log_cb log, void *ctx)
{
	policy = share_policy(guard, zone, policy);
	if (zone->policy == NULL || zone->policy->generation != policy->generation) {
		atomic_store(&zone->changed, true);
	}
	cg_policy_unref(zone->policy);
	zone->policy = policy;
	zone->log = log;
	zone->log_ctx = ctx;
	if (policy->external) {
		cg_pending_expect(guard);
		atomic_store(&zone->pending.reloaded, zone->refs > 0);
		atomic_store(&guard->pending.reloaded, true);
		atomic_store(&zone->passed.stale, true);
	}
	if (zone->refs++ == 0) { /* Not at a reload: what was emptied before it was emptied by somebody. */
		atomic_store(&zone->fresh, true);
		atomic_store(&zone->returned, true);
		atomic_store(&zone->changed, true);
	}
	note_interval(guard, zone);
}

cg_guarded_t *cg_guard_attach(const knot_dname_t *name, cg_policy_t *policy,
                              cg_log_cb log, void *ctx, const cg_pin_t *pin)
{
	cg_guard_t *guard = &the_guard;

	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = cg_registry_find(guard, name);
	if (zone == NULL) {
		zone = new_zone(guard, name);
	}
	if (zone == NULL || start_worker(guard, pin) != KNOT_EOK) {
		pthread_mutex_unlock(&guard->lock);
		cg_policy_unref(policy);
		return NULL;
	}
	set_policy(guard, zone, policy, log, ctx);
	guard->attached++;
	bool first = !guard->fresh;
	guard->fresh = true;
	pthread_mutex_unlock(&guard->lock);

	if (first) { /* One call is enough, until the worker looks. */
		sem_post(&guard->wake);
	}
	return zone;
}

unsigned cg_guarded_generation(cg_guarded_t *zone)
{
	pthread_mutex_lock(&the_guard.lock);
	unsigned generation = zone->policy->generation;
	pthread_mutex_unlock(&the_guard.lock);
	return generation;
}

void cg_guard_detach(cg_guarded_t *zone, void *ctx)
{
	cg_guard_t *guard = &the_guard;

	pthread_mutex_lock(&guard->lock);
	if (zone->log_ctx == ctx) {
		zone->log = NULL;
		zone->log_ctx = NULL;
	}
	zone->refs--;
	bool last = (--guard->attached == 0);
	pthread_mutex_unlock(&guard->lock);

	if (last) {
		stop_worker(guard);
	}
}

cg_said_t *cg_zone_said(cg_said_t **said, cg_said_t *unsaid)
{
	if (*said == NULL) {
		*said = calloc(1, sizeof(**said));
	}
	*unsaid = (cg_said_t){ .said = false };
	return (*said != NULL) ? *said : unsaid;
}

void cg_zone_unsay(cg_said_t **said)
{
	free(*said);
	*said = NULL;
}

/*! \brief Writes a line; one that is longer than Knot takes ends visibly, at a blank. */
static void log_text(cg_guarded_t *zone, int priority, const char *format, va_list args)
{
	char text[KNOT_LOG_MAX];
	size_t front = strlen(zone->text) + sizeof(KNOT_LOG_FRONT) + KNOT_LOG_ID;
	size_t size = (front < KNOT_LOG_MAX - KNOT_LOG_LEAST) ? KNOT_LOG_MAX - front : KNOT_LOG_LEAST;
	int len = vsnprintf(text, size, format, args);
	if (len >= (int)size) {
		text[size - sizeof(LOG_CUT)] = '\0';
		char *blank = strrchr(text, ' ');
		strcpy(blank != NULL ? blank : text, LOG_CUT);
	}

	pthread_mutex_lock(&the_guard.lock);
	if (zone->log != NULL) {
		zone->log(zone->log_ctx, priority, text);
	}
	pthread_mutex_unlock(&the_guard.lock);
}

void cg_zone_log(cg_guarded_t *zone, int priority, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	log_text(zone, priority, format, args);
	va_end(args);
}

void cg_zone_log_once(cg_guarded_t *zone, unsigned bit, int priority, const char *format, ...)
{
	if (zone->warned & bit) {
		return;
	}
	zone->warned |= bit;

	va_list args;
	va_start(args, format);
	log_text(zone, priority, format, args);
	va_end(args);
}

cg_policy_t *cg_zone_policy(cg_guarded_t *zone)
{
	pthread_mutex_lock(&the_guard.lock);
	cg_policy_t *policy = cg_policy_ref(zone->policy);
	pthread_mutex_unlock(&the_guard.lock);
	return policy;
}

/*! \brief Worker: takes the slot; a hook holds it for moments only. */
static void take_slot(cg_slot_t *slot)
{
	while (atomic_flag_test_and_set_explicit(&slot->busy, memory_order_acquire)) {
		sched_yield();
	}
}

static void release_slot(cg_slot_t *slot)
{
	atomic_flag_clear_explicit(&slot->busy, memory_order_release);
}

bool cg_zone_seen(cg_guarded_t *zone, cg_version_t *version)
{
	take_slot(&zone->slot);
	bool seen = zone->slot.seen;
	*version = zone->slot.version;
	release_slot(&zone->slot);
	return seen;
}

bool cg_zone_wanted(cg_guarded_t *zone, cg_version_t *version)
{
	take_slot(&zone->slot);
	bool wanted = zone->slot.wanted;
	*version = zone->slot.wanted_version;
	release_slot(&zone->slot);
	return wanted;
}

void cg_zone_probe(cg_guarded_t *zone, uint16_t id)
{
	take_slot(&zone->slot);
	zone->slot.seen = false;
	release_slot(&zone->slot);
	atomic_store(&zone->probe, id);
}

/*! \brief Hook: takes the slot, or goes on without. */
static bool try_slot(cg_slot_t *slot)
{
	return !atomic_flag_test_and_set_explicit(&slot->busy, memory_order_acquire);
}

bool cg_guard_probing(const cg_guarded_t *zone, uint16_t id)
{
	return atomic_load_explicit(&zone->probe, memory_order_acquire) == id;
}

bool cg_guard_transferring(const cg_guarded_t *zone, uint16_t port, uint16_t id)
{
	return atomic_load_explicit(&zone->increments, memory_order_acquire) ==
	       cg_increments_key(port, id);
}

void cg_guard_saw(cg_guarded_t *zone, const cg_version_t *version)
{
	if (try_slot(&zone->slot)) {
		zone->slot.seen = true;
		zone->slot.version = *version;
		release_slot(&zone->slot);
	}
}

/*! \brief Leaves what is held for the worker. */
static void leave(cg_slot_t *slot, const cg_version_t *version)
{
	if (try_slot(slot)) {
		slot->wanted = true;
		slot->wanted_version = *version;
		release_slot(slot);
	}
}

void cg_guard_transfer_refused(cg_guarded_t *zone)
{
	atomic_store(&zone->transfer_held, true);
}

void cg_guard_want(cg_guarded_t *zone, const cg_version_t *version,
                   const knot_dname_t *name, bool transfer)
{
	cg_guard_t *guard = &the_guard;

	leave(&zone->slot, version);
	if (name != NULL) {
		cg_asked_put(&guard->asked, zone, version, name);
	}
	if (transfer) {
		atomic_store(&zone->transfer_held, true);
	}
	cg_queue_put(guard, zone);
}

bool cg_guard_may_wait(unsigned most)
{
	cg_guard_t *guard = &the_guard;

	if (atomic_load_explicit(&guard->mute, memory_order_relaxed)) {
		return false;
	}
	if (atomic_fetch_add(&guard->waiting, 1) >= most) {
		atomic_fetch_sub(&guard->waiting, 1);
		return false;
	}
	return true;
}

void cg_guard_waited(void)
{
	atomic_fetch_sub(&the_guard.waiting, 1);
}

void cg_guard_updated(cg_guarded_t *zone, const cg_updated_t *update)
{
	cg_guard_t *guard = &the_guard;
	bool wake = false;

	if (!cg_inbox_put(&guard->inbox, update, cg_now_ms(), &wake)) {
		cg_updates_lost(guard, zone);
	}
	if (wake) {
		sem_post(&guard->wake);
	}
}
