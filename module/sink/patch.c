/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "sink/patch.h"

/*! \brief Puts the result together. */
static int splice(const cg_patch_t *patch, cg_patched_t *out)
{
	size_t len = patch->len;
	for (size_t i = 0; i < out->splices_count; i++) {
		len += out->splices[i].len;
	}
	out->text = malloc(len + 1);
	if (out->text == NULL) {
		return KNOT_ENOMEM;
	}

	char *to = out->text;
	size_t from = 0;
	for (size_t i = 0; i < out->splices_count; i++) {
		const cg_splice_t *s = &out->splices[i];
		to = mempcpy(to, patch->text + from, s->begin - from);
		to = mempcpy(to, s->text, s->len);
		from = s->end;
	}
	to = mempcpy(to, patch->text + from, patch->len - from);
	*to = '\0';
	out->len = to - out->text;

	return KNOT_EOK;
}

/*! \brief Lists the names that were given up; \a made: how many were not. */
static int list_left(const cg_patch_t *patch, const cg_wants_t *wants, cg_patched_t *out,
                     size_t *made)
{
	*made = 0;
	out->left = calloc(wants->names_count + 1, sizeof(*out->left));
	if (out->left == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < wants->names_count; i++) {
		const cg_patch_name_t *name = &wants->names[i];
		if (name->why == NULL) {
			(*made)++;
			continue;
		}
		cg_unpatched_t *left = &out->left[out->left_count++];
		left->edit = &patch->edits[name->first];
		left->why = cg_pool_str(out->pool, name->why);
		if (left->why == NULL) {
			return KNOT_ENOMEM;
		}
	}
	return KNOT_EOK;
}

/*! \brief Makes the edits of the records that were read. */
static int make(const cg_patch_t *patch, const cg_places_t *places, cg_wants_t *wants,
                cg_patched_t *out, cg_text_t *why)
{
	if (places->error.len > 0) {
		cg_text_add(why, "%s: what cannot be read cannot be kept", places->error.str);
		return KNOT_ENOTSUP;
	}
	size_t made = 0;
	int ret = cg_wants_match(wants, places);
	if (ret == KNOT_EOK) {
		ret = list_left(patch, wants, out, &made);
	}
	if (ret == KNOT_EOK && made > 0) {
		ret = cg_patch_lines(patch, places, wants, out, why);
	}
	if (ret == KNOT_EOK) {
		ret = splice(patch, out);
	}
	if (ret == KNOT_EOK && made > 0) {
		ret = cg_patch_verify(patch, places, wants, out, why);
	}
	return ret;
}

/*! \brief After an error nothing is given out but the reason. */
static int fail(int ret, cg_patched_t *out, cg_text_t *why)
{
	if (ret == KNOT_ENOTSUP) {
		out->why = cg_text_end(why, out->pool);
		if (out->why == NULL) {
			ret = KNOT_ENOMEM;
		}
	}
	free(out->text);
	out->text = NULL;
	out->len = 0;
	out->splices_count = 0;
	out->left_count = 0;
	out->has_serial = false;

	return ret;
}

int cg_patch_make(const cg_patch_t *patch, cg_patched_t *out)
{
	memset(out, 0, sizeof(*out));
	out->pool = calloc(1, sizeof(cg_pool_t));
	if (out->pool == NULL) {
		return KNOT_ENOMEM;
	}

	cg_wants_t wants = { 0 };
	cg_places_t places = { 0 };
	cg_text_t why = { 0 };
	int ret = cg_wants_make(patch, &wants);
	if (ret == KNOT_EOK) {
		ret = cg_places_read(patch, patch->text, patch->len, &places);
	}
	if (ret == KNOT_EOK) {
		ret = make(patch, &places, &wants, out, &why);
	}
	if (ret != KNOT_EOK) {
		ret = fail(ret, out, &why);
	}

	cg_text_free(&why);
	cg_places_free(&places);
	cg_wants_free(&wants);

	return ret;
}

void cg_patched_free(cg_patched_t *patched)
{
	if (patched == NULL) {
		return;
	}
	if (patched->pool != NULL) {
		cg_pool_free(patched->pool);
		free(patched->pool);
	}
	free(patched->text);
	free(patched->splices);
	free(patched->left);
	memset(patched, 0, sizeof(*patched));
}
