/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a repair has to know of other zones, and what is remembered of it. */

#include <stdio.h>
#include <string.h>

#include "cnameguard/lookup.h"
#include "guard/follow.h"
#include "rules/rr.h"
#include "rules/zone.h"

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

static bool has_cname(const cg_zone_t *contents, const knot_dname_t *owner)
{
	cg_name_t name;
	return cg_zone_find(contents, owner, &name) == KNOT_EOK && (cg_seen(&name) & SEEN_CNAME);
}

/*! \brief Targets elsewhere that names lead to which are not in conflict now. */
static int count_targets(cg_guard_t *guard, cg_guarded_t *zone, const cg_zone_t *contents,
                         size_t *count)
{
	cg_names_t targets = { 0 };
	size_t names = (zone->follow != NULL) ? zone->follow->flat.names_count : 0;
	int ret = KNOT_EOK;
	for (size_t i = 0; i < names && ret == KNOT_EOK; i++) {
		const cg_flat_name_t *name = &zone->follow->flat.names[i];
		bool again = has_cname(contents, name->owner);
		for (size_t j = 0; j < name->cnames.count && !again && ret == KNOT_EOK; j++) {
			knot_dname_storage_t target;
			bool known = !cg_target_wire(name->cnames.list[j].data, target) ||
			             !cg_foreign_is(guard, zone, target);
			for (size_t k = 0; k < targets.count && !known; k++) {
				known = knot_dname_is_equal(targets.list[k], target);
			}
			ret = known ? KNOT_EOK : cg_names_add(&targets, target);
		}
	}
	*count = targets.count;
	cg_names_free(&targets);
	return ret;
}

int cg_follow_conflicts(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                        const cg_zone_t *contents, const cg_findings_t *findings,
                        cg_foreign_t *out, cg_why_t *why)
{
	int ret = cg_foreign_begin(zone, contents, out);
	if (ret == KNOT_EOK && policy->strategy == CG_STRATEGY_FLATTEN) {
		cg_follow_restore(zone, policy);
		ret = count_targets(guard, zone, contents, &out->ways);
	}
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
	struct cg_follow *follow = cg_follow_get(zone);
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
		cg_follow_stop(zone, policy); /* Edited until now. */
	}
	struct cg_follow *follow = cg_follow_get(zone);
	if (follow == NULL) {
		return;
	}
	cg_flattened_clear(&follow->flat);
	follow->generations = cg_follow_generations(guard);
	follow->again &= (foreign == NULL);
	follow->due = foreign != NULL && note_zones(&follow->flat, foreign, 1) != KNOT_EOK;
}
