/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "guard/report_dropped.h"
#include "guard/last_good.h"
#include "guard/updates.h"

/*! \brief Messages that wait, octets; parsed they take some times as much memory. */
#define OCTETS_MAX	((size_t)512 * 1024)
/*! \brief Updates looked at before something else has its turn. */
#define LOOKS_MAX	256
/*! \brief How long an update that Knot has not dealt with is left alone: at first, and at most. */
#define PAUSE_MIN_MS	500
#define PAUSE_MAX_MS	5000
/*! \brief Times that it is; the pauses together are about a minute. */
#define TRIES_MAX	15
/*! \brief How often a zone says that updates were lost. */
#define LOST_PAUSE_MS	60000

/*! \brief The updates of one zone that wait, oldest first; valid while none is added. */
typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *zone;
	cg_policy_t *policy;
	cg_update_t **list;
	size_t count;
	uint32_t serial;
} batch_t;

void cg_updates_lost(cg_guard_t *guard, cg_guarded_t *zone)
{
	atomic_fetch_add(&zone->updates_lost, 1);
	atomic_store(&guard->updates_lost, true);
}

/* --- The list --- */

static void append(cg_updates_t *updates, cg_update_t *update)
{
	if (updates->last == NULL) {
		updates->last = &updates->first;
	}
	*updates->last = update;
	updates->last = &update->next;
	updates->octets += update->pkt->size;
}

static void drop(cg_updates_t *updates, cg_update_t *update)
{
	cg_update_t **link = &updates->first;
	while (*link != update) {
		link = &(*link)->next;
	}
	*link = update->next;
	if (update->next == NULL) {
		updates->last = link;
	}
	updates->octets -= update->pkt->size;
	cg_update_free(update);
}

void cg_updates_forget(cg_guard_t *guard)
{
	while (guard->updates.first != NULL) {
		drop(&guard->updates, guard->updates.first);
	}
	size_t size;
	(void)cg_inbox_take(&guard->inbox, &size);
	atomic_store(&guard->updates_lost, false);
	guard->updates.lost_ms = 0;
}

/*! \brief The zone, as long as it is configured. */
static cg_guarded_t *zone_of(cg_guard_t *guard, const cg_update_t *update)
{
	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = cg_registry_find(guard, cg_update_zone(update));
	pthread_mutex_unlock(&guard->lock);
	return (zone != NULL && zone->refs > 0) ? zone : NULL;
}

/*! \brief Moves what hooks have left into the list. */
static void collect(cg_guard_t *guard)
{
	if (atomic_load(&guard->inbox.due_ms) == 0) {
		return;
	}
	size_t size;
	const uint8_t *pos = cg_inbox_take(&guard->inbox, &size);
	const uint8_t *end = pos + size;
	cg_inbox_item_t item;
	while (cg_inbox_next(&pos, end, &item)) {
		cg_update_t *update;
		if (cg_update_new(&item.update, &update) != KNOT_EOK) {
			continue; /* Knot answers it with an error, or has no memory either. */
		}
		cg_guarded_t *zone = zone_of(guard, update);
		if (zone == NULL || guard->updates.octets + update->pkt->size > OCTETS_MAX) {
			if (zone != NULL) {
				cg_updates_lost(guard, zone);
			}
			cg_update_free(update);
			continue;
		}
		update->due_ms = item.came_ms + CG_UPDATE_WAIT_MS;
		append(&guard->updates, update);
	}
}

int64_t cg_updates_due(cg_guard_t *guard)
{
	int64_t due = atomic_load(&guard->inbox.due_ms);
	if (due == 0) {
		due = INT64_MAX;
	}
	if (atomic_load(&guard->updates_lost) && guard->updates.lost_ms < due) {
		due = guard->updates.lost_ms;
	}
	for (const cg_update_t *update = guard->updates.first; update != NULL; update = update->next) {
		due = (update->due_ms < due) ? update->due_ms : due;
	}
	return due;
}

/* --- One zone --- */

