/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "rules/aliases.h"
#include "rules/rr.h"
#include "rules/run.h"

enum { STATE_NEW, STATE_ON_WAY, STATE_DONE };

void cg_alias_node(const cg_aliases_t *aliases, const cg_alias_t *alias, cg_node_t *out)
{
	cg_zone_node_at(aliases->zones->list[alias->zone], alias->at, out);
}

static const cg_zone_t *zone_of(const cg_aliases_t *aliases, const cg_alias_t *alias)
{
	return aliases->zones->list[alias->zone];
}

/* --- Finding them --- */

/*! \brief The aliases of one name, as bits. */
static uint32_t kinds(const cg_zone_t *zone, const cg_node_t *node)
{
	bool apex = knot_dname_is_equal(node->name.owner, cg_zone_origin(zone));
	if (cg_node_occluded(node) || ((node->seen & SEEN_NS) && !apex)) {
		return 0;
	}
	return node->seen & (SEEN_CNAME | SEEN_DNAME);
}

static size_t count_aliases(const cg_zones_t *zones)
{
	size_t count = 0;
	for (size_t i = 0; i < zones->count; i++) {
		for (size_t at = 0; at < cg_zone_names(zones->list[i]); at++) {
			cg_node_t node;
			cg_zone_node_at(zones->list[i], at, &node);
			uint32_t found = kinds(zones->list[i], &node);
			count += ((found & SEEN_CNAME) != 0) + ((found & SEEN_DNAME) != 0);
		}
	}
	return count;
}

static void add(cg_aliases_t *aliases, size_t zone, size_t at, uint16_t type)
{
	aliases->list[aliases->count++] = (cg_alias_t){
		.zone = zone, .at = at, .type = type, .next = CG_NO_ALIAS
	};
}

static int collect_zone(cg_aliases_t *aliases, size_t place)
{
	const cg_zone_t *zone = aliases->zones->list[place];
	size_t names = cg_zone_names(zone);
	uint32_t *places = malloc((names + 1) * sizeof(*places));
	if (places == NULL) {
		return KNOT_ENOMEM;
	}
	aliases->places[place] = places;

	for (size_t at = 0; at < names; at++) {
		cg_node_t node;
		cg_zone_node_at(zone, at, &node);
		uint32_t found = kinds(zone, &node);
		places[at] = (found != 0) ? aliases->count : CG_NO_ALIAS;
		if (found & SEEN_CNAME) {
			add(aliases, place, at, KNOT_RRTYPE_CNAME);
		}
		if (found & SEEN_DNAME) {
			add(aliases, place, at, KNOT_RRTYPE_DNAME);
		}
	}
	return KNOT_EOK;
}

/*! \brief The alias of that type at a node that a step came to. */
static uint32_t alias_at(const cg_aliases_t *aliases, const cg_step_t *step, uint16_t type)
{
	uint32_t found = aliases->places[step->zone][step->node.at];
	if (found == CG_NO_ALIAS || aliases->list[found].type == type) {
		return found;
	}
	found++; /* A name with both has its CNAME first. */
	bool same = found < aliases->count && aliases->list[found].type == type &&
	            aliases->list[found].zone == step->zone &&
	            aliases->list[found].at == step->node.at;
	return same ? found : CG_NO_ALIAS;
}

/* --- Where they lead to --- */

/*! \brief Puts the target of the alias itself into \a name. */
static bool own_target(const cg_aliases_t *aliases, const cg_alias_t *alias,
                       knot_dname_storage_t name, cg_step_t *step)
{
	step->kind = CG_STEP_CNAME;
	cg_alias_node(aliases, alias, &step->node);
	name[0] = 0;
	if (alias->type == KNOT_RRTYPE_DNAME) {
		/* As for its own owner: what stays of the name is the target alone. */
		step->kind = CG_STEP_DNAME;
		memcpy(name, step->node.name.owner, knot_dname_size(step->node.name.owner));
	}
	return cg_step_on(step, name, NULL);
}

void cg_alias_follow(const cg_aliases_t *aliases, const cg_alias_t *alias,
                     knot_dname_storage_t name, cg_step_t *step,
                     int (*on_dname)(const cg_step_t *step, void *ctx), void *ctx)
{
	if (!own_target(aliases, alias, name, step)) {
		return;
	}
	/* More DNAMEs than this are taken for a circle, as in cg_lookup(). */
	for (unsigned hops = 0; hops <= CG_CHAIN_MAX; hops++) {
		cg_step(aliases->zones, zone_of(aliases, alias), name, step);
		if (step->kind != CG_STEP_DNAME || alias->type == KNOT_RRTYPE_DNAME ||
		    hops == CG_CHAIN_MAX) {
			return;
		}
		if (on_dname != NULL && on_dname(step, ctx) != KNOT_EOK) {
			return;
		}
		if (!cg_step_on(step, name, NULL)) {
			return;
		}
	}
}

static int count_hop(const cg_step_t *step, void *ctx)
{
	(void)step;
	(*(uint32_t *)ctx)++;
	return KNOT_EOK;
}

