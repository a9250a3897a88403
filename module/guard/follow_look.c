/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What flattened names should have by now. */

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "cnameguard/server.h"
#include "guard/apart.h"
#include "guard/follow.h"
#include "rules/exempt.h"
#include "rules/rr.h"
#include "rules/zone.h"
#include "guard/zone_file.h"

/*! \brief With more names, all of the zone is read at once. */
#define EACH_MAX	256

bool cg_follow_covers(const cg_rrs_t *rrs, uint16_t type)
{
	bool address = cg_seen_type(type) & SEEN_ADDRESS;
	for (size_t i = 0; i < rrs->count; i++) {
		uint16_t own = rrs->list[i].type;
		if (own == type || (address && (cg_seen_type(own) & SEEN_ADDRESS))) {
			return true;
		}
	}
	return false;
}

bool cg_follow_stands(const cg_name_t *name, const cg_rrs_t *rrs)
{
	size_t found = 0;
	for (size_t i = 0; i < name->count; i++) {
		if (cg_rrs_has(rrs, &name->rr[i])) {
			found++;
		} else if (cg_follow_covers(rrs, name->rr[i].type)) {
			return false;
		}
	}
	return found == rrs->count && found > 0;
}

/* --- What ends --- */

/*! \brief Whether a name is as it was left; which of two edits that was is settled. */
static bool is_ours(const cg_zone_t *contents, struct cg_follow *follow, cg_flat_name_t *name)
{
	cg_node_t node;
	if (cg_zone_node(contents, name->owner, &node) != KNOT_EOK || cg_node_occluded(&node) ||
	    (node.seen & (SEEN_CNAME | SEEN_DNAME)) ||
	    ((node.seen & SEEN_NS) &&
	     !knot_dname_is_equal(name->owner, cg_zone_origin(contents)))) {
		return false;
	}
	bool is_new = cg_follow_stands(&node.name, &name->put);
	if (!is_new && !cg_follow_stands(&node.name, &name->before)) {
		return false;
	}
	if (!is_new) {
		cg_rrs_clear(&name->put);
		name->put = name->before;
		name->before = (cg_rrs_t){ 0 };
		follow->changed = true;
	} else if (name->before.count > 0) {
		cg_rrs_clear(&name->before);
		follow->changed = true;
	}
	return true;
}

static int end_names(cg_guarded_t *zone, const cg_policy_t *policy, const cg_zone_t *contents)
{
	struct cg_follow *follow = zone->follow;
	cg_pool_t pool = { 0 };
	cg_exempt_t exempt;
	int ret = cg_exempt_make(&exempt, &policy->rules, zone->name, &pool);
	for (size_t i = follow->flat.names_count; i > 0 && ret == KNOT_EOK; i--) {
		cg_flat_name_t *name = &follow->flat.names[i - 1];
		if (!is_ours(contents, follow, name) || cg_exempt_has(&exempt, name->owner) ||
		    (policy->rules.ignore & (1u << name->rule))) {
			cg_flattened_remove(&follow->flat, name);
			follow->changed = true;
		}
	}
	cg_pool_free(&pool);
	return ret;
}

/*! \brief Whether the zone has the same CNAMEs at the name; their TTLs do not matter. */
static bool has_cnames(const cg_zone_t *source, const cg_flat_name_t *name)
{
	cg_name_t found;
	const cg_rr_t *cnames = NULL;
	size_t count = (cg_zone_find(source, name->owner, &found) == KNOT_EOK) ?
	               cg_zone_rrset(&found, KNOT_RRTYPE_CNAME, &cnames) : 0;
	bool same = (count == name->cnames.count);
	for (size_t i = 0; i < count && same; i++) {
		same = false;
		for (size_t j = 0; j < count && !same; j++) {
			same = cg_target_same(cnames[i].data, name->cnames.list[j].data);
		}
	}
	return same;
}

/*! \brief What is read of a zone file, in a thread of its own where the zone is big. */
typedef struct {
	const knot_dname_t *name;
	char *path;
	cg_zone_t *contents;
	cg_file_report_t syntax;
} source_t;

static int read_source(void *ctx)
{
	source_t *source = ctx;
	return cg_file_read(source->path, source->name, &source->contents, &source->syntax);
}

