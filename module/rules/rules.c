/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/rules.h"
#include "rules/covers.h"
#include "rules/rr.h"
#include "rules/run.h"
#include "rules/targets.h"
#include "rules/zone.h"

/*! \brief What the checks ask about one name. */
struct facts {
	uint32_t seen;
	bool apex;
	bool conflict;        /*!< CNAME and what must not stand beside it. */
	bool several_cnames;
	bool several_dnames;
};

static bool cname_apex(const struct facts *f)
{
	return f->apex && (f->seen & SEEN_CNAME);
}

static bool cname_mx(const struct facts *f)
{
	return !f->apex && f->conflict && (f->seen & SEEN_MX);
}

static bool cname_other(const struct facts *f)
{
	return !f->apex && f->conflict && !(f->seen & SEEN_MX);
}

static bool cname_multiple(const struct facts *f)
{
	return f->several_cnames;
}

static bool dname_multiple(const struct facts *f)
{
	return f->several_dnames;
}

static bool dname_ns(const struct facts *f)
{
	return !f->apex && (f->seen & SEEN_DNAME) && (f->seen & SEEN_NS);
}

static bool apex_no_ns(const struct facts *f)
{
	return f->apex && !(f->seen & SEEN_NS);
}

/*! \brief The rules that one name alone decides, and the records that are involved. */
static const struct check {
	cg_rule_t rule;
	bool (*holds)(const struct facts *f);
	uint32_t lists;
} CHECKS[] = {
	{ CG_RULE_CNAME_APEX,     cname_apex,     ~0u },
	{ CG_RULE_CNAME_MX,       cname_mx,       ~0u },
	{ CG_RULE_CNAME_OTHER,    cname_other,    ~0u },
	{ CG_RULE_CNAME_MULTIPLE, cname_multiple, SEEN_CNAME },
	{ CG_RULE_DNAME_MULTIPLE, dname_multiple, SEEN_DNAME },
	{ CG_RULE_DNAME_NS,       dname_ns,       SEEN_DNAME | SEEN_NS },
	{ CG_RULE_APEX_NO_NS,     apex_no_ns,     SEEN_SOA },
};

#define CHECKS_COUNT (sizeof(CHECKS) / sizeof(CHECKS[0]))

/*! \brief Copies those records whose types are in \a lists. */
static int set_records(cg_rules_t *run, cg_found_t *found, const cg_rr_t **list, size_t count,
                       uint32_t lists)
{
	size_t records = 0;
	for (size_t i = 0; i < count; i++) {
		records += (cg_seen_type(list[i]->type) & lists) != 0;
	}
	int ret = cg_run_room(run, found, records);
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		if (cg_seen_type(list[i]->type) & lists) {
			ret = cg_run_record(run, found, found->pub.spelling, list[i]);
		}
	}
	return ret;
}

/*! \brief Reports all that \a holds says (bits by place in CHECKS) about a name. */
static int report(cg_rules_t *run, const cg_name_t *name, uint32_t holds)
{
	size_t count;
	const cg_rr_t **list = cg_run_sorted(name, &count);
	if (list == NULL) {
		return KNOT_ENOMEM;
	}

	int ret = KNOT_EOK;
	uint32_t beside = SEEN_BESIDE | (run->policy->allow_key ? SEEN_KEY : 0);
	for (size_t i = 0; i < CHECKS_COUNT && ret == KNOT_EOK; i++) {
		if ((holds & (1u << i)) == 0) {
			continue;
		}
		cg_found_t *found = cg_run_found(run, CHECKS[i].rule, name->owner, name->spelling);
		if (found == NULL) {
			ret = KNOT_ENOMEM;
			break;
		}
		ret = cg_run_types(run, found, list, count);
		if (ret == KNOT_EOK) {
			ret = set_records(run, found, list, count, CHECKS[i].lists & ~beside);
		}
		if (ret == KNOT_EOK) {
			ret = cg_run_list(run, found);
		}
	}

	free(list);
	return ret;
}

static int judge(cg_rules_t *run, const cg_name_t *name, uint32_t seen, bool apex)
{
	struct facts facts = {
		.seen = seen,
		.apex = apex,
		.conflict = (seen & SEEN_CNAME) && (seen & run->conflicting),
		.several_cnames = (seen & SEEN_CNAME) && cg_several(name, KNOT_RRTYPE_CNAME),
		.several_dnames = (seen & SEEN_DNAME) && cg_several(name, KNOT_RRTYPE_DNAME)
	};

	uint32_t holds = 0;
	for (size_t i = 0; i < CHECKS_COUNT; i++) {
		if (CHECKS[i].holds(&facts) && cg_run_wants(run, CHECKS[i].rule)) {
			holds |= 1u << i;
		}
	}

	return (holds == 0) ? KNOT_EOK : report(run, name, holds);
}

static void meet_apex(cg_rules_t *run, const cg_name_t *name, uint32_t seen)
{
	run->apex_seen = true;
	run->is_signed = seen & (SEEN_DNSKEY | SEEN_RRSIG);
	for (size_t i = 0; i < name->count && (seen & SEEN_SOA) && !run->has_serial; i++) {
		if (name->rr[i].type == KNOT_RRTYPE_SOA) {
			run->has_serial = cg_soa_serial(name->rr[i].data, &run->serial);
		}
	}
}

