/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/lookup.h"
#include "guard/foreign.h"
#include "guard/whole.h"

/*! \brief Names of other zones that are looked up for one zone; further ones stay unknown. */
#define NAMES_MAX	1000
/*! \brief Names that are kept of one zone; then they are read anew. */
#define KEPT_MAX	10000

/*! \brief A name of a zone as it was read. */
typedef struct {
	knot_dname_t *name;
	bool exists;
	cg_rr_t *rr;        /*!< Data owned. */
	size_t count;
} kept_t;

struct cg_kept {
	kept_t *list;       /*!< By name. */
	size_t count;
	size_t max;
	uint32_t serial;    /*!< Of the zone when they were read. */
};

/* --- Names that were read --- */

static void kept_clear(kept_t *kept)
{
	for (size_t i = 0; i < kept->count; i++) {
		free((char *)kept->rr[i].data);
	}
	free(kept->rr);
	kept->rr = NULL;
	kept->count = 0;
}

void cg_foreign_forget(cg_guarded_t *zone)
{
	if (zone->kept == NULL) {
		return;
	}
	for (size_t i = 0; i < zone->kept->count; i++) {
		kept_clear(&zone->kept->list[i]);
		free(zone->kept->list[i].name);
	}
	free(zone->kept->list);
	free(zone->kept);
	zone->kept = NULL;
}

