/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/pool.h"
#include "rules/rr.h"
#include "rules/run.h"
#include "rules/zone.h"
#include "rules/zone_index.h"

/*! \brief Fewer names are found as fast without an index. */
#define INDEXED_MIN	64

/*! \brief Names that one thread makes at a time. */
#define PIECE	1024

/*! \brief A record before the sorting. */
struct entry {
	uint64_t rank;      /*!< Of the first octets of the key behind that of the origin. */
	const uint8_t *key;
	const knot_dname_t *owner; /*!< As spelled. */
	size_t key_len;
	cg_rr_t rr;
};

/*! \brief Another place of a record that is held once. */
struct repeat {
	size_t record;  /*!< Which one, by its place in the zone. */
	cg_rr_t rr;
};

/*! \brief A name after it. */
struct node {
	cg_name_t name;
	uint64_t rank;
	const uint8_t *key;
	size_t key_len;
	uint32_t seen;
	size_t cover;       /*!< Place of the outermost zone cut or DNAME above it, or CG_NO_NODE. */
	size_t real;        /*!< Place of the next node, or this one, that is more than NSEC3; */
	size_t before;      /*!< and of the one before or this one, or CG_NO_NODE. */
};

struct cg_zone {
	const knot_dname_t *origin;
	const uint8_t *origin_key;
	size_t origin_key_len;

	cg_pool_t pool;
	struct entry *entries;
	size_t entries_count;
	size_t entries_max;
	size_t outside;
	bool sorted;            /*!< The entries are. */
	bool finished;

	cg_rr_t *records;
	size_t records_count;
	struct node *nodes;
	size_t nodes_count;
	cg_index_t index;       /*!< Of the nodes; empty: there are few. */
	struct repeat *repeats; /*!< By record. */
	size_t repeats_count;
	size_t repeats_max;
};

cg_zone_t *cg_zone_new(const knot_dname_t *origin)
{
	cg_zone_t *zone = calloc(1, sizeof(*zone));
	if (zone == NULL) {
		return NULL;
	}
	knot_dname_storage_t lower;
	uint8_t key[CG_KEY_MAX];
	knot_dname_copy_lower(lower, origin);
	zone->origin_key_len = cg_key(origin, key);
	zone->origin = cg_pool_bytes(&zone->pool, lower, knot_dname_size(lower));
	zone->origin_key = cg_pool_bytes(&zone->pool, key, zone->origin_key_len);
	if (zone->origin == NULL || zone->origin_key == NULL) {
		cg_zone_free(zone);
		return NULL;
	}
	return zone;
}

void cg_zone_free(cg_zone_t *zone)
{
	if (zone == NULL) {
		return;
	}
	free(zone->entries);
	free(zone->records);
	free(zone->nodes);
	free(zone->index.slots);
	free(zone->repeats);
	cg_pool_free(&zone->pool);
	free(zone);
}

const knot_dname_t *cg_zone_origin(const cg_zone_t *zone)
{
	return zone->origin;
}

const uint8_t *cg_zone_origin_key(const cg_zone_t *zone, size_t *len)
{
	*len = zone->origin_key_len;
	return zone->origin_key;
}

static bool is_below(const uint8_t *key, size_t key_len, const uint8_t *top, size_t top_len)
{
	return key_len >= top_len && memcmp(key, top, top_len) == 0;
}

static struct entry *entry_new(cg_zone_t *zone)
{
	if (zone->entries_count == zone->entries_max) {
		size_t max = (zone->entries_max == 0) ? 64 : zone->entries_max * 2;
		struct entry *bigger = realloc(zone->entries, max * sizeof(*bigger));
		if (bigger == NULL) {
			return NULL;
		}
		zone->entries = bigger;
		zone->entries_max = max;
	}
	return &zone->entries[zone->entries_count];
}

static const struct entry *entry_last(const cg_zone_t *zone)
{
	return (zone->entries_count == 0) ? NULL : &zone->entries[zone->entries_count - 1];
}

