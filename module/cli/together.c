/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/together.h"
#include "cnameguard/hash.h"
#include "cnameguard/lookup.h"

#define NOBODY	SIZE_MAX

/*! \brief A name: the origin of a zone, or what a DNAME of it leads to. */
typedef struct {
	uint64_t hash;
	const knot_dname_t *name;
	size_t place;       /*!< Of the zone. */
	bool dname;
	bool met;           /*!< By a zone below it. */
} entry_t;

typedef struct {
	cg_subjects_t *subjects;
	uint64_t seed;
	entry_t *entries;   /*!< By hash, origins first and these by place. */
	size_t count;
	bool *wanted;       /*!< By place. */
	cg_zones_t zones;   /*!< Those in memory. */
} together_t;

static const cg_reach_t *reach_of(const together_t *all, size_t place)
{
	return &all->subjects->list[place].reach;
}

/* --- Names --- */

static uint64_t hash_of(const together_t *all, const knot_dname_t *name)
{
	return cg_hash(all->seed, name, knot_dname_size(name));
}

static int compare(const void *a_ptr, const void *b_ptr)
{
	const entry_t *a = a_ptr, *b = b_ptr;
	if (a->hash != b->hash) {
		return (a->hash > b->hash) ? 1 : -1;
	}
	return (a->dname != b->dname) ? a->dname - b->dname :
	       (a->place > b->place) - (a->place < b->place);
}

