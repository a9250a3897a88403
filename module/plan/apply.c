/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/mend.h"
#include "rules/rr.h"

typedef struct {
	const cg_edit_t **removed; /*!< Sorted by owner. */
	size_t removed_count;
	cg_zone_t *out;
} apply_t;

static int removed_cmp(const void *a_ptr, const void *b_ptr)
{
	const cg_edit_t *a = *(const cg_edit_t *const *)a_ptr;
	const cg_edit_t *b = *(const cg_edit_t *const *)b_ptr;
	int cmp = cg_name_cmp(a->owner, b->owner);
	return (cmp != 0) ? cmp : cg_rr_cmp(&a->rr, &b->rr);
}

static bool is_removed(const apply_t *apply, const cg_name_t *name, const cg_rr_t *rr)
{
	const cg_edit_t edit = { .owner = name->owner, .rr = *rr };
	const cg_edit_t *key = &edit;
	return apply->removed_count > 0 &&
	       bsearch(&key, apply->removed, apply->removed_count, sizeof(key), removed_cmp) != NULL;
}

static bool owner_of(const char *spelling, knot_dname_storage_t out)
{
	return knot_dname_from_str(out, spelling, sizeof(knot_dname_storage_t)) != NULL;
}

static int copy_name(const cg_name_t *name, void *ctx)
{
	apply_t *apply = ctx;
	knot_dname_storage_t owner;
	int ret = owner_of(name->spelling, owner) ? KNOT_EOK : KNOT_EINVAL;
	for (size_t i = 0; i < name->count && ret == KNOT_EOK; i++) {
		if (!is_removed(apply, name, &name->rr[i])) {
			ret = cg_zone_add(apply->out, owner, &name->rr[i]);
		}
	}
	return ret;
}

static int add(const cg_edit_t *edit, cg_zone_t *zone)
{
	knot_dname_storage_t owner;
	return owner_of(edit->spelling, owner) ? cg_zone_add(zone, owner, &edit->rr) : KNOT_EINVAL;
}

static int apply_all(const cg_zone_t *zone, const cg_edit_t *edits, size_t count, apply_t *apply)
{
	for (size_t i = 0; i < count; i++) {
		if (edits[i].op == CG_EDIT_REMOVE) {
			apply->removed[apply->removed_count++] = &edits[i];
		}
	}
	qsort(apply->removed, apply->removed_count, sizeof(*apply->removed), removed_cmp);

	int ret = cg_zone_walk(zone, copy_name, apply);
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		if (edits[i].op == CG_EDIT_ADD) {
			ret = add(&edits[i], apply->out);
		}
	}
	return (ret == KNOT_EOK) ? cg_zone_finish(apply->out) : ret;
}

int cg_mend_apply(const cg_zone_t *zone, const cg_edit_t *edits, size_t count, cg_zone_t **out)
{
	apply_t apply = {
		.removed = calloc(count + 1, sizeof(*apply.removed)),
		.out = cg_zone_new(cg_zone_origin(zone)),
	};
	int ret = KNOT_ENOMEM;
	if (apply.removed != NULL && apply.out != NULL) {
		ret = apply_all(zone, edits, count, &apply);
	}
	free(apply.removed);
	if (ret != KNOT_EOK) {
		cg_zone_free(apply.out);
		apply.out = NULL;
	}
	*out = apply.out;

	return ret;
}
