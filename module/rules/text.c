/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/text.h"

static bool reserve(cg_text_t *text, size_t more)
{
	size_t need = text->len + more + 1;
	if (need <= text->max) {
		return true;
	}
	size_t max = (text->max == 0) ? 512 : text->max;
	while (max < need) {
		max *= 2;
	}

	char *bigger = realloc(text->str, max);
	if (bigger == NULL) {
		return false;
	}
	text->str = bigger;
	text->max = max;

	return true;
}

void cg_text_add(cg_text_t *text, const char *format, ...)
{
	if (text->failed) {
		return;
	}

	size_t room = 0;
	int len = 0;
	do {
		if (!reserve(text, len)) {
			text->failed = true;
			return;
		}
		room = text->max - text->len;
		va_list args;
		va_start(args, format);
		len = vsnprintf(text->str + text->len, room, format, args);
		va_end(args);
	} while (len >= 0 && (size_t)len >= room);
	if (len < 0) {
		text->failed = true;
		return;
	}

	char *piece = text->str + text->len;
	text->len += len;

	for (; *piece != '\0'; piece++) {
		if ((unsigned char)*piece < ' ') {
			*piece = '?';
		}
	}
}

void cg_text_type(cg_text_t *text, uint16_t type)
{
	char name[32];
	if (knot_rrtype_to_string(type, name, sizeof(name)) < 0) {
		name[0] = '\0';
	}
	cg_text_add(text, "%s", name);
}

const char *cg_text_end(cg_text_t *text, cg_pool_t *pool)
{
	const char *copy = NULL;
	if (!text->failed) {
		copy = cg_pool_str(pool, (text->len > 0) ? text->str : "");
	}
	text->len = 0;

	return copy;
}

void cg_text_free(cg_text_t *text)
{
	free(text->str);
	text->str = NULL;
	text->len = text->max = 0;
}