void cg_follow_source(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	struct cg_follow *follow = zone->follow;
	cg_file_id_t now;
	if (policy->file == NULL || policy->load == CG_LOAD_NONE ||
	    follow->flat.names_count == 0) {
		return;
	}
	if (!cg_zone_file_identify(zone, policy, &now) || cg_file_same(&now, &follow->file)) {
		return;
	}
	follow->file = now;
	source_t source = { .name = zone->name, .path = cg_zone_file(zone, policy) };
	int ret = (source.path != NULL) ? cg_apart(guard, zone, true, zone->records, read_source,
	                                           &source) : KNOT_ENOMEM;
	free(source.path);
	if (ret != KNOT_EOK) {
		return;
	}
	for (size_t i = follow->flat.names_count; i > 0 && source.syntax.errors == 0; i--) {
		cg_flat_name_t *name = &follow->flat.names[i - 1];
		if (!has_cnames(source.contents, name)) {
			cg_flattened_remove(&follow->flat, name);
			follow->changed = true;
		}
	}
	cg_zone_free(source.contents);
}

/* --- What they lead to now --- */

/*! \brief Says once, when that is no passing thing, that a name has lost its targets. */
static void note_failed(cg_guarded_t *zone, cg_flat_name_t *name, const char *why)
{
	if (name->failed_ms == 0) {
		name->failed_ms = cg_now_ms();
	} else if (!name->said && cg_now_ms() - name->failed_ms >= CG_DOWN_SAY_MS) {
		name->said = true;
		cg_zone_log(zone, LOG_WARNING, "the flattened name %s keeps its last records: %s; "
		            "until the target is back or the CNAME is removed from the source",
		            name->spelling, why);
	}
	zone->follow->due |= !name->said;
}

/*! \brief Reads the zone itself, or the flattened names of a big one, and what they lead to. */
static int read_all(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                    cg_zone_t **contents, cg_foreign_t *foreign)
{
	cg_flattened_t *flat = &zone->follow->flat;
	bool whole = zone->records <= CG_BIG_RECORDS || flat->names_count > EACH_MAX;
	int ret = cg_worker_converse(guard, zone, policy);
	if (ret == KNOT_EOK) {
		ret = cg_repair_clean_up(guard, zone);
	}
	if (ret == KNOT_EOK && whole) {
		ret = cg_server_zone(guard->control, CG_READ_CURRENT, zone->text, contents);
	}
	if (ret == KNOT_EOK) {
		ret = cg_foreign_begin(zone, *contents, foreign);
	}
	if (ret == KNOT_EOK && !whole) {
		ret = cg_foreign_own(guard, foreign, flat);
	}
	if (ret == KNOT_EOK) {
		ret = end_names(zone, policy, foreign->list[0]);
	}
	for (size_t i = 0; i < flat->names_count && ret == KNOT_EOK; i++) {
		const cg_rrs_t *cnames = &flat->names[i].cnames;
		for (size_t j = 0; j < cnames->count && ret == KNOT_EOK; j++) {
			knot_dname_storage_t target;
			if (cg_target_wire(cnames->list[j].data, target)) {
				ret = cg_foreign_follow(guard, foreign, target);
			}
		}
	}
	if (ret == KNOT_EOK && foreign->broken) {
		note_failed(zone, &flat->names[0], "another zone of this server cannot be read");
		ret = KNOT_EAGAIN;
	}
	return ret;
}

/*! \brief The name as the source has it: its CNAMEs in the place of what they were flattened to. */
static int add_source(const cg_zone_t *contents, const cg_flat_name_t *flat, cg_zone_t *out)
{
	cg_name_t name;
	int ret = cg_zone_find(contents, flat->owner, &name);
	for (size_t i = 0; i < name.count && ret == KNOT_EOK; i++) {
		if (!cg_follow_covers(&flat->put, name.rr[i].type)) {
			ret = cg_zone_add(out, flat->owner, &name.rr[i]);
		}
	}
	for (size_t i = 0; i < flat->cnames.count && ret == KNOT_EOK; i++) {
		ret = cg_zone_add(out, flat->owner, &flat->cnames.list[i]);
	}
	return ret;
}

static cg_zone_t *make_source(cg_guarded_t *zone, const cg_zone_t *contents)
{
	const cg_flattened_t *flat = &zone->follow->flat;
	cg_zone_t *out = cg_zone_new(zone->name);
	int ret = (out != NULL) ? KNOT_EOK : KNOT_ENOMEM;
	for (size_t i = 0; i < flat->names_count && ret == KNOT_EOK; i++) {
		ret = add_source(contents, &flat->names[i], out);
	}
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(out);
	}
	if (ret != KNOT_EOK) {
		cg_zone_free(out);
		return NULL;
	}
	return out;
}

