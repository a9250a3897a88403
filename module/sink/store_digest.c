/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "sink/store.h"

bool cg_store_is_made(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_NSEC3PARAM:
	case KNOT_RRTYPE_ZONEMD:
		return true;
	default:
		return false;
	}
}

/*! \brief Spreads a hash over all bits, so that sums of several do not meet. */
static uint64_t spread(uint64_t hash)
{
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ (hash >> 33);
}

/*! \brief Data without the serial, the third of an SOA's fields (RFC 1035, 3.3.13). */
static uint64_t hash_soa(uint64_t hash, const char *data)
{
	size_t before = 0;
	for (int blanks = 0; data[before] != '\0' && blanks < 2; before++) {
		blanks += (data[before] == ' ');
	}
	const char *behind = data + before + strcspn(data + before, " ");
	hash = cg_hash(hash, data, before);
	return cg_hash(hash, behind, strlen(behind));
}

int cg_store_digest(const cg_name_t *name, void *ctx)
{
	cg_store_digest_t *digest = ctx;
	uint64_t owner = cg_hash(CG_HASH, name->owner, knot_dname_size(name->owner));
	for (size_t i = 0; i < name->count; i++) {
		const cg_rr_t *rr = &name->rr[i];
		digest->records++;
		if (cg_store_is_made(rr->type)) {
			continue;
		}
		const uint8_t fixed[] = {
			rr->type >> 8, rr->type & 0xff,
			rr->ttl >> 24, (rr->ttl >> 16) & 0xff, (rr->ttl >> 8) & 0xff, rr->ttl & 0xff
		};
		uint64_t hash = cg_hash(owner, fixed, sizeof(fixed));
		hash = (rr->type == KNOT_RRTYPE_SOA)
		       ? hash_soa(hash, rr->data)
		       : cg_hash(hash, rr->data, strlen(rr->data));
		digest->sum += spread(hash);
	}
	return KNOT_EOK;
}
