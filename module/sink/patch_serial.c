/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/patch.h"
#include "sink/words.h"

/*! \brief Whether a word is this number in digits, and no more than digits. */
static bool is_number(const cg_word_t *word, uint32_t number)
{
	uint64_t value = 0;
	for (size_t i = 0; i < word->len; i++) {
		if (word->str[i] < '0' || word->str[i] > '9' || value > UINT32_MAX) {
			return false;
		}
		value = value * 10 + (word->str[i] - '0');
	}
	return word->len > 0 && value == number;
}

/*! \brief Finds the digits of an SOA's serial. */
static bool find_serial(const cg_patch_t *patch, const cg_place_t *soa, cg_word_t *serial)
{
	const char *end = patch->text + soa->end;
	cg_head_t head;
	cg_word_t name;

	return cg_head_read(patch->text + soa->begin, end, &head) &&
	       cg_words_next(&head.data, end, &name) && !cg_word_is(&name, "\\#") &&
	       cg_words_next(&head.data, end, &name) &&
	       cg_words_next(&head.data, end, serial) &&
	       is_number(serial, cg_same_serial(&soa->same));
}

/*! \brief Decides on the next serial; several SOA have to agree. */
static bool decide(const cg_patch_t *patch, const cg_place_t *soa, cg_patched_t *out)
{
	uint32_t present = cg_same_serial(&soa->same);
	if (!out->has_serial) {
		out->has_serial = true;
		out->serial_old = present;
		out->serial_new = cg_serial_next(present, patch->serial, patch->now);
	}
	return out->serial_old == present;
}

int cg_patch_serial(const cg_patch_t *patch, const cg_place_t *soa, cg_patched_t *out,
                    cg_text_t *why)
{
	if (patch->serial == CG_SERIAL_KEEP) {
		return KNOT_EOK;
	}
	cg_word_t serial;
	const char *reason = NULL;
	if (soa->file != NULL) {
		reason = "the SOA stands in an included file, its serial cannot be raised";
	} else if (!decide(patch, soa, out)) {
		reason = "several SOA with different serials";
	} else if (!find_serial(patch, soa, &serial)) {
		reason = "the serial does not stand in the SOA as a number, it cannot be raised";
	}
	if (reason != NULL) {
		cg_text_add(why, "%s:%u: %s", (soa->file != NULL) ? soa->file : patch->file,
		            soa->line, reason);
		return KNOT_ENOTSUP;
	}

	size_t begin = serial.str - patch->text;
	char digits[16];
	int len = snprintf(digits, sizeof(digits), "%u", out->serial_new);
	cg_splice_t *splice = cg_patch_splice(out, CG_SPLICE_SERIAL, begin, begin + serial.len);
	const char *copy = cg_pool_str(out->pool, digits);
	if (splice == NULL || copy == NULL) {
		return KNOT_ENOMEM;
	}
	splice->text = copy;
	splice->len = len;
	splice->line = soa->line;

	return KNOT_EOK;
}
