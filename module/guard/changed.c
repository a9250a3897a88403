/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "guard/changed.h"
#include "guard/passed.h"
#include "rules/rr.h"
#include "rules/zone.h"

/*! \brief Reading a name costs as much as that many records of a zone that is read whole. */
#define NAME_COST	64

/*! \brief Names to be looked at. */
typedef struct {
	const cg_guarded_t *zone;
	cg_names_t names;      /*!< In any order, some of them several times. */
	size_t most;           /*!< Changed names that pay. */
	bool based;            /*!< The version that it changes is the one that was clean. */
	bool whole;            /*!< All names have to be looked at. */
	size_t records;        /*!< Of the version, as it is changed. */
} changed_t;

static bool is_clean(const cg_guarded_t *zone, uint32_t serial)
{
	return cg_passed_is(zone, serial) ||
	       (zone->judged && zone->judged_clean && zone->judged_serial == serial);
}

bool cg_changed_can(const cg_guarded_t *zone, const cg_policy_t *policy)
{
	bool enforced;
	(void)cg_rules_targets(&policy->rules, &enforced);
	return zone->records >= CG_BIG_RECORDS && !enforced &&
	       zone->verdicts.generation == policy->generation && !atomic_load(&zone->changed) &&
	       (zone->passed.known || (zone->judged && zone->judged_clean)) &&
	       !(policy->load == CG_LOAD_WHOLE && (policy->signs || policy->digests));
}

/*! \brief The name, and what is above it below the apex. */
static int add_name(changed_t *changed, const knot_dname_t *name)
{
	const cg_names_t *names = &changed->names;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && !knot_dname_is_equal(name, changed->zone->name)) {
		if (names->count > 0 && knot_dname_is_equal(names->list[names->count - 1], name)) {
			return KNOT_EOK;
		}
		ret = cg_names_add(&changed->names, name);
		name = cg_next_label(name);
	}
	return ret;
}

static int take_change(bool added, const knot_dname_t *owner, uint16_t type, const char *data,
                       void *ctx)
{
	changed_t *changed = ctx;
	uint32_t serial;
	changed->records += added ? 1 : -1;
	if (!added) {
		if (type == KNOT_RRTYPE_SOA) {
			changed->based = cg_soa_serial(data, &serial) && is_clean(changed->zone, serial);
		}
		return KNOT_EOK; /* What goes does no harm; NS of the apex are missed there. */
	}
	/* A DNAME counts for all names below it. */
	changed->whole |= !changed->based || type == KNOT_RRTYPE_DNAME ||
	                  knot_dname_in_bailiwick(owner, changed->zone->name) < 0;
	if (changed->whole || cg_type_beside(type) || type == KNOT_RRTYPE_NSEC3) {
		return KNOT_EOK;
	}
	if (changed->names.count >= changed->most) {
		changed->whole = true;
		return KNOT_EOK;
	}
	return add_name(changed, owner);
}

static int compare(const void *a, const void *b)
{
	return cg_name_cmp(*(const knot_dname_t *const *)a, *(const knot_dname_t *const *)b);
}

/*! \brief Feeds the names to the rules, in canonical order, the apex first. */
static int judge_names(cg_guard_t *guard, changed_t *changed, cg_rules_t *rules)
{
	const cg_guarded_t *zone = changed->zone;
	cg_names_t *names = &changed->names;
	qsort(names->list, names->count, sizeof(*names->list), compare);

	int ret = cg_server_read(guard->control, CG_READ_TRANSACTION, zone->text, zone->text,
	                         cg_rules_name, rules);
	for (size_t i = 0; i < names->count && ret == KNOT_EOK; i++) {
		knot_dname_txt_storage_t text;
		if (i > 0 && knot_dname_is_equal(names->list[i - 1], names->list[i])) {
			continue;
		}
		if (knot_dname_to_str(text, names->list[i], sizeof(text)) == NULL) {
			return KNOT_EINVAL;
		}
		ret = cg_server_read(guard->control, CG_READ_TRANSACTION, zone->text, text,
		                     cg_rules_name, rules);
	}
	return (ret == KNOT_EDENIED) ? KNOT_ENOTSUP : ret;
}

int cg_changed_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_reading_t *reading)
{
	changed_t changed = {
		.zone = zone,
		.most = zone->records / NAME_COST,
		.records = zone->records,
	};
	int ret = cg_server_changes(guard->control, zone->text, take_change, &changed);
	if (ret == KNOT_EOK && (!changed.based || changed.whole)) {
		ret = KNOT_ENOTSUP;
	}
	cg_rules_t *rules = (ret == KNOT_EOK) ? cg_rules_begin(zone->name, &policy->rules) : NULL;
	if (rules != NULL) {
		ret = judge_names(guard, &changed, rules);
		int end = cg_rules_end(rules, NULL, &reading->findings);
		ret = (ret != KNOT_EOK) ? ret : end;
	} else if (ret == KNOT_EOK) {
		ret = KNOT_ENOMEM;
	}
	cg_names_free(&changed.names);
	if (ret == KNOT_EOK && (reading->findings.count > 0 || !reading->findings.has_serial)) {
		ret = KNOT_ENOTSUP;
	}
	if (ret != KNOT_EOK) {
		cg_findings_free(&reading->findings);
		return ret;
	}
	reading->findings.records = changed.records;
	return KNOT_EOK;
}
