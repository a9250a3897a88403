/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"
#include "rules/rr.h"

/*!
 * \brief Edits to begin with: enough for most names, and few enough that no thread waits for memory.
 *
 * What glibc keeps at hand for each thread are blocks of up to 1 KiB, for malloc()
 * and not for calloc(); for the rest, and where all share one arena, it takes a lock.
 */
#define EDITS_MIN	8

/*! \brief The plan's memory. */
struct store {
	cg_pool_t pool;
	size_t edits_max;
	size_t refusals_max;
};

static const char *const STRATEGIES[] = {
	[CG_STRATEGY_REFUSE]     = "refuse",
	[CG_STRATEGY_FLATTEN]    = "flatten",
	[CG_STRATEGY_KEEP_OTHER] = "keep-other",
	[CG_STRATEGY_KEEP_CNAME] = "keep-cname",
};

const char *cg_strategy_name(cg_strategy_t strategy)
{
	return (strategy <= CG_STRATEGY_KEEP_CNAME) ? STRATEGIES[strategy] : NULL;
}

int cg_repair_edit(cg_repair_t *repair, cg_edit_op_t op, const cg_rr_t *rr)
{
	cg_plan_t *plan = repair->plan;
	struct store *store = plan->pool;
	if (plan->count == store->edits_max) {
		size_t max = (store->edits_max == 0) ? EDITS_MIN : store->edits_max * 2;
		cg_edit_t *bigger = realloc(plan->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		plan->list = bigger;
		store->edits_max = max;
	}

	cg_edit_t *edit = &plan->list[plan->count++];
	edit->op = op;
	edit->owner = repair->findings[0].owner;
	edit->spelling = repair->findings[0].spelling;
	edit->rr = *rr;
	edit->rule = repair->findings[0].rule;

	return KNOT_EOK;
}

int cg_repair_drop_cname(cg_repair_t *repair)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < repair->name.count && ret == KNOT_EOK; i++) {
		if (repair->name.rr[i].type == KNOT_RRTYPE_CNAME) {
			ret = cg_repair_edit(repair, CG_EDIT_REMOVE, &repair->name.rr[i]);
		}
	}
	return ret;
}

bool cg_repair_has_other(const cg_name_t *name)
{
	return cg_seen(name) & ~(uint32_t)(SEEN_CNAME | SEEN_BESIDE);
}

static int keep_other(cg_repair_t *repair)
{
	if (!cg_repair_has_other(&repair->name)) {
		cg_text_add(repair->why, "nothing but the CNAME is there to be kept");
		return CG_NOT_APPLICABLE;
	}
	return cg_repair_drop_cname(repair);
}

/*! \brief Whether a finding lists the record: what it does not list may stand beside a CNAME. */
static bool is_involved(const cg_repair_t *repair, uint16_t type)
{
	for (size_t i = 0; i < repair->findings_count; i++) {
		const cg_finding_t *finding = &repair->findings[i];
		for (size_t j = 0; j < finding->rr_count; j++) {
			if (finding->rr[j].rr.type == type) {
				return true;
			}
		}
	}
	return false;
}

static int keep_cname(cg_repair_t *repair)
{
	if (repair->apex) {
		cg_text_add(repair->why, "the zone apex cannot be an alias");
		return CG_NOT_APPLICABLE;
	}
	if (cg_several(&repair->name, KNOT_RRTYPE_CNAME)) {
		cg_text_add(repair->why, "it has several CNAMEs to choose from");
		return CG_NOT_APPLICABLE;
	}

	int ret = KNOT_EOK;
	bool key_stays = !is_involved(repair, KNOT_RRTYPE_KEY);
	for (size_t i = 0; i < repair->name.count && ret == KNOT_EOK; i++) {
		uint32_t seen = cg_seen_type(repair->name.rr[i].type);
		if ((seen & (SEEN_CNAME | SEEN_BESIDE)) || ((seen & SEEN_KEY) && key_stays)) {
			continue;
		}
		ret = cg_repair_edit(repair, CG_EDIT_REMOVE, &repair->name.rr[i]);
	}
	return ret;
}

static int refuse(cg_repair_t *repair)
{
	cg_text_add(repair->why, "the policy has no repair for it");
	return CG_NOT_APPLICABLE;
}

static int (*const APPLY[])(cg_repair_t *repair) = {
	[CG_STRATEGY_REFUSE]     = refuse,
	[CG_STRATEGY_FLATTEN]    = cg_flatten,
	[CG_STRATEGY_KEEP_OTHER] = keep_other,
	[CG_STRATEGY_KEEP_CNAME] = keep_cname,
};

