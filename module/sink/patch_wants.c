/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/patch.h"

/*! \brief Names of the edits: they are neighbours in a plan. */
static bool same_name(const cg_edit_t *a, const cg_edit_t *b)
{
	return knot_dname_is_equal(a->owner, b->owner);
}

static int allocate(const cg_patch_t *patch, cg_wants_t *out)
{
	size_t count = patch->edits_count;
	out->list = calloc(count + 1, sizeof(*out->list));
	out->names = calloc(count + 1, sizeof(*out->names));
	bool ok = out->list != NULL && out->names != NULL;
	for (int op = 0; op < 2; op++) {
		out->sorted[op] = calloc(count + 1, sizeof(*out->sorted[op]));
		ok = ok && out->sorted[op] != NULL;
	}
	return ok ? KNOT_EOK : KNOT_ENOMEM;
}

static void group(const cg_patch_t *patch, cg_wants_t *out)
{
	for (size_t i = 0; i < patch->edits_count; i++) {
		const cg_edit_t *edit = &patch->edits[i];
		if (i == 0 || !same_name(edit - 1, edit)) {
			out->names[out->names_count++].first = i;
		}
		out->list[i].edit = edit;
		out->list[i].name = &out->names[out->names_count - 1];
		out->list[i].name->count++;
	}
	out->count = patch->edits_count;
}

/*! \brief The data of each edit as a record on a line of its own. To be freed. */
static char *edits_text(const cg_patch_t *patch, size_t *len)
{
	const size_t more = sizeof(". 0 NSEC3PARAM \n");
	*len = 0;
	for (size_t i = 0; i < patch->edits_count; i++) {
		*len += strlen(patch->edits[i].rr.data) + more;
	}

	char *text = malloc(*len + 1);
	char *at = text;
	for (size_t i = 0; i < patch->edits_count && text != NULL; i++) {
		char type[32];
		const cg_rr_t *rr = &patch->edits[i].rr;
		if (knot_rrtype_to_string(rr->type, type, sizeof(type)) < 0) {
			type[0] = '\0'; /* An error of the line then. */
		}
		at += sprintf(at, ". 0 %.10s %s\n", type, rr->data);
	}
	*len = at - text;

	return text;
}

static int take_edit(const cg_scan_rr_t *rr, void *ctx)
{
	cg_wants_t *wants = ctx;
	if (rr->first > wants->count) { /* Data of several lines: cannot be. */
		return KNOT_EINVAL;
	}
	cg_wanted_t *wanted = &wants->list[rr->first - 1];

	return cg_same_make(&wanted->same, wanted->edit->owner, rr, &wants->pool) ? KNOT_EOK
	                                                                          : KNOT_ENOMEM;
}

/*! \brief Makes the wire format by the way that the records of the text come. */
static int read_edits(const cg_patch_t *patch, cg_wants_t *out)
{
	size_t len;
	char *text = edits_text(patch, &len);
	if (text == NULL) {
		return KNOT_ENOMEM;
	}
	const cg_scan_t scan = {
		.file = "edits",
		.text = text,
		.len = len,
		.origin = (const knot_dname_t *)"",
		.include_dir = "",
		.record = take_edit,
		.ctx = out,
	};
	int ret = cg_scan(&scan);
	free(text);

	return ret;
}

/*! \brief Gives up a name, for the first reason. */
static int give_up(cg_wants_t *wants, cg_patch_name_t *name, cg_text_t *why)
{
	if (name->why == NULL) {
		name->why = cg_text_end(why, &wants->pool);
		return (name->why != NULL) ? KNOT_EOK : KNOT_ENOMEM;
	}
	why->len = 0;
	return KNOT_EOK;
}

static int sorted_cmp(const void *a, const void *b)
{
	return cg_same_cmp(&(*(cg_wanted_t *const *)a)->same, &(*(cg_wanted_t *const *)b)->same);
}

