/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "rules/covers.h"
#include "rules/rr.h"
#include "rules/run.h"

bool cg_rule_wanted(const cg_rules_policy_t *policy, cg_rule_t rule)
{
	return (policy->ignore & (1u << rule)) == 0 &&
	       (policy->info || (policy->enforce & (1u << rule)) ||
	        cg_rule_info(rule)->level > CG_LEVEL_INFO);
}

bool cg_run_wants(const cg_rules_t *run, cg_rule_t rule)
{
	return cg_rule_wanted(run->policy, rule);
}

cg_rules_t *cg_rules_begin(const knot_dname_t *origin, const cg_rules_policy_t *policy)
{
	cg_rules_t *run = calloc(1, sizeof(*run));
	if (run == NULL) {
		return NULL;
	}
	run->policy = policy;
	run->conflicting = ~(uint32_t)(SEEN_CNAME | SEEN_BESIDE);
	if (policy->allow_key) {
		run->conflicting &= ~(uint32_t)SEEN_KEY;
	}
	knot_dname_copy_lower(run->origin, origin);

	run->pool = calloc(1, sizeof(*run->pool));
	if (run->pool == NULL ||
	    cg_exempt_make(&run->exempt, policy, run->origin, run->pool) != KNOT_EOK) {
		cg_findings_t none;
		run->failed = KNOT_ENOMEM;
		(void)cg_rules_end(run, NULL, &none);
		return NULL;
	}

	return run;
}

/*! \brief New finding, not yet in the list; types and records are to be set. */
cg_found_t *cg_run_found(cg_rules_t *run, cg_rule_t rule, const knot_dname_t *owner,
                             const char *spelling)
{
	cg_found_t *found = cg_pool_alloc(run->pool, sizeof(*found));
	if (found == NULL) {
		return NULL;
	}
	memset(found, 0, sizeof(*found));
	found->pub.rule = rule;
	found->pub.level = (run->policy->enforce & (1u << rule)) ?
	                   CG_LEVEL_ERROR : cg_rule_info(rule)->level;
	found->pub.exempt = cg_exempt_has(&run->exempt, owner);
	found->pub.owner = cg_pool_bytes(run->pool, owner, knot_dname_size(owner));
	found->pub.spelling = cg_pool_str(run->pool, spelling);
	if (found->pub.owner == NULL || found->pub.spelling == NULL) {
		return NULL;
	}

	if (run->covers_count > 0) {
		const cg_cover_t *cover = &run->covers[run->covers_count - 1];
		found->pub.occluded = true;
		found->cover_is_dname = cover->is_dname;
		found->pub.below_cut = !cover->is_dname;
		found->cover = cg_pool_str(run->pool, cover->spelling);
		if (found->cover == NULL) {
			return NULL;
		}
	}

	return found;
}

