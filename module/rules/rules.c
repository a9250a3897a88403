/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/rules.h"
#include "rules/exempt.h"
#include "rules/explain.h"
#include "rules/pool.h"
#include "rules/rr.h"
#include "rules/zone.h"

/*! \brief Records below a DNAME that its finding lists; the others are counted. */
#define CHILDREN_LISTED 20

/*! \brief A zone cut or a DNAME above the names that come now. */
struct cover {
	knot_dname_storage_t owner;
	knot_dname_txt_storage_t spelling;
	bool is_dname;
	cg_found_t *children;  /*!< Finding to be, NULL: nothing to be found. */
	bool has_children;     /*!< It has come to be. */
	cg_pool_mark_t before; /*!< The pool before and after the finding to be. */
	cg_pool_mark_t after;
};

struct cg_rules {
	knot_dname_storage_t origin;
	const cg_rules_policy_t *policy;
	cg_exempt_t exempt;
	uint32_t conflicting; /*!< Types that must not stand beside a CNAME (SEEN_*). */
	int failed;           /*!< First error. */

	struct cover *covers; /*!< Stack, outermost first. */
	size_t covers_count;
	size_t covers_max;

	cg_found_t **found;
	size_t found_count;
	size_t found_max;
	cg_pool_t *pool;

	bool apex_seen;
	bool has_serial;
	uint32_t serial;
	bool is_signed;
	size_t names;
	size_t records;
};

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

static bool is_ignored(const cg_rules_t *rules, cg_rule_t rule)
{
	return rules->policy->ignore & (1u << rule);
}

cg_rules_t *cg_rules_begin(const knot_dname_t *origin, const cg_rules_policy_t *policy)
{
	cg_rules_t *rules = calloc(1, sizeof(*rules));
	if (rules == NULL) {
		return NULL;
	}
	rules->policy = policy;
	rules->conflicting = ~(uint32_t)(SEEN_CNAME | SEEN_BESIDE);
	if (policy->allow_key) {
		rules->conflicting &= ~(uint32_t)SEEN_KEY;
	}
	knot_dname_copy_lower(rules->origin, origin);

	rules->pool = calloc(1, sizeof(*rules->pool));
	if (rules->pool == NULL ||
	    cg_exempt_make(&rules->exempt, policy, rules->origin, rules->pool) != KNOT_EOK) {
		cg_findings_t none;
		rules->failed = KNOT_ENOMEM;
		(void)cg_rules_end(rules, NULL, &none);
		return NULL;
	}

	return rules;
}

/*! \brief New finding, not yet in the list; types and records are to be set. */
static cg_found_t *found_new(cg_rules_t *rules, cg_rule_t rule, const knot_dname_t *owner,
                             const char *spelling)
{
	cg_found_t *found = cg_pool_alloc(rules->pool, sizeof(*found));
	if (found == NULL) {
		return NULL;
	}
	memset(found, 0, sizeof(*found));
	found->pub.rule = rule;
	found->pub.level = (rules->policy->enforce & (1u << rule)) ?
	                   CG_LEVEL_ERROR : cg_rule_info(rule)->level;
	found->pub.exempt = cg_exempt_has(&rules->exempt, owner);
	found->pub.owner = cg_pool_bytes(rules->pool, owner, knot_dname_size(owner));
	found->pub.spelling = cg_pool_str(rules->pool, spelling);
	if (found->pub.owner == NULL || found->pub.spelling == NULL) {
		return NULL;
	}

	if (rules->covers_count > 0) {
		const struct cover *cover = &rules->covers[rules->covers_count - 1];
		found->pub.occluded = true;
		found->cover_is_dname = cover->is_dname;
		found->pub.below_cut = !cover->is_dname;
		found->cover = cg_pool_str(rules->pool, cover->spelling);
		if (found->cover == NULL) {
			return NULL;
		}
	}

	return found;
}

