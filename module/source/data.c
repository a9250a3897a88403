/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/compat.h"
#include "source/data.h"

/*! \brief Longer are no data in presentation format: all types in a bitmap, ten octets each. */
#define TEXT_MAX	((size_t)1 << 20)

int cg_data_text(const cg_scan_rr_t *rr, char *out, size_t size)
{
	if (size >= CG_DATA_PLAIN_MAX && cg_data_plain(rr, out) > 0) {
		return KNOT_EOK;
	}
	_Alignas(knot_rdata_t) uint8_t raw[sizeof(uint16_t) + UINT16_MAX + 1];
	knot_rdata_t *rdata = (knot_rdata_t *)raw;
	knot_rdata_init(rdata, rr->rdata_len, rr->rdata);

	knot_rrset_t rrset;
	knot_rrset_init(&rrset, (knot_dname_t *)rr->owner, rr->type, rr->rclass, rr->ttl);
	rrset.rrs.count = 1;
	rrset.rrs.size = knot_rdata_size(rr->rdata_len);
	rrset.rrs.rdata = rdata;

	int ret = knot_rrset_txt_dump_data(&rrset, 0, out, size, &KNOT_DUMP_STYLE_DEFAULT);
	while (ret > 0 && out[ret - 1] == ' ') {
		out[--ret] = '\0'; /* Knot 3.2 ends a CAA with a blank. */
	}
	return (ret >= 0) ? KNOT_EOK : ret;
}

/*! \brief Octets of the next part of the data, negative: there is no such part. */
static int part_size(int kind, const uint8_t *pos, const uint8_t *end)
{
	if (cg_is_remainder(kind)) {
		return end - pos;
	}
	switch (kind) {
	case KNOT_RDATA_WF_FIXED_DNAME:
	case KNOT_RDATA_WF_COMPRESSIBLE_DNAME:
	case KNOT_RDATA_WF_DECOMPRESSIBLE_DNAME:
		return (pos < end) ? knot_dname_wire_check(pos, end, NULL) : KNOT_EMALF;
	case KNOT_RDATA_WF_NAPTR_HEADER:
		return knot_naptr_header_size(pos, end);
	default:
		return (end - pos >= kind) ? kind : KNOT_EMALF;
	}
}

/*! \brief Whether the data have the parts of their type: afterwards they are safe to be read. */
static bool has_parts(const cg_scan_rr_t *rr)
{
	const knot_rdata_descriptor_t *desc = knot_get_rdata_descriptor(rr->type);
	const uint8_t *pos = rr->rdata;
	const uint8_t *end = pos + rr->rdata_len;

	for (const int *kind = desc->block_types; *kind != KNOT_RDATA_WF_END; kind++) {
		int size = part_size(*kind, pos, end);
		if (size < 0) {
			return false;
		}
		pos += size;
	}
	return pos == end;
}

int cg_data_check(const cg_scan_rr_t *rr, char **buffer)
{
	if (!has_parts(rr)) {
		return KNOT_EMALF;
	}
	if (*buffer == NULL) {
		*buffer = malloc(TEXT_MAX);
	}
	if (*buffer == NULL) {
		return KNOT_ENOMEM;
	}
	if (cg_data_text(rr, *buffer, TEXT_MAX) != KNOT_EOK ||
	    cg_is_dump_of_malformed(rr->type, *buffer)) {
		return KNOT_EMALF;
	}
	return KNOT_EOK;
}
