/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "sink/patch.h"

/*! \brief Whether a record is the same in the result, the serial raised. */
static bool stays(const cg_place_t *before, const cg_place_t *after, const cg_patched_t *out)
{
	if (before->ttl != after->ttl || before->is_soa != after->is_soa) {
		return false;
	}
	if (!before->is_soa || !out->has_serial) {
		return cg_same_cmp(&before->same, &after->same) == 0;
	}
	return cg_same_serial(&after->same) == out->serial_new &&
	       cg_same_but_serial(&before->same, &after->same);
}

/*! \brief Whether a record of the result is one that was to be added. */
static bool comes(cg_wants_t *wants, const cg_place_t *after)
{
	cg_wanted_t *wanted = cg_wants_find(wants, CG_EDIT_ADD, &after->same);
	if (wanted == NULL || wanted->found || wanted->edit->rr.ttl != after->ttl) {
		return false;
	}
	wanted->found = true;
	return true;
}

/*! \brief Goes through both lists side by side; false: they differ at \a line of the result. */
static bool compare(const cg_places_t *places, const cg_places_t *result, cg_wants_t *wants,
                    const cg_patched_t *out, uint32_t *line)
{
	size_t at = 0;
	*line = 0;
	for (size_t i = 0; i < places->count; ) {
		const cg_place_t *before = &places->list[i];
		const cg_place_t *after = (at < result->count) ? &result->list[at] : NULL;
		*line = (after != NULL) ? after->line : *line;
		if (cg_wants_find(wants, CG_EDIT_REMOVE, &before->same) != NULL) {
			i++;
		} else if (after == NULL) {
			return false;
		} else if (stays(before, after, out)) {
			i++;
			at++;
		} else if (comes(wants, after)) {
			at++;
		} else {
			return false;
		}
	}
	for (; at < result->count; at++) {
		*line = result->list[at].line;
		if (!comes(wants, &result->list[at])) {
			return false;
		}
	}
	return true;
}

/*! \brief Whether all that was to be added is there. */
static bool all_found(const cg_wants_t *wants)
{
	for (size_t i = 0; i < wants->count; i++) {
		if (wants->list[i].name->why == NULL && !wants->list[i].found) {
			return false;
		}
	}
	return true;
}

int cg_patch_verify(const cg_patch_t *patch, const cg_places_t *places, cg_wants_t *wants,
                    const cg_patched_t *out, cg_text_t *why)
{
	cg_places_t result;
	int ret = cg_places_read(patch, out->text, out->len, &result);
	if (ret == KNOT_EOK) {
		uint32_t line;
		if (result.error.len > 0) {
			cg_text_add(why, "%s", result.error.str);
			ret = KNOT_ENOTSUP;
		} else if (!compare(places, &result, wants, out, &line) || !all_found(wants)) {
			cg_text_add(why, "%s:%u: other records than planned", patch->file, line);
			ret = KNOT_ENOTSUP;
		}
		if (ret == KNOT_ENOTSUP) {
			cg_text_add(why, ": the result would not be what is wanted, "
			                 "the file is left alone");
		}
	}
	cg_places_free(&result);
	return ret;
}
