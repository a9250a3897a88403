/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/flattened.h"
#include "rules/rr.h"

/* --- Records --- */

/*! \brief Order of records; the same one with another TTL is another. */
static int cmp(const cg_rr_t *a, const cg_rr_t *b)
{
	int ret = cg_rr_cmp(a, b);
	return (ret != 0) ? ret : (a->ttl > b->ttl) - (a->ttl < b->ttl);
}

int cg_rrs_add(cg_rrs_t *rrs, const cg_rr_t *rr)
{
	char *data = strdup(rr->data);
	if (data == NULL) {
		return KNOT_ENOMEM;
	}
	if ((rrs->count & (rrs->count + 1)) == 0) { /* 0, 1, 3, 7, ...: full. */
		cg_rr_t *bigger = realloc(rrs->list, 2 * (rrs->count + 1) * sizeof(*bigger));
		if (bigger == NULL) {
			free(data);
			return KNOT_ENOMEM;
		}
		rrs->list = bigger;
	}
	cg_rr_t own = { .type = rr->type, .ttl = rr->ttl, .data = data };
	size_t at = rrs->count++;
	for (; at > 0 && cmp(&rrs->list[at - 1], &own) > 0; at--) { /* Most come sorted. */
		rrs->list[at] = rrs->list[at - 1];
	}
	rrs->list[at] = own;
	return KNOT_EOK;
}

bool cg_rrs_same(const cg_rrs_t *a, const cg_rrs_t *b)
{
	if (a->count != b->count) {
		return false;
	}
	for (size_t i = 0; i < a->count; i++) {
		if (cmp(&a->list[i], &b->list[i]) != 0) {
			return false;
		}
	}
	return true;
}

static int find_cmp(const void *a, const void *b)
{
	return cmp(a, b);
}

bool cg_rrs_has(const cg_rrs_t *rrs, const cg_rr_t *rr)
{
	return rrs->count > 0 &&
	       bsearch(rr, rrs->list, rrs->count, sizeof(*rrs->list), find_cmp) != NULL;
}

void cg_rrs_clear(cg_rrs_t *rrs)
{
	for (size_t i = 0; i < rrs->count; i++) {
		free((char *)rrs->list[i].data);
	}
	free(rrs->list);
	*rrs = (cg_rrs_t){ 0 };
}

/* --- Names --- */

static void clear_records(cg_flat_name_t *name)
{
	cg_rrs_clear(&name->cnames);
	cg_rrs_clear(&name->put);
	cg_rrs_clear(&name->before);
}

static void clear_name(cg_flat_name_t *name)
{
	clear_records(name);
	knot_dname_free(name->owner, NULL);
	free(name->spelling);
}

cg_flat_name_t *cg_flattened_find(const cg_flattened_t *flattened, const knot_dname_t *owner)
{
	for (size_t i = 0; i < flattened->names_count; i++) {
		if (knot_dname_is_equal(flattened->names[i].owner, owner)) {
			return &flattened->names[i];
		}
	}
	return NULL;
}

cg_flat_name_t *cg_flattened_add(cg_flattened_t *flattened, const knot_dname_t *owner,
                                 const char *spelling, cg_rule_t rule)
{
	cg_flat_name_t *name = cg_flattened_find(flattened, owner);
	if (name != NULL) {
		clear_records(name);
		name->rule = rule;
		name->failed_ms = 0;
		name->said = false;
		return name;
	}

	size_t count = flattened->names_count;
	if ((count & (count + 1)) == 0) {
		void *bigger = realloc(flattened->names, 2 * (count + 1) * sizeof(*name));
		if (bigger == NULL) {
			return NULL;
		}
		flattened->names = bigger;
	}
	name = &flattened->names[count];
	*name = (cg_flat_name_t){
		.owner = knot_dname_copy(owner, NULL), .spelling = strdup(spelling), .rule = rule
	};
	if (name->owner == NULL || name->spelling == NULL) {
		clear_name(name);
		return NULL;
	}
	flattened->names_count++;
	return name;
}

void cg_flattened_remove(cg_flattened_t *flattened, cg_flat_name_t *name)
{
	clear_name(name);
	*name = flattened->names[--flattened->names_count];
}

cg_flat_zone_t *cg_flattened_zone(cg_flattened_t *flattened, const knot_dname_t *zone)
{
	size_t count = flattened->zones_count;
	for (size_t i = 0; i < count; i++) {
		if (knot_dname_is_equal(flattened->zones[i].zone, zone)) {
			return &flattened->zones[i];
		}
	}
	cg_flat_zone_t *bigger = realloc(flattened->zones, (count + 1) * sizeof(*bigger));
	if (bigger == NULL) {
		return NULL;
	}
	flattened->zones = bigger;
	bigger[count] = (cg_flat_zone_t){ .zone = knot_dname_copy(zone, NULL) };
	if (bigger[count].zone == NULL) {
		return NULL;
	}
	flattened->zones_count++;
	return &bigger[count];
}

void cg_flattened_clear(cg_flattened_t *flattened)
{
	for (size_t i = 0; i < flattened->names_count; i++) {
		clear_name(&flattened->names[i]);
	}
	for (size_t i = 0; i < flattened->zones_count; i++) {
		knot_dname_free(flattened->zones[i].zone, NULL);
	}
	free(flattened->names);
	free(flattened->zones);
	*flattened = (cg_flattened_t){ 0 };
}