/*! \brief What the plan has for each name. */
static int take_plan(cg_guarded_t *zone, const cg_foreign_t *foreign, const cg_findings_t *findings,
                     const cg_plan_t *plan, cg_rrs_t *wants)
{
	cg_flattened_t *flat = &zone->follow->flat;
	size_t edit = 0, refusal = 0;
	for (size_t i = 0; i < flat->names_count; i++) {
		cg_flat_name_t *name = &flat->names[i];
		const char *why = "its targets have no data left that it could take over";
		for (; edit < plan->count && plan->list[edit].owner == name->owner; edit++) {
			if (plan->list[edit].op == CG_EDIT_ADD &&
			    cg_rrs_add(&wants[i], &plan->list[edit].rr) != KNOT_EOK) {
				return KNOT_ENOMEM;
			}
		}
		if (refusal < plan->refusals_count &&
		    plan->refusals[refusal].findings == &findings->list[i]) {
			why = plan->refusals[refusal++].why;
			why = (foreign->beyond > 0) ? "more targets in other zones than are followed" : why;
		}
		if (wants[i].count == 0) {
			note_failed(zone, name, why);
		} else {
			name->failed_ms = 0;
			name->said = false;
		}
	}
	return KNOT_EOK;
}

/*! \brief Flattens as a repair does, whether the name would be in conflict now or not. */
static int plan_names(cg_guarded_t *zone, const cg_foreign_t *foreign, cg_rrs_t *wants)
{
	const cg_flattened_t *flat = &zone->follow->flat;
	cg_plan_t plan = { 0 };
	cg_zone_t *source = make_source(zone, foreign->list[0]);
	cg_findings_t findings = {
		.list = calloc(flat->names_count + 1, sizeof(*findings.list)),
		.count = flat->names_count,
	};
	int ret = (source != NULL && findings.list != NULL) ? KNOT_EOK : KNOT_ENOMEM;
	for (size_t i = 0; i < findings.count && ret == KNOT_EOK; i++) {
		const cg_flat_name_t *name = &flat->names[i];
		findings.list[i] = (cg_finding_t){
			.rule = name->rule, .level = CG_LEVEL_ERROR, .owner = name->owner,
			.spelling = name->spelling,
		};
	}
	if (ret == KNOT_EOK) {
		cg_zones_t zones = { .list = foreign->list, .count = foreign->count };
		ret = cg_plan_make(&zones, source, &findings, CG_STRATEGY_FLATTEN,
		                   CG_STRATEGY_REFUSE, &plan);
	}
	if (ret == KNOT_EOK) {
		ret = take_plan(zone, foreign, &findings, &plan, wants);
	}
	cg_plan_free(&plan);
	free(findings.list);
	cg_zone_free(source);
	return ret;
}

/*!
 * \brief Notes what the names depend on now.
 *
 * A zone that a name depended on before it lost its target is not forgotten: it may come back.
 */
static int note_zones(cg_guarded_t *zone, const cg_foreign_t *foreign)
{
	cg_flattened_t *flat = &zone->follow->flat;
	bool keeps = false;
	for (size_t i = 0; i < flat->names_count; i++) {
		keeps |= flat->names[i].failed_ms != 0;
	}
	for (size_t i = 0; i < foreign->count; i++) {
		cg_flat_zone_t *dependence = cg_flattened_zone(flat, cg_foreign_name(foreign, i));
		if (dependence == NULL) {
			return KNOT_ENOMEM;
		}
		cg_foreign_version(foreign, i, dependence);
	}
	for (size_t i = flat->zones_count; i > 0 && !keeps; i--) {
		bool used = false;
		for (size_t j = 0; j < foreign->count && !used; j++) {
			used = knot_dname_is_equal(cg_foreign_name(foreign, j),
			                           flat->zones[i - 1].zone);
		}
		if (!used) {
			knot_dname_free(flat->zones[i - 1].zone, NULL);
			flat->zones[i - 1] = flat->zones[--flat->zones_count];
			zone->follow->changed = true;
		}
	}
	return KNOT_EOK;
}

int cg_follow_look(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   cg_rrs_t **wants, size_t *count)
{
	cg_foreign_t foreign = { 0 };
	cg_zone_t *contents = NULL;
	int ret = read_all(guard, zone, policy, &contents, &foreign);
	if (ret == KNOT_EOK) {
		*count = zone->follow->flat.names_count;
		*wants = calloc(*count + 1, sizeof(**wants));
		ret = (*wants != NULL) ? plan_names(zone, &foreign, *wants) : KNOT_ENOMEM;
	}
	if (ret == KNOT_EOK) {
		ret = note_zones(zone, &foreign);
	}
	cg_foreign_free(&foreign);
	cg_zone_free(contents);
	return ret;
}
