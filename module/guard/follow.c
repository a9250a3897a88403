/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was flattened, and when it is to be looked at again. */

#include <stdlib.h>
#include <syslog.h>

#include "cnameguard/store.h"
#include "guard/follow.h"

/*! \brief Shortest and longest pause after an edit that the server has refused. */
#define PAUSE_MIN_MS	60000
#define PAUSE_MAX_MS	3600000

struct cg_follow *cg_follow_get(cg_guarded_t *zone)
{
	if (zone->follow == NULL) {
		zone->follow = calloc(1, sizeof(*zone->follow));
	}
	return zone->follow;
}

void cg_follow_free(cg_guarded_t *zone)
{
	if (zone->follow != NULL) {
		cg_flattened_clear(&zone->follow->flat);
		free(zone->follow);
		zone->follow = NULL;
	}
}

void cg_follow_forget(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_flattened_t none = { 0 };
	cg_follow_free(zone);
	if (policy->state != NULL) {
		(void)cg_flattened_write(policy->state, zone->name, &none);
	}
}

int cg_follow_save(cg_guarded_t *zone, const cg_policy_t *policy)
{
	struct cg_follow *follow = zone->follow;
	if (!follow->changed || policy->state == NULL) {
		return KNOT_EOK;
	}
	int ret = cg_flattened_write(policy->state, zone->name, &follow->flat);
	if (ret != KNOT_EOK) {
		cg_zone_log_once(zone, CG_WARNED_FOLLOW, LOG_ERR, "what was flattened cannot be "
		                 "written down, so that nothing is flattened until it can: %s",
		                 cg_store_error());
		return ret;
	}
	follow->changed = false;
	zone->warned &= ~CG_WARNED_FOLLOW;
	return KNOT_EOK;
}

void cg_follow_stop(cg_guarded_t *zone, const cg_policy_t *policy)
{
	struct cg_follow *follow = zone->follow;
	if (follow->flat.names_count > 0) {
		cg_zone_log(zone, LOG_NOTICE, "the policy has changed: what was flattened stays as "
		            "it is, and does not follow its targets any more");
	}
	cg_flattened_clear(&follow->flat);
	follow->changed = true;
	(void)cg_follow_save(zone, policy);
	cg_follow_free(zone);
}

void cg_follow_restore(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_flattened_t flat;
	if (zone->follow_read) {
		return;
	}
	zone->follow_read = true;
	int ret = (policy->state != NULL) ? cg_flattened_read(policy->state, zone->name, &flat)
	                                  : KNOT_ENOENT;
	if (ret != KNOT_EOK) {
		if (ret != KNOT_ENOENT) {
			cg_zone_log(zone, LOG_WARNING, "what was flattened earlier cannot be read: "
			            "%s; those names keep their records, which do not follow their "
			            "targets until the zone is loaded again", cg_store_error());
		}
		return;
	}
	struct cg_follow *follow = cg_follow_get(zone);
	if (follow == NULL) {
		cg_flattened_clear(&flat);
		zone->follow_read = false;
		return;
	}
	cg_flattened_clear(&follow->flat);
	follow->flat = flat;
	follow->due = true;
}

unsigned cg_follow_generations(cg_guard_t *guard)
{
	pthread_mutex_lock(&guard->lock);
	unsigned now = guard->generations;
	pthread_mutex_unlock(&guard->lock);
	return now;
}

/* --- Sweep --- */

/*! \brief Whether a zone is another version than the one that was read; it is noted. */
static bool moved(cg_guard_t *guard, cg_flat_zone_t *dependence)
{
	pthread_mutex_lock(&guard->lock);
	const cg_guarded_t *zone = cg_registry_find(guard, dependence->zone);
	cg_flat_zone_t now = { .zone = dependence->zone };
	if (zone != NULL && zone->refs > 0 && zone->loaded) {
		now.there = true;
		now.serial = zone->serial;
		now.version = zone->versions;
	}
	pthread_mutex_unlock(&guard->lock);
	bool same = now.there == dependence->there &&
	            (!now.there || (now.serial == dependence->serial &&
	                            now.version == dependence->version));
	*dependence = now;
	return !same;
}

/*! \brief Whether something changed that flattened records could depend on. */
static bool is_due(cg_guard_t *guard, struct cg_follow *follow)
{
	unsigned now = cg_follow_generations(guard);
	follow->due |= follow->generations != now;
	follow->generations = now;
	for (size_t i = 0; i < follow->flat.zones_count; i++) {
		follow->due |= moved(guard, &follow->flat.zones[i]);
	}
	return follow->due && cg_now_ms() >= follow->due_ms;
}

/*! \brief What the server has refused it will refuse again: not at every sweep. */
static void put_off(struct cg_follow *follow)
{
	int64_t pause = follow->pause_ms * 2;
	follow->pause_ms = (pause < PAUSE_MIN_MS) ? PAUSE_MIN_MS :
	                   (pause > PAUSE_MAX_MS) ? PAUSE_MAX_MS : pause;
	follow->due_ms = cg_now_ms() + follow->pause_ms;
}

/*! \brief True: the zone was edited. */
static bool follow_targets(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	struct cg_follow *follow = zone->follow;
	cg_rrs_t *wants = NULL;
	size_t count = 0;
	follow->due = false;
	int ret = cg_follow_look(guard, zone, policy, &wants, &count);
	if (ret == KNOT_EOK) {
		ret = cg_follow_edit(guard, zone, policy, wants);
	}
	for (size_t i = 0; i < count; i++) {
		cg_rrs_clear(&wants[i]);
	}
	free(wants);

	if (ret == KNOT_ESEMCHECK) {
		put_off(follow);
	} else if (ret == KNOT_EOK || ret == KNOT_ENOENT) {
		follow->pause_ms = follow->due_ms = 0;
	}
	follow->due |= (ret != KNOT_ENOENT);
	return ret == KNOT_EOK;
}

/*! \brief Names that are edited in the zone. */
static bool follow_names(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	bool edited = false;
	cg_follow_source(guard, zone, policy);
	if (zone->follow->flat.names_count > 0 && is_due(guard, zone->follow)) {
		edited = follow_targets(guard, zone, policy);
	}
	(void)cg_follow_save(zone, policy);
	if (zone->follow->flat.names_count == 0 && !zone->follow->changed) {
		cg_follow_free(zone);
	}
	return edited;
}

bool cg_follow_sweep(cg_guard_t *guard, cg_guarded_t *zone)
{
	if ((zone->follow == NULL && zone->follow_read) || !zone->loaded || !zone->judged ||
	    zone->judged_serial != zone->serial) {
		return false;
	}
	cg_policy_t *policy = cg_zone_policy(zone);
	bool again = false;
	cg_follow_restore(zone, policy);
	bool flattens = policy->mode == CG_MODE_REWRITE && policy->strategy == CG_STRATEGY_FLATTEN;
	bool edits = cg_policy_knot_numbers(policy);
	if (zone->follow == NULL) {
		/* Nothing was flattened. */
	} else if (!flattens || (!edits && zone->follow->flat.names_count > 0)) {
		cg_follow_stop(zone, policy);
	} else if (!edits) {
		again = zone->follow->flat.zones_count > 0 && is_due(guard, zone->follow);
		zone->follow->due = false;
		zone->follow->again |= again;
	} else {
		again = follow_names(guard, zone, policy);
	}
	cg_policy_unref(policy);
	return again;
}
