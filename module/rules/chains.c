/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "rules/rr.h"
#include "rules/targets.h"

/*! \brief A finding that takes the records of a way. */
struct way {
	const cg_aliases_t *aliases;
	cg_rules_t *run;
	cg_found_t *found;
};

/*! \brief Lists the CNAMEs or DNAMEs of a node, as far as there is room. */
static int list_node(struct way *way, const cg_node_t *node, uint16_t type)
{
	const cg_rr_t *rr;
	size_t count = cg_zone_rrset(&node->name, type, &rr);
	const char *owner = cg_pool_str(way->run->pool, node->name.spelling);
	int ret = (owner == NULL) ? KNOT_ENOMEM : KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK &&
	                   way->found->pub.rr_count < WAY_LISTED; i++) {
		ret = cg_run_record(way->run, way->found, owner, &rr[i]);
	}
	return ret;
}

static int list_dname(const cg_step_t *step, void *ctx)
{
	return list_node(ctx, &step->node, KNOT_RRTYPE_DNAME);
}

/*! \brief Lists the records from an alias to the end of its way, or round the circle. */
static int list_way(struct way *way, uint32_t first)
{
	int ret = KNOT_EOK;
	uint32_t i = first;
	do {
		const cg_alias_t *alias = &way->aliases->list[i];
		cg_node_t node;
		cg_alias_node(way->aliases, alias, &node);
		ret = list_node(way, &node, alias->type);
		if (ret == KNOT_EOK && alias->hops > 0) {
			knot_dname_storage_t name;
			cg_step_t step;
			cg_alias_follow(way->aliases, alias, name, &step, list_dname, way);
		}
		i = alias->next;
	} while (ret == KNOT_EOK && i != first && i != CG_NO_ALIAS &&
	         way->found->pub.rr_count < WAY_LISTED);
	return ret;
}

/*! \brief Tells where the way ends: the name that its last alias leads to. */
static int set_end(struct way *way, const cg_alias_t *alias)
{
	way->found->how = alias->end;
	if (alias->end == CG_TARGET_LOOP) {
		return KNOT_EOK;
	}
	knot_dname_storage_t name;
	knot_dname_txt_storage_t text;
	cg_step_t step;
	const cg_alias_t *tail = &way->aliases->list[alias->tail];
	cg_alias_follow(way->aliases, tail, name, &step, NULL, NULL);
	if (alias->end == CG_TARGET_CONFLICT && name[0] == 0) { /* The way ends at its owner. */
		cg_node_t node;
		cg_alias_node(way->aliases, tail, &node);
		memcpy(name, node.name.owner, knot_dname_size(node.name.owner));
	}
	if (!cg_name_text(name, text)) {
		return KNOT_EINVAL;
	}
	way->found->end = cg_pool_str(way->run->pool, text);
	return (way->found->end == NULL) ? KNOT_ENOMEM : KNOT_EOK;
}