/*! \brief Place of a name, or where it would be. */
static size_t kept_place(const struct cg_kept *all, const knot_dname_t *name)
{
	size_t low = 0, high = all->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (cg_names_compare(all->list[mid].name, name) < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

static kept_t *kept_find(const struct cg_kept *all, const knot_dname_t *name)
{
	size_t place = (all != NULL) ? kept_place(all, name) : 0;
	return (all != NULL && place < all->count &&
	        knot_dname_is_equal(all->list[place].name, name)) ? &all->list[place] : NULL;
}

static kept_t *kept_insert(struct cg_kept *all, const knot_dname_t *name)
{
	if (all->count == all->max) {
		size_t max = (all->max == 0) ? 8 : all->max * 2;
		kept_t *bigger = realloc(all->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return NULL;
		}
		all->list = bigger;
		all->max = max;
	}
	knot_dname_t *copy = knot_dname_copy(name, NULL);
	if (copy == NULL) {
		return NULL;
	}
	size_t place = kept_place(all, name);
	memmove(&all->list[place + 1], &all->list[place],
	        (all->count - place) * sizeof(*all->list));
	all->list[place] = (kept_t){ .name = copy };
	all->count++;
	return &all->list[place];
}

/*! \brief Copies the records of a name that was read. */
static int take_name(const cg_name_t *name, void *ctx)
{
	kept_t *kept = ctx;
	kept->rr = calloc(name->count, sizeof(*kept->rr));
	if (kept->rr == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < name->count; i++) {
		kept->rr[i] = name->rr[i];
		kept->rr[i].data = strdup(name->rr[i].data);
		if (kept->rr[i].data == NULL) {
			kept->count = i;
			return KNOT_ENOMEM;
		}
		kept->count = i + 1;
	}
	return KNOT_EOK;
}

/*! \brief Reads one name; one that is not there is a result too. */
static int read_name(cg_guard_t *guard, const cg_guarded_t *zone, kept_t *kept)
{
	knot_dname_txt_storage_t text;
	if (knot_dname_to_str(text, kept->name, sizeof(text)) == NULL) {
		return KNOT_EINVAL;
	}
	int ret = cg_server_read(guard->control, CG_READ_CURRENT, zone->text, text, take_name,
	                         kept);
	kept->exists = (ret == KNOT_EOK);
	return (ret == KNOT_EDENIED) ? KNOT_EOK : ret;
}

/*! \brief A name of a zone, from memory or from the server. */
static int get_name(cg_guard_t *guard, cg_guarded_t *zone, const knot_dname_t *name,
                    bool *exists, bool *covers)
{
	if (zone->kept == NULL) {
		zone->kept = calloc(1, sizeof(*zone->kept));
		if (zone->kept == NULL) {
			return KNOT_ENOMEM;
		}
		zone->kept->serial = zone->serial;
	}
	kept_t *kept = kept_find(zone->kept, name);
	if (kept == NULL) {
		kept = kept_insert(zone->kept, name);
		int ret = (kept != NULL) ? read_name(guard, zone, kept) : KNOT_ENOMEM;
		if (ret != KNOT_EOK) {
			cg_foreign_forget(zone);
			return ret;
		}
	}
	*exists = kept->exists;
	*covers = false;
	for (size_t i = 0; i < kept->count; i++) {
		*covers |= kept->rr[i].type == KNOT_RRTYPE_DNAME ||
		           (kept->rr[i].type == KNOT_RRTYPE_NS &&
		            !knot_dname_is_equal(name, zone->name));
	}
	return KNOT_EOK;
}

/*! \brief Reads all that an answer for the name depends on (RFC 1034, 4.3.2; RFC 4592). */
static int get_way(cg_guard_t *guard, cg_guarded_t *zone, const knot_dname_t *name)
{
	int depth = knot_dname_in_bailiwick(name, zone->name);
	const knot_dname_t *encloser = NULL;
	for (int i = depth; i >= 0; i--) {
		const knot_dname_t *at = name;
		for (int skip = i; skip > 0; skip--) {
			at = knot_wire_next_label(at, NULL);
		}
		bool exists, covers;
		int ret = get_name(guard, zone, at, &exists, &covers);
		if (ret != KNOT_EOK || covers) {
			return ret;
		}
		if (!exists && encloser != NULL) {
			knot_dname_storage_t wildcard = { 1, '*' };
			memcpy(wildcard + 2, encloser, knot_dname_size(encloser));
			return get_name(guard, zone, wildcard, &exists, &covers);
		}
		encloser = at;
	}
	return KNOT_EOK;
}

/* --- Zones made of them --- */

/*! \brief The deepest guarded zone that a name is in. NULL: none, or it has no contents. */
static cg_guarded_t *zone_of(cg_guard_t *guard, const knot_dname_t *name)
{
	cg_guarded_t *found = NULL;
	pthread_mutex_lock(&guard->lock);
	while (true) {
		found = cg_registry_find(guard, name);
		if (found != NULL || *name == 0) {
			break;
		}
		name = knot_wire_next_label(name, NULL);
	}
	bool usable = (found != NULL && found->refs > 0 && found->loaded);
	pthread_mutex_unlock(&guard->lock);
	return usable ? found : NULL;
}

/*! \brief A zone of the names that were read. */
static cg_zone_t *make_zone(const cg_guarded_t *of)
{
	/* What an empty non-terminal has instead of data: something that counts as none. */
	static const cg_rr_t EMPTY = { .type = KNOT_RRTYPE_NSEC, .data = "" };
	cg_zone_t *zone = cg_zone_new(of->name);
	int ret = (zone == NULL) ? KNOT_ENOMEM : KNOT_EOK;
	for (size_t i = 0; i < of->kept->count && ret == KNOT_EOK; i++) {
		const kept_t *kept = &of->kept->list[i];
		cg_name_t name = { .owner = kept->name, .rr = kept->rr, .count = kept->count };
		if (kept->exists) {
			ret = (kept->count == 0) ? cg_zone_add(zone, kept->name, &EMPTY)
			                         : cg_whole_add(zone, &name);
		}
	}
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(zone);
	}
	if (ret != KNOT_EOK) {
		cg_zone_free(zone);
		return NULL;
	}
	return zone;
}

/*! \brief Puts a zone, read anew, into the set. */
static int set_zone(cg_foreign_t *set, cg_guarded_t *of)
{
	cg_zone_t *zone = make_zone(of);
	if (zone == NULL) {
		return KNOT_ENOMEM;
	}
	size_t i = 1;
	while (i < set->count && set->of[i] != of) {
		i++;
	}
	if (i == set->count) {
		cg_zone_t **list = realloc(set->list, (i + 1) * sizeof(*list));
		set->list = (list != NULL) ? list : set->list;
		cg_guarded_t **owners = realloc(set->of, (i + 1) * sizeof(*owners));
		set->of = (owners != NULL) ? owners : set->of;
		if (list == NULL || owners == NULL) {
			cg_zone_free(zone);
			return KNOT_ENOMEM;
		}
		set->list[i] = NULL;
		set->of[i] = of;
		set->count++;
	}
	cg_zone_free(set->list[i]);
	set->list[i] = zone;
	return KNOT_EOK;
}

/*! \brief Reads on the way that a name leads, zone after zone. */
static int follow(cg_guard_t *guard, cg_foreign_t *set, const knot_dname_t *host)
{
	cg_answer_t answer;
	knot_dname_storage_t last = "";
	for (int links = 0; links <= CG_CHAIN_MAX; links++) {
		cg_zones_t zones = { .list = (const cg_zone_t *const *)set->list, .count = set->count };
		cg_lookup(&zones, set->list[0], host, &answer);
		cg_guarded_t *zone = zone_of(guard, answer.last);
		bool known = answer.result == CG_TARGET_FOUND || answer.result == CG_TARGET_LOOP ||
		             answer.result == CG_TARGET_CONFLICT;
		if (known || zone == NULL || zone == set->of[0] ||
		    knot_dname_is_equal(answer.last, last)) {
			return KNOT_EOK;
		}
		memcpy(last, answer.last, knot_dname_size(answer.last));
		int ret = get_way(guard, zone, answer.last);
		if (ret == KNOT_EOK) {
			ret = set_zone(set, zone);
		}
		if (ret != KNOT_EOK) {
			return (ret == KNOT_ENOMEM) ? ret : KNOT_EOK;
		}
	}
	return KNOT_EOK;
}

/* --- What a zone asks for --- */

/*! \brief Adds a host to the sorted list, once. */
static int take_host(const knot_dname_t *host, void *ctx)
{
	cg_names_t *hosts = ctx;
	size_t low = 0, high = hosts->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int cmp = cg_names_compare(hosts->list[mid], host);
		if (cmp == 0) {
			return KNOT_EOK;
		} else if (cmp < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	if (hosts->count >= NAMES_MAX) {
		return KNOT_EOK;
	}
	int ret = cg_names_add(hosts, host);
	if (ret == KNOT_EOK) {
		knot_dname_t *added = hosts->list[hosts->count - 1];
		memmove(&hosts->list[low + 1], &hosts->list[low],
		        (hosts->count - 1 - low) * sizeof(*hosts->list));
		hosts->list[low] = added;
	}
	return ret;
}

int cg_foreign_read(cg_guard_t *guard, cg_guarded_t *zone, cg_zone_t *contents,
                    cg_foreign_t *out)
{
	cg_names_t hosts = { 0 };
	*out = (cg_foreign_t){
		.list = malloc(sizeof(*out->list)), .of = malloc(sizeof(*out->of))
	};
	if (out->list == NULL || out->of == NULL) {
		return KNOT_ENOMEM;
	}
	out->list[0] = contents;
	out->of[0] = zone;
	out->count = 1;

	int ret = cg_rules_hosts(contents, take_host, &hosts);
	for (size_t i = 0; i < hosts.count && ret == KNOT_EOK; i++) {
		/* What was read so far is kept for the next try. */
		ret = cg_read_yields(guard, zone, CG_BIG_RECORDS * 256) ?
		      KNOT_EAGAIN : follow(guard, out, hosts.list[i]);
	}
	zone->leads_out = (hosts.count > 0);
	cg_names_free(&hosts);
	return ret;
}

void cg_foreign_free(cg_foreign_t *foreign)
{
	for (size_t i = 1; i < foreign->count; i++) {
		cg_zone_free(foreign->list[i]);
	}
	free(foreign->list);
	free(foreign->of);
}

/* --- Changes --- */

static bool same_name(const kept_t *a, const kept_t *b)
{
	bool same = (a->exists == b->exists && a->count == b->count);
	for (size_t i = 0; i < a->count && same; i++) {
		same = a->rr[i].type == b->rr[i].type && strcmp(a->rr[i].data, b->rr[i].data) == 0;
	}
	return same;
}

bool cg_foreign_changed(cg_guard_t *guard, cg_guarded_t *zone)
{
	if (zone->kept == NULL || zone->kept->serial == zone->serial) {
		return false;
	}
	bool changed = zone->kept->count > KEPT_MAX;
	for (size_t i = 0; i < zone->kept->count && !changed; i++) {
		kept_t now = { .name = zone->kept->list[i].name };
		changed = read_name(guard, zone, &now) != KNOT_EOK ||
		          !same_name(&now, &zone->kept->list[i]);
		kept_clear(&now);
	}
	zone->kept->serial = zone->serial;
	if (changed) {
		cg_foreign_forget(zone);
	}
	return changed;
}
