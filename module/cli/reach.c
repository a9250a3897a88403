/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cli/reach.h"

static void add(cg_reach_t *reach, const void *octets, size_t len)
{
	if (reach->max - reach->len < len) {
		size_t max = 2 * (reach->len + len);
		uint8_t *bigger = realloc(reach->octets, max);
		if (bigger == NULL) {
			reach->failed = true;
			return;
		}
		reach->octets = bigger;
		reach->max = max;
	}
	memcpy(reach->octets + reach->len, octets, len);
	reach->len += len;
}

void cg_reach_begin(cg_reach_t *reach, const knot_dname_t *origin)
{
	knot_dname_storage_t lower;
	knot_dname_copy_lower(lower, origin);
	add(reach, lower, knot_dname_size(lower));
}

/*! \brief Whether the host was there before: many records of a zone name the same ones. */
static bool is_there(const cg_reach_t *reach, const uint8_t *entry, size_t len)
{
	const uint8_t *at = reach->octets + knot_dname_size(reach->octets);
	const uint8_t *end = reach->octets + reach->len;
	for (int looked = 0; at < end && looked < 16; looked++) {
		size_t size = sizeof(uint16_t) + knot_dname_size(at + sizeof(uint16_t));
		if (size == len && memcmp(at, entry, len) == 0) {
			return true;
		}
		at += size;
	}
	return false;
}

void cg_reach_add(cg_reach_t *reach, const knot_dname_t *host, uint16_t type)
{
	uint8_t entry[sizeof(type) + sizeof(knot_dname_storage_t)];
	knot_dname_t *name = entry + sizeof(type);
	size_t len = sizeof(type) + knot_dname_size(host);
	memcpy(entry, &type, sizeof(type));
	knot_dname_copy_lower(name, host);
	if (!reach->failed && knot_dname_in_bailiwick(name, cg_reach_origin(reach)) < 0 &&
	    !is_there(reach, entry, len)) {
		add(reach, entry, len);
	}
}

static int add_host(const knot_dname_t *host, uint16_t type, void *ctx)
{
	cg_reach_t *reach = ctx;
	cg_reach_add(reach, host, type);
	return reach->failed ? KNOT_ENOMEM : KNOT_EOK;
}

int cg_reach_add_zone(cg_reach_t *reach, const cg_zone_t *zone)
{
	return reach->failed ? KNOT_ENOMEM : cg_rules_all_hosts(zone, add_host, reach);
}

const knot_dname_t *cg_reach_next(const cg_reach_t *reach, size_t *at, uint16_t *type)
{
	if (*at == 0) {
		*at = knot_dname_size(reach->octets);
	}
	if (*at >= reach->len) {
		return NULL;
	}
	memcpy(type, reach->octets + *at, sizeof(*type));
	const knot_dname_t *host = reach->octets + *at + sizeof(*type);
	*at += sizeof(*type) + knot_dname_size(host);
	return host;
}

void cg_reach_free(cg_reach_t *reach)
{
	free(reach->octets);
	*reach = (cg_reach_t){ 0 };
}
