/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the judgement of the suspects depends on. */

#include <stdlib.h>
#include <string.h>

#include "rules/pool.h"
#include "rules/run.h"
#include "rules/screen.h"
#include "rules/step.h"

size_t cg_screen_suspects(const cg_screen_t *screen)
{
	return screen->suspects;
}

size_t cg_screen_records(const cg_screen_t *screen)
{
	return screen->records;
}

size_t cg_screen_outside(const cg_screen_t *screen)
{
	return screen->outside;
}

static bool inside(const cg_screen_t *screen, const knot_dname_t *name, size_t *octets)
{
	return cg_screen_inside(screen, name, knot_dname_size(name), octets);
}

/*! \brief Slot of a name, NULL: none. */
static cg_slot_t *slot_of(const cg_screen_t *screen, const knot_dname_t *name, size_t octets)
{
	return cg_screen_slot(screen, cg_screen_hash(screen, name, octets));
}

static bool is_suspect(const cg_screen_t *screen, const knot_dname_t *owner)
{
	size_t octets;
	if (!inside(screen, owner, &octets)) {
		return false;
	}
	const cg_slot_t *slot = slot_of(screen, owner, octets);
	return slot != NULL && (cg_slot_bits(slot) & SLOT_SUSPECT);
}

bool cg_screen_wants_mark(const cg_screen_t *screen, uint32_t mark)
{
	/* What was asked for can be above any name. */
	return screen->asked || cg_screen_has_mark(screen, mark);
}

bool cg_screen_wants(cg_screen_t *screen, const knot_dname_t *owner)
{
	size_t octets;
	if (!inside(screen, owner, &octets)) {
		return false;
	}
	uint64_t hash = cg_screen_hash(screen, owner, octets);
	if (!screen->asked && !cg_screen_has_mark(screen, hash)) {
		return false;
	}
	cg_slot_t *slot = cg_screen_slot(screen, hash);
	if (slot != NULL && (cg_slot_bits(slot) & (SLOT_SUSPECT | SLOT_WANTED))) {
		return true;
	}
	/* The first name below one that was asked for shows that it exists. */
	bool shows = false;
	bool owns = slot != NULL && cg_slot_owns(cg_slot_bits(slot));
	while (screen->asked && owns && octets > 0) {
		octets -= 1 + *owner;
		owner += 1 + *owner;
		cg_slot_t *above = slot_of(screen, owner, octets);
		if (above != NULL && (cg_slot_bits(above) & SLOT_ASKED)) {
			shows |= cg_slot_set(above, SLOT_BELOW);
		}
	}
	if (shows) {
		cg_slot_set(slot, SLOT_WANTED);
		cg_screen_set_mark(screen, hash);
	}
	return shows;
}

/* --- Following --- */

/*! \brief Names whose suspects one thread follows at a time. */
#define PIECE	1024

/*! \brief Names to be looked at. */
typedef struct {
	knot_dname_t **list;
	size_t count;
	size_t max;
} names_t;

/*! \brief What one thread follows. */
typedef struct {
	cg_screen_t *screen;
	const cg_zone_t *zone;
	cg_pool_t pool;        /*!< Of the names. */
	names_t names;
	names_t late;          /*!< Names that own nothing: what asks for more is done by one thread. */
	bool alone;            /*!< That is this one. */
	size_t wanted;         /*!< Names that were not. */
} following_t;