/*! \brief Eight octets of a key as a number that is in the same order. */
static uint64_t rank(const uint8_t *key, size_t len)
{
	uint64_t number = 0;
	for (size_t i = 0; i < sizeof(number); i++) {
		number = number << 8 | ((i < len) ? key[i] : 0);
	}
	return number;
}

/*! \brief Sets the owner; the octets are shared with the record before, when they can be. */
static int entry_owner(cg_zone_t *zone, struct entry *entry, const knot_dname_t *owner)
{
	size_t size = knot_dname_size(owner);
	const struct entry *last = entry_last(zone);
	if (last != NULL && knot_dname_size(last->owner) == size &&
	    memcmp(last->owner, owner, size) == 0) {
		entry->owner = last->owner;
		entry->rank = last->rank;
		entry->key = last->key;
		entry->key_len = last->key_len;
		return KNOT_EOK;
	}

	uint8_t key[CG_KEY_MAX];
	entry->key_len = cg_key(owner, key);
	if (!is_below(key, entry->key_len, zone->origin_key, zone->origin_key_len)) {
		return KNOT_EOUTOFZONE;
	}
	entry->rank = rank(key + zone->origin_key_len, entry->key_len - zone->origin_key_len);
	entry->key = cg_pool_bytes(&zone->pool, key, entry->key_len);
	entry->owner = cg_pool_bytes(&zone->pool, owner, size);

	return (entry->key == NULL || entry->owner == NULL) ? KNOT_ENOMEM : KNOT_EOK;
}

static int entry_rr(cg_zone_t *zone, struct entry *entry, const cg_rr_t *rr)
{
	entry->rr = *rr;
	entry->rr.data = cg_pool_str(&zone->pool, rr->data);
	if (entry->rr.data == NULL) {
		return KNOT_ENOMEM;
	}
	if (rr->file == NULL) {
		return KNOT_EOK;
	}

	const struct entry *last = entry_last(zone);
	if (last != NULL && last->rr.file != NULL && strcmp(last->rr.file, rr->file) == 0) {
		entry->rr.file = last->rr.file;
	} else {
		entry->rr.file = cg_pool_str(&zone->pool, rr->file);
	}
	return (entry->rr.file == NULL) ? KNOT_ENOMEM : KNOT_EOK;
}

int cg_zone_add(cg_zone_t *zone, const knot_dname_t *owner, const cg_rr_t *rr)
{
	assert(!zone->finished);

	struct entry *entry = entry_new(zone);
	if (entry == NULL) {
		return KNOT_ENOMEM;
	}

	int ret = entry_owner(zone, entry, owner);
	if (ret == KNOT_EOUTOFZONE) {
		zone->outside++;
		return KNOT_EOK;
	}
	if (ret == KNOT_EOK) {
		ret = entry_rr(zone, entry, rr);
	}
	if (ret == KNOT_EOK) {
		zone->entries_count++;
		zone->sorted = false;
	}
	return ret;
}

int cg_zone_add_name(const cg_name_t *name, void *zone)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < name->count && ret == KNOT_EOK; i++) {
		ret = cg_zone_add(zone, name->owner, &name->rr[i]);
	}
	return ret;
}

static int entry_cmp_owner(const struct entry *a, const struct entry *b)
{
	if (a->rank != b->rank) {
		return (a->rank < b->rank) ? -1 : 1;
	}
	return (a->key == b->key) ? 0 : cg_key_cmp(a->key, a->key_len, b->key, b->key_len);
}

static int entry_cmp(const void *a_ptr, const void *b_ptr)
{
	const struct entry *a = a_ptr, *b = b_ptr;

	int cmp = entry_cmp_owner(a, b);
	if (cmp == 0) {
		cmp = cg_rr_cmp_total(&a->rr, &b->rr);
	}
	if (cmp == 0 && a->owner != b->owner) {
		cmp = memcmp(a->owner, b->owner, knot_dname_size(a->owner));
	}
	return cmp;
}

