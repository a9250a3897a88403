/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/mend.h"
#include "rules/rr.h"

/*! \brief One version of the zone, and what is planned for it. */
struct round {
	const cg_zone_t *zone;
	cg_zone_t *own;        /*!< The same, if it is ours to free. */
	cg_findings_t findings;
	cg_plan_t plan;
};

struct rounds {
	struct round list[CG_MEND_ROUNDS];
	size_t count;
};

static void rounds_free(struct rounds *rounds)
{
	for (size_t i = 0; i < rounds->count; i++) {
		cg_plan_free(&rounds->list[i].plan);
		cg_findings_free(&rounds->list[i].findings);
		cg_zone_free(rounds->list[i].own);
	}
	free(rounds);
}

/*! \brief Takes in the edits of one plan; both are in canonical order of names. */
static int merge(cg_mend_t *mend, const cg_plan_t *plan)
{
	size_t count = mend->edits_count + plan->count;
	if (plan->count == 0) {
		return KNOT_EOK;
	}
	cg_edit_t *merged = malloc(count * sizeof(*merged));
	if (merged == NULL) {
		return KNOT_ENOMEM;
	}
	size_t a = 0, b = 0;
	for (size_t i = 0; i < count; i++) {
		bool from_a = b == plan->count ||
		              (a < mend->edits_count &&
		               cg_name_cmp(mend->edits[a].owner, plan->list[b].owner) < 0);
		merged[i] = from_a ? mend->edits[a++] : plan->list[b++];
	}
	free(mend->edits);
	mend->edits = merged;
	mend->edits_count = count;

	return KNOT_EOK;
}

/*! \brief Judges and plans one version; the last of all is only judged. */
static int round_make(struct round *round, const cg_rules_policy_t *policy, cg_strategy_t strategy,
                      cg_strategy_t fallback, bool last)
{
	int ret = cg_rules_zone(round->zone, policy, &round->findings);
	if (ret != KNOT_EOK) {
		return ret;
	}
	return cg_plan_make(NULL, round->zone, &round->findings,
	                    last ? CG_STRATEGY_REFUSE : strategy,
	                    last ? CG_STRATEGY_REFUSE : fallback, &round->plan);
}

static int make(const cg_zone_t *zone, const cg_rules_policy_t *policy, cg_strategy_t strategy,
                cg_strategy_t fallback, cg_mend_t *out)
{
	struct rounds *rounds = out->rounds;
	struct round *round;
	int ret;
	do {
		round = &rounds->list[rounds->count++];
		round->zone = zone;
		if (rounds->count > 1) {
			struct round *before = round - 1;
			ret = cg_mend_apply(before->zone, before->plan.list, before->plan.count,
			                    &round->own);
			if (ret != KNOT_EOK) {
				return ret;
			}
			round->zone = round->own;
		}
		out->full = out->edits_count > CG_PLAN_EDITS_MAX / 2;
		bool last = rounds->count == CG_MEND_ROUNDS || out->full;
		ret = round_make(round, policy, strategy, fallback, last);
		if (ret == KNOT_EOK) {
			ret = merge(out, &round->plan);
		}
	} while (ret == KNOT_EOK && round->plan.count > 0);

	out->findings = &rounds->list[0].findings;
	out->result = round->zone;
	out->left = &round->findings;
	out->refusals = round->plan.refusals;
	out->refusals_count = round->plan.refusals_count;

	return ret;
}

int cg_mend_make(const cg_zone_t *zone, const cg_rules_policy_t *policy, cg_strategy_t strategy,
                 cg_strategy_t fallback, cg_mend_t *out)
{
	memset(out, 0, sizeof(*out));
	out->rounds = calloc(1, sizeof(struct rounds));
	if (out->rounds == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = make(zone, policy, strategy, fallback, out);
	if (ret != KNOT_EOK) {
		cg_mend_free(out);
	}
	return ret;
}

void cg_mend_free(cg_mend_t *mend)
{
	if (mend == NULL) {
		return;
	}
	if (mend->rounds != NULL) {
		rounds_free(mend->rounds);
	}
	free(mend->edits);
	memset(mend, 0, sizeof(*mend));
}
