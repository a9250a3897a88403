/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/answers.h"
#include "cnameguard/lookup.h"
#include "cnameguard/mend.h"
#include "cnameguard/verdict.h"
#include "cnameguard/wire.h"
#include "rules/rr.h"
#include "rules/zone.h"

/* --- Hooks --- */

static int find_cmp(const void *key, const void *entry)
{
	return cg_names_compare(key, ((const cg_answers_name_t *)entry)->name);
}

const cg_answers_name_t *cg_answers_find(const cg_answers_t *answers, const knot_dname_t *name)
{
	return (answers == NULL) ? NULL :
	       bsearch(name, answers->list, answers->count, sizeof(*answers->list), find_cmp);
}

const knot_rrset_t *cg_answers_rrset(const cg_answers_name_t *name, uint16_t type)
{
	for (size_t i = 0; i < name->count; i++) {
		if (name->rrsets[i].type == type) {
			return &name->rrsets[i];
		}
	}
	return NULL;
}

bool cg_answers_differs(const cg_answers_t *answers, const knot_rrset_t *rrset)
{
	const cg_answers_name_t *name = cg_answers_find(answers, rrset->owner);
	if (name == NULL) {
		return false;
	}
	const knot_rrset_t *ours = cg_answers_rrset(name, rrset->type);
	return ours == NULL || ours->rrs.rdata != rrset->rrs.rdata;
}

/* --- Worker --- */

static void free_answers(cg_answers_t *answers)
{
	for (size_t i = 0; i < answers->count; i++) {
		cg_answers_name_t *name = &answers->list[i];
		for (size_t j = 0; j < name->count; j++) {
			knot_rdataset_clear(&name->rrsets[j].rrs, NULL);
		}
		free(name->rrsets);
		knot_dname_free(name->name, NULL);
	}
	free(answers->list);
	free(answers);
}

cg_answers_t *cg_answers_ref(cg_answers_t *answers)
{
	if (answers != NULL) {
		__atomic_add_fetch(&answers->refs, 1, __ATOMIC_RELAXED);
	}
	return answers;
}

void cg_answers_unref(cg_answers_t *answers)
{
	if (answers != NULL && __atomic_sub_fetch(&answers->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		free_answers(answers);
	}
}

bool cg_answers_can(const cg_zone_t *zone, const cg_finding_t *finding)
{
	bool apex = knot_dname_is_equal(finding->owner, cg_zone_origin(zone));
	for (size_t i = 0; i < finding->types_count; i++) {
		if (finding->types[i] == KNOT_RRTYPE_DNAME ||
		    (finding->types[i] == KNOT_RRTYPE_NS && !apex)) {
			return false;
		}
	}
	return !finding->occluded && !knot_dname_is_wildcard(finding->owner);
}

/*! \brief Makes room for one name more. */
static cg_answers_name_t *new_name(cg_answers_t *answers, const cg_name_t *name)
{
	size_t count = answers->count;
	if ((count & (count + 1)) == 0) { /* 0, 1, 3, 7, ...: full. */
		void *grown = realloc(answers->list, 2 * (count + 1) * sizeof(*answers->list));
		if (grown == NULL) {
			return NULL;
		}
		answers->list = grown;
	}
	cg_answers_name_t *out = &answers->list[count];
	*out = (cg_answers_name_t){
		.name = knot_dname_copy(name->owner, NULL),
		.rrsets = calloc(name->count + 1, sizeof(*out->rrsets)),
	};
	answers->count++;
	return (out->name != NULL && out->rrsets != NULL) ? out : NULL;
}

/*! \brief Takes over all records of a name, which come sorted by type. */
static int add_name(const cg_name_t *name, bool repaired, cg_answers_t *answers)
{
	cg_answers_name_t *out = new_name(answers, name);
	if (out == NULL) {
		return KNOT_ENOMEM;
	}
	out->repaired = repaired;
	knot_rrset_t *rrset = NULL;
	for (size_t i = 0; i < name->count; i++) {
		const cg_rr_t *rr = &name->rr[i];
		if (rrset == NULL || rrset->type != rr->type) {
			rrset = &out->rrsets[out->count++];
			knot_rrset_init(rrset, out->name, rr->type, KNOT_CLASS_IN, rr->ttl);
		}
		int ret = cg_wire_add(rr, rrset);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	/* As Knot holds it: hooks find the target by its octets. */
	knot_rrset_t *cname = (knot_rrset_t *)cg_answers_rrset(out, KNOT_RRTYPE_CNAME);
	return (cname != NULL) ? knot_rrset_rr_to_canonical(cname) : KNOT_EOK;
}

static int add_repaired(const cg_name_t *name, void *ctx)
{
	return add_name(name, true, ctx);
}

/*! \brief The edited names as they are after the edits. */
static int repaired_names(const cg_zone_t *zone, const cg_edit_t *edits, size_t count,
                          cg_zone_t **out)
{
	cg_zone_t *before = cg_zone_new(cg_zone_origin(zone));
	int ret = (before != NULL) ? KNOT_EOK : KNOT_ENOMEM;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		cg_name_t name;
		if (i > 0 && knot_dname_is_equal(edits[i].owner, edits[i - 1].owner)) {
			continue;
		}
		ret = cg_zone_find(zone, edits[i].owner, &name);
		if (ret == KNOT_EOK) {
			ret = cg_zone_add_name(&name, before);
		}
	}
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(before);
	}
	if (ret == KNOT_EOK) {
		ret = cg_mend_apply(before, edits, count, out);
	}
	cg_zone_free(before);
	return ret;
}

