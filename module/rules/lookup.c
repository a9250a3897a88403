/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "rules/rr.h"
#include "rules/step.h"
#include "rules/zones.h"

static void end(cg_step_t *step, cg_target_t result)
{
	step->kind = CG_STEP_END;
	step->result = result;
}

/*! \brief The answer of the node that holds or, as a wildcard, covers the name. */
static void at_node(cg_step_t *step, bool apex)
{
	if ((step->node.seen & SEEN_NS) && !apex) {
		end(step, CG_TARGET_CUT);
	} else if (step->node.seen & SEEN_CNAME) {
		step->kind = CG_STEP_CNAME;
	} else {
		end(step, CG_TARGET_FOUND);
	}
}

/*! \brief No such name: perhaps there is a wildcard below its closest encloser (RFC 4592, 3.3.1). */
static void at_wildcard(const cg_zone_t *zone, const knot_dname_t *encloser, cg_step_t *step)
{
	/* The name has a label more than its encloser: so there is room. */
	knot_dname_storage_t wildcard = { 1, '*' };
	memcpy(wildcard + 2, encloser, knot_dname_size(encloser));

	if (cg_zone_node(zone, wildcard, &step->node) != KNOT_EOK) {
		end(step, CG_TARGET_MISSING);
	} else {
		at_node(step, false);
	}
}

/*! \brief The answer of a zone cut or a DNAME above the name. */
static void at_cover(cg_step_t *step, bool apex)
{
	if ((step->node.seen & SEEN_NS) && !apex) {
		end(step, CG_TARGET_CUT);
	} else {
		step->kind = CG_STEP_DNAME;
	}
}

static bool is_apex(const cg_zone_t *zone, const cg_node_t *node)
{
	return knot_dname_is_equal(node->name.owner, cg_zone_origin(zone));
}

/*! \brief Looks the name up as RFC 1034, 4.3.2 has it: what is highest decides. */
static void look(const cg_zone_t *zone, const knot_dname_t *name, cg_step_t *step)
{
	const knot_dname_t *encloser;
	int ret = cg_zone_closest(zone, name, &step->node, &encloser);
	if (ret == KNOT_EOUTOFZONE) {
		end(step, CG_TARGET_MISSING);
		return;
	}
	if (cg_node_occluded(&step->node)) {
		cg_zone_node_at(zone, step->node.cover, &step->node);
		at_cover(step, is_apex(zone, &step->node));
		return;
	}
	bool apex = is_apex(zone, &step->node);
	if (ret == KNOT_EOK) {
		at_node(step, apex);
	} else if ((step->node.seen & SEEN_DNAME) || ((step->node.seen & SEEN_NS) && !apex)) {
		at_cover(step, apex);
	} else {
		at_wildcard(zone, encloser, step);
	}
}

void cg_step(const cg_zones_t *zones, const cg_zone_t *self, const knot_dname_t *name,
             cg_step_t *out)
{
	out->zone = cg_zones_find(zones, self, name);
	if (out->zone == CG_NO_ZONE) {
		end(out, CG_TARGET_OUTSIDE);
	} else {
		look(zones->list[out->zone], name, out);
	}
}

bool cg_step_on(cg_step_t *step, knot_dname_storage_t name, uint32_t *ttl)
{
	uint16_t type = (step->kind == CG_STEP_CNAME) ? KNOT_RRTYPE_CNAME : KNOT_RRTYPE_DNAME;
	const cg_rr_t *rr;
	size_t count = cg_zone_rrset(&step->node.name, type, &rr);
	for (size_t i = 1; i < count; i++) {
		if (!cg_target_same(rr[0].data, rr[i].data)) {
			end(step, CG_TARGET_CONFLICT);
			return false;
		}
	}

	/* A DNAME takes the place of the end of the name (RFC 6672, 2.2). */
	knot_dname_storage_t to;
	size_t keep = (step->kind == CG_STEP_CNAME) ? 0 :
	              knot_dname_size(name) - knot_dname_size(step->node.name.owner);
	if (count == 0 || !cg_target_wire(rr->data, to) ||
	    keep + knot_dname_size(to) > KNOT_DNAME_MAXLEN) {
		end(step, CG_TARGET_MISSING);
		return false;
	}
	memcpy(name + keep, to, knot_dname_size(to));

	for (size_t i = 0; i < count && ttl != NULL; i++) {
		*ttl = (rr[i].ttl < *ttl) ? rr[i].ttl : *ttl;
	}
	return true;
}

void cg_lookup(const cg_zones_t *zones, const cg_zone_t *self, const knot_dname_t *name,
               cg_answer_t *out)
{
	memset(out, 0, sizeof(*out));
	out->ttl = UINT32_MAX;
	knot_dname_copy_lower(out->last, name);

	cg_step_t step;
	for (int links = 0; links <= CG_CHAIN_MAX; links++) {
		cg_step(zones, self, out->last, &step);
		if (step.kind == CG_STEP_END || !cg_step_on(&step, out->last, &out->ttl)) {
			out->result = step.result;
			out->name = (step.result == CG_TARGET_FOUND) ? step.node.name
			                                             : (cg_name_t){ 0 };
			return;
		}
	}
	out->result = CG_TARGET_LOOP;
}