void cg_zone_sort(cg_zone_t *zone)
{
	/* What a server sends nearly is so already. */
	for (size_t i = 1; i < zone->entries_count && !zone->sorted; i++) {
		if (entry_cmp(&zone->entries[i - 1], &zone->entries[i]) > 0) {
			qsort(zone->entries, zone->entries_count, sizeof(struct entry), entry_cmp);
			break;
		}
	}
	zone->sorted = true;
}

/*! \brief Puts two lists together, the lesser entry first. */
static void entries_merge(const cg_zone_t *a, const cg_zone_t *b, struct entry *out)
{
	size_t i = 0, j = 0;
	while (i < a->entries_count && j < b->entries_count) {
		bool first = entry_cmp(&a->entries[i], &b->entries[j]) <= 0;
		*out++ = first ? a->entries[i++] : b->entries[j++];
	}
	for (; i < a->entries_count; i++) {
		*out++ = a->entries[i];
	}
	for (; j < b->entries_count; j++) {
		*out++ = b->entries[j];
	}
}

int cg_zone_join(cg_zone_t *zone, cg_zone_t *other)
{
	assert(!zone->finished && !other->finished);
	size_t count = zone->entries_count + other->entries_count;
	struct entry *entries = malloc((count + 1) * sizeof(*entries));
	if (entries != NULL) {
		entries_merge(zone, other, entries);
		free(zone->entries);
		zone->entries = entries;
		zone->entries_count = count;
		zone->entries_max = count + 1;
		zone->sorted = zone->sorted && other->sorted;
		zone->outside += other->outside;
		cg_pool_join(&zone->pool, &other->pool);
	}
	cg_zone_free(other);
	return (entries != NULL) ? KNOT_EOK : KNOT_ENOMEM;
}

