/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdbool.h>

#include "sink/utf8.h"

/*! \brief Lead octets, and the code points that are too small for so many octets. */
static const struct {
	uint8_t mask;
	uint8_t lead;
	uint32_t least;
} FORMS[] = {
	{ 0x80, 0x00, 0 },
	{ 0xE0, 0xC0, 0x80 },
	{ 0xF0, 0xE0, 0x800 },
	{ 0xF8, 0xF0, 0x10000 },
};

#define FORMS_COUNT (sizeof(FORMS) / sizeof(FORMS[0]))

static bool is_scalar(uint32_t code)
{
	return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

size_t cg_utf8_next(const char *text, size_t len, uint32_t *code)
{
	const uint8_t *octets = (const uint8_t *)text;
	if (len == 0) {
		return 0;
	}

	size_t form = 0;
	while (form < FORMS_COUNT && (octets[0] & FORMS[form].mask) != FORMS[form].lead) {
		form++;
	}
	if (form == FORMS_COUNT || form + 1 > len) {
		return 0;
	}

	uint32_t value = octets[0] & (uint8_t)~FORMS[form].mask;
	for (size_t i = 1; i <= form; i++) {
		if ((octets[i] & 0xC0) != 0x80) {
			return 0;
		}
		value = value << 6 | (octets[i] & 0x3F);
	}
	if (value < FORMS[form].least || !is_scalar(value)) {
		return 0;
	}
	if (code != NULL) {
		*code = value;
	}
	return form + 1;
}