static int push_to(following_t *following, names_t *names, const knot_dname_t *name)
{
	if (names->count == names->max) {
		size_t max = (names->max == 0) ? 64 : names->max * 2;
		knot_dname_t **bigger = realloc(names->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		names->list = bigger;
		names->max = max;
	}
	knot_dname_t *copy = cg_pool_bytes(&following->pool, name, knot_dname_size(name));
	names->list[names->count++] = copy;
	return (copy == NULL) ? KNOT_ENOMEM : KNOT_EOK;
}

static int push(following_t *following, const knot_dname_t *name)
{
	return push_to(following, &following->names, name);
}

/*! \brief Wants the records of a name; false: it owns none, it may exist all the same. */
static bool want(following_t *following, cg_slot_t *slot)
{
	if (slot == NULL || (cg_slot_bits(slot) & SLOT_TYPES) == 0) {
		return false;
	}
	if (cg_slot_set(slot, SLOT_WANTED) && (cg_slot_bits(slot) & SLOT_SUSPECT) == 0) {
		cg_screen_set_mark(following->screen, slot->hash);
		following->wanted++;
	}
	return cg_slot_owns(cg_slot_bits(slot));
}

/*! \brief Asks whether there is anything below a name that owns nothing. */
static int ask(following_t *following, const knot_dname_t *name, size_t octets)
{
	cg_screen_t *screen = following->screen;
	uint64_t hash = cg_screen_hash(screen, name, octets);
	cg_slot_t *slot = cg_table_put(cg_screen_share(screen, hash), hash);
	if (slot == NULL) {
		return KNOT_ENOMEM;
	}
	if (cg_screen_may_be_above(screen, hash) && cg_slot_set(slot, SLOT_ASKED)) {
		screen->asked = true;
		following->wanted++;
	}
	return KNOT_EOK;
}

/*! \brief Pushes what the records of a name lead to. */
static int push_hosts(following_t *following, const cg_name_t *name)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < name->count && ret == KNOT_EOK; i++) {
		knot_dname_storage_t host;
		if ((cg_seen_type(name->rr[i].type) & (SEEN_REFERENCE | SEEN_CNAME)) &&
		    cg_rr_host(&name->rr[i], host)) {
			ret = push(following, host);
		}
	}
	return ret;
}

/*! \brief Pushes what the wildcard right below a name leads to, if there is one. */
static int push_wildcard(following_t *following, const knot_dname_t *above)
{
	knot_dname_storage_t wildcard = { 1, '*' };
	size_t size = knot_dname_size(above), octets;
	if (size + 2 > KNOT_DNAME_MAXLEN) {
		return KNOT_EOK;
	}
	memcpy(wildcard + 2, above, size);
	if (!inside(following->screen, wildcard, &octets) ||
	    slot_of(following->screen, wildcard, octets) == NULL) {
		return KNOT_EOK;
	}
	return push(following, wildcard);
}

/*!
 * \brief What is above a name decides about it, too: zone cuts, and wildcards where it does not exist.
 */
static int follow_above(following_t *following, const knot_dname_t *name, size_t octets,
                        bool exists)
{
	int ret = KNOT_EOK;
	while (octets > 0 && ret == KNOT_EOK) {
		octets -= 1 + *name;
		name += 1 + *name;
		bool owns = want(following, slot_of(following->screen, name, octets));
		if (!exists && !owns) {
			ret = ask(following, name, octets);
		}
		if (!exists && ret == KNOT_EOK) {
			ret = push_wildcard(following, name);
		}
	}
	return ret;
}

/*! \brief Pushes what a name is renamed to by the highest DNAME above it that was read by now. */
static int push_renamed(following_t *following, const knot_dname_t *name, size_t octets)
{
	cg_step_t step = { .kind = CG_STEP_END };
	knot_dname_storage_t to;
	memcpy(to, name, knot_dname_size(name));
	while (octets > 0) {
		octets -= 1 + *name;
		name += 1 + *name;
		cg_node_t node;
		if (cg_zone_node(following->zone, name, &node) == KNOT_EOK &&
		    (node.seen & SEEN_DNAME)) {
			step.kind = CG_STEP_DNAME;
			step.node = node;
		}
	}
	bool renamed = step.kind == CG_STEP_DNAME && cg_step_on(&step, to, NULL);
	return renamed ? push(following, to) : KNOT_EOK;
}

/*! \brief A name that a suspect leads to. */
static int follow(following_t *following, const knot_dname_t *name)
{
	cg_screen_t *screen = following->screen;
	size_t octets;
	if (!inside(screen, name, &octets)) {
		return KNOT_EOK;
	}
	cg_slot_t *slot = slot_of(screen, name, octets);
	bool exists = want(following, slot);
	if (!exists && !following->alone) {
		return push_to(following, &following->late, name);
	}
	if (!exists) {
		int ret = ask(following, name, octets);
		slot = slot_of(screen, name, octets);
		if (ret != KNOT_EOK || slot == NULL) {
			return KNOT_ENOMEM;
		}
	}
	if (!cg_slot_set(slot, SLOT_FOLLOWED)) {
		return KNOT_EOK;
	}
	int ret = follow_above(following, name, octets, exists);
	if (ret == KNOT_EOK && screen->unseen) {
		ret = push_renamed(following, name, octets);
	}
	cg_node_t node;
	if (ret == KNOT_EOK && exists &&
	    cg_zone_node(following->zone, name, &node) == KNOT_EOK) {
		/* A wildcard that no suspect names may be an alias, too. */
		ret = (node.seen & SEEN_CNAME) ? push_hosts(following, &node.name) : KNOT_EOK;
	}
	return ret;
}

