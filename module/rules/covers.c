/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "rules/covers.h"
#include "rules/rr.h"

/*! \brief Records below a DNAME that its finding lists; the others are counted. */
#define CHILDREN_LISTED 20

/*! \brief What is found if anything turns out to lie below this DNAME. */
static int children_prepare(cg_rules_t *run, const cg_name_t *name, cg_cover_t *cover)
{
	size_t count;
	const cg_rr_t **list = cg_run_sorted(name, &count);
	if (list == NULL) {
		return KNOT_ENOMEM;
	}

	int ret = KNOT_ENOMEM;
	cover->before = cg_pool_mark(run->pool);
	cg_found_t *found = cg_run_found(run, CG_RULE_DNAME_CHILDREN, name->owner, name->spelling);
	if (found != NULL) {
		ret = cg_run_types(run, found, list, count);
	}
	if (ret == KNOT_EOK) {
		ret = cg_run_room(run, found, count + CHILDREN_LISTED);
	}
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		if (list[i]->type == KNOT_RRTYPE_DNAME) {
			ret = cg_run_record(run, found, found->pub.spelling, list[i]);
		}
	}
	cover->children = found;
	cover->after = cg_pool_mark(run->pool);

	free(list);
	return ret;
}

/*! \brief Adds a name below a DNAME to the finding of that. */
static int children_add(cg_rules_t *run, cg_cover_t *cover, const cg_name_t *name)
{
	cg_found_t *found = cover->children;
	if (!cover->has_children) {
		int ret = cg_run_list(run, found);
		if (ret != KNOT_EOK) {
			return ret;
		}
		cover->has_children = true;
	}

	size_t before = found->records_below;
	found->names_below++;
	for (size_t i = 0; i < name->count; i++) {
		found->records_below += !cg_type_beside(name->rr[i].type);
	}
	if (before >= CHILDREN_LISTED || found->records_below == before) {
		return KNOT_EOK;
	}

	size_t count;
	const cg_rr_t **list = cg_run_sorted(name, &count);
	const char *owner = cg_pool_str(run->pool, name->spelling);
	int ret = (list == NULL || owner == NULL) ? KNOT_ENOMEM : KNOT_EOK;

	/* There is room for them. */
	for (size_t i = 0; ret == KNOT_EOK && i < count && before < CHILDREN_LISTED; i++) {
		if (!cg_type_beside(list[i]->type)) {
			ret = cg_run_record(run, found, owner, list[i]);
			before++;
		}
	}

	free(list);
	return ret;
}

void cg_covers_pop(cg_rules_t *run)
{
	cg_cover_t *cover = &run->covers[--run->covers_count];
	if (cover->children != NULL && !cover->has_children &&
	    cg_pool_is_at(run->pool, cover->after)) {
		cg_pool_rewind(run->pool, cover->before);
		run->last_file = NULL; /* May have been in what is given back. */
	}
}

int cg_covers_push(cg_rules_t *run, const cg_name_t *name, bool is_dname)
{
	if (run->covers_count == run->covers_max) {
		size_t max = (run->covers_max == 0) ? 4 : run->covers_max * 2;
		cg_cover_t *bigger = realloc(run->covers, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		run->covers = bigger;
		run->covers_max = max;
	}

	cg_cover_t *cover = &run->covers[run->covers_count];
	memcpy(cover->owner, name->owner, knot_dname_size(name->owner));
	size_t len = strnlen(name->spelling, sizeof(cover->spelling) - 1);
	memcpy(cover->spelling, name->spelling, len);
	cover->spelling[len] = '\0';
	cover->is_dname = is_dname;
	cover->has_children = false;
	cover->children = NULL;

	int ret = KNOT_EOK;
	if (is_dname && cg_run_wants(run, CG_RULE_DNAME_CHILDREN)) {
		ret = children_prepare(run, name, cover);
	}
	run->covers_count++;

	return ret;
}

int cg_covers_meet(cg_rules_t *run, const cg_name_t *name)
{
	while (run->covers_count > 0 &&
	       knot_dname_in_bailiwick(name->owner,
	                               run->covers[run->covers_count - 1].owner) <= 0) {
		cg_covers_pop(run);
	}

	for (size_t i = 0; i < run->covers_count; i++) {
		cg_cover_t *cover = &run->covers[i];
		int ret = (cover->children == NULL) ? KNOT_EOK
		                                    : children_add(run, cover, name);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return KNOT_EOK;
}