/*! \brief Leaves all of them alone for a while: a later one must not overtake. */
static void put_off(batch_t *batch, int64_t pause)
{
	int64_t due = cg_now_ms() + pause;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->list[i]->due_ms < due) {
			batch->list[i]->due_ms = due;
		}
	}
}

/*! \brief Knot has not dealt with them so far; what it does not deal with for long is given up. */
static void wait_for_knot(batch_t *batch)
{
	int64_t pause = (int64_t)PAUSE_MIN_MS << (batch->list[0]->tries < 4 ? batch->list[0]->tries : 4);
	int64_t now = cg_now_ms();
	size_t kept = 0;
	for (size_t i = 0; i < batch->count; i++) {
		cg_update_t *update = batch->list[i];
		if (update->due_ms <= now && ++update->tries > TRIES_MAX) {
			cg_updates_lost(batch->guard, batch->zone);
			drop(&batch->guard->updates, update);
		} else {
			batch->list[kept++] = update;
		}
	}
	batch->count = kept;
	put_off(batch, pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
}

/*! \brief Reads names of the zone into memory. */
typedef struct {
	batch_t *batch;
	cg_zone_t *now;
} reading_t;

static int read_name(const knot_dname_t *name, void *ctx)
{
	reading_t *reading = ctx;
	batch_t *batch = reading->batch;
	knot_dname_txt_storage_t text;
	if (knot_dname_to_str(text, name, sizeof(text)) == NULL) {
		return KNOT_EINVAL;
	}
	if (atomic_load(&batch->guard->stop)) {
		return KNOT_EOF;
	}
	int ret = cg_worker_converse(batch->guard, batch->zone, batch->policy);
	if (ret == KNOT_EOK) {
		ret = cg_server_read(batch->guard->control, CG_READ_CURRENT, batch->zone->text, text,
		                     cg_zone_add_name, reading->now);
	}
	return (ret == KNOT_EDENIED) ? KNOT_EOK : ret; /* No such name. */
}

static int look_at(batch_t *batch, size_t which)
{
	reading_t reading = { batch, cg_zone_new(batch->zone->name) };
	if (reading.now == NULL) {
		return KNOT_ENOMEM;
	}
	cg_drop_window_t window = {
		.list = batch->list,
		.count = batch->count,
		.which = which,
		.is_signed = batch->policy->signs,
	};
	cg_drops_t drops = { 0 };
	int ret = cg_dropped_names(batch->list[which], read_name, &reading);
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(reading.now);
	}
	if (ret == KNOT_EOK) {
		ret = cg_dropped_find(&window, reading.now, &drops);
	}
	if (ret == KNOT_EOK && drops.count > 0) {
		cg_report_dropped(batch->zone, batch->policy, batch->serial, batch->list[which],
		                  &drops, reading.now);
	}
	free(drops.list);
	cg_zone_free(reading.now);
	return ret;
}

/*! \brief Whether the server has dealt with the zone's updates. */
static int ask_status(batch_t *batch, bool *waiting)
{
	bool empty = false;
	int ret = cg_worker_converse(batch->guard, batch->zone, batch->policy);
	if (ret == KNOT_EOK) {
		ret = cg_server_updates(batch->guard->control, batch->zone->text, &batch->serial,
		                        &empty, waiting);
	}
	return (ret == KNOT_EOK && empty) ? KNOT_EDENIED : ret;
}

static bool interrupted(cg_guard_t *guard)
{
	return atomic_load(&guard->stop) ||
	       (cg_queue_waiting(guard) && cg_now_ms() >= guard->not_before_ms);
}