static int meet(cg_rules_t *run, const cg_name_t *name)
{
	int depth = knot_dname_in_bailiwick(name->owner, run->origin);
	uint32_t seen = cg_seen(name);
	if (depth < 0 || name->count == 0) {
		return KNOT_EOK;
	}

	run->names++;
	run->records += name->count;
	if (cg_seen_nsec3_only(seen)) {
		return KNOT_EOK;
	}

	int ret = KNOT_EOK;
	bool apex = (depth == 0);
	if (apex) {
		meet_apex(run, name, seen);
	}
	if (run->covers_count > 0) {
		ret = cg_covers_meet(run, name);
	}
	if (ret == KNOT_EOK && (apex || (seen & (SEEN_CNAME | SEEN_DNAME)))) {
		ret = judge(run, name, seen, apex);
	}
	run->aliases += (seen & (SEEN_CNAME | SEEN_DNAME)) != 0;
	if (ret == KNOT_EOK && ((seen & SEEN_DNAME) || ((seen & SEEN_NS) && !apex))) {
		ret = cg_covers_push(run, name, seen & SEEN_DNAME);
	}

	return ret;
}

int cg_rules_name(const cg_name_t *name, void *ctx)
{
	cg_rules_t *run = ctx;
	if (run->failed == KNOT_EOK) {
		run->failed = meet(run, name);
	}
	return run->failed;
}

/*! \brief Names that are judged one after the other. */
#define PIECE	1024

/*! \brief The names of a zone. */
typedef struct {
	const cg_zone_t *zone;
	cg_rules_t *runs;   /*!< One a piece. */
	size_t *begins;     /*!< Names that the pieces begin with; the last: where all end. */
} walking_t;

static int walk_piece(size_t piece, void *work)
{
	const walking_t *walking = work;
	cg_rules_t *run = &walking->runs[piece];
	int ret = KNOT_EOK;
	for (size_t at = walking->begins[piece]; at < walking->begins[piece + 1] &&
	                                         ret == KNOT_EOK; at++) {
		cg_node_t node;
		cg_zone_node_at(walking->zone, at, &node);
		ret = cg_rules_name(&node.name, run);
	}
	/* What covered the last names covers none of those that come now. */
	while (ret == KNOT_EOK && run->covers_count > 0) {
		cg_covers_pop(run);
	}
	return ret;
}

/*! \brief Cuts a zone into pieces that each begin with a name that nothing covers. */
static size_t *cut_pieces(const cg_zone_t *zone, size_t pieces)
{
	size_t *begins = malloc((pieces + 1) * sizeof(*begins));
	size_t names = cg_zone_names(zone), at = 0;
	for (size_t i = 0; i <= pieces && begins != NULL; i++) {
		cg_node_t node;
		at = (at < i * PIECE) ? i * PIECE : at;
		at = (at < names) ? at : names;
		while (at < names && (cg_zone_node_at(zone, at, &node), cg_node_occluded(&node))) {
			at++;
		}
		begins[i] = at;
	}
	return begins;
}

/*! \brief Gives the run what its pieces know of the zone. */
static void join_facts(cg_rules_t *run, cg_rules_t *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cg_rules_t *piece = &pieces[i];
		run->names += piece->names;
		run->records += piece->records;
		run->aliases += piece->aliases;
		if (piece->apex_seen) {
			run->apex_seen = true;
			run->has_serial = piece->has_serial;
			run->serial = piece->serial;
			run->is_signed = piece->is_signed;
		}
		free(piece->covers);
	}
}

/*! \brief The rules that one name, and what is below it, decides. */
static int judge_names(const cg_zone_t *zone, cg_rules_t *run, cg_each_t each)
{
	size_t pieces = (cg_zone_names(zone) + PIECE - 1) / PIECE;
	size_t begins[] = { 0, cg_zone_names(zone) };
	walking_t walking = { .zone = zone, .runs = run, .begins = begins };
	if (pieces <= 1 || each == NULL) {
		return walk_piece(0, &walking);
	}
	int ret = KNOT_ENOMEM;
	walking.begins = cut_pieces(zone, pieces);
	walking.runs = cg_run_split(run, pieces);
	if (walking.begins != NULL && walking.runs != NULL) {
		ret = each(pieces, walk_piece, &walking);
		join_facts(run, walking.runs, pieces);
	}
	free(walking.begins);
	return cg_run_join(run, walking.runs, pieces, ret);
}

int cg_rules_zone(const cg_zone_t *zone, const cg_rules_policy_t *policy, cg_findings_t *out)
{
	cg_zones_t alone = { .list = &zone, .count = 1 };
	return cg_rules_zones(&alone, policy, NULL, out);
}

int cg_rules_zones(const cg_zones_t *zones, const cg_rules_policy_t *policy, cg_each_t each,
                   cg_findings_t *out)
{
	memset(out, 0, zones->count * sizeof(*out));
	cg_rules_t **runs = calloc(zones->count + 1, sizeof(*runs));
	int ret = (runs == NULL) ? KNOT_ENOMEM : KNOT_EOK;

	for (size_t i = 0; i < zones->count && ret == KNOT_EOK; i++) {
		runs[i] = cg_rules_begin(cg_zone_origin(zones->list[i]), policy);
		ret = (runs[i] == NULL) ? KNOT_ENOMEM : judge_names(zones->list[i], runs[i], each);
	}
	if (ret == KNOT_EOK) {
		ret = cg_targets_judge(zones, runs, each);
	}
	for (size_t i = 0; i < zones->count && runs != NULL; i++) {
		if (runs[i] != NULL) {
			int end = cg_run_end(runs[i], zones, zones->list[i], each, &out[i]);
			ret = (ret == KNOT_EOK) ? end : ret;
		}
	}
	free(runs);
	return ret;
}

void cg_findings_free(cg_findings_t *findings)
{
	if (findings == NULL) {
		return;
	}
	if (findings->pool != NULL) {
		cg_pool_free(findings->pool);
		free(findings->pool);
	}
	memset(findings, 0, sizeof(*findings));
}
