/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/lookup.h"
#include "plan/plan.h"
#include "rules/rr.h"
#include "rules/zone.h"

/*! \brief More records than this are not copied to a name: 65,535 octets do not take them. */
#define RECORDS_MAX 4096

/*! \brief A name that a CNAME led to. */
struct source {
	cg_name_t name;
	uint32_t ttl; /*!< Smallest on the way. */
};

/*! \brief Everything that the CNAMEs of a name stood for. */
struct lent {
	struct source *sources;
	size_t sources_count;
	cg_rr_t *list;
	size_t count;
	size_t max;
};

static int lent_add(struct lent *lent, const cg_rr_t *rr, uint32_t ttl)
{
	if (lent->count == lent->max) {
		size_t max = (lent->max == 0) ? 16 : lent->max * 2;
		cg_rr_t *bigger = realloc(lent->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		lent->list = bigger;
		lent->max = max;
	}
	lent->list[lent->count++] = (cg_rr_t) {
		.type = rr->type, .ttl = (rr->ttl < ttl) ? rr->ttl : ttl, .data = rr->data
	};
	return KNOT_EOK;
}

/*! \brief Whether a name wants the type; an A of its own wants no AAAA of another, and back. */
static bool wants(const cg_name_t *name, uint32_t seen, uint16_t type)
{
	if (!cg_type_lent(type)) {
		return false;
	}
	if (cg_seen_type(type) & SEEN_ADDRESS) {
		return (seen & SEEN_ADDRESS) == 0;
	}
	const cg_rr_t *own;
	return cg_zone_rrset(name, type, &own) == 0;
}

static const char *const REASONS[] = {
	[CG_TARGET_FOUND]    = "is there",
	[CG_TARGET_OUTSIDE]  = "is outside the zone",
	[CG_TARGET_CUT]      = "is at or below a zone cut",
	[CG_TARGET_MISSING]  = "does not exist",
	[CG_TARGET_LOOP]     = "leads round in a circle",
	[CG_TARGET_CONFLICT] = "has several CNAMEs",
};

/*! \brief Says why a target has nothing to give, and where on the way that shows. */
static void explain(cg_text_t *why, const char *data, const knot_dname_t *target,
                    const cg_answer_t *answer)
{
	knot_dname_txt_storage_t last;
	cg_text_add(why, "target %s ", data);
	if (answer->result != CG_TARGET_LOOP && !knot_dname_is_equal(target, answer->last) &&
	    cg_name_text(answer->last, last)) {
		cg_text_add(why, "leads to %s, which ", last);
	}
	cg_text_add(why, "%s", REASONS[answer->result]);
}

/*! \brief Finds where one CNAME leads to. */
static int find_source(cg_repair_t *repair, const cg_rr_t *cname, uint32_t ttl, struct lent *lent)
{
	knot_dname_storage_t target;
	if (!cg_target_wire(cname->data, target)) {
		cg_text_add(repair->why, "target %s is no name", cname->data);
		return CG_NOT_APPLICABLE;
	}

	cg_answer_t answer;
	cg_lookup(repair->zones, repair->zone, target, &answer);
	if (answer.result != CG_TARGET_FOUND) {
		explain(repair->why, cname->data, target, &answer);
		return CG_NOT_APPLICABLE;
	}
	lent->sources[lent->sources_count++] = (struct source) {
		.name = answer.name, .ttl = (answer.ttl < ttl) ? answer.ttl : ttl
	};
	return KNOT_EOK;
}

/*! \brief Neighbours are ways to the same name, the one with the smallest TTL first. */
static int source_cmp(const void *a_ptr, const void *b_ptr)
{
	const struct source *a = a_ptr, *b = b_ptr;
	uintptr_t a_at = (uintptr_t)a->name.rr, b_at = (uintptr_t)b->name.rr;
	return (a_at != b_at) ? (a_at > b_at) - (a_at < b_at)
	                      : (a->ttl > b->ttl) - (a->ttl < b->ttl);
}

/*! \brief Takes over the records that the name wants from where its CNAMEs lead to. */
static int collect(cg_repair_t *repair, struct lent *lent)
{
	uint32_t seen = cg_seen(&repair->name);
	qsort(lent->sources, lent->sources_count, sizeof(*lent->sources), source_cmp);

	for (size_t i = 0; i < lent->sources_count; i++) {
		const struct source *source = &lent->sources[i];
		if (i > 0 && source->name.rr == source[-1].name.rr) {
			continue;
		}
		const cg_rr_t *rr;
		for (size_t j = 0, size; j < source->name.count; j += size) {
			size = cg_zone_rrset(&source->name, source->name.rr[j].type, &rr);
			if (!wants(&repair->name, seen, rr->type)) {
				continue;
			}
			if (repair->plan->count + lent->count + size > CG_PLAN_EDITS_MAX) {
				cg_text_add(repair->why, "the repairs of the zone would take more "
				            "than %u records together", CG_PLAN_EDITS_MAX);
				return CG_NOT_APPLICABLE;
			}
			if (size > RECORDS_MAX - lent->count) {
				cg_text_add(repair->why, "more than %u records would have to be "
				            "copied from its targets", RECORDS_MAX);
				return CG_NOT_APPLICABLE;
			}
			for (size_t k = 0; k < size; k++) {
				if (lent_add(lent, &rr[k], source->ttl) != KNOT_EOK) {
					return KNOT_ENOMEM;
				}
			}
		}
	}
	return KNOT_EOK;
}

static int cmp(const void *a, const void *b)
{
	return cg_rr_cmp_total(a, b);
}

/*! \brief Adds the records, each once, all of one type with the smallest of their TTLs. */
static int add_lent(cg_repair_t *repair, struct lent *lent)
{
	if (lent->count > 1) {
		qsort(lent->list, lent->count, sizeof(*lent->list), cmp);
	}
	for (size_t i = 0, next; i < lent->count; i = next) {
		uint32_t ttl = lent->list[i].ttl;
		for (next = i; next < lent->count && lent->list[next].type == lent->list[i].type; next++) {
			ttl = (lent->list[next].ttl < ttl) ? lent->list[next].ttl : ttl;
		}
		for (size_t j = i; j < next; j++) {
			cg_rr_t *rr = &lent->list[j];
			rr->ttl = ttl;
			if (j > i && cg_rr_cmp(rr - 1, rr) == 0) {
				continue;
			}
			int ret = cg_repair_edit(repair, CG_EDIT_ADD, rr);
			if (ret != KNOT_EOK) {
				return ret;
			}
		}
	}
	return KNOT_EOK;
}

static int replace(cg_repair_t *repair, struct lent *lent)
{
	const cg_rr_t *cnames;
	size_t count = cg_zone_rrset(&repair->name, KNOT_RRTYPE_CNAME, &cnames);
	lent->sources = malloc((count + 1) * sizeof(*lent->sources));
	if (lent->sources == NULL) {
		return KNOT_ENOMEM;
	}

	uint32_t ttl = UINT32_MAX; /* Of all of them: they were one RRset. */
	for (size_t i = 0; i < count; i++) {
		ttl = (cnames[i].ttl < ttl) ? cnames[i].ttl : ttl;
	}
	int ret = KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = find_source(repair, &cnames[i], ttl, lent);
	}
	if (ret == KNOT_EOK) {
		ret = collect(repair, lent);
	}
	if (ret == KNOT_EOK && lent->count == 0 && !cg_repair_has_other(&repair->name)) {
		cg_text_add(repair->why, "no target of its CNAMEs has data that it could take over");
		ret = CG_NOT_APPLICABLE;
	}
	if (ret == KNOT_EOK) {
		ret = cg_repair_drop_cname(repair);
	}
	return (ret == KNOT_EOK) ? add_lent(repair, lent) : ret;
}

int cg_flatten(cg_repair_t *repair)
{
	/* There a server answers with a referral or a DNAME: the alias stood for nothing. */
	if (repair->findings[0].occluded ||
	    (!repair->apex && (cg_seen(&repair->name) & SEEN_NS))) {
		cg_text_add(repair->why, "at or below a zone cut or below a DNAME no alias is answered, "
		            "so that nothing can take its place");
		return CG_NOT_APPLICABLE;
	}

	struct lent lent = { 0 };
	int ret = replace(repair, &lent);
	free(lent.sources);
	free(lent.list);

	return ret;
}
