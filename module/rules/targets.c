/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "rules/rr.h"
#include "rules/targets.h"

#define FIRST_RULE CG_RULE_MX_ALIAS

cg_found_t *cg_target_found(cg_rules_t *run, cg_rule_t rule, const cg_name_t *name)
{
	size_t count;
	const cg_rr_t **list = cg_run_sorted(name, &count);
	if (list == NULL) {
		return NULL;
	}
	cg_found_t *found = cg_run_found(run, rule, name->owner, name->spelling);
	if (found != NULL && cg_run_types(run, found, list, count) != KNOT_EOK) {
		found = NULL;
	}
	free(list);
	return found;
}

bool cg_rules_targets(const cg_rules_policy_t *policy, bool *enforced)
{
	bool any = false;
	*enforced = false;
	for (cg_rule_t rule = FIRST_RULE; rule < CG_RULE__COUNT; rule++) {
		bool wanted = cg_rule_wanted(policy, rule);
		any |= wanted;
		*enforced |= wanted && (policy->enforce & (1u << rule));
	}
	return any;
}

/*! \brief Names whose references are judged one after the other. */
#define PIECE	1024

/*! \brief The references of a zone. */
typedef struct {
	const cg_zones_t *zones;
	const cg_zone_t *zone;
	cg_rules_t *runs;   /*!< One a piece. */
} judging_t;

static int judge_piece(size_t piece, void *work)
{
	const judging_t *judging = work;
	size_t at = piece * PIECE, end = at + PIECE, names = cg_zone_names(judging->zone);
	int ret = KNOT_EOK;
	for (; at < end && at < names && ret == KNOT_EOK; at++) {
		cg_node_t node;
		cg_zone_node_at(judging->zone, at, &node);
		if (node.seen & SEEN_REFERENCE) {
			ret = cg_references_judge(judging->zones, judging->zone, &node,
			                          &judging->runs[piece]);
		}
	}
	return ret;
}

static int judge_zone(const cg_zones_t *zones, size_t place, cg_rules_t *run, cg_each_t each)
{
	judging_t judging = { .zones = zones, .zone = zones->list[place], .runs = run };
	size_t pieces = (cg_zone_names(judging.zone) + PIECE - 1) / PIECE;
	if (pieces <= 1) {
		return judge_piece(0, &judging);
	}
	judging.runs = cg_run_split(run, pieces);
	int ret = (judging.runs == NULL) ? KNOT_ENOMEM :
	          cg_run_each(each, pieces, judge_piece, &judging);
	return cg_run_join(run, judging.runs, pieces, ret);
}

int cg_targets_judge(const cg_zones_t *given, cg_rules_t **runs, cg_each_t each)
{
	bool enforced;
	if (given->count == 0 || !cg_rules_targets(runs[0]->policy, &enforced)) {
		return KNOT_EOK;
	}

	cg_zones_t zones = *given; /* Its index, if it has one, serves here too. */
	cg_aliases_t aliases = { .zones = &zones };
	int ret = cg_zones_index(&zones);
	if (ret == KNOT_EOK) {
		ret = cg_aliases_find(&zones, each, &aliases);
	}
	/* Without aliases no name leads to one. */
	for (size_t i = 0; i < zones.count && ret == KNOT_EOK && aliases.count > 0; i++) {
		ret = judge_zone(&zones, i, runs[i], each);
	}
	if (ret == KNOT_EOK && aliases.count > 0) {
		ret = cg_chains_judge(&aliases, runs);
	}
	cg_aliases_free(&aliases);
	if (zones.index != given->index) {
		cg_zones_free_index(&zones);
	}
	return ret;
}

int cg_rules_hosts(const cg_zone_t *zone, int (*host)(const knot_dname_t *name, void *ctx),
                   void *ctx)
{
	cg_zones_t alone = { .list = &zone, .count = 1 };
	for (size_t at = 0; at < cg_zone_names(zone); at++) {
		cg_node_t node;
		cg_zone_node_at(zone, at, &node);
		for (size_t i = 0; i < node.name.count && !cg_node_occluded(&node); i++) {
			const cg_rr_t *rr = &node.name.rr[i];
			knot_dname_storage_t name;
			cg_answer_t answer;
			if ((cg_seen_type(rr->type) & (SEEN_REFERENCE | SEEN_CNAME)) == 0 ||
			    !cg_rr_host(rr, name)) {
				continue;
			}
			cg_lookup(&alone, zone, name, &answer);
			bool out = answer.result == CG_TARGET_OUTSIDE ||
			           answer.result == CG_TARGET_CUT;
			int ret = out ? host(name, ctx) : KNOT_EOK;
			if (ret != KNOT_EOK) {
				return ret;
			}
		}
	}
	return KNOT_EOK;
}

int cg_rules_all_hosts(const cg_zone_t *zone,
                       int (*host)(const knot_dname_t *name, uint16_t type, void *ctx), void *ctx)
{
	int ret = KNOT_EOK;
	for (size_t at = 0; at < cg_zone_names(zone); at++) {
		cg_node_t node;
		cg_zone_node_at(zone, at, &node);
		for (size_t i = 0; i < node.name.count && ret == KNOT_EOK; i++) {
			const cg_rr_t *rr = &node.name.rr[i];
			knot_dname_storage_t name;
			if ((cg_seen_type(rr->type) & (SEEN_REFERENCE | SEEN_CNAME | SEEN_DNAME)) &&
			    cg_rr_host(rr, name)) {
				ret = host(name, rr->type, ctx);
			}
		}
	}
	return ret;
}
