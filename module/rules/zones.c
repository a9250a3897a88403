/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "rules/rr.h"
#include "rules/zone.h"
#include "rules/zones.h"

/*! \brief Below this number all zones are looked at one after the other. */
#define INDEX_MIN 8

struct cg_zones_index {
	const cg_zone_t *zone;
	size_t place;
};

/*! \brief Canonical order of the origin of a zone and a key. */
static int cmp_key(const cg_zone_t *zone, const uint8_t *key, size_t len)
{
	size_t origin_len;
	const uint8_t *origin = cg_zone_origin_key(zone, &origin_len);
	return cg_key_cmp(origin, origin_len, key, len);
}

static int cmp(const void *a_ptr, const void *b_ptr)
{
	const struct cg_zones_index *a = a_ptr, *b = b_ptr;
	size_t len;
	const uint8_t *key = cg_zone_origin_key(b->zone, &len);
	int ret = cmp_key(a->zone, key, len);
	return (ret != 0) ? ret : (a->place > b->place) - (a->place < b->place);
}

int cg_zones_index(cg_zones_t *zones)
{
	if (zones->index != NULL || zones->count < INDEX_MIN) {
		return KNOT_EOK;
	}
	zones->index = malloc(zones->count * sizeof(*zones->index));
	if (zones->index == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < zones->count; i++) {
		zones->index[i] = (struct cg_zones_index){ zones->list[i], i };
	}
	qsort(zones->index, zones->count, sizeof(*zones->index), cmp);

	return KNOT_EOK;
}

void cg_zones_free_index(cg_zones_t *zones)
{
	free(zones->index);
	zones->index = NULL;
}

/*! \brief The first zone of that very origin. */
static size_t find_exact(const cg_zones_t *zones, const uint8_t *key, size_t len)
{
	size_t low = 0, high = zones->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (cmp_key(zones->index[mid].zone, key, len) < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	bool found = low < zones->count && cmp_key(zones->index[low].zone, key, len) == 0;
	return found ? zones->index[low].place : CG_NO_ZONE;
}

static size_t find_indexed(const cg_zones_t *zones, const knot_dname_t *name)
{
	uint8_t key[CG_KEY_MAX];
	size_t len = cg_key(name, key);
	while (true) {
		size_t found = find_exact(zones, key, len);
		if (found != CG_NO_ZONE || len == 0) {
			return found;
		}
		/* One label less: the key without its last one, and that label's end. */
		do {
			len--;
		} while (len > 0 && key[len - 1] != 0);
	}
}

static size_t find_each(const cg_zones_t *zones, const knot_dname_t *name)
{
	size_t found = CG_NO_ZONE;
	int above = KNOT_DNAME_MAXLABELS + 1;
	for (size_t i = 0; i < zones->count; i++) {
		int depth = knot_dname_in_bailiwick(name, cg_zone_origin(zones->list[i]));
		if (depth >= 0 && depth < above) {
			found = i;
			above = depth;
		}
	}
	return found;
}

size_t cg_zones_find(const cg_zones_t *zones, const cg_zone_t *self, const knot_dname_t *name)
{
	size_t found = (zones->index != NULL) ? find_indexed(zones, name)
	                                      : find_each(zones, name);
	if (found == CG_NO_ZONE || self == NULL || zones->list[found] == self ||
	    !knot_dname_is_equal(cg_zone_origin(zones->list[found]), cg_zone_origin(self))) {
		return found;
	}
	size_t own = found;
	while (own < zones->count && zones->list[own] != self) {
		own++;
	}
	return (own < zones->count) ? own : found;
}
