/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdbool.h>

#include "cli/escape.h"
#include "sink/utf8.h"

#define TAB_COLUMNS	8

/*! \brief Characters that move the cursor, or reverse or hide what stands around them. */
static bool steers(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) ||
	       code == 0x061C || (code >= 0x200B && code <= 0x200F) ||
	       (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
	       code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) || code >= 0xE0000;
}

/*!
 * \brief Writes one character.
 *
 * \param[out] columns  That it takes; wide characters are counted as one.
 *
 * \return Octets of \a text that it was.
 */
static size_t put(FILE *out, const char *text, size_t len, size_t *columns)
{
	uint32_t code = 0;
	size_t octets = cg_utf8_next(text, len, &code);
	if (octets > 0 && !steers(code)) {
		fwrite(text, 1, octets, out);
		*columns = 1;
		return octets;
	}

	octets += (octets == 0);
	for (size_t i = 0; i < octets; i++) {
		fprintf(out, "\\x%02x", (unsigned char)text[i]);
	}
	*columns = 4 * octets;
	return octets;
}

void cg_escape(FILE *out, const char *text, size_t len)
{
	size_t columns;
	for (size_t i = 0; i < len; ) {
		i += put(out, text + i, len - i, &columns);
	}
}

void cg_escape_line(FILE *out, const char *text, size_t len)
{
	size_t column = 0;
	for (size_t i = 0; i < len; ) {
		if (column >= CG_LINE_COLUMNS) {
			fputs(" ...", out);
			return;
		}
		size_t columns = 0;
		if (text[i] == '\t') {
			columns = TAB_COLUMNS - column % TAB_COLUMNS;
			fprintf(out, "%*s", (int)columns, "");
			i++;
		} else {
			i += put(out, text + i, len - i, &columns);
		}
		column += columns;
	}
}
