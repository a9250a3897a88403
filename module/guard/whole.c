/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "guard/apart.h"
#include "guard/foreign.h"
#include "guard/screened.h"
#include "guard/whole.h"

/*! \brief Collects wildcards of contents. */
typedef struct {
	const cg_zone_t *contents;
	cg_names_t *names;
} wildcards_t;

static int keep_wildcard(const cg_name_t *name, void *ctx)
{
	return knot_dname_is_wildcard(name->owner) ? cg_names_add(ctx, name->owner) : KNOT_EOK;
}

static int keep_wildcards(void *ctx)
{
	wildcards_t *wildcards = ctx;
	return cg_zone_walk(wildcards->contents, keep_wildcard, wildcards->names);
}

/*! \brief Judges a zone in memory, in a thread of its own. */
typedef struct {
	const cg_zones_t *zones;
	const cg_rules_policy_t *policy;
	cg_findings_t *findings;
} judging_t;

static int judge_zones(void *ctx)
{
	judging_t *judging = ctx;
	return cg_rules_zones(judging->zones, judging->policy, NULL, judging->findings);
}

/*! \brief Judges the zone together with what its targets lead to in others of this server. */
static int judge_contents(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                          const cg_reading_t *reading, cg_findings_t *out)
{
	cg_foreign_t foreign;
	int ret = cg_foreign_read(guard, zone, reading->contents, &foreign);
	cg_findings_t *all = (ret == KNOT_EOK) ? calloc(foreign.count, sizeof(*all)) : NULL;
	if (all == NULL) {
		cg_foreign_free(&foreign);
		return (ret != KNOT_EOK) ? ret : KNOT_ENOMEM;
	}

	cg_zones_t zones = { .list = foreign.list, .count = foreign.count };
	judging_t judging = { &zones, &policy->rules, all };
	ret = cg_apart(guard, zone, reading->published, reading->findings.records, judge_zones,
	               &judging);
	*out = all[0];
	for (size_t i = 1; i < foreign.count; i++) {
		cg_findings_free(&all[i]);
	}
	free(all);
	cg_foreign_free(&foreign);
	return ret;
}

bool cg_whole_first(const cg_policy_t *policy, const cg_reading_t *reading)
{
	bool enforced;
	(void)cg_rules_targets(&policy->rules, &enforced);
	return reading->findings.count > 0 ||
	       (enforced && (reading->findings.aliases > 0 || reading->contents != NULL));
}

static void note_judged(cg_guarded_t *zone)
{
	zone->targets_ms = cg_now_ms();
	zone->targets_due = false;
	zone->rest_put_off_ms = 0;
}

int cg_whole_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   cg_reading_t *reading)
{
	cg_findings_t whole = { 0 };
	if (reading->contents == NULL && reading->findings.count == 0) {
		int clean = cg_screened_clean(guard, zone, policy, reading);
		if (clean == KNOT_EOK) {
			note_judged(zone);
		}
		if (clean != KNOT_ENOTSUP) {
			return clean;
		}
	}
	int ret = cg_reading_contents(guard, zone, reading);
	if (ret == KNOT_EOK) {
		ret = judge_contents(guard, zone, policy, reading, &whole);
	}
	if (ret == KNOT_EOK &&
	    (!whole.has_serial || whole.serial != reading->findings.serial)) {
		ret = KNOT_EAGAIN;
	}
	if (ret == KNOT_EOK) {
		wildcards_t wildcards = { reading->contents, &reading->wildcards };
		ret = cg_apart(guard, zone, reading->published, reading->findings.records,
		               keep_wildcards, &wildcards);
	}
	if (ret != KNOT_EOK) {
		cg_findings_free(&whole);
		return ret;
	}
	cg_findings_free(&reading->findings);
	reading->findings = whole;
	note_judged(zone);
	return KNOT_EOK;
}

void cg_whole_targets(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      cg_reading_t *reading)
{
	bool enforced;
	zone->targets_due = false;
	if (cg_whole_first(policy, reading) || !cg_rules_targets(&policy->rules, &enforced) ||
	    (reading->findings.aliases == 0 && reading->contents == NULL)) {
		return; /* Done already, or nothing to be found. */
	}

	zone->targets_due = true;
	int64_t now = cg_now_ms();
	bool due = zone->targets_ms == 0 ||
	           now - zone->targets_ms >= (int64_t)policy->sweep_interval * 1000;
	if (due || reading->contents != NULL) {
		zone->targets_ms = now; /* A try in vain counts too. */
		(void)cg_whole_judge(guard, zone, policy, reading);
	}
}