/*! \brief First entry of that hash, or a later one. */
static size_t bound(const together_t *all, uint64_t hash)
{
	size_t low = 0, high = all->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (all->entries[mid].hash < hash) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

/*! \brief First entry of that name from \a at on, NULL: there is none. */
static entry_t *find(const together_t *all, const knot_dname_t *name, uint64_t hash, size_t at)
{
	for (; at < all->count && all->entries[at].hash == hash; at++) {
		if (knot_dname_is_equal(all->entries[at].name, name)) {
			return &all->entries[at];
		}
	}
	return NULL;
}

/*! \brief The deepest zone that a name is in; of several of one origin the first. */
static size_t zone_of(const together_t *all, const knot_dname_t *name)
{
	while (true) {
		uint64_t hash = hash_of(all, name);
		const entry_t *found = find(all, name, hash, bound(all, hash));
		if (found != NULL && !found->dname) {
			return found->place;
		}
		if (*name == 0) {
			return NOBODY;
		}
		name += 1 + *name;
	}
}

static void add(together_t *all, const knot_dname_t *name, size_t place, bool dname)
{
	all->entries[all->count++] = (entry_t){ hash_of(all, name), name, place, dname, false };
}

static int index_names(together_t *all)
{
	size_t count = all->subjects->count, at;
	uint16_t type;
	const knot_dname_t *host;
	for (size_t i = 0; i < all->subjects->count; i++) {
		for (at = 0; (host = cg_reach_next(reach_of(all, i), &at, &type)) != NULL; ) {
			count += type == KNOT_RRTYPE_DNAME;
		}
	}
	all->entries = malloc((count + 1) * sizeof(*all->entries));
	all->wanted = calloc(all->subjects->count + 1, sizeof(*all->wanted));
	if (all->entries == NULL || all->wanted == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < all->subjects->count; i++) {
		add(all, cg_reach_origin(reach_of(all, i)), i, false);
		for (at = 0; (host = cg_reach_next(reach_of(all, i), &at, &type)) != NULL; ) {
			if (type == KNOT_RRTYPE_DNAME) {
				add(all, host, i, true);
			}
		}
	}
	qsort(all->entries, all->count, sizeof(*all->entries), compare);
	return KNOT_EOK;
}

/* --- What is wanted --- */

/*! \brief A zone below a name wants all zones of that origin, and with DNAMEs that lead there. */
static void want_above(together_t *all, size_t place, const knot_dname_t *name)
{
	uint64_t hash = hash_of(all, name);
	size_t at = bound(all, hash);
	entry_t *found;
	for (; (found = find(all, name, hash, at)) != NULL; at = found + 1 - all->entries) {
		all->wanted[place] = true;
		if (found->met) {
			return; /* And so are all behind it. */
		}
		all->wanted[found->place] = true;
		found->met = true;
	}
}

/*! \brief Zones below others, and those below what a DNAME leads to: all of them. */
static void want_nested(together_t *all, size_t place)
{
	const knot_dname_t *name = cg_reach_origin(reach_of(all, place));
	while (*name != 0) {
		name += 1 + *name;
		want_above(all, place, name);
	}
}

/*! \brief Zones that others name hosts of. */
static void want_reached(together_t *all, size_t place)
{
	uint16_t type;
	const knot_dname_t *host;
	for (size_t at = 0; (host = cg_reach_next(reach_of(all, place), &at, &type)) != NULL; ) {
		size_t to = zone_of(all, host);
		if (to != NOBODY) {
			all->wanted[to] = true;
		}
	}
}

/*! \brief Whether there would be nothing more to be found if the host was in no zone that is known. */
static bool is_harmless(const together_t *all, const knot_dname_t *host, uint16_t type)
{
	cg_answer_t answer;
	cg_lookup(&all->zones, NULL, host, &answer);
	if ((answer.result != CG_TARGET_FOUND && answer.result != CG_TARGET_CUT) ||
	    !knot_dname_is_equal(answer.last, host)) {
		return false;
	}
	for (size_t i = 0; i < answer.name.count && type == KNOT_RRTYPE_CNAME; i++) {
		if (answer.name.rr[i].type == KNOT_RRTYPE_MX) {
			return false; /* Mail behind the alias. */
		}
	}
	return true;
}

/*! \brief Zones that name hosts which are aliases or missing. */
static void want_reaching(together_t *all, size_t place)
{
	uint16_t type;
	const knot_dname_t *host;
	for (size_t at = 0; (host = cg_reach_next(reach_of(all, place), &at, &type)) != NULL; ) {
		if (zone_of(all, host) != NOBODY && !is_harmless(all, host, type)) {
			all->wanted[place] = true;
			return;
		}
	}
}

/*! \brief Reads what is wanted and not in memory. */
static int load_wanted(together_t *all, int (*load)(cg_subject_t **list, size_t count, void *ctx),
                       void *ctx)
{
	size_t count = 0;
	cg_subject_t **list = malloc((all->subjects->count + 1) * sizeof(*list));
	if (list == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < all->subjects->count; i++) {
		if (all->wanted[i] && all->subjects->list[i].zone == NULL) {
			list[count++] = &all->subjects->list[i];
		}
	}
	int ret = (count > 0) ? load(list, count, ctx) : KNOT_EOK;
	free(list);
	return ret;
}

/*! \brief The zones that others reach are there: which of those others are needed, too? */
static int find_reaching(together_t *all)
{
	int ret = cg_subjects_gather(all->subjects, &all->zones);
	for (size_t i = 0; i < all->subjects->count && ret == KNOT_EOK; i++) {
		if (all->subjects->list[i].zone == NULL) {
			want_reaching(all, i);
		}
	}
	cg_zones_free_index(&all->zones);
	free((void *)all->zones.list);
	return ret;
}

int cg_together_settle(cg_subjects_t *subjects,
                       int (*load)(cg_subject_t **list, size_t count, void *ctx), void *ctx)
{
	together_t all = { .subjects = subjects };
	if (getrandom(&all.seed, sizeof(all.seed), 0) != sizeof(all.seed)) {
		return KNOT_ERROR;
	}
	int ret = index_names(&all);
	for (size_t i = 0; i < subjects->count && ret == KNOT_EOK; i++) {
		want_nested(&all, i);
		want_reached(&all, i);
	}
	if (ret == KNOT_EOK) {
		ret = load_wanted(&all, load, ctx);
	}
	if (ret == KNOT_EOK) {
		ret = find_reaching(&all);
	}
	if (ret == KNOT_EOK) {
		ret = load_wanted(&all, load, ctx);
	}
	free(all.entries);
	free(all.wanted);
	return ret;
}
