/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/lookup.h"
#include "guard/apart.h"
#include "guard/foreign.h"
#include "rules/zones.h"

/*! \brief A name of a zone as it was read. */
typedef struct {
	knot_dname_t *name;
	bool exists;
	cg_rr_t *rr;         /*!< Data owned. */
	size_t count;
} kept_t;

/*! \brief What was read of one zone. */
struct cg_part {
	cg_guarded_t *zone;
	uint32_t serial;     /*!< Known before the first name was read. */
	unsigned version;
	kept_t *list;
	size_t count;
	size_t max;
};

/*! \brief After so many hosts of a zone in memory others have their turn. */
#define BREATH_HOSTS	1024

/*! \brief What cannot be known now: another answer than that there is no such name. */
#define UNKNOWN	KNOT_EAGAIN

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

static kept_t *kept_find(const struct cg_part *part, const knot_dname_t *name)
{
	for (size_t i = 0; i < part->count; i++) {
		if (knot_dname_is_equal(part->list[i].name, name)) {
			return &part->list[i];
		}
	}
	return NULL;
}

static kept_t *kept_add(struct cg_part *part, const knot_dname_t *name)
{
	if (part->count == part->max) {
		size_t max = (part->max == 0) ? 8 : part->max * 2;
		kept_t *bigger = realloc(part->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return NULL;
		}
		part->list = bigger;
		part->max = max;
	}
	knot_dname_t *copy = knot_dname_copy(name, NULL);
	if (copy == NULL) {
		return NULL;
	}
	part->list[part->count] = (kept_t){ .name = copy };
	return &part->list[part->count++];
}

/*! \brief Takes back the name that was added last; NULL: none was. */
static void kept_drop(struct cg_part *part, kept_t *kept)
{
	if (kept != NULL) {
		kept_clear(kept);
		free(kept->name);
		part->count--;
	}
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
	if (ret == KNOT_EDENIED &&
	    strcmp(cg_control_error(guard->control), knot_strerror(KNOT_ENONODE)) == 0) {
		return KNOT_EOK;
	}
	return (ret == KNOT_EOK || ret == KNOT_ENOMEM) ? ret : UNKNOWN;
}

/*! \brief A name of a zone; \a covers: it has a zone cut or a DNAME. */
static int get_name(cg_guard_t *guard, struct cg_part *part, const knot_dname_t *name,
                    bool *exists, bool *covers)
{
	kept_t *kept = kept_find(part, name);
	if (kept == NULL) {
		kept = kept_add(part, name);
		int ret = (kept != NULL) ? read_name(guard, part->zone, kept) : KNOT_ENOMEM;
		if (ret != KNOT_EOK) {
			kept_drop(part, kept);
			return ret;
		}
	}
	*exists = kept->exists;
	*covers = false;
	for (size_t i = 0; i < kept->count; i++) {
		*covers |= kept->rr[i].type == KNOT_RRTYPE_DNAME ||
		           (kept->rr[i].type == KNOT_RRTYPE_NS &&
		            !knot_dname_is_equal(name, part->zone->name));
	}
	return KNOT_EOK;
}

/*! \brief Reads all that an answer for the name depends on (RFC 1034, 4.3.2; RFC 4592). */
static int get_way(cg_guard_t *guard, struct cg_part *part, const knot_dname_t *name)
{
	int depth = knot_dname_in_bailiwick(name, part->zone->name);
	const knot_dname_t *encloser = NULL;
	for (int i = depth; i >= 0; i--) {
		const knot_dname_t *at = name;
		for (int skip = i; skip > 0; skip--) {
			at = cg_next_label(at);
		}
		bool exists, covers;
		int ret = get_name(guard, part, at, &exists, &covers);
		if (ret != KNOT_EOK || covers) {
			return ret;
		}
		if (!exists && encloser != NULL) {
			knot_dname_storage_t wildcard = { 1, '*' };
			memcpy(wildcard + 2, encloser, knot_dname_size(encloser));
			return get_name(guard, part, wildcard, &exists, &covers);
		}
		encloser = at;
	}
	return KNOT_EOK;
}

/* --- Zones made of them --- */

/*!
 * \brief The deepest guarded zone that a name is in. NULL: none, or it has no contents (\a waits).
 *
 * \param self  The zone that asks, whose contents are at hand, served or not.
 */
