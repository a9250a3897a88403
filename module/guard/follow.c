/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was flattened, and when it is to be looked at again. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "cnameguard/lookup.h"
#include "cnameguard/store.h"
#include "guard/follow.h"
#include "rules/rr.h"
#include "rules/zone.h"

/*! \brief Shortest and longest pause after an edit that the server has refused. */
#define PAUSE_MIN_MS	60000
#define PAUSE_MAX_MS	3600000

/* --- For repairs --- */

static bool is_repaired(const cg_finding_t *finding)
{
	return finding->level == CG_LEVEL_ERROR && !finding->exempt &&
	       cg_rule_info(finding->rule)->editable;
}

static int follow_name(cg_guard_t *guard, const cg_zone_t *contents, const knot_dname_t *owner,
                       cg_foreign_t *out)
{
	cg_name_t name;
	const cg_rr_t *cnames = NULL;
	size_t count = (cg_zone_find(contents, owner, &name) == KNOT_EOK) ?
	               cg_zone_rrset(&name, KNOT_RRTYPE_CNAME, &cnames) : 0;
	int ret = KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		knot_dname_storage_t target;
		if (cg_target_wire(cnames[i].data, target)) {
			ret = cg_foreign_follow(guard, out, target);
		}
	}
	return ret;
}

int cg_follow_conflicts(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                        const cg_zone_t *contents, const cg_findings_t *findings,
                        cg_foreign_t *out, cg_why_t *why)
{
	int ret = cg_foreign_begin(zone, contents, out);
	size_t count = (policy->strategy == CG_STRATEGY_FLATTEN) ? findings->count : 0;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		const cg_finding_t *finding = &findings->list[i];
		bool again = i > 0 && knot_dname_is_equal(finding[-1].owner, finding->owner);
		if (is_repaired(finding) && !again) {
			ret = follow_name(guard, contents, finding->owner, out);
		}
	}
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "the targets could not be read", ret == KNOT_ECONN ?
		                  cg_control_error(guard->control) : knot_strerror(ret));
	} else if (out->waits) {
		cg_repair_explain(why, "a target is in another zone of this server that cannot be "
		                  "read now, repaired when it can", "");
		ret = KNOT_EBUSY;
	}
	return ret;
}

void cg_follow_explain(cg_why_t *why, const char *what, const cg_plan_t *plan,
                       const cg_foreign_t *foreign)
{
	char text[sizeof(why->text)];
	if (plan->why == NULL) {
		return;
	}
	if (foreign->beyond == 0) {
		cg_repair_explain(why, what, plan->why);
		return;
	}
	snprintf(text, sizeof(text), "%u targets in other zones are followed, %zu more are not; %s",
	         CG_FOREIGN_REPAIR_MAX, foreign->beyond, plan->why);
	cg_repair_explain(why, what, text);
}

static struct cg_follow *get(cg_guarded_t *zone)
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

static void stop(cg_guarded_t *zone, const cg_policy_t *policy)
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

/*! \brief What was flattened before the server was started. */
static void restore(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_flattened_t flat;
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
	struct cg_follow *follow = get(zone);
	if (follow == NULL) {
		cg_flattened_clear(&flat);
		zone->follow_read = false;
		return;
	}
	cg_flattened_clear(&follow->flat);
	follow->flat = flat;
	follow->due = true;
}

static unsigned generations(cg_guard_t *guard)
{
	pthread_mutex_lock(&guard->lock);
	unsigned now = guard->generations;
	pthread_mutex_unlock(&guard->lock);
	return now;
}

/*! \brief Remembers one name; all of its edits are neighbours. */
static int put_name(cg_flattened_t *flat, const cg_edit_t *edits, size_t count)
{
	cg_flat_name_t *name = cg_flattened_add(flat, edits->owner, edits->spelling, edits->rule);
	int ret = (name != NULL) ? KNOT_EOK : KNOT_ENOMEM;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = cg_rrs_add((edits[i].op == CG_EDIT_ADD) ? &name->put : &name->cnames,
		                 &edits[i].rr);
	}
	/* Only flatten adds records: without any there is nothing that could follow. */
	if (name != NULL && name->put.count == 0) {
		cg_flattened_remove(flat, name);
	}
	return ret;
}

static int note_zones(cg_flattened_t *flat, const cg_foreign_t *foreign, size_t first)
{
	for (size_t i = first; i < foreign->count; i++) {
		cg_flat_zone_t *zone = cg_flattened_zone(flat, cg_foreign_name(foreign, i));
		if (zone == NULL) {
			return KNOT_ENOMEM;
		}
		cg_foreign_version(foreign, i, zone);
	}
	return KNOT_EOK;
}

int cg_follow_put(cg_guarded_t *zone, const cg_policy_t *policy, const cg_plan_t *plan,
                  const cg_foreign_t *foreign)
{
	if (policy->strategy != CG_STRATEGY_FLATTEN) {
		return KNOT_EOK;
	}
	if (!zone->follow_read) {
		restore(zone, policy);
	}
	struct cg_follow *follow = get(zone);
	if (follow == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = note_zones(&follow->flat, foreign, 0);
	for (size_t i = 0, count; i < plan->count && ret == KNOT_EOK; i += count) {
		for (count = 1; i + count < plan->count && knot_dname_is_equal(
		     plan->list[i].owner, plan->list[i + count].owner); count++) {
		}
		ret = put_name(&follow->flat, &plan->list[i], count);
	}
	follow->due = follow->changed = true;
	return (ret == KNOT_EOK) ? cg_follow_save(zone, policy) : ret;
}

void cg_follow_answers(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                       const cg_foreign_t *foreign)
{
	if (cg_policy_knot_numbers(policy) || (zone->follow == NULL && foreign == NULL)) {
		return;
	}
	if (zone->follow != NULL && zone->follow->flat.names_count > 0) {
		stop(zone, policy); /* Edited until now. */
	}
	struct cg_follow *follow = get(zone);
	if (follow == NULL) {
		return;
	}
	cg_flattened_clear(&follow->flat);
	follow->generations = generations(guard);
	follow->again &= (foreign == NULL);
	follow->due = foreign != NULL && note_zones(&follow->flat, foreign, 1) != KNOT_EOK;
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
	unsigned now = generations(guard);
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
	cg_follow_source(zone, policy);
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
	if (!zone->follow_read) {
		restore(zone, policy);
	}
	bool flattens = policy->mode == CG_MODE_REWRITE && policy->strategy == CG_STRATEGY_FLATTEN;
	bool edits = cg_policy_knot_numbers(policy);
	if (zone->follow == NULL) {
		/* Nothing was flattened. */
	} else if (!flattens || (!edits && zone->follow->flat.names_count > 0)) {
		stop(zone, policy);
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
