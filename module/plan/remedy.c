/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnameguard/lookup.h"
#include "cnameguard/remedy.h"
#include "plan/plan.h"
#include "rules/rr.h"
#include "rules/zone.h"

/*! \brief Memory of a remedy. */
struct store {
	cg_pool_t pool;
	cg_finding_rr_t list[];  /*!< Those to remove, then those to write. */
};

/*! \brief Room for so many records of each kind. */
static int make_room(cg_remedy_t *out, size_t removes, size_t writes)
{
	struct store *store = malloc(sizeof(*store) + (removes + writes) * sizeof(store->list[0]));
	if (store == NULL) {
		return KNOT_ENOMEM;
	}
	store->pool = (cg_pool_t){ 0 };
	out->pool = store;
	out->remove = store->list;
	out->write = store->list + removes;
	return KNOT_EOK;
}

static void remove_rr(cg_remedy_t *out, const char *owner, const cg_rr_t *rr)
{
	out->remove[out->remove_count++] = (cg_finding_rr_t){ owner, *rr };
}

static void write_rr(cg_remedy_t *out, const char *owner, const cg_rr_t *rr)
{
	out->write[out->write_count++] = (cg_finding_rr_t){ owner, *rr };
}

/* --- Conflicts: what a rewrite by flatten would do --- */

/*! \brief The name's own data that stays: what the finding lists and no edit removes. */
static void write_kept(const cg_finding_t *finding, const cg_plan_t *plan, cg_remedy_t *out)
{
	for (size_t i = 0; i < finding->rr_count; i++) {
		bool stays = true;
		for (size_t j = 0; j < plan->count && stays; j++) {
			stays = plan->list[j].op != CG_EDIT_REMOVE ||
			        cg_rr_cmp(&plan->list[j].rr, &finding->rr[i].rr) != 0;
		}
		if (stays && finding->rule != CG_RULE_CNAME_APEX) {
			write_rr(out, finding->spelling, &finding->rr[i].rr);
		}
	}
}

static void write_plan(const cg_finding_t *finding, const cg_plan_t *plan, cg_remedy_t *out)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->list[i].op == CG_EDIT_ADD) {
			write_rr(out, finding->spelling, &plan->list[i].rr);
		} else {
			remove_rr(out, finding->spelling, &plan->list[i].rr);
		}
	}
	write_kept(finding, plan, out);
}

static int from_plan(const cg_zones_t *zones, const cg_zone_t *zone, const cg_finding_t *finding,
                     cg_remedy_t *out)
{
	/* As if it were of level error: a remedy is there to be read. */
	cg_finding_t one = *finding;
	one.level = CG_LEVEL_ERROR;
	one.exempt = false;
	cg_findings_t findings = { .list = &one, .count = 1 };
	cg_plan_t plan;
	int ret = cg_plan_make(zones, zone, &findings, CG_STRATEGY_FLATTEN, CG_STRATEGY_REFUSE,
	                       &plan);
	if (ret == KNOT_EOK && plan.count > 0) {
		ret = make_room(out, plan.count, plan.count + finding->rr_count);
		if (ret == KNOT_EOK) {
			write_plan(finding, &plan, out);
		}
	}
	cg_plan_free(&plan);
	return ret;
}

/* --- Targets: the end of the way instead of the alias --- */

/*! \brief Data with another host in place of the one it names. */
static const char *with_host(cg_pool_t *pool, const cg_rr_t *rr, const char *host)
{
	size_t len;
	const char *field = cg_rr_host_field(rr, &len);
	size_t before = field - rr->data;
	size_t size = strlen(rr->data) - len + strlen(host) + 1;
	char *data = cg_pool_alloc(pool, size);
	if (data != NULL) {
		snprintf(data, size, "%.*s%s%s", (int)before, rr->data, host, field + len);
	}
	return data;
}

/*! \brief Where a name leads to in the end, as text. False: nowhere that could be written. */
static bool end_of(const cg_zones_t *zones, const cg_zone_t *zone, const knot_dname_t *host,
                   knot_dname_txt_storage_t out)
{
	cg_answer_t answer;
	cg_lookup(zones, zone, host, &answer);
	bool is_end = answer.result == CG_TARGET_FOUND || answer.result == CG_TARGET_OUTSIDE ||
	              answer.result == CG_TARGET_CUT;
	return is_end && cg_name_text(answer.last, out);
}

/*! \brief Whether a record of the finding is one to be changed, not an alias that it leads to. */
static bool is_own(const cg_finding_t *finding, size_t i)
{
	uint16_t type = finding->rr[i].rr.type;
	return (finding->rule == CG_RULE_CNAME_CHAIN) ? i == 0 :
	       type != KNOT_RRTYPE_CNAME && type != KNOT_RRTYPE_DNAME;
}

/*! \brief Replaces the hosts of the finding's own records. */
static int replace_hosts(const cg_zones_t *zones, const cg_zone_t *zone,
                         const cg_finding_t *finding, cg_remedy_t *out)
{
	if (make_room(out, finding->rr_count, finding->rr_count) != KNOT_EOK) {
		return KNOT_ENOMEM;
	}
	struct store *store = out->pool;
	for (size_t i = 0; i < finding->rr_count; i++) {
		cg_rr_t rr = finding->rr[i].rr;
		knot_dname_storage_t host;
		knot_dname_txt_storage_t end;
		if (!is_own(finding, i) || !cg_rr_host(&rr, host) ||
		    !end_of(zones, zone, host, end)) {
			continue;
		}
		remove_rr(out, finding->spelling, &rr);
		rr.data = with_host(&store->pool, &rr, end);
		if (rr.data == NULL) {
			return KNOT_ENOMEM;
		}
		write_rr(out, finding->spelling, &rr);
	}
	return KNOT_EOK;
}

int cg_remedy_make(const cg_zones_t *zones, const cg_zone_t *zone, const cg_finding_t *finding,
                   cg_remedy_t *out)
{
	memset(out, 0, sizeof(*out));
	switch (finding->rule) {
	case CG_RULE_CNAME_APEX:
	case CG_RULE_CNAME_MX:
	case CG_RULE_CNAME_OTHER:
	case CG_RULE_CNAME_MULTIPLE:
		return from_plan(zones, zone, finding, out);
	case CG_RULE_MX_ALIAS:
	case CG_RULE_NS_ALIAS:
	case CG_RULE_SRV_ALIAS:
	case CG_RULE_PTR_ALIAS:
	case CG_RULE_SOA_ALIAS:
	case CG_RULE_NAPTR_ALIAS:
	case CG_RULE_SVCB_ALIAS:
	case CG_RULE_CNAME_CHAIN:
		return replace_hosts(zones, zone, finding, out);
	default:
		return KNOT_EOK;
	}
}

void cg_remedy_free(cg_remedy_t *remedy)
{
	if (remedy->pool != NULL) {
		struct store *store = remedy->pool;
		cg_pool_free(&store->pool);
		free(store);
	}
	memset(remedy, 0, sizeof(*remedy));
}