int cg_run_list(cg_rules_t *run, cg_found_t *found)
{
	if (run->found_count == run->found_max) {
		size_t max = (run->found_max == 0) ? 16 : run->found_max * 2;
		cg_found_t **bigger = realloc(run->found, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		run->found = bigger;
		run->found_max = max;
	}
	run->found[run->found_count++] = found;

	return KNOT_EOK;
}

static int sorted_cmp(const void *a, const void *b)
{
	return cg_rr_cmp_total(*(const cg_rr_t *const *)a, *(const cg_rr_t *const *)b);
}

/*! \brief The records of a name in order, each once. To be freed. NULL: out of memory. */
const cg_rr_t **cg_run_sorted(const cg_name_t *name, size_t *count)
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

/*! \brief All types, each once, but those that may stand beside anything. */
int cg_run_types(cg_rules_t *run, cg_found_t *found, const cg_rr_t **list, size_t count)
{
	size_t types = 0;
	for (size_t i = 0; i < count; i++) {
		types += (i == 0 || list[i]->type != list[i - 1]->type);
	}
	uint16_t *out = cg_pool_alloc(run->pool, types * sizeof(*out));
	if (out == NULL) {
		return KNOT_ENOMEM;
	}

	found->pub.types = out;
	for (size_t i = 0; i < count; i++) {
		if ((i == 0 || list[i]->type != list[i - 1]->type) && !cg_type_beside(list[i]->type)) {
			out[found->pub.types_count++] = list[i]->type;
		}
	}
	return KNOT_EOK;
}

int cg_run_room(cg_rules_t *run, cg_found_t *found, size_t records)
{
	found->pub.rr = cg_pool_alloc(run->pool, records * sizeof(*found->pub.rr));
	return (found->pub.rr == NULL) ? KNOT_ENOMEM : KNOT_EOK;
}

int cg_run_record(cg_rules_t *run, cg_found_t *found, const char *owner, const cg_rr_t *rr)
{
	cg_finding_rr_t *out = (cg_finding_rr_t *)&found->pub.rr[found->pub.rr_count];
	out->owner = owner;
	out->rr = *rr;
	out->rr.data = cg_pool_str(run->pool, rr->data);
	if (out->rr.data == NULL) {
		return KNOT_ENOMEM;
	}
	if (rr->file != NULL) {
		if (run->last_file == NULL || strcmp(run->last_file, rr->file) != 0) {
			run->last_file = cg_pool_str(run->pool, rr->file);
			if (run->last_file == NULL) {
				return KNOT_ENOMEM;
			}
		}
		out->rr.file = run->last_file;
	}
	found->pub.rr_count++;
	return KNOT_EOK;
}

/*! \brief A zone whose apex holds nothing at all has no NS there either. */
static int apex_missing(cg_rules_t *run)
{
	if (run->apex_seen || run->names == 0 || !cg_run_wants(run, CG_RULE_APEX_NO_NS)) {
		return KNOT_EOK;
	}

	knot_dname_txt_storage_t text;
	if (!cg_name_text(run->origin, text)) {
		return KNOT_EINVAL;
	}
	cg_found_t *found = cg_run_found(run, CG_RULE_APEX_NO_NS, run->origin, text);

	return (found == NULL) ? KNOT_ENOMEM : cg_run_list(run, found);
}

static int found_cmp(const void *a_ptr, const void *b_ptr)
{
	const cg_finding_t *a = &(*(cg_found_t *const *)a_ptr)->pub;
	const cg_finding_t *b = &(*(cg_found_t *const *)b_ptr)->pub;
	int cmp = knot_dname_is_equal(a->owner, b->owner) ? 0 : cg_name_cmp(a->owner, b->owner);
	return (cmp != 0) ? cmp : (a->rule > b->rule) - (a->rule < b->rule);
}

static bool is_same(const cg_finding_t *a, const cg_finding_t *b)
{
	return a->rule == b->rule && knot_dname_is_equal(a->owner, b->owner);
}

/*! \brief Joins findings of one rule at one name, as a circle of CNAMEs and one of DNAMEs may be. */
static int join_equal(cg_rules_t *run)
{
	size_t kept = 0;
	for (size_t i = 0; i < run->found_count; i++) {
		cg_found_t *found = run->found[i];
		cg_found_t *last = (kept > 0) ? run->found[kept - 1] : NULL;
		if (last == NULL || !is_same(&last->pub, &found->pub)) {
			run->found[kept++] = found;
			continue;
		}
		const cg_finding_rr_t *first = last->pub.rr;
		size_t count = last->pub.rr_count;
		if (cg_run_room(run, last, count + found->pub.rr_count) != KNOT_EOK) {
			return KNOT_ENOMEM;
		}
		memcpy((void *)last->pub.rr, first, count * sizeof(*first));
		memcpy((void *)(last->pub.rr + count), found->pub.rr,
		       found->pub.rr_count * sizeof(*first));
		last->pub.rr_count += found->pub.rr_count;
	}
	run->found_count = kept;
	return KNOT_EOK;
}

/*! \brief Sorts what was found, if it is not sorted: names come in order, targets come later. */
static void sort_found(cg_rules_t *run)
{
	uint8_t keys[2][CG_KEY_MAX];
	size_t sizes[2] = { 0 };
	cg_rule_t before = 0;
	for (size_t i = 0; i < run->found_count; i++) {
		const cg_finding_t *found = &run->found[i]->pub;
		sizes[i % 2] = cg_key(found->owner, keys[i % 2]);
		int cmp = cg_key_cmp(keys[(i + 1) % 2], sizes[(i + 1) % 2], keys[i % 2], sizes[i % 2]);
		if (cmp > 0 || (cmp == 0 && before > found->rule)) {
			qsort(run->found, run->found_count, sizeof(*run->found), found_cmp);
			return;
		}
		before = found->rule;
	}
}

int cg_run_each(cg_each_t each, size_t count, int (*piece)(size_t at, void *work), void *work)
{
	if (each != NULL && count > 1) {
		return each(count, piece, work);
	}
	int ret = KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = piece(i, work);
	}
	return ret;
}