/*! \brief Tries the strategy, then the fallback. */
static int repair_name(cg_repair_t *repair, cg_strategy_t strategy, cg_strategy_t fallback)
{
	cg_text_add(repair->why, "%s: ", repair->findings[0].spelling);
	if (cg_zone_find(repair->zone, repair->findings[0].owner, &repair->name) != KNOT_EOK) {
		cg_text_add(repair->why, "not in the zone that is to be repaired");
		return CG_NOT_APPLICABLE;
	}
	repair->apex = knot_dname_is_equal(repair->findings[0].owner,
	                                   cg_zone_origin(repair->zone));

	int ret = APPLY[strategy](repair);
	if (ret == CG_NOT_APPLICABLE && fallback != CG_STRATEGY_REFUSE && fallback != strategy) {
		cg_text_add(repair->why, "; %s: ", cg_strategy_name(fallback));
		ret = APPLY[fallback](repair);
	}
	return ret;
}

static bool is_enforced(const cg_finding_t *finding)
{
	return finding->level == CG_LEVEL_ERROR && !finding->exempt;
}

static int refusal_add(cg_plan_t *plan, const cg_refusal_t *refusal)
{
	struct store *store = plan->pool;
	if (plan->refusals_count == store->refusals_max) {
		size_t max = (store->refusals_max == 0) ? 8 : store->refusals_max * 2;
		cg_refusal_t *bigger = realloc(plan->refusals, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		plan->refusals = bigger;
		store->refusals_max = max;
	}
	plan->refusals[plan->refusals_count++] = *refusal;

	return KNOT_EOK;
}

/*! \brief Counts findings that stay, and keeps the reason. */
static int refused(cg_plan_t *plan, const cg_finding_t *findings, size_t count, cg_text_t *why)
{
	struct store *store = plan->pool;
	cg_refusal_t refusal = {
		.findings = findings, .count = count, .why = cg_text_end(why, &store->pool)
	};
	if (refusal.why == NULL) {
		return KNOT_ENOMEM;
	}
	plan->refused += count;
	if (plan->why == NULL) {
		plan->why = refusal.why;
	}
	return refusal_add(plan, &refusal);
}

/*! \brief Plans for findings of one and the same name. */
static int plan_name(const cg_zones_t *zones, const cg_zone_t *zone, const cg_finding_t *findings,
                     size_t count, cg_strategy_t strategy, cg_strategy_t fallback,
                     cg_plan_t *plan)
{
	struct store *store = plan->pool;
	cg_text_t why = { 0 };
	cg_repair_t repair = {
		.zones = zones, .zone = zone, .findings = findings, .plan = plan,
		.pool = &store->pool, .why = &why
	};

	/* Within a name the editable rules come first (static order of the rules). */
	while (repair.findings_count < count &&
	       cg_rule_info(findings[repair.findings_count].rule)->editable) {
		repair.findings_count++;
	}

	int ret = KNOT_EOK;
	if (repair.findings_count > 0 && is_enforced(&findings[0])) {
		ret = repair_name(&repair, strategy, fallback);
		if (ret == CG_NOT_APPLICABLE) {
			ret = refused(plan, findings, repair.findings_count, &why);
		}
	}
	for (size_t i = repair.findings_count; i < count && ret == KNOT_EOK; i++) {
		if (is_enforced(&findings[i])) {
			why.len = 0;
			cg_text_add(&why, "%s: %s is never repaired by a rewrite",
			            findings[i].spelling, cg_rule_info(findings[i].rule)->name);
			ret = refused(plan, &findings[i], 1, &why);
		}
	}

	cg_text_free(&why);
	return ret;
}

int cg_plan_make(const cg_zones_t *zones, const cg_zone_t *zone, const cg_findings_t *findings,
                 cg_strategy_t strategy, cg_strategy_t fallback, cg_plan_t *out)
{
	cg_zones_t alone = { .list = &zone, .count = 1 };
	memset(out, 0, sizeof(*out));
	struct store *store = malloc(sizeof(*store));
	if (store == NULL) {
		return KNOT_ENOMEM;
	}
	*store = (struct store){ 0 };
	out->pool = store;

	for (size_t i = 0; i < findings->count; ) {
		const cg_finding_t *first = &findings->list[i];
		size_t count = 1;
		while (i + count < findings->count &&
		       knot_dname_is_equal(first->owner, first[count].owner)) {
			count++;
		}
		int ret = plan_name((zones != NULL) ? zones : &alone, zone, first, count, strategy,
		                    fallback, out);
		if (ret != KNOT_EOK) {
			cg_plan_free(out);
			return ret;
		}
		i += count;
	}

	return KNOT_EOK;
}

void cg_plan_free(cg_plan_t *plan)
{
	if (plan == NULL) {
		return;
	}
	if (plan->pool != NULL) {
		struct store *store = plan->pool;
		cg_pool_free(&store->pool);
		free(store);
	}
	free(plan->list);
	free(plan->refusals);
	memset(plan, 0, sizeof(*plan));
}