/*! \brief A DNAME's target may hold a DNAME, which renames what is below it, too. */
static uint32_t next_of(const cg_aliases_t *aliases, const cg_alias_t *alias,
                        const knot_dname_t *name, const cg_step_t *step)
{
	if (alias->type == KNOT_RRTYPE_DNAME && step->kind == CG_STEP_DNAME) {
		return alias_at(aliases, step, KNOT_RRTYPE_DNAME);
	}
	if (alias->type == KNOT_RRTYPE_CNAME) {
		return (step->kind == CG_STEP_CNAME) ? alias_at(aliases, step, KNOT_RRTYPE_CNAME)
		                                     : CG_NO_ALIAS;
	}
	bool is_node = step->kind == CG_STEP_CNAME || step->result == CG_TARGET_FOUND;
	if (!is_node || step->node.at == CG_NO_NODE || (step->node.seen & SEEN_DNAME) == 0 ||
	    !knot_dname_is_equal(step->node.name.owner, name)) {
		return CG_NO_ALIAS;
	}
	return alias_at(aliases, step, KNOT_RRTYPE_DNAME);
}

static void link_alias(cg_aliases_t *aliases, cg_alias_t *alias)
{
	knot_dname_storage_t name;
	cg_step_t step = { 0 };
	cg_alias_follow(aliases, alias, name, &step, count_hop, &alias->hops);

	alias->next = next_of(aliases, alias, name, &step);
	if (alias->next != CG_NO_ALIAS) {
		return;
	}
	alias->end = (step.kind == CG_STEP_END) ? step.result :
	             (step.kind == CG_STEP_DNAME) ? CG_TARGET_LOOP : CG_TARGET_FOUND;
	alias->end_zone = step.zone;
	alias->end_at = step.node.at;
}

/*! \brief Aliases that are linked one after the other. */
#define PIECE	512

static int link_piece(size_t piece, void *work)
{
	cg_aliases_t *aliases = work;
	size_t end = (piece + 1) * PIECE;
	for (size_t i = piece * PIECE; i < end && i < aliases->count; i++) {
		link_alias(aliases, &aliases->list[i]);
	}
	return KNOT_EOK;
}

static int link_all(cg_aliases_t *aliases, cg_each_t each)
{
	int ret = cg_run_each(each, (aliases->count + PIECE - 1) / PIECE, link_piece, aliases);
	for (size_t i = 0; i < aliases->count && ret == KNOT_EOK; i++) {
		const cg_alias_t *alias = &aliases->list[i];
		if (alias->next != CG_NO_ALIAS && alias->type == KNOT_RRTYPE_CNAME) {
			aliases->list[alias->next].reached = true;
		}
	}
	return ret;
}

/* --- How far, and whether they come back --- */

static void end_here(cg_alias_t *alias, uint32_t self)
{
	alias->tail = self;
	alias->links = (alias->end == CG_TARGET_LOOP) ? 0 : 1 + alias->hops;
}

/*! \brief Takes over from the next alias what is known of the rest of the way. */
static void end_as(cg_alias_t *alias, const cg_alias_t *next)
{
	alias->end = next->end;
	alias->end_zone = next->end_zone;
	alias->end_at = next->end_at;
	alias->tail = next->tail;
	alias->links = (next->links == 0) ? 0 : 1 + alias->hops + next->links;
}

static void end_in_circle(cg_aliases_t *aliases, uint32_t first)
{
	uint32_t i = first;
	do {
		cg_alias_t *alias = &aliases->list[i];
		alias->loops = true;
		alias->end = CG_TARGET_LOOP;
		alias->tail = first;
		alias->links = 0;
		alias->state = STATE_DONE;
		i = alias->next;
	} while (i != first);
}

/*! \brief Goes the way from one alias until something is known, then back. */
static void measure(cg_aliases_t *aliases, uint32_t first, uint32_t *way)
{
	size_t depth = 0;
	uint32_t i = first;
	while (i != CG_NO_ALIAS && aliases->list[i].state == STATE_NEW) {
		aliases->list[i].state = STATE_ON_WAY;
		way[depth++] = i;
		i = aliases->list[i].next;
	}
	if (i != CG_NO_ALIAS && aliases->list[i].state == STATE_ON_WAY) {
		end_in_circle(aliases, i);
	}

	while (depth > 0) {
		uint32_t self = way[--depth];
		cg_alias_t *alias = &aliases->list[self];
		if (alias->state == STATE_DONE) {
			continue;
		}
		if (alias->next == CG_NO_ALIAS) {
			end_here(alias, self);
		} else {
			end_as(alias, &aliases->list[alias->next]);
		}
		alias->state = STATE_DONE;
	}
}

int cg_aliases_find(const cg_zones_t *zones, cg_each_t each, cg_aliases_t *out)
{
	*out = (cg_aliases_t){ .zones = zones };
	size_t count = count_aliases(zones);
	if (count == 0) {
		return KNOT_EOK;
	}
	if (count >= CG_NO_ALIAS) {
		return KNOT_ENOMEM;
	}

	out->list = malloc(count * sizeof(*out->list));
	out->places = calloc(zones->count, sizeof(*out->places));
	uint32_t *way = malloc(count * sizeof(*way));
	int ret = (out->list == NULL || out->places == NULL || way == NULL) ? KNOT_ENOMEM : KNOT_EOK;
	for (size_t i = 0; i < zones->count && ret == KNOT_EOK; i++) {
		ret = collect_zone(out, i);
	}
	if (ret == KNOT_EOK) {
		ret = link_all(out, each);
	}
	for (size_t i = 0; i < out->count && ret == KNOT_EOK; i++) {
		measure(out, i, way);
	}
	free(way);
	return ret;
}

void cg_aliases_free(cg_aliases_t *aliases)
{
	for (size_t i = 0; i < aliases->zones->count && aliases->places != NULL; i++) {
		free(aliases->places[i]);
	}
	free(aliases->places);
	free(aliases->list);
}