/*! \brief Walks over the zone for aliases that lead to repaired names. */
typedef struct {
	const cg_zone_t *zone;
	const cg_zone_t *repaired;
	cg_answers_t *answers;
} ways_t;

static bool is_repaired(const ways_t *ways, const knot_dname_t *name)
{
	cg_name_t found;
	return cg_zone_find(ways->repaired, name, &found) == KNOT_EOK && found.count > 0;
}

/*! \brief Where the alias at a name leads; false: there is none, or the name is repaired. */
static bool next_link(const ways_t *ways, const cg_name_t *name, knot_dname_storage_t target)
{
	const cg_rr_t *cname = NULL;
	for (size_t i = 0; i < name->count; i++) {
		cname = (name->rr[i].type == KNOT_RRTYPE_CNAME) ? &name->rr[i] : cname;
	}
	return cname != NULL && cg_target_wire(cname->data, target) &&
	       !is_repaired(ways, name->owner);
}

static bool leads_to_repaired(const ways_t *ways, const cg_name_t *from)
{
	knot_dname_storage_t target;
	cg_name_t at = *from;
	for (int links = 0; links < CG_CHAIN_MAX && next_link(ways, &at, target); links++) {
		if (is_repaired(ways, target)) {
			return true;
		}
		if (cg_zone_find(ways->zone, target, &at) != KNOT_EOK) {
			return false;
		}
	}
	return false;
}

static int add_way(const cg_name_t *name, void *ctx)
{
	ways_t *ways = ctx;
	cg_node_t node;
	if (knot_dname_is_wildcard(name->owner) || !leads_to_repaired(ways, name) ||
	    cg_zone_node(ways->zone, name->owner, &node) != KNOT_EOK || cg_node_occluded(&node) ||
	    (node.seen & (SEEN_NS | SEEN_DNAME))) {
		return KNOT_EOK;
	}
	return add_name(name, false, ways->answers);
}

static int name_cmp(const void *a, const void *b)
{
	return cg_names_compare(((const cg_answers_name_t *)a)->name,
	                        ((const cg_answers_name_t *)b)->name);
}

int cg_answers_make(const cg_zone_t *zone, const cg_edit_t *edits, size_t count,
                    cg_answers_t **out)
{
	cg_zone_t *repaired = NULL;
	cg_answers_t *answers = calloc(1, sizeof(*answers));
	if (answers == NULL) {
		return KNOT_ENOMEM;
	}
	answers->refs = 1;

	int ret = repaired_names(zone, edits, count, &repaired);
	if (ret == KNOT_EOK) {
		ret = cg_zone_walk(repaired, add_repaired, answers);
	}
	ways_t ways = { zone, repaired, answers };
	if (ret == KNOT_EOK) {
		ret = cg_zone_walk(zone, add_way, &ways);
	}
	cg_zone_free(repaired);
	if (ret != KNOT_EOK) {
		cg_answers_unref(answers);
		return ret;
	}
	if (answers->count > 1) {
		qsort(answers->list, answers->count, sizeof(*answers->list), name_cmp);
	}
	*out = answers;
	return KNOT_EOK;
}
