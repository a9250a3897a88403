/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "rules/rr.h"
#include "rules/screen.h"
#include "rules/targets.h"

/*! \brief The rules, and the types whose data must name no alias. */
static const struct {
	cg_rule_t rule;
	uint32_t types;
} REFERENCES[] = {
	{ CG_RULE_MX_ALIAS,    SEEN_MX },
	{ CG_RULE_NS_ALIAS,    SEEN_NS },
	{ CG_RULE_SRV_ALIAS,   SEEN_SRV },
	{ CG_RULE_PTR_ALIAS,   SEEN_PTR },
	{ CG_RULE_SOA_ALIAS,   SEEN_SOA },
	{ CG_RULE_NAPTR_ALIAS, SEEN_NAPTR },
	{ CG_RULE_SVCB_ALIAS,  SEEN_SVCB },
};

uint32_t cg_references_wanted(const cg_rules_policy_t *policy)
{
	uint32_t types = 0;
	for (size_t i = 0; i < sizeof(REFERENCES) / sizeof(*REFERENCES); i++) {
		if (cg_rule_wanted(policy, REFERENCES[i].rule)) {
			types |= REFERENCES[i].types;
		}
	}
	return types;
}

/*! \brief One name, and those of its records that lead to an alias. */
struct search {
	const cg_zones_t *zones;
	const cg_zone_t *self;
	const cg_node_t *node;
	const cg_rr_t **found;
	size_t count;
};

static bool leads_to_alias(const struct search *search, const cg_rr_t *rr, cg_step_t *step)
{
	knot_dname_storage_t host;
	if (!cg_rr_host(rr, host)) {
		return false;
	}
	cg_step(search->zones, search->self, host, step);
	return step->kind != CG_STEP_END;
}

static int find(struct search *search, uint32_t types)
{
	const cg_name_t *name = &search->node->name;
	search->count = 0;
	for (size_t i = 0; i < name->count; i++) {
		cg_step_t step;
		if ((cg_seen_type(name->rr[i].type) & types) == 0 ||
		    !leads_to_alias(search, &name->rr[i], &step)) {
			continue;
		}
		if (search->found == NULL) {
			search->found = malloc(name->count * sizeof(*search->found));
			if (search->found == NULL) {
				return KNOT_ENOMEM;
			}
		}
		search->found[search->count++] = &name->rr[i];
	}
	return KNOT_EOK;
}

/*! \brief Lists the CNAME or DNAME that a record leads to, once. */
static int list_alias(struct search *search, const cg_rr_t *rr, cg_rules_t *run,
                      cg_found_t *found, const cg_rr_t **listed)
{
	cg_step_t step;
	if (!leads_to_alias(search, rr, &step)) {
		return KNOT_EOK;
	}
	uint16_t type = (step.kind == CG_STEP_CNAME) ? KNOT_RRTYPE_CNAME : KNOT_RRTYPE_DNAME;
	const cg_rr_t *alias;
	if (cg_zone_rrset(&step.node.name, type, &alias) == 0) {
		return KNOT_EOK;
	}
	size_t count = found->pub.rr_count - search->count;
	for (size_t i = 0; i < count; i++) {
		if (listed[i] == alias) {
			return KNOT_EOK;
		}
	}
	listed[count] = alias;
	const char *owner = cg_pool_str(run->pool, step.node.name.spelling);
	return (owner == NULL) ? KNOT_ENOMEM : cg_run_record(run, found, owner, alias);
}

static int report(struct search *search, cg_rule_t rule, cg_rules_t *run)
{
	cg_found_t *found = cg_target_found(run, rule, &search->node->name);
	if (found == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = cg_run_room(run, found, search->count + WAY_LISTED);
	for (size_t i = 0; i < search->count && ret == KNOT_EOK; i++) {
		ret = cg_run_record(run, found, found->pub.spelling, search->found[i]);
	}
	found->own = search->count;

	const cg_rr_t *listed[WAY_LISTED];
	for (size_t i = 0; i < search->count && ret == KNOT_EOK &&
	                   found->pub.rr_count < search->count + WAY_LISTED; i++) {
		ret = list_alias(search, search->found[i], run, found, listed);
	}
	return (ret == KNOT_EOK) ? cg_run_list(run, found) : ret;
}

int cg_references_judge(const cg_zones_t *zones, const cg_zone_t *self, const cg_node_t *node,
                        cg_rules_t *run)
{
	/* What is below a zone cut is not answered, and at the cut only the NS. */
	bool apex = knot_dname_is_equal(node->name.owner, cg_zone_origin(self));
	bool cut = (node->seen & SEEN_NS) && !apex;
	if (cg_node_occluded(node)) {
		return KNOT_EOK;
	}

	struct search search = { .zones = zones, .self = self, .node = node };
	int ret = KNOT_EOK;
	for (size_t i = 0; i < sizeof(REFERENCES) / sizeof(*REFERENCES) && ret == KNOT_EOK; i++) {
		uint32_t types = REFERENCES[i].types & (cut ? (uint32_t)SEEN_NS : ~0u);
		if ((node->seen & types) == 0 || !cg_run_wants(run, REFERENCES[i].rule)) {
			continue;
		}
		ret = find(&search, types);
		if (ret == KNOT_EOK && search.count > 0) {
			ret = report(&search, REFERENCES[i].rule, run);
		}
	}
	free(search.found);
	return ret;
}
