/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rules/text.h"

char *cg_text_grow(cg_text_t *text, size_t more)
{
	size_t need = text->len + more + 1;
	if (need > text->max && !text->failed) {
		size_t max = (text->max == 0) ? 512 : text->max;
		while (max < need) {
			max *= 2;
		}
		char *bigger = realloc(text->str, max);
		if (bigger != NULL) {
			text->str = bigger;
			text->max = max;
		}
		text->failed = (bigger == NULL);
	}
	if (text->failed) {
		return NULL;
	}
	char *out = text->str + text->len;
	text->len += more;
	text->str[text->len] = '\0';
	return out;
}

size_t cg_text_plain(const char *str, size_t len)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	size_t plain = 0;
	for (uint64_t octets; len - plain >= sizeof(octets); plain += sizeof(octets)) {
		memcpy(&octets, str + plain, sizeof(octets));
		uint64_t behind = octets + each, before = octets - each * ' ';
		if ((octets | behind | before) & (each * 0x80)) {
			break;
		}
	}
	while (plain < len && str[plain] >= ' ' && str[plain] <= '~') {
		plain++;
	}
	return plain;
}

size_t cg_text_digits(uint64_t number, char out[CG_DIGITS_MAX])
{
	char digits[CG_DIGITS_MAX];
	size_t count = 0;
	do {
		digits[count++] = '0' + number % 10;
		number /= 10;
	} while (number > 0);
	for (size_t i = 0; i < count; i++) {
		out[i] = digits[count - 1 - i];
	}
	return count;
}

void cg_text_number(cg_text_t *text, uint64_t number)
{
	char digits[CG_DIGITS_MAX];
	cg_text_put(text, digits, cg_text_digits(number, digits));
}

/*! \brief Adds a piece that stays on its line. */
static void put_piece(cg_text_t *text, const char *piece, size_t len)
{
	char *out = cg_text_room(text, len);
	for (size_t i = 0; out != NULL && i < len; i++) {
		size_t plain = cg_text_plain(piece + i, len - i);
		memcpy(out + i, piece + i, plain);
		i += plain;
		if (i < len) {
			out[i] = ((unsigned char)piece[i] < ' ') ? '?' : piece[i];
		}
	}
}

/*! \brief Adds what a conversion stands for; returns what is behind it. */
static const char *convert(cg_text_t *text, const char *format, va_list *args)
{
	size_t most = SIZE_MAX;
	if (strncmp(format, ".*", 2) == 0) {
		most = va_arg(*args, int);
		format += 2;
	}
	if (*format == 's') {
		const char *piece = va_arg(*args, const char *);
		put_piece(text, piece, strnlen(piece, most));
	} else if (*format == 'u') {
		cg_text_number(text, va_arg(*args, unsigned));
	} else {
		format++; /* "zu" */
		cg_text_number(text, va_arg(*args, size_t));
	}
	return format + 1;
}

void cg_text_add(cg_text_t *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	while (*format != '\0') {
		size_t len = strchrnul(format, '%') - format;
		cg_text_put(text, format, len);
		format += len;
		if (*format == '%') {
			format = convert(text, format + 1, &args);
		}
	}
	va_end(args);
}

void cg_text_type(cg_text_t *text, uint16_t type)
{
	const char *known = knot_get_rdata_descriptor(type)->type_name;
	char name[32];
	if (known != NULL) {
		cg_text_str(text, known);
	} else if (knot_rrtype_to_string(type, name, sizeof(name)) > 0) {
		cg_text_str(text, name);
	}
}

const char *cg_text_end(cg_text_t *text, cg_pool_t *pool)
{
	const char *copy = NULL;
	if (!text->failed) {
		copy = cg_pool_bytes(pool, (text->len > 0) ? text->str : "", text->len + 1);
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