/*! \brief Looks at what is due; \a looks is what may still be looked at. */
static void look_at_batch(batch_t *batch, unsigned *looks)
{
	cg_guard_t *guard = batch->guard;
	int64_t now = cg_now_ms();
	bool waiting = false;
	int ret = ask_status(batch, &waiting);
	if (ret == KNOT_EOK && waiting) {
		wait_for_knot(batch);
		return;
	}
	size_t done = 0;
	while (ret == KNOT_EOK && done < batch->count && batch->list[done]->due_ms <= now &&
	       *looks > 0 && (done == 0 || !interrupted(guard))) {
		ret = look_at(batch, done);
		done += (ret == KNOT_EOK);
		--*looks;
	}
	for (size_t i = 0; i < done; i++) {
		drop(&guard->updates, batch->list[i]);
	}
	batch->list += done;
	batch->count -= done;
	if (ret == KNOT_EOK) {
		cg_good_updated(guard, batch->zone, batch->policy, batch->serial);
	}
	if (ret == KNOT_EDENIED || ret == KNOT_ENOMEM) { /* Gone, or too much. */
		for (size_t i = 0; i < batch->count; i++) {
			cg_updates_lost(guard, batch->zone);
			drop(&guard->updates, batch->list[i]);
		}
	} else if (ret != KNOT_EOK && guard->down_ms != 0) {
		put_off(batch, PAUSE_MAX_MS);
	} else if (ret != KNOT_EOK) {
		wait_for_knot(batch);
	}
}

/*! \brief Looks at those of one zone. */
static void look_at_zone(cg_guard_t *guard, cg_guarded_t *zone, unsigned *looks)
{
	size_t count = 0;
	for (cg_update_t *update = guard->updates.first; update != NULL; update = update->next) {
		count += knot_dname_is_equal(cg_update_zone(update), zone->name);
	}
	cg_update_t **list = calloc(count, sizeof(*list));
	if (list == NULL) {
		cg_updates_forget(guard);
		cg_updates_lost(guard, zone);
		return;
	}
	batch_t batch = {
		.guard = guard,
		.zone = zone,
		.policy = cg_zone_policy(zone),
		.list = list,
	};
	for (cg_update_t *update = guard->updates.first; update != NULL; update = update->next) {
		if (knot_dname_is_equal(cg_update_zone(update), zone->name)) {
			list[batch.count++] = update;
		}
	}
	look_at_batch(&batch, looks);
	cg_policy_unref(batch.policy);
	free(list);
}

/* --- All zones --- */

static cg_update_t *first_due(cg_guard_t *guard)
{
	int64_t now = cg_now_ms();
	cg_update_t *update = guard->updates.first;
	while (update != NULL && update->due_ms > now) {
		update = update->next;
	}
	return update;
}

/*! \brief Says how many were lost, a zone once a minute. */
static void say_lost(cg_guard_t *guard)
{
	if (!atomic_exchange(&guard->updates_lost, false)) {
		return;
	}
	int64_t now = cg_now_ms();
	guard->updates.lost_ms = now + LOST_PAUSE_MS;
	pthread_mutex_lock(&guard->lock);
	cg_guarded_t *zone = guard->list;
	pthread_mutex_unlock(&guard->lock);
	for (; zone != NULL; zone = zone->next) {
		if (atomic_load(&zone->updates_lost) == 0) {
			continue;
		}
		if (now < zone->lost_ms) {
			atomic_store(&guard->updates_lost, true);
			if (zone->lost_ms < guard->updates.lost_ms) {
				guard->updates.lost_ms = zone->lost_ms;
			}
			continue;
		}
		zone->lost_ms = now + LOST_PAUSE_MS;
		cg_report_lost_updates(zone, atomic_exchange(&zone->updates_lost, 0));
	}
}

void cg_updates_look(cg_guard_t *guard)
{
	unsigned looks = LOOKS_MAX;
	cg_update_t *update;

	collect(guard);
	while (looks > 0 && !atomic_load(&guard->stop) && (update = first_due(guard)) != NULL) {
		cg_guarded_t *zone = zone_of(guard, update);
		if (zone == NULL) {
			drop(&guard->updates, update);
			continue;
		}
		look_at_zone(guard, zone, &looks);
		if (interrupted(guard)) {
			break;
		}
	}
	say_lost(guard);
}
