/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "sink/patch.h"

/*! \brief Octets of an SOA behind its names: serial, refresh, retry, expire, minimum. */
#define SOA_NUMBERS 20

static void put_u16(uint8_t *out, uint16_t number)
{
	out[0] = number >> 8;
	out[1] = number & 0xff;
}

/*! \brief Data that is one name; written as \# it may be anything. */
static bool is_name(const cg_scan_rr_t *rr)
{
	return (rr->type == KNOT_RRTYPE_CNAME || rr->type == KNOT_RRTYPE_DNAME) &&
	       knot_dname_wire_check(rr->rdata, rr->rdata + rr->rdata_len, NULL) == rr->rdata_len;
}

bool cg_same_make(cg_same_t *same, const knot_dname_t *owner, const cg_scan_rr_t *rr,
                  cg_pool_t *pool)
{
	size_t owner_len = knot_dname_size(owner);
	size_t len = owner_len + 2 * sizeof(uint16_t) + rr->rdata_len;
	uint8_t *octets = cg_pool_alloc(pool, len);
	if (octets == NULL) {
		return false;
	}

	uint8_t *data = octets + owner_len + 2 * sizeof(uint16_t);
	memcpy(octets, owner, owner_len);
	knot_dname_to_lower(octets);
	put_u16(octets + owner_len, rr->rclass);
	put_u16(octets + owner_len + sizeof(uint16_t), rr->type);
	memcpy(data, rr->rdata, rr->rdata_len);
	if (is_name(rr)) {
		knot_dname_to_lower(data);
	}

	same->octets = octets;
	same->len = len;
	return true;
}

int cg_same_cmp(const cg_same_t *a, const cg_same_t *b)
{
	size_t len = (a->len < b->len) ? a->len : b->len;
	int cmp = memcmp(a->octets, b->octets, len);
	return (cmp != 0) ? cmp : (a->len > b->len) - (a->len < b->len);
}

bool cg_same_owner(const cg_same_t *a, const cg_same_t *b)
{
	return knot_dname_is_equal(a->octets, b->octets);
}

uint32_t cg_same_serial(const cg_same_t *soa)
{
	const uint8_t *at = soa->octets + soa->len - SOA_NUMBERS;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

bool cg_same_but_serial(const cg_same_t *a, const cg_same_t *b)
{
	if (a->len != b->len) {
		return false;
	}
	size_t before = a->len - SOA_NUMBERS;
	size_t behind = before + sizeof(uint32_t);

	return memcmp(a->octets, b->octets, before) == 0 &&
	       memcmp(a->octets + behind, b->octets + behind, a->len - behind) == 0;
}

static cg_place_t *place_new(cg_places_t *places)
{
	if (places->count == places->max) {
		size_t max = (places->max == 0) ? 64 : places->max * 2;
		cg_place_t *bigger = realloc(places->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return NULL;
		}
		places->list = bigger;
		places->max = max;
	}
	return &places->list[places->count];
}

/*! \brief Copies the name of an included file; neighbours share it. */
static const char *keep_file(cg_places_t *places, const char *file)
{
	const cg_place_t *last = (places->count > 0) ? &places->list[places->count - 1] : NULL;
	if (last != NULL && last->file != NULL && strcmp(last->file, file) == 0) {
		return last->file;
	}
	return cg_pool_str(&places->pool, file);
}

static bool is_apex_soa(const cg_places_t *places, const cg_scan_rr_t *rr)
{
	return rr->type == KNOT_RRTYPE_SOA && rr->rclass == KNOT_CLASS_IN &&
	       rr->rdata_len > SOA_NUMBERS &&
	       knot_dname_is_case_equal(rr->owner, places->patch->origin);
}

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	cg_places_t *places = ctx;
	cg_place_t *place = place_new(places);
	if (place == NULL) {
		return KNOT_ENOMEM;
	}

	*place = (cg_place_t) {
		.ttl = rr->ttl, .line = rr->first, .begin = rr->begin, .end = rr->end,
		.inherits = rr->inherits, .is_soa = is_apex_soa(places, rr)
	};
	if (!cg_same_make(&place->same, rr->owner, rr, &places->pool)) {
		return KNOT_ENOMEM;
	}
	if (rr->depth > 0) {
		place->file = keep_file(places, rr->file);
		if (place->file == NULL) {
			return KNOT_ENOMEM;
		}
	}
	places->count++;

	return KNOT_EOK;
}

static void take_error(const cg_scan_error_t *error, void *ctx)
{
	cg_places_t *places = ctx;
	if (places->error.len == 0) {
		cg_text_add(&places->error, "%s:%u: %s", error->file, error->line, error->reason);
	}
}

int cg_places_read(const cg_patch_t *patch, const char *text, size_t len, cg_places_t *out)
{
	memset(out, 0, sizeof(*out));
	out->patch = patch;
	const cg_scan_t scan = {
		.file = patch->file,
		.text = text,
		.len = len,
		.origin = patch->origin,
		.include_dir = patch->include_dir,
		.record = take_record,
		.error = take_error,
		.ctx = out,
	};
	int ret = cg_scan(&scan);

	return (ret == KNOT_EOK && out->error.failed) ? KNOT_ENOMEM : ret;
}

void cg_places_free(cg_places_t *places)
{
	free(places->list);
	cg_pool_free(&places->pool);
	cg_text_free(&places->error);
	memset(places, 0, sizeof(*places));
}