static int sort(cg_wants_t *wants)
{
	cg_text_t why = { 0 };
	int ret = KNOT_EOK;
	for (size_t i = 0; i < wants->count && ret == KNOT_EOK; i++) {
		cg_wanted_t *wanted = &wants->list[i];
		if (wanted->same.octets == NULL) {
			cg_text_add(&why, "%s: cannot be read back: %s", wanted->edit->spelling,
			            wanted->edit->rr.data);
			ret = give_up(wants, wanted->name, &why);
		} else {
			cg_edit_op_t op = wanted->edit->op;
			wants->sorted[op][wants->sorted_count[op]++] = wanted;
		}
	}
	for (int op = 0; op < 2; op++) {
		qsort(wants->sorted[op], wants->sorted_count[op], sizeof(*wants->sorted[op]),
		      sorted_cmp);
	}
	cg_text_free(&why);
	return ret;
}

int cg_wants_make(const cg_patch_t *patch, cg_wants_t *out)
{
	memset(out, 0, sizeof(*out));
	int ret = allocate(patch, out);
	if (ret == KNOT_EOK) {
		group(patch, out);
		ret = read_edits(patch, out);
	}
	return (ret == KNOT_EOK) ? sort(out) : ret;
}

void cg_wants_free(cg_wants_t *wants)
{
	free(wants->list);
	free(wants->sorted[0]);
	free(wants->sorted[1]);
	free(wants->names);
	cg_pool_free(&wants->pool);
	memset(wants, 0, sizeof(*wants));
}

/*! \brief First of the sorted edits that is not before a record. */
static size_t lower_bound(cg_wanted_t *const *sorted, size_t count, const cg_same_t *same)
{
	size_t low = 0;
	while (low < count) {
		size_t mid = low + (count - low) / 2;
		if (cg_same_cmp(&sorted[mid]->same, same) < 0) {
			low = mid + 1;
		} else {
			count = mid;
		}
	}
	return low;
}

cg_wanted_t *cg_wants_find(const cg_wants_t *wants, cg_edit_op_t op, const cg_same_t *same)
{
	cg_wanted_t *const *sorted = wants->sorted[op];
	size_t count = wants->sorted_count[op];
	size_t at = lower_bound(sorted, count, same);
	bool found = at < count && cg_same_cmp(&sorted[at]->same, same) == 0;

	return (found && sorted[at]->name->why == NULL) ? sorted[at] : NULL;
}

static int meet_place(cg_wants_t *wants, const cg_place_t *place, cg_text_t *why)
{
	cg_wanted_t *wanted = cg_wants_find(wants, CG_EDIT_REMOVE, &place->same);
	if (wanted == NULL) {
		return KNOT_EOK;
	}
	wanted->found = true;
	if (place->file == NULL) {
		return KNOT_EOK;
	}

	cg_text_add(why, "%s: the ", wanted->edit->spelling);
	cg_text_type(why, wanted->edit->rr.type);
	cg_text_add(why, " to be taken out stands in the included file %s, line %u",
	            place->file, place->line);
	return give_up(wants, wanted->name, why);
}

/*! \brief What is to be taken out and was not met, and what has no place to come in. */
static int meet_name(cg_wants_t *wants, cg_patch_name_t *name, cg_text_t *why)
{
	size_t removals = 0;
	for (size_t i = 0; i < name->count && name->why == NULL; i++) {
		const cg_wanted_t *wanted = &wants->list[name->first + i];
		if (wanted->edit->op != CG_EDIT_REMOVE) {
			continue;
		}
		removals++;
		if (!wanted->found) {
			cg_text_add(why, "%s: the ", wanted->edit->spelling);
			cg_text_type(why, wanted->edit->rr.type);
			cg_text_add(why, " to be taken out is not in the file: %s",
			            wanted->edit->rr.data);
			return give_up(wants, name, why);
		}
	}
	if (removals == 0 && name->why == NULL) {
		cg_text_add(why, "%s: nothing is taken out whose place could be taken",
		            wants->list[name->first].edit->spelling);
		return give_up(wants, name, why);
	}
	return KNOT_EOK;
}

int cg_wants_match(cg_wants_t *wants, const cg_places_t *places)
{
	cg_text_t why = { 0 };
	int ret = KNOT_EOK;
	for (size_t i = 0; i < places->count && ret == KNOT_EOK; i++) {
		ret = meet_place(wants, &places->list[i], &why);
	}
	for (size_t i = 0; i < wants->names_count && ret == KNOT_EOK; i++) {
		ret = meet_name(wants, &wants->names[i], &why);
	}
	cg_text_free(&why);
	return ret;
}