static int found_list(cg_rules_t *rules, cg_found_t *found)
{
	if (rules->found_count == rules->found_max) {
		size_t max = (rules->found_max == 0) ? 16 : rules->found_max * 2;
		cg_found_t **bigger = realloc(rules->found, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		rules->found = bigger;
		rules->found_max = max;
	}
	rules->found[rules->found_count++] = found;

	return KNOT_EOK;
}

static int sorted_cmp(const void *a, const void *b)
{
	return cg_rr_cmp_total(*(const cg_rr_t *const *)a, *(const cg_rr_t *const *)b);
}

/*! \brief The records of a name in order, each once. To be freed. NULL: out of memory. */
static const cg_rr_t **sorted(const cg_name_t *name, size_t *count)
{
	const cg_rr_t **list = malloc((name->count + 1) * sizeof(*list));
	if (list == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < name->count; i++) {
		list[i] = &name->rr[i];
	}
	qsort(list, name->count, sizeof(*list), sorted_cmp);

	*count = 0;
	for (size_t i = 0; i < name->count; i++) {
		if (*count == 0 || cg_rr_cmp(list[*count - 1], list[i]) != 0) {
			list[(*count)++] = list[i];
		}
	}
	return list;
}

static bool is_beside(uint16_t type)
{
	return cg_seen_type(type) & SEEN_BESIDE;
}

/*! \brief All types, each once, but those that may stand beside anything. */
static int set_types(cg_rules_t *rules, cg_found_t *found, const cg_rr_t **list, size_t count)
{
	size_t types = 0;
	for (size_t i = 0; i < count; i++) {
		types += (i == 0 || list[i]->type != list[i - 1]->type);
	}
	uint16_t *out = cg_pool_alloc(rules->pool, types * sizeof(*out));
	if (out == NULL) {
		return KNOT_ENOMEM;
	}

	found->pub.types = out;
	for (size_t i = 0; i < count; i++) {
		if ((i == 0 || list[i]->type != list[i - 1]->type) && !is_beside(list[i]->type)) {
			out[found->pub.types_count++] = list[i]->type;
		}
	}
	return KNOT_EOK;
}

/*! \brief Copies a record, for as long as the findings live. */
static int copy_rr(cg_rules_t *rules, cg_finding_rr_t *out, const char *owner, const cg_rr_t *rr,
                   const char **last_file)
{
	out->owner = owner;
	out->rr = *rr;
	out->rr.data = cg_pool_str(rules->pool, rr->data);
	if (out->rr.data == NULL) {
		return KNOT_ENOMEM;
	}
	if (rr->file != NULL) {
		if (*last_file == NULL || strcmp(*last_file, rr->file) != 0) {
			*last_file = cg_pool_str(rules->pool, rr->file);
			if (*last_file == NULL) {
				return KNOT_ENOMEM;
			}
		}
		out->rr.file = *last_file;
	}
	return KNOT_EOK;
}

/*! \brief Copies those records whose types are in \a lists, leaving room for \a more. */
static int set_records(cg_rules_t *rules, cg_found_t *found, const cg_rr_t **list, size_t count,
                       uint32_t lists, size_t more)
{
	size_t records = more;
	for (size_t i = 0; i < count; i++) {
		records += (cg_seen_type(list[i]->type) & lists) != 0;
	}
	cg_finding_rr_t *out = cg_pool_alloc(rules->pool, records * sizeof(*out));
	if (out == NULL) {
		return KNOT_ENOMEM;
	}

	const char *last_file = NULL;
	found->pub.rr = out;
	for (size_t i = 0; i < count; i++) {
		if ((cg_seen_type(list[i]->type) & lists) == 0) {
			continue;
		}
		int ret = copy_rr(rules, &out[found->pub.rr_count], found->pub.spelling,
		                  list[i], &last_file);
		if (ret != KNOT_EOK) {
			return ret;
		}
		found->pub.rr_count++;
	}
	return KNOT_EOK;
}

/*! \brief Reports all that \a holds says (bits by place in CHECKS) about a name. */
static int report(cg_rules_t *rules, const cg_name_t *name, uint32_t holds)
{
	size_t count;
	const cg_rr_t **list = sorted(name, &count);
	if (list == NULL) {
		return KNOT_ENOMEM;
	}

	int ret = KNOT_EOK;
	uint32_t beside = SEEN_BESIDE | (rules->policy->allow_key ? SEEN_KEY : 0);
	for (size_t i = 0; i < CHECKS_COUNT && ret == KNOT_EOK; i++) {
		if ((holds & (1u << i)) == 0) {
			continue;
		}
		cg_found_t *found = found_new(rules, CHECKS[i].rule, name->owner, name->spelling);
		if (found == NULL) {
			ret = KNOT_ENOMEM;
			break;
		}
		ret = set_types(rules, found, list, count);
		if (ret == KNOT_EOK) {
			ret = set_records(rules, found, list, count, CHECKS[i].lists & ~beside, 0);
		}
		if (ret == KNOT_EOK) {
			ret = found_list(rules, found);
		}
	}

	free(list);
	return ret;
}

static int judge(cg_rules_t *rules, const cg_name_t *name, uint32_t seen, bool apex)
{
	struct facts facts = {
		.seen = seen,
		.apex = apex,
		.conflict = (seen & SEEN_CNAME) && (seen & rules->conflicting),
		.several_cnames = (seen & SEEN_CNAME) && cg_several(name, KNOT_RRTYPE_CNAME),
		.several_dnames = (seen & SEEN_DNAME) && cg_several(name, KNOT_RRTYPE_DNAME)
	};

	uint32_t holds = 0;
	for (size_t i = 0; i < CHECKS_COUNT; i++) {
		if (CHECKS[i].holds(&facts) && !is_ignored(rules, CHECKS[i].rule)) {
			holds |= 1u << i;
		}
	}

	return (holds == 0) ? KNOT_EOK : report(rules, name, holds);
}

/*! \brief What is found if anything turns out to lie below this DNAME. */
static int children_prepare(cg_rules_t *rules, const cg_name_t *name, struct cover *cover)
{
	size_t count;
	const cg_rr_t **list = sorted(name, &count);
	if (list == NULL) {
		return KNOT_ENOMEM;
	}

	int ret = KNOT_ENOMEM;
	cover->before = cg_pool_mark(rules->pool);
	cg_found_t *found = found_new(rules, CG_RULE_DNAME_CHILDREN, name->owner, name->spelling);
	if (found != NULL) {
		ret = set_types(rules, found, list, count);
	}
	if (ret == KNOT_EOK) {
		ret = set_records(rules, found, list, count, SEEN_DNAME, CHILDREN_LISTED);
	}
	cover->children = found;
	cover->after = cg_pool_mark(rules->pool);

	free(list);
	return ret;
}

/*! \brief Adds a name below a DNAME to the finding of that. */
static int children_add(cg_rules_t *rules, struct cover *cover, const cg_name_t *name)
{
	cg_found_t *found = cover->children;
	if (!cover->has_children) {
		int ret = found_list(rules, found);
		if (ret != KNOT_EOK) {
			return ret;
		}
		cover->has_children = true;
	}

	size_t before = found->records_below;
	found->names_below++;
	for (size_t i = 0; i < name->count; i++) {
		found->records_below += !is_beside(name->rr[i].type);
	}
	if (before >= CHILDREN_LISTED || found->records_below == before) {
		return KNOT_EOK;
	}

	size_t count;
	const cg_rr_t **list = sorted(name, &count);
	const char *owner = cg_pool_str(rules->pool, name->spelling);
	int ret = (list == NULL || owner == NULL) ? KNOT_ENOMEM : KNOT_EOK;

	/* set_records() left room for them. */
	cg_finding_rr_t *rr = (cg_finding_rr_t *)found->pub.rr;
	const char *last_file = NULL;
	for (size_t i = 0; ret == KNOT_EOK && i < count && before < CHILDREN_LISTED; i++) {
		if (!is_beside(list[i]->type)) {
			ret = copy_rr(rules, &rr[found->pub.rr_count], owner, list[i], &last_file);
			found->pub.rr_count += (ret == KNOT_EOK);
			before++;
		}
	}

	free(list);
	return ret;
}

static void cover_pop(cg_rules_t *rules)
{
	struct cover *cover = &rules->covers[--rules->covers_count];
	if (cover->children != NULL && !cover->has_children &&
	    cg_pool_is_at(rules->pool, cover->after)) {
		cg_pool_rewind(rules->pool, cover->before);
	}
}

static int cover_push(cg_rules_t *rules, const cg_name_t *name, bool is_dname)
{
	if (rules->covers_count == rules->covers_max) {
		size_t max = (rules->covers_max == 0) ? 4 : rules->covers_max * 2;
		struct cover *bigger = realloc(rules->covers, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		rules->covers = bigger;
		rules->covers_max = max;
	}

	struct cover *cover = &rules->covers[rules->covers_count];
	memcpy(cover->owner, name->owner, knot_dname_size(name->owner));
	size_t len = strnlen(name->spelling, sizeof(cover->spelling) - 1);
	memcpy(cover->spelling, name->spelling, len);
	cover->spelling[len] = '\0';
	cover->is_dname = is_dname;
	cover->has_children = false;
	cover->children = NULL;

	int ret = KNOT_EOK;
	if (is_dname && !is_ignored(rules, CG_RULE_DNAME_CHILDREN)) {
		ret = children_prepare(rules, name, cover);
	}
	rules->covers_count++;

	return ret;
}

/*! \brief Leaves the covers that the name is not below, and tells the others of it. */
static int covers_meet(cg_rules_t *rules, const cg_name_t *name)
{
	while (rules->covers_count > 0 &&
	       knot_dname_in_bailiwick(name->owner,
	                               rules->covers[rules->covers_count - 1].owner) <= 0) {
		cover_pop(rules);
	}

	for (size_t i = 0; i < rules->covers_count; i++) {
		struct cover *cover = &rules->covers[i];
		int ret = (cover->children == NULL) ? KNOT_EOK
		                                    : children_add(rules, cover, name);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return KNOT_EOK;
}

static void meet_apex(cg_rules_t *rules, const cg_name_t *name, uint32_t seen)
{
	rules->apex_seen = true;
	rules->is_signed = seen & (SEEN_DNSKEY | SEEN_RRSIG);
	for (size_t i = 0; i < name->count && (seen & SEEN_SOA) && !rules->has_serial; i++) {
		if (name->rr[i].type == KNOT_RRTYPE_SOA) {
			rules->has_serial = cg_soa_serial(name->rr[i].data, &rules->serial);
		}
	}
}

static int meet(cg_rules_t *rules, const cg_name_t *name)
{
	int depth = knot_dname_in_bailiwick(name->owner, rules->origin);
	uint32_t seen = cg_seen(name);
	if (depth < 0 || name->count == 0) {
		return KNOT_EOK;
	}

	rules->names++;
	rules->records += name->count;
	if (cg_seen_nsec3_only(seen)) {
		return KNOT_EOK;
	}

	int ret = KNOT_EOK;
	bool apex = (depth == 0);
	if (apex) {
		meet_apex(rules, name, seen);
	}
	if (rules->covers_count > 0) {
		ret = covers_meet(rules, name);
	}
	if (ret == KNOT_EOK && (apex || (seen & (SEEN_CNAME | SEEN_DNAME)))) {
		ret = judge(rules, name, seen, apex);
	}
	if (ret == KNOT_EOK && ((seen & SEEN_DNAME) || ((seen & SEEN_NS) && !apex))) {
		ret = cover_push(rules, name, seen & SEEN_DNAME);
	}

	return ret;
}

int cg_rules_name(const cg_name_t *name, void *ctx)
{
	cg_rules_t *rules = ctx;
	if (rules->failed == KNOT_EOK) {
		rules->failed = meet(rules, name);
	}
	return rules->failed;
}

/*! \brief A zone whose apex holds nothing at all has no NS there either. */
static int apex_missing(cg_rules_t *rules)
{
	if (rules->apex_seen || rules->names == 0 || is_ignored(rules, CG_RULE_APEX_NO_NS)) {
		return KNOT_EOK;
	}

	knot_dname_txt_storage_t text;
	if (knot_dname_to_str(text, rules->origin, sizeof(text)) == NULL) {
		return KNOT_EINVAL;
	}
	cg_found_t *found = found_new(rules, CG_RULE_APEX_NO_NS, rules->origin, text);

	return (found == NULL) ? KNOT_ENOMEM : found_list(rules, found);
}

static int found_cmp(const void *a_ptr, const void *b_ptr)
{
	const cg_finding_t *a = &(*(cg_found_t *const *)a_ptr)->pub;
	const cg_finding_t *b = &(*(cg_found_t *const *)b_ptr)->pub;
	int cmp = knot_dname_is_equal(a->owner, b->owner) ? 0 : cg_name_cmp(a->owner, b->owner);
	return (cmp != 0) ? cmp : (a->rule > b->rule) - (a->rule < b->rule);
}

static int give_out(cg_rules_t *rules, const cg_zone_t *texts, cg_findings_t *out)
{
	while (rules->covers_count > 0) {
		cover_pop(rules);
	}
	int ret = apex_missing(rules);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (rules->found_count > 1) {
		qsort(rules->found, rules->found_count, sizeof(*rules->found), found_cmp);
	}

	out->list = cg_pool_alloc(rules->pool, rules->found_count * sizeof(*out->list));
	if (out->list == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < rules->found_count; i++) {
		cg_found_t *found = rules->found[i];
		ret = cg_explain(found, rules->origin, texts, rules->pool);
		if (ret != KNOT_EOK) {
			return ret;
		}
		out->list[i] = found->pub;
		out->errors += (found->pub.level == CG_LEVEL_ERROR && !found->pub.exempt);
	}
	out->count = rules->found_count;

	return KNOT_EOK;
}

int cg_rules_end(cg_rules_t *rules, const cg_zone_t *texts, cg_findings_t *out)
{
	memset(out, 0, sizeof(*out));
	out->names = rules->names;
	out->records = rules->records;
	out->has_serial = rules->has_serial;
	out->serial = rules->serial;
	out->is_signed = rules->is_signed;
	out->pool = rules->pool;

	int ret = (rules->pool == NULL) ? KNOT_ENOMEM : rules->failed;
	if (ret == KNOT_EOK) {
		ret = give_out(rules, texts, out);
	}
	if (ret != KNOT_EOK) {
		cg_findings_free(out);
	}

	free(rules->covers);
	free(rules->found);
	free(rules);

	return ret;
}

int cg_rules_zone(const cg_zone_t *zone, const cg_rules_policy_t *policy, cg_findings_t *out)
{
	memset(out, 0, sizeof(*out));
	cg_rules_t *rules = cg_rules_begin(cg_zone_origin(zone), policy);
	if (rules == NULL) {
		return KNOT_ENOMEM;
	}
	(void)cg_zone_walk(zone, cg_rules_name, rules);

	return cg_rules_end(rules, zone, out);
}

int cg_rules_zones(const cg_zones_t *zones, const cg_rules_policy_t *policy, cg_findings_t *out)
{
	int ret = KNOT_EOK;
	memset(out, 0, zones->count * sizeof(*out));
	for (size_t i = 0; i < zones->count && ret == KNOT_EOK; i++) {
		ret = cg_rules_zone(zones->list[i], policy, &out[i]);
	}
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