/*! \brief New finding at the owner of an alias, with its way. */
static int begin(struct way *way, cg_rule_t rule, uint32_t place, size_t more)
{
	const cg_alias_t *alias = &way->aliases->list[place];
	cg_node_t node;
	cg_alias_node(way->aliases, alias, &node);
	way->found = cg_target_found(way->run, rule, &node.name);
	if (way->found == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = cg_run_room(way->run, way->found, WAY_LISTED + more);
	if (ret == KNOT_EOK) {
		ret = list_way(way, place);
	}
	way->found->own = 1;
	way->found->links = alias->links;
	return (ret == KNOT_EOK) ? set_end(way, alias) : ret;
}

static int report(struct way *way, cg_rule_t rule, uint32_t place)
{
	int ret = begin(way, rule, place, 0);
	return (ret == KNOT_EOK) ? cg_run_list(way->run, way->found) : ret;
}

/* --- cname-loop --- */

static int cmp_owner(const cg_aliases_t *aliases, const cg_alias_t *a, const cg_alias_t *b)
{
	cg_node_t node_a, node_b;
	cg_alias_node(aliases, a, &node_a);
	cg_alias_node(aliases, b, &node_b);
	return cg_name_cmp(node_a.name.owner, node_b.name.owner);
}

/*! \brief Reports a circle at the first of its owners, and none of it again. */
static int judge_loop(cg_aliases_t *aliases, cg_rules_t **runs, uint32_t place)
{
	uint32_t first = place, i = place;
	size_t links = 0;
	do {
		cg_alias_t *alias = &aliases->list[i];
		alias->loops = false;
		links += 1 + alias->hops;
		if (cmp_owner(aliases, alias, &aliases->list[first]) < 0) {
			first = i;
		}
		i = alias->next;
	} while (i != place);

	struct way way = { .aliases = aliases, .run = runs[aliases->list[first].zone] };
	if (!cg_run_wants(way.run, CG_RULE_CNAME_LOOP)) {
		return KNOT_EOK;
	}
	int ret = begin(&way, CG_RULE_CNAME_LOOP, first, 0);
	if (ret == KNOT_EOK) {
		way.found->links = links;
		ret = cg_run_list(way.run, way.found);
	}
	return ret;
}

/* --- cname-mail --- */

/*! \brief The MX of the name that a way ends at, unless they say that it takes no mail (RFC 7505). */
static size_t mail_behind(const cg_aliases_t *aliases, const cg_alias_t *alias,
                          cg_node_t *end, const cg_rr_t **rr)
{
	if (alias->end != CG_TARGET_FOUND || alias->end_at == CG_NO_NODE) {
		return 0;
	}
	cg_zone_node_at(aliases->zones->list[alias->end_zone], alias->end_at, end);
	size_t count = cg_zone_rrset(&end->name, KNOT_RRTYPE_MX, rr);
	knot_dname_storage_t host;
	for (size_t i = 0; i < count && i < WAY_LISTED; i++) {
		if (cg_rr_host(&(*rr)[i], host)) {
			return count;
		}
	}
	return 0;
}

static bool has_conflict(const cg_rules_t *run, const cg_node_t *node)
{
	return (node->seen & run->conflicting) || cg_several(&node->name, KNOT_RRTYPE_CNAME);
}

static int judge_mail(struct way *way, uint32_t place)
{
	const cg_alias_t *alias = &way->aliases->list[place];
	cg_node_t node, end;
	const cg_rr_t *mx;
	cg_alias_node(way->aliases, alias, &node);
	size_t count = mail_behind(way->aliases, alias, &end, &mx);
	if (count == 0 || has_conflict(way->run, &node)) {
		return KNOT_EOK;
	}

	size_t listed = (count < WAY_LISTED) ? count : WAY_LISTED;
	int ret = begin(way, CG_RULE_CNAME_MAIL, place, listed);
	const char *owner = cg_pool_str(way->run->pool, end.name.spelling);
	if (ret == KNOT_EOK && owner == NULL) {
		ret = KNOT_ENOMEM;
	}
	for (size_t i = 0; i < listed && ret == KNOT_EOK; i++) {
		ret = cg_run_record(way->run, way->found, owner, &mx[i]);
	}
	return (ret == KNOT_EOK) ? cg_run_list(way->run, way->found) : ret;
}

/* --- All of them --- */

static bool is_too_long(const cg_rules_t *run, const cg_alias_t *alias)
{
	size_t limit = run->policy->chain_limit;
	return !alias->reached && alias->end != CG_TARGET_LOOP &&
	       alias->links > ((limit == 0) ? CG_CHAIN_LIMIT : limit);
}

static int judge_alias(cg_aliases_t *aliases, cg_rules_t **runs, uint32_t place)
{
	const cg_alias_t *alias = &aliases->list[place];
	struct way way = { .aliases = aliases, .run = runs[alias->zone] };
	int ret = KNOT_EOK;

	if (alias->loops) {
		return judge_loop(aliases, runs, place);
	}
	if (alias->type != KNOT_RRTYPE_CNAME) {
		return KNOT_EOK;
	}
	if (is_too_long(way.run, alias) && cg_run_wants(way.run, CG_RULE_CNAME_CHAIN)) {
		ret = report(&way, CG_RULE_CNAME_CHAIN, place);
	}
	if (ret == KNOT_EOK && alias->next == CG_NO_ALIAS && alias->end == CG_TARGET_MISSING &&
	    cg_run_wants(way.run, CG_RULE_CNAME_DANGLING)) {
		ret = report(&way, CG_RULE_CNAME_DANGLING, place);
	}
	if (ret == KNOT_EOK && cg_run_wants(way.run, CG_RULE_CNAME_MAIL)) {
		ret = judge_mail(&way, place);
	}
	return ret;
}

int cg_chains_judge(cg_aliases_t *aliases, cg_rules_t **runs)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < aliases->count && ret == KNOT_EOK; i++) {
		ret = judge_alias(aliases, runs, i);
	}
	return ret;
}