cg_rules_t *cg_run_split(const cg_rules_t *run, size_t pieces)
{
	cg_rules_t *list = malloc(pieces * sizeof(*list));
	cg_pool_t *pools = calloc(pieces, sizeof(*pools));
	if (list == NULL || pools == NULL) {
		free(list);
		free(pools);
		return NULL;
	}
	for (size_t i = 0; i < pieces; i++) {
		list[i] = *run;
		list[i].pool = &pools[i];
		list[i].covers = NULL;
		list[i].covers_count = list[i].covers_max = 0;
		list[i].found = NULL;
		list[i].found_count = list[i].found_max = 0;
	}
	return list;
}

int cg_run_join(cg_rules_t *run, cg_rules_t *pieces, size_t count, int ret)
{
	for (size_t i = 0; i < count && pieces != NULL; i++) {
		for (size_t j = 0; j < pieces[i].found_count && ret == KNOT_EOK; j++) {
			ret = cg_run_list(run, pieces[i].found[j]);
		}
		cg_pool_join(run->pool, pieces[i].pool);
		free(pieces[i].found);
	}
	if (pieces != NULL) {
		free(pieces[0].pool);
	}
	free(pieces);
	return ret;
}

/*! \brief Findings that are explained one after the other. */
#define PIECE	256

/*! \brief What is to be explained. */
typedef struct {
	cg_rules_t *run;
	const cg_zones_t *texts;
	const cg_zone_t *self;
	cg_pool_t *pools;   /*!< One a piece. */
} explaining_t;

static int explain_piece(size_t at, void *work)
{
	const explaining_t *explaining = work;
	const cg_rules_t *run = explaining->run;
	int ret = KNOT_EOK;
	for (size_t i = at * PIECE; i < (at + 1) * PIECE && i < run->found_count && ret == KNOT_EOK;
	     i++) {
		ret = cg_explain(run->found[i], run->origin, explaining->texts, explaining->self,
		                 &explaining->pools[at]);
	}
	return ret;
}

/*! \brief Puts all that was found into sentences. */
static int explain(cg_rules_t *run, const cg_zones_t *texts, const cg_zone_t *self, cg_each_t each)
{
	size_t count = (run->found_count + PIECE - 1) / PIECE;
	explaining_t explaining = {
		.run = run, .texts = texts, .self = self, .pools = calloc(count + 1, sizeof(cg_pool_t))
	};
	if (explaining.pools == NULL) {
		return KNOT_ENOMEM;
	}
	cg_pool_join(&explaining.pools[0], run->pool); /* Which is not full. */
	int ret = cg_run_each(each, count, explain_piece, &explaining);
	for (size_t i = 0; i <= count; i++) {
		cg_pool_join(run->pool, &explaining.pools[i]);
	}
	free(explaining.pools);
	return ret;
}

static int give_out(cg_rules_t *run, const cg_zones_t *texts, const cg_zone_t *self, cg_each_t each,
                    cg_findings_t *out)
{
	while (run->covers_count > 0) {
		cg_covers_pop(run);
	}
	int ret = apex_missing(run);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (run->found_count > 1) {
		sort_found(run);
		ret = join_equal(run);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}

	if (run->found_count == 0) {
		return KNOT_EOK;
	}
	out->list = cg_pool_alloc(run->pool, run->found_count * sizeof(*out->list));
	if (out->list == NULL) {
		return KNOT_ENOMEM;
	}
	ret = explain(run, texts, self, each);
	if (ret != KNOT_EOK) {
		return ret;
	}
	for (size_t i = 0; i < run->found_count; i++) {
		const cg_found_t *found = run->found[i];
		out->list[i] = found->pub;
		out->errors += (found->pub.level == CG_LEVEL_ERROR && !found->pub.exempt);
	}
	out->count = run->found_count;

	return KNOT_EOK;
}

int cg_run_end(cg_rules_t *run, const cg_zones_t *texts, const cg_zone_t *self, cg_each_t each,
               cg_findings_t *out)
{
	memset(out, 0, sizeof(*out));
	out->names = run->names;
	out->records = run->records;
	out->has_serial = run->has_serial;
	out->serial = run->serial;
	out->is_signed = run->is_signed;
	out->aliases = run->aliases;
	out->pool = run->pool;

	int ret = (run->pool == NULL) ? KNOT_ENOMEM : run->failed;
	if (ret == KNOT_EOK) {
		ret = give_out(run, texts, self, each, out);
	}
	if (ret != KNOT_EOK) {
		cg_findings_free(out);
	}

	free(run->covers);
	free(run->found);
	free(run);

	return ret;
}

int cg_rules_end(cg_rules_t *rules, const cg_zones_t *texts, cg_findings_t *out)
{
	return cg_run_end(rules, texts, NULL, NULL, out);
}
