/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "cnameguard/hash.h"
#include "rules/rr.h"
#include "rules/screen.h"

/*! \brief Octets in front of the longest host: the preferences and empty texts of NAPTR. */
#define FIELDS_MAX	7

/*! \brief Data in which the host alone is as it is; what is in front of it tells records apart, no more. */
typedef struct {
	uint8_t octets[FIELDS_MAX + sizeof(knot_dname_storage_t)];
	size_t at;    /*!< Where the host is; of one octet: there is none. */
} data_t;

static void make_data(const cg_rr_t *rr, data_t *out)
{
	memset(out->octets, 0, FIELDS_MAX + 1);
	cg_screen_rr_t seen = { .type = rr->type, .rdata_len = sizeof(out->octets), .rdata = out->octets };
	out->at = cg_screen_host_offset(&seen);
	if (out->at > 0) {
		uint64_t hash = cg_hash_text(CG_HASH, rr->data);
		memcpy(out->octets, &hash, (rr->type == KNOT_RRTYPE_NAPTR) ? 4 : out->at);
	}
	knot_dname_storage_t host;
	if (cg_rr_host(rr, host)) {
		memcpy(out->octets + out->at, host, knot_dname_size(host));
	}
}

/*! \brief Whether the screen looks for a host in the data. */
static bool is_looked_at(const cg_screen_t *screen, uint32_t seen)
{
	return seen & (SEEN_CNAME | SEEN_DNAME | screen->references);
}

int cg_screen_name(cg_screen_t *screen, const cg_name_t *name, cg_screen_host_t host, void *ctx)
{
	size_t size = knot_dname_size(name->owner);
	int ret = KNOT_EOK;
	for (size_t i = 0; i < name->count && ret == KNOT_EOK; i++) {
		const cg_rr_t *rr = &name->rr[i];
		cg_screen_rr_t seen = {
			name->owner, size, rr->type, strlen(rr->data), (const uint8_t *)rr->data
		};
		data_t data;
		if (is_looked_at(screen, cg_seen_type(rr->type))) {
			if (strncmp(rr->data, "\\#", 2) == 0) {
				return KNOT_ENOTSUP;
			}
			make_data(rr, &data);
			seen.rdata = data.octets;
			seen.rdata_len = data.at + knot_dname_size(data.octets + data.at);
			if (host != NULL && rr->type != KNOT_RRTYPE_DNAME && data.octets[data.at] != 0) {
				ret = host(data.octets + data.at, rr, ctx);
			}
		}
		ret = (ret == KNOT_EOK) ? cg_screen_add(screen, &seen) : ret;
	}
	return ret;
}