static int follow_names(following_t *following)
{
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && following->names.count > 0) {
		ret = follow(following, following->names.list[--following->names.count]);
	}
	return ret;
}

/*! \brief Begins with a suspect. */
static int follow_suspect(following_t *following, const cg_name_t *name)
{
	cg_screen_t *screen = following->screen;
	size_t octets;
	if (!is_suspect(screen, name->owner) ||
	    !inside(screen, name->owner, &octets)) {
		return KNOT_EOK;
	}
	int ret = follow_above(following, name->owner, octets, true);
	if (ret == KNOT_EOK) {
		ret = push_hosts(following, name);
	}
	return (ret == KNOT_EOK) ? follow_names(following) : ret;
}

static int follow_piece(size_t piece, void *work)
{
	following_t *following = &((following_t *)work)[piece];
	size_t names = cg_zone_names(following->zone);
	int ret = KNOT_EOK;
	for (size_t at = piece * PIECE; at < names && at < (piece + 1) * PIECE && ret == KNOT_EOK;
	     at++) {
		cg_node_t node;
		cg_zone_node_at(following->zone, at, &node);
		ret = follow_suspect(following, &node.name);
	}
	return ret;
}

/*! \brief Goes on where the threads could not. */
static int follow_late(following_t *following)
{
	int ret = KNOT_EOK;
	following->alone = true;
	for (size_t i = 0; i < following->late.count && ret == KNOT_EOK; i++) {
		ret = follow(following, following->late.list[i]);
		ret = (ret == KNOT_EOK) ? follow_names(following) : ret;
	}
	return ret;
}

static int follow_all(following_t *list, size_t pieces, cg_each_t each)
{
	int ret = cg_run_each(each, pieces, follow_piece, list);
	for (size_t i = 0; i < pieces && ret == KNOT_EOK; i++) {
		ret = follow_late(&list[i]);
	}
	return ret;
}

static void forget_followed(cg_screen_t *screen)
{
	for (size_t i = 0; i < SHARES; i++) {
		for (size_t j = 0; j < screen->shares[i].max; j++) {
			cg_table_at(&screen->shares[i], j)->bits &= ~(uint32_t)SLOT_FOLLOWED;
		}
	}
}

int cg_screen_follow(cg_screen_t *screen, const cg_zone_t *zone, cg_each_t each, bool *whole)
{
	size_t pieces = (cg_zone_names(zone) + PIECE - 1) / PIECE, wanted = 0;
	following_t *list = calloc(pieces + 1, sizeof(*list));
	if (list == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < pieces; i++) {
		list[i].screen = screen;
		list[i].zone = zone;
	}
	int ret = follow_all(list, pieces, each);
	for (size_t i = 0; i < pieces; i++) {
		wanted += list[i].wanted;
		free(list[i].names.list);
		free(list[i].late.list);
		cg_pool_free(&list[i].pool);
	}
	free(list);
	screen->wanted += wanted;
	*whole = wanted == 0;
	if (wanted > 0) {
		forget_followed(screen);
	}
	return (ret == KNOT_EOK && !cg_screen_is_few(screen)) ? KNOT_ENOTSUP : ret;
}

void cg_screen_sift(const cg_screen_t *screen, cg_findings_t *findings)
{
	size_t kept = 0;
	findings->errors = 0;
	for (size_t i = 0; i < findings->count; i++) {
		const cg_finding_t *finding = &findings->list[i];
		if (is_suspect(screen, finding->owner)) {
			findings->errors += finding->level == CG_LEVEL_ERROR && !finding->exempt;
			findings->list[kept++] = *finding;
		}
	}
	findings->count = kept;
}