static cg_guarded_t *zone_of(cg_guard_t *guard, const cg_guarded_t *self,
                             const knot_dname_t *name, bool *waits)
{
	cg_guarded_t *found = NULL;
	pthread_mutex_lock(&guard->lock);
	while (true) {
		found = cg_registry_find(guard, name);
		if (found != NULL || *name == 0) {
			break;
		}
		name = cg_next_label(name);
	}
	bool guarded = (found != NULL && found->refs > 0);
	bool usable = guarded && (found == self || found->loaded);
	*waits |= guarded && !usable;
	pthread_mutex_unlock(&guard->lock);
	return usable ? found : NULL;
}

bool cg_foreign_is(cg_guard_t *guard, const cg_guarded_t *zone, const knot_dname_t *name)
{
	bool waits = false;
	const cg_guarded_t *found = zone_of(guard, zone, name, &waits);
	return waits || (found != NULL && found != zone);
}

/*! \brief A zone of the names that were read. */
static cg_zone_t *make_zone(const struct cg_part *part)
{
	/* What an empty non-terminal has instead of data: something that counts as none. */
	static const cg_rr_t EMPTY = { .type = KNOT_RRTYPE_NSEC, .data = "" };
	cg_zone_t *zone = cg_zone_new(part->zone->name);
	int ret = (zone == NULL) ? KNOT_ENOMEM : KNOT_EOK;
	for (size_t i = 0; i < part->count && ret == KNOT_EOK; i++) {
		const kept_t *kept = &part->list[i];
		cg_name_t name = { .owner = kept->name, .rr = kept->rr, .count = kept->count };
		if (kept->exists) {
			ret = (kept->count == 0) ? cg_zone_add(zone, kept->name, &EMPTY)
			                         : cg_zone_add_name(&name, zone);
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

/*! \brief The place of a zone in the set, where it is put if it is not there. CG_NO_ZONE: out of memory. */
static size_t part_of(cg_foreign_t *set, cg_guarded_t *zone)
{
	size_t i = 0;
	while (i < set->count && set->parts[i].zone != zone) {
		i++;
	}
	if (i < set->count) {
		return i;
	}
	const cg_zone_t **list = realloc(set->list, (i + 1) * sizeof(*list));
	set->list = (list != NULL) ? list : set->list;
	struct cg_part *parts = realloc(set->parts, (i + 1) * sizeof(*parts));
	set->parts = (parts != NULL) ? parts : set->parts;
	if (list == NULL || parts == NULL) {
		return CG_NO_ZONE;
	}
	set->list[i] = NULL;
	set->parts[i] = (struct cg_part){
		.zone = zone, .serial = zone->serial, .version = zone->versions
	};
	set->count++;
	return i;
}

/*! \brief Reads what the answer for a name depends on, and makes its zone anew. */
static int extend(cg_guard_t *guard, cg_foreign_t *set, cg_guarded_t *zone,
                  const knot_dname_t *name)
{
	size_t place = part_of(set, zone);
	int ret = (place != CG_NO_ZONE) ? get_way(guard, &set->parts[place], name) : KNOT_ENOMEM;
	if (ret != KNOT_EOK) {
		return ret;
	}
	cg_zone_free((cg_zone_t *)set->list[place]);
	set->list[place] = make_zone(&set->parts[place]);
	return (set->list[place] != NULL) ? KNOT_EOK : KNOT_ENOMEM;
}

/*! \brief Reads on the way that a name leads, zone after zone. */
static int follow(cg_guard_t *guard, cg_foreign_t *set, const knot_dname_t *host)
{
	cg_answer_t answer;
	knot_dname_storage_t last = "";
	bool counted = false;
	for (int links = 0; links <= CG_CHAIN_MAX; links++) {
		cg_zones_t zones = { .list = set->list, .count = set->count };
		cg_lookup(&zones, set->list[0], host, &answer);
		cg_guarded_t *zone = zone_of(guard, set->parts[0].zone, answer.last, &set->waits);
		bool known = answer.result == CG_TARGET_FOUND || answer.result == CG_TARGET_LOOP ||
		             answer.result == CG_TARGET_CONFLICT;
		bool own = zone != NULL && zone == set->parts[0].zone;
		if (known || zone == NULL || (own && !set->partial) ||
		    knot_dname_is_equal(answer.last, last)) {
			return KNOT_EOK;
		}
		if (!own && !counted && set->ways >= CG_FOREIGN_REPAIR_MAX) {
			set->beyond++;
			return KNOT_EOK;
		}
		set->ways += !own && !counted;
		counted |= !own;
		memcpy(last, answer.last, knot_dname_size(answer.last));
		int ret = extend(guard, set, zone, answer.last);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return UNKNOWN;
}

/* --- What a zone asks for --- */

typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *self;
	cg_names_t hosts;
	size_t seen;
} asking_t;

static int take_host(const knot_dname_t *host, void *ctx)
{
	asking_t *asking = ctx;
	if (++asking->seen % BREATH_HOSTS == 0) {
		cg_breathe(asking->guard, asking->self);
	}
	for (size_t i = 0; i < asking->hosts.count; i++) {
		if (knot_dname_is_equal(asking->hosts.list[i], host)) {
			return KNOT_EOK;
		}
	}
	bool waits = false;
	cg_guarded_t *zone = zone_of(asking->guard, asking->self, host, &waits);
	if (zone == NULL || zone == asking->self) {
		return KNOT_EOK;
	}
	return (asking->hosts.count < CG_FOREIGN_MAX) ? cg_names_add(&asking->hosts, host) : UNKNOWN;
}

/*! \brief Leaves the zone itself alone in the set, without what was read of it. */
static void empty_set(cg_foreign_t *set)
{
	for (size_t i = set->partial ? 0 : 1; i < set->count; i++) {
		struct cg_part *part = &set->parts[i];
		for (size_t j = 0; j < part->count; j++) {
			kept_clear(&part->list[j]);
			free(part->list[j].name);
		}
		free(part->list);
		cg_zone_free((cg_zone_t *)set->list[i]);
	}
	set->count = 1;
	if (set->partial) {
		set->parts[0] = (struct cg_part){ .zone = set->parts[0].zone };
		set->list[0] = NULL;
	}
}

int cg_foreign_begin(cg_guarded_t *zone, const cg_zone_t *contents, cg_foreign_t *out)
{
	*out = (cg_foreign_t){ .list = malloc(sizeof(*out->list)), .parts = malloc(sizeof(*out->parts)) };
	if (out->list == NULL || out->parts == NULL) {
		return KNOT_ENOMEM;
	}
	out->parts[0] = (struct cg_part){
		.zone = zone, .serial = zone->serial, .version = zone->versions
	};
	out->count = 1;
	out->partial = (contents == NULL);
	out->list[0] = out->partial ? make_zone(&out->parts[0]) : contents;
	return (out->list[0] != NULL) ? KNOT_EOK : KNOT_ENOMEM;
}

int cg_foreign_read(cg_guard_t *guard, cg_guarded_t *zone, const cg_zone_t *contents,
                    cg_foreign_t *out)
{
	asking_t asking = { .guard = guard, .self = zone };
	int ret = cg_foreign_begin(zone, contents, out);
	if (ret == KNOT_EOK) {
		ret = cg_rules_hosts(contents, take_host, &asking);
	}
	for (size_t i = 0; i < asking.hosts.count && ret == KNOT_EOK; i++) {
		ret = follow(guard, out, asking.hosts.list[i]);
	}
	cg_names_free(&asking.hosts);
	if (ret != KNOT_EOK && ret != KNOT_ENOMEM) {
		empty_set(out);
	}
	return (ret == KNOT_ENOMEM) ? ret : KNOT_EOK;
}

/*! \brief What could not be read is not known now; without a conversation nothing can be read. */
static int settle(cg_guard_t *guard, cg_foreign_t *set, int ret)
{
	if (ret == KNOT_EOK || ret == KNOT_ENOMEM) {
		return ret;
	}
	set->waits = set->broken = true;
	return cg_control_is_open(guard->control) ? KNOT_EOK : KNOT_ECONN;
}

int cg_foreign_follow(cg_guard_t *guard, cg_foreign_t *foreign, const knot_dname_t *host)
{
	return settle(guard, foreign, follow(guard, foreign, host));
}

int cg_foreign_own(cg_guard_t *guard, cg_foreign_t *foreign, const cg_flattened_t *names)
{
	for (size_t i = 0; i < names->names_count; i++) {
		int ret = get_way(guard, &foreign->parts[0], names->names[i].owner);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	cg_zone_free((cg_zone_t *)foreign->list[0]);
	foreign->list[0] = make_zone(&foreign->parts[0]);
	return (foreign->list[0] != NULL) ? KNOT_EOK : KNOT_ENOMEM;
}

void cg_foreign_version(const cg_foreign_t *foreign, size_t place, cg_flat_zone_t *out)
{
	const struct cg_part *part = &foreign->parts[place];
	out->there = true;
	out->serial = part->serial;
	out->version = part->version;
}

const knot_dname_t *cg_foreign_name(const cg_foreign_t *foreign, size_t place)
{
	return foreign->parts[place].zone->name;
}

void cg_foreign_free(cg_foreign_t *foreign)
{
	if (foreign->list != NULL && foreign->parts != NULL) {
		empty_set(foreign);
	}
	free(foreign->list);
	free(foreign->parts);
}
