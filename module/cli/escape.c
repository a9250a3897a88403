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
 * \brief Writes one character, or several plain ones.
 *
 * \param[in,out] columns  In: that may be taken. Out: that were; wide characters are
 *                         counted as one.
 *
 * \return Octets of \a text that it was.
 */
static size_t put(cg_text_t *out, const char *text, size_t len, size_t *columns)
{
	size_t octets = cg_text_plain(text, (len < *columns) ? len : *columns);
	if (octets > 0) {
		cg_text_put(out, text, octets);
		*columns = octets;
		return octets;
	}

	uint32_t code = 0;
	octets = cg_utf8_next(text, len, &code);
	if (octets > 0 && !steers(code)) {
		cg_text_put(out, text, octets);
		*columns = 1;
		return octets;
	}

	octets += (octets == 0);
	for (size_t i = 0; i < octets; i++) {
		static const char HEX[] = "0123456789abcdef";
		uint8_t octet = text[i];
		cg_text_put(out, (char []){ '\\', 'x', HEX[octet >> 4], HEX[octet & 0xF] }, 4);
	}
	*columns = 4 * octets;
	return octets;
}

void cg_escape_add(cg_text_t *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; ) {
		size_t columns = SIZE_MAX;
		i += put(out, text + i, len - i, &columns);
	}
}

void cg_escape_line(cg_text_t *out, const char *text, size_t len)
{
	size_t column = 0;
	for (size_t i = 0; i < len; ) {
		if (column >= CG_LINE_COLUMNS) {
			cg_text_str(out, " ...");
			return;
		}
		size_t columns = CG_LINE_COLUMNS - column;
		if (text[i] == '\t') {
			columns = TAB_COLUMNS - column % TAB_COLUMNS;
			cg_text_blanks(out, columns);
			i++;
		} else {
			i += put(out, text + i, len - i, &columns);
		}
		column += columns;
	}
}

void cg_escape(FILE *out, const char *text, size_t len)
{
	cg_text_t escaped = { 0 };
	cg_escape_add(&escaped, text, len);
	if (!escaped.failed) {
		fwrite(escaped.str, 1, escaped.len, out);
	}
	cg_text_free(&escaped);
}
