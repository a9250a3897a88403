/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "cnameguard/lookup.h"
#include "rules/rr.h"
#include "rules/zone.h"

/*! \brief What one name leads to. */
enum step {
	STEP_END,  /*!< The answer stands. */
	STEP_NEXT, /*!< Goes on with another name. */
};

static enum step end(cg_answer_t *out, cg_target_t result)
{
	out->result = result;
	return STEP_END;
}

/*!
 * \brief Target of the only CNAME or DNAME of a name; takes its TTL into account.
 *
 * \return STEP_NEXT, if there is one.
 */
static enum step target(const cg_name_t *node, uint16_t type, knot_dname_storage_t to,
                        cg_answer_t *out)
{
	const cg_rr_t *rr;
	size_t count = cg_zone_rrset(node, type, &rr);
	for (size_t i = 1; i < count; i++) {
		if (!cg_target_same(rr[0].data, rr[i].data)) {
			return end(out, CG_TARGET_CONFLICT);
		}
	}
	if (count == 0 || !cg_target_wire(rr->data, to)) {
		return end(out, CG_TARGET_MISSING);
	}
	for (size_t i = 0; i < count; i++) {
		out->ttl = (rr[i].ttl < out->ttl) ? rr[i].ttl : out->ttl;
	}
	return STEP_NEXT;
}

/*! \brief Puts the target of the CNAME in place of the name. */
static enum step follow_cname(const cg_name_t *node, cg_answer_t *out)
{
	knot_dname_storage_t to;
	if (target(node, KNOT_RRTYPE_CNAME, to, out) == STEP_END) {
		return STEP_END;
	}
	memcpy(out->last, to, knot_dname_size(to));
	return STEP_NEXT;
}

/*! \brief Puts the target of the DNAME in place of the end of the name (RFC 6672, 2.2). */
static enum step follow_dname(const cg_name_t *node, cg_answer_t *out)
{
	knot_dname_storage_t to;
	if (target(node, KNOT_RRTYPE_DNAME, to, out) == STEP_END) {
		return STEP_END;
	}
	size_t keep = knot_dname_size(out->last) - knot_dname_size(node->owner);
	size_t size = knot_dname_size(to);
	if (keep + size > KNOT_DNAME_MAXLEN) {
		return end(out, CG_TARGET_MISSING);
	}
	memcpy(out->last + keep, to, size);
	return STEP_NEXT;
}

/*! \brief The answer of the node that holds or, as a wildcard, covers the name. */
static enum step at_node(const cg_name_t *node, uint32_t seen, bool apex, cg_answer_t *out)
{
	if ((seen & SEEN_NS) && !apex) {
		return end(out, CG_TARGET_CUT);
	}
	if (seen & SEEN_CNAME) {
		return follow_cname(node, out);
	}
	out->name = *node;
	return end(out, CG_TARGET_FOUND);
}

/*! \brief No such name: perhaps there is a wildcard below its closest encloser (RFC 4592, 3.3.1). */
static enum step at_wildcard(const cg_zone_t *zone, const knot_dname_t *encloser, cg_answer_t *out)
{
	/* The name has a label more than its encloser: so there is room. */
	knot_dname_storage_t wildcard = { 1, '*' };
	memcpy(wildcard + 2, encloser, knot_dname_size(encloser));

	cg_name_t node;
	uint32_t seen;
	if (cg_zone_node(zone, wildcard, &node, &seen) != KNOT_EOK) {
		return end(out, CG_TARGET_MISSING);
	}
	return at_node(&node, seen, false, out);
}

/*! \brief Goes from the apex down to the name, as RFC 1034, 4.3.2 has it. */
static enum step step(const cg_zone_t *zone, cg_answer_t *out)
{
	int depth = knot_dname_in_bailiwick(out->last, cg_zone_origin(zone));
	if (depth < 0) {
		return end(out, CG_TARGET_OUTSIDE);
	}

	const knot_dname_t *suffixes[KNOT_DNAME_MAXLABELS + 1];
	const knot_dname_t *pos = out->last;
	for (int i = depth; i >= 0; i--) {
		suffixes[i] = pos;
		pos += 1 + *pos;
	}

	for (int i = 0; i <= depth; i++) {
		cg_name_t node;
		uint32_t seen;
		if (cg_zone_node(zone, suffixes[i], &node, &seen) != KNOT_EOK) {
			return (i == 0) ? end(out, CG_TARGET_MISSING)
			                : at_wildcard(zone, suffixes[i - 1], out);
		}
		if (i == depth) {
			return at_node(&node, seen, i == 0, out);
		}
		if ((seen & SEEN_NS) && i > 0) {
			return end(out, CG_TARGET_CUT);
		}
		if (seen & SEEN_DNAME) {
			return follow_dname(&node, out);
		}
	}

	return end(out, CG_TARGET_MISSING); /* Not reached. */
}

void cg_lookup(const cg_zone_t *zone, const knot_dname_t *name, cg_answer_t *out)
{
	memset(out, 0, sizeof(*out));
	out->ttl = UINT32_MAX;
	knot_dname_copy_lower(out->last, name);

	for (int links = 0; links <= CG_CHAIN_MAX; links++) {
		if (step(zone, out) == STEP_END) {
			return;
		}
	}
	out->result = CG_TARGET_LOOP;
}