static int repeat_add(cg_zone_t *zone, size_t record, const cg_rr_t *rr)
{
	if (zone->repeats_count == zone->repeats_max) {
		size_t max = (zone->repeats_max == 0) ? 16 : zone->repeats_max * 2;
		struct repeat *bigger = realloc(zone->repeats, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		zone->repeats = bigger;
		zone->repeats_max = max;
	}
	zone->repeats[zone->repeats_count++] = (struct repeat){ record, *rr };
	return KNOT_EOK;
}

/*!
 * \brief Drops records that are there twice; the first, by line, is kept, of the others the places.
 *
 * \param[out] begins  By piece: its first entry; there is room for a name each.
 */
static int entries_unique(cg_zone_t *zone, size_t *names, size_t *begins)
{
	size_t kept = 0;
	int ret = KNOT_EOK;
	*names = 0;
	for (size_t i = 0; i < zone->entries_count && ret == KNOT_EOK; i++) {
		struct entry *entry = &zone->entries[i];
		bool same_owner = (i > 0) && entry_cmp_owner(entry - 1, entry) == 0;
		if (!same_owner && (*names)++ % PIECE == 0) {
			begins[*names / PIECE] = kept;
		}
		if (!same_owner || cg_rr_cmp(&zone->entries[kept - 1].rr, &entry->rr) != 0) {
			zone->entries[kept++] = *entry;
		} else if (entry->rr.file != NULL) {
			ret = repeat_add(zone, kept - 1, &entry->rr);
		}
	}
	zone->entries_count = kept;
	return ret;
}

/*! \brief The spelling of the first line; without lines the first in octets. */
static const knot_dname_t *spelling(const struct entry *entries, size_t count)
{
	const struct entry *first = &entries[0];
	for (size_t i = 1; i < count; i++) {
		const struct entry *entry = &entries[i];
		if (entry->owner == first->owner) {
			if (entry->rr.line < first->rr.line) {
				first = entry;
			}
			continue;
		}
		if (entry->rr.line < first->rr.line ||
		    (entry->rr.line == first->rr.line &&
		     memcmp(entry->owner, first->owner, knot_dname_size(entry->owner)) < 0)) {
			first = entry;
		}
	}
	return first->owner;
}

/*! \brief Makes the name that owns \a count entries from \a at on. */
static int node_make(const cg_zone_t *zone, struct node *node, size_t at, size_t count,
                     cg_pool_t *pool)
{
	const struct entry *entries = &zone->entries[at];
	const knot_dname_t *spelled = spelling(entries, count);
	knot_dname_storage_t lower;
	knot_dname_txt_storage_t text;
	knot_dname_copy_lower(lower, spelled);
	if (!cg_name_text(spelled, text)) {
		return KNOT_EINVAL;
	}

	size_t size = knot_dname_size(spelled);
	bool is_lower = memcmp(lower, spelled, size) == 0;
	node->name.owner = is_lower ? spelled : cg_pool_bytes(pool, lower, size);
	node->name.spelling = cg_pool_str(pool, text);
	if (node->name.owner == NULL || node->name.spelling == NULL) {
		return KNOT_ENOMEM;
	}

	cg_rr_t *rr = &zone->records[at];
	for (size_t i = 0; i < count; i++) {
		rr[i] = entries[i].rr;
	}
	node->name.rr = rr;
	node->name.count = count;
	node->rank = entries[0].rank;
	node->key = entries[0].key;
	node->key_len = entries[0].key_len;
	node->seen = cg_seen(&node->name);

	return KNOT_EOK;
}

/*! \brief Marks where to go on beside owners of NSEC3, which are no names of the zone. */
static void nodes_skip(cg_zone_t *zone)
{
	size_t real = zone->nodes_count, before = CG_NO_NODE;
	for (size_t i = zone->nodes_count; i-- > 0; ) {
		real = cg_seen_nsec3_only(zone->nodes[i].seen) ? real : i;
		zone->nodes[i].real = real;
	}
	for (size_t i = 0; i < zone->nodes_count; i++) {
		before = cg_seen_nsec3_only(zone->nodes[i].seen) ? before : i;
		zone->nodes[i].before = before;
	}
}

/*! \brief Marks what lies below the outermost zone cuts and DNAMEs. */
static void nodes_occlude(cg_zone_t *zone)
{
	size_t cover = CG_NO_NODE;
	for (size_t i = 0; i < zone->nodes_count; i++) {
		struct node *node = &zone->nodes[i];
		const struct node *above = (cover != CG_NO_NODE) ? &zone->nodes[cover] : NULL;
		bool below = above != NULL &&
		             is_below(node->key, node->key_len, above->key, above->key_len);
		node->cover = below ? cover : CG_NO_NODE;
		bool apex = (node->key_len == zone->origin_key_len);
		if (!below && ((node->seen & SEEN_DNAME) || ((node->seen & SEEN_NS) && !apex))) {
			cover = i;
		}
	}
}

static void nodes_index(cg_zone_t *zone)
{
	if (zone->nodes_count < INDEXED_MIN || !cg_index_reserve(&zone->index, zone->nodes_count)) {
		return;
	}
	for (size_t i = 0; i < zone->nodes_count; i++) {
		cg_index_put(&zone->index, zone->nodes[i].name.owner, i);
	}
}

/*! \brief What comes to be of the entries. */
struct making {
	cg_zone_t *zone;
	size_t *begins;     /*!< By piece: its first entry. */
	cg_pool_t *pools;   /*!< By piece. */
	size_t pieces;
};

static int make_piece(size_t piece, void *work)
{
	const struct making *making = work;
	cg_zone_t *zone = making->zone;
	size_t at = making->begins[piece], end = making->begins[piece + 1];
	struct node *node = &zone->nodes[piece * PIECE];
	int ret = KNOT_EOK;
	while (at < end && ret == KNOT_EOK) {
		const struct entry *first = &zone->entries[at];
		size_t count = 1;
		while (at + count < end && entry_cmp_owner(first, first + count) == 0) {
			count++;
		}
		ret = node_make(zone, node++, at, count, &making->pools[piece]);
		at += count;
	}
	return ret;
}

/*! \brief Makes the names piece by piece. */
static int make_all(struct making *making, cg_each_t each)
{
	cg_zone_t *zone = making->zone;
	making->pools = calloc(making->pieces, sizeof(*making->pools));
	if (making->pools == NULL) {
		return KNOT_ENOMEM;
	}
	cg_pool_join(&making->pools[0], &zone->pool); /* Which is not full. */
	int ret = cg_run_each(each, making->pieces, make_piece, making);
	for (size_t i = 0; i < making->pieces; i++) {
		cg_pool_join(&zone->pool, &making->pools[i]);
	}
	free(making->pools);
	return ret;
}

/*! \brief Makes the names of what is sorted, each record once. */
static int nodes_make(struct making *making, size_t names, cg_each_t each)
{
	cg_zone_t *zone = making->zone;
	zone->records = malloc(zone->entries_count * sizeof(*zone->records));
	zone->nodes = malloc(names * sizeof(*zone->nodes));
	if (zone->records == NULL || zone->nodes == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = make_all(making, each);
	if (ret != KNOT_EOK) {
		return ret;
	}
	zone->records_count = zone->entries_count;
	zone->nodes_count = names;
	nodes_occlude(zone);
	nodes_skip(zone);
	nodes_index(zone);
	return KNOT_EOK;
}

int cg_zone_finish_shared(cg_zone_t *zone, cg_each_t each)
{
	assert(!zone->finished);
	zone->finished = true;
	if (zone->entries_count == 0) {
		return KNOT_EOK;
	}

	struct making making = {
		.zone = zone,
		.begins = malloc((zone->entries_count / PIECE + 2) * sizeof(*making.begins)),
	};
	if (making.begins == NULL) {
		return KNOT_ENOMEM;
	}
	size_t names;
	cg_zone_sort(zone);
	int ret = entries_unique(zone, &names, making.begins);
	if (ret == KNOT_EOK) {
		making.pieces = (names + PIECE - 1) / PIECE;
		making.begins[making.pieces] = zone->entries_count;
		ret = nodes_make(&making, names, each);
	}
	free(making.begins);
	if (ret == KNOT_EOK) {
		free(zone->entries);
		zone->entries = NULL;
		zone->entries_count = 0;
	}
	return ret;
}

int cg_zone_finish(cg_zone_t *zone)
{
	return cg_zone_finish_shared(zone, NULL);
}

size_t cg_zone_records(const cg_zone_t *zone)
{
	return zone->records_count;
}

size_t cg_zone_outside(const cg_zone_t *zone)
{
	return zone->outside;
}

bool cg_soa_serial(const char *data, uint32_t *serial)
{
	for (int field = 0; field < 2; field++) {
		data += strcspn(data, " \t");
		data += strspn(data, " \t");
	}
	if (*data < '0' || *data > '9') {
		return false;
	}

	char *end;
	errno = 0;
	unsigned long long value = strtoull(data, &end, 10);
	if (errno != 0 || value > UINT32_MAX || (*end != ' ' && *end != '\t')) {
		return false;
	}
	*serial = value;

	return true;
}

bool cg_zone_serial(const cg_zone_t *zone, uint32_t *serial)
{
	cg_name_t apex;
	if (cg_zone_find(zone, zone->origin, &apex) != KNOT_EOK) {
		return false;
	}
	const cg_rr_t *soa;
	return cg_zone_rrset(&apex, KNOT_RRTYPE_SOA, &soa) > 0 &&
	       cg_soa_serial(soa->data, serial);
}

/*! \brief First record of that type or a later one. */
static size_t type_bound(const cg_name_t *name, uint32_t type)
{
	size_t low = 0, high = name->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (name->rr[mid].type < type) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

size_t cg_zone_rrset(const cg_name_t *name, uint16_t type, const cg_rr_t **rr)
{
	size_t first = type_bound(name, type);
	*rr = (first < name->count) ? &name->rr[first] : NULL;

	return type_bound(name, (uint32_t)type + 1) - first;
}

int cg_zone_walk(const cg_zone_t *zone, cg_name_cb cb, void *ctx)
{
	for (size_t i = 0; i < zone->nodes_count; i++) {
		int ret = cb(&zone->nodes[i].name, ctx);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return KNOT_EOK;
}

/*! \brief First node that is not before the key of a name in the zone. */
static size_t lower_bound(const cg_zone_t *zone, const uint8_t *key, size_t len)
{
	uint64_t ranked = rank(key + zone->origin_key_len, len - zone->origin_key_len);
	size_t low = 0, high = zone->nodes_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct node *node = &zone->nodes[mid];
		if (node->rank < ranked || (node->rank == ranked &&
		    cg_key_cmp(node->key, node->key_len, key, len) < 0)) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

/*! \brief The node of a name, the short way. NULL: it is to be looked for. */
static const struct node *node_indexed(const cg_zone_t *zone, const knot_dname_t *name)
{
	if (zone->index.slots == NULL) {
		return NULL;
	}
	const uint32_t *slots = cg_index_slots(&zone->index, name);
	for (size_t i = 0; i < CG_INDEX_STEPS && slots[i] != 0; i++) {
		const struct node *node = &zone->nodes[slots[i] - 1];
		if (knot_dname_is_equal(node->name.owner, name)) {
			return node;
		}
	}
	return NULL;
}

/*!
 * \brief The node of a name, or (with *empty) the first one below it. NULL: no such name.
 *
 * \param nsec3  Owners of NSEC3 records count.
 */
static const struct node *node_find(const cg_zone_t *zone, const knot_dname_t *name, bool nsec3,
                                    bool *empty)
{
	assert(zone->finished);
	const struct node *indexed = node_indexed(zone, name);
	if (indexed != NULL && (nsec3 || !cg_seen_nsec3_only(indexed->seen))) {
		*empty = false;
		return indexed;
	}

	uint8_t key[CG_KEY_MAX];
	size_t len = cg_key(name, key);
	if (!is_below(key, len, zone->origin_key, zone->origin_key_len)) {
		return NULL;
	}
	size_t at = lower_bound(zone, key, len);
	if (!nsec3 && at < zone->nodes_count) {
		at = zone->nodes[at].real;
	}
	if (at == zone->nodes_count) {
		return NULL;
	}

	const struct node *node = &zone->nodes[at];
	if (!is_below(node->key, node->key_len, key, len)) {
		return NULL;
	}
	*empty = (node->key_len != len);

	return node;
}

/*! \brief End of a presentation format name, \a labels labels shorter. */
static const char *skip_labels(const char *text, size_t labels)
{
	for (; labels > 0; text++) {
		if (*text == '\\') {
			text++; /* Of \DDD only the first digit: the others are no dots. */
		} else if (*text == '.') {
			labels--;
		}
	}
	return (*text == '\0') ? "." : text;
}

/*! \brief An empty non-terminal is spelled like the end of a name below it. */
static void name_empty(const cg_name_t *below, const knot_dname_t *name, cg_name_t *out)
{
	out->owner = below->owner + knot_dname_size(below->owner) - knot_dname_size(name);
	out->spelling = skip_labels(below->spelling, knot_dname_labels(below->owner, NULL) -
	                                             knot_dname_labels(name, NULL));
	out->rr = NULL;
	out->count = 0;
}

size_t cg_zone_names(const cg_zone_t *zone)
{
	return zone->nodes_count;
}

void cg_zone_node_at(const cg_zone_t *zone, size_t at, cg_node_t *out)
{
	const struct node *node = &zone->nodes[at];
	*out = (cg_node_t){ node->name, node->seen, at, node->cover };
}

int cg_zone_node(const cg_zone_t *zone, const knot_dname_t *name, cg_node_t *out)
{
	bool empty;
	const struct node *node = node_find(zone, name, false, &empty);
	if (node == NULL) {
		return KNOT_ENONODE;
	}

	cg_zone_node_at(zone, node - zone->nodes, out);
	if (empty) {
		name_empty(&node->name, name, &out->name);
		out->seen = 0;
		out->at = CG_NO_NODE;
	}
	return KNOT_EOK;
}

/*! \brief Octets of the longest key that both keys are at or below. */
static size_t common(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t len = 0;
	for (size_t i = 0; i < a_len && i < b_len && a[i] == b[i]; i++) {
		len = (a[i] == 0) ? i + 1 : len; /* The end of a label. */
	}
	return len;
}

/*! \brief The end of the name whose key is that long. */
static const knot_dname_t *suffix(const knot_dname_t *name, const uint8_t *key, size_t len,
                                  size_t suffix_len)
{
	for (size_t i = suffix_len; i < len; i++) {
		if (key[i] == 0) {
			name += 1 + *name;
		}
	}
	return name;
}

int cg_zone_closest(const cg_zone_t *zone, const knot_dname_t *name, cg_node_t *out,
                    const knot_dname_t **encloser)
{
	assert(zone->finished);
	const struct node *indexed = node_indexed(zone, name);
	if (indexed != NULL && !cg_seen_nsec3_only(indexed->seen)) {
		cg_zone_node_at(zone, indexed - zone->nodes, out);
		*encloser = name;
		return KNOT_EOK;
	}

	uint8_t key[CG_KEY_MAX];
	size_t len = cg_key(name, key);
	if (zone->nodes_count == 0 ||
	    !is_below(key, len, zone->origin_key, zone->origin_key_len)) {
		return KNOT_EOUTOFZONE;
	}

	/* The closest encloser is the longest beginning that is shared with a neighbour. */
	size_t at = lower_bound(zone, key, len), best = 0;
	size_t next = (at < zone->nodes_count) ? zone->nodes[at].real : zone->nodes_count;
	size_t before = (at > 0) ? zone->nodes[at - 1].before : CG_NO_NODE;
	if (next < zone->nodes_count) {
		best = common(key, len, zone->nodes[next].key, zone->nodes[next].key_len);
	}
	if (before != CG_NO_NODE) {
		const struct node *node = &zone->nodes[before];
		size_t shared = common(key, len, node->key, node->key_len);
		best = (shared > best) ? shared : best;
	}
	if (best < zone->origin_key_len) {
		return KNOT_EOUTOFZONE;
	}
	*encloser = suffix(name, key, len, best);
	if (cg_zone_node(zone, *encloser, out) != KNOT_EOK) {
		return KNOT_EOUTOFZONE;
	}
	return (best < len) ? KNOT_ENONODE : KNOT_EOK;
}

int cg_zone_find(const cg_zone_t *zone, const knot_dname_t *name, cg_name_t *out)
{
	bool empty;
	const struct node *node = node_find(zone, name, true, &empty);
	if (node == NULL) {
		return KNOT_ENONODE;
	}

	if (empty) {
		name_empty(&node->name, name, out);
	} else {
		*out = node->name;
	}
	return KNOT_EOK;
}

/*! \brief First repeat of that record or a later one. */
static size_t repeat_bound(const cg_zone_t *zone, size_t record)
{
	size_t low = 0, high = zone->repeats_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (zone->repeats[mid].record < record) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

static int rr_cmp(const void *a, const void *b)
{
	return cg_rr_cmp(a, b);
}

int cg_zone_repeats(const cg_zone_t *zone, const knot_dname_t *owner, const cg_rr_t *rr,
                    int (*place)(const cg_rr_t *rr, void *ctx), void *ctx)
{
	cg_name_t name;
	if (zone->repeats_count == 0 || cg_zone_find(zone, owner, &name) != KNOT_EOK) {
		return KNOT_EOK;
	}
	const cg_rr_t *held = bsearch(rr, name.rr, name.count, sizeof(*rr), rr_cmp);
	if (held == NULL || held->line != rr->line) {
		return KNOT_EOK;
	}
	size_t record = held - zone->records;
	int ret = KNOT_EOK;
	for (size_t i = repeat_bound(zone, record); ret == KNOT_EOK && i < zone->repeats_count &&
	                                            zone->repeats[i].record == record; i++) {
		ret = place(&zone->repeats[i].rr, ctx);
	}
	return ret;
}
