/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "source/entry.h"

size_t cg_entry_lines(const char *text, size_t from, size_t to)
{
	size_t count = 0;
	while (from < to) {
		const char *newline = memchr(text + from, '\n', to - from);
		if (newline == NULL) {
			break;
		}
		count++;
		from = newline - text + 1;
	}
	return count;
}

void cg_cursor_move(cg_cursor_t *cursor, size_t to)
{
	if (to > cursor->at) {
		/* The newline that ends the move is the only one, nearly always. */
		size_t before = to - 1;
		cursor->line += cg_entry_lines(cursor->text, cursor->at, before) +
		                (cursor->text[before] == '\n');
	}
	cursor->at = to;
}

size_t cg_entry_line_begin(const char *text, size_t at)
{
	if (at == 0 || text[at - 1] == '\n') {
		return at;
	}
	const char *newline = memrchr(text, '\n', at);
	return (newline != NULL) ? (size_t)(newline - text) + 1 : 0;
}

/*! \brief Position of the newline at or behind a position. */
static size_t newline_at(const char *text, size_t len, size_t at)
{
	const char *newline = (at < len) ? memchr(text + at, '\n', len - at) : NULL;
	return (newline != NULL) ? (size_t)(newline - text) : len;
}

size_t cg_entry_line_end(const char *text, size_t len, size_t at)
{
	size_t newline = newline_at(text, len, at);
	return (newline < len) ? newline + 1 : len;
}

size_t cg_entry_begin(const char *text, size_t len, size_t at, bool has_owner)
{
	size_t line = at;
	bool open = false;

	while (at < len) {
		switch (text[at]) {
		case ' ':
		case '\t':
			if (!has_owner) {
				return line;
			}
			at++;
			break;
		case '(':
		case ')':
			if (!has_owner || open == (text[at] == '(')) {
				return line;
			}
			open = !open;
			at++;
			break;
		case ';':
			at = newline_at(text, len, at);
			break;
		case '\n':
			at++;
			if (!open) {
				line = at;
			}
			break;
		default:
			return line;
		}
	}
	return open ? line : len;
}

bool cg_entry_looks_new(const char *text, size_t len, size_t line)
{
	return line < len && strchr(" \t\r\n;()\"", text[line]) == NULL;
}

size_t cg_entry_directive_end(const char *text, size_t len, size_t at, bool *unclosed)
{
	bool open = false;
	bool quoted = false;
	*unclosed = false;

	for (; at < len; at++) {
		switch (text[at]) {
		case '\\':
			at += at + 1 < len && text[at + 1] != '\n';
			break;
		case '"':
			quoted = !quoted;
			break;
		case ';':
			if (!quoted) {
				at = newline_at(text, len, at) - 1;
			}
			break;
		case '(':
			open = open || !quoted;
			break;
		case ')':
			open = open && quoted;
			break;
		case '\n':
			*unclosed = open && !quoted && cg_entry_looks_new(text, len, at + 1);
			if (!open || *unclosed) {
				return at + 1;
			}
			break;
		}
	}
	*unclosed = open;
	return len;
}

static cg_tail_t surplus(const char *text, size_t len, size_t at, bool open)
{
	if (!open) {
		return CG_TAIL_MORE;
	}
	size_t line = cg_entry_line_begin(text, at);
	return (at == len || (line == at && cg_entry_looks_new(text, len, line))) ?
	       CG_TAIL_OPEN : CG_TAIL_INSIDE;
}

cg_tail_t cg_entry_tail(const char *text, size_t len, size_t *at, bool open)
{
	for (; *at < len; (*at)++) {
		switch (text[*at]) {
		case ' ':
		case '\t':
			break;
		case '(':
		case ')':
			if (open == (text[*at] == '(')) {
				return surplus(text, len, *at, open);
			}
			open = !open;
			break;
		case ';':
			*at = newline_at(text, len, *at) - 1;
			break;
		case '\n':
			if (!open) {
				(*at)++;
				return CG_TAIL_END;
			}
			break;
		default:
			return surplus(text, len, *at, open);
		}
	}
	return open ? CG_TAIL_OPEN : CG_TAIL_END;
}

/*! \brief Whether a parenthesis closes between a position and the end of its line. */
static bool closes(const char *text, size_t at, size_t end)
{
	const char *comment = memchr(text + at, ';', end - at);
	if (comment != NULL) {
		end = comment - text;
	}
	return memchr(text + at, ')', end - at) != NULL;
}

size_t cg_entry_resume(const char *text, size_t len, size_t at)
{
	while (true) {
		size_t end = cg_entry_line_end(text, len, at);
		if (end == len || closes(text, at, end) || cg_entry_looks_new(text, len, end)) {
			return end;
		}
		at = end;
	}
}
