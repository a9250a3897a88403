/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/reason.h"
#include "source/scan.h"

/*! \brief Errors that are told one by one: a file that is no zone has one on each line. */
#define ERRORS_MAX	100
/*! \brief Times that text after a parenthesis without end is read again. */
#define UNCLOSED_MAX	16

void cg_scan_tell(const cg_scan_file_t *file, size_t line, const char *reason)
{
	cg_scanning_t *scanning = file->scanning;
	if (++scanning->errors > ERRORS_MAX || scanning->how->error == NULL) {
		return;
	}
	const cg_scan_error_t error = { .file = file->name, .line = line, .reason = reason };
	scanning->how->error(&error, scanning->how->ctx);
}

void cg_scan_tell_rest(cg_scanning_t *scanning)
{
	if (scanning->errors <= ERRORS_MAX || scanning->how->error == NULL) {
		return;
	}
	size_t rest = scanning->errors - ERRORS_MAX;
	char reason[CG_REASON_SIZE];
	snprintf(reason, sizeof(reason), "%zu more error%s", rest, (rest == 1) ? "" : "s");
	const cg_scan_error_t error = { .file = scanning->how->file, .reason = reason };
	scanning->how->error(&error, scanning->how->ctx);
}

/*! \brief Number of the line of a position at or behind the cursor. */
static size_t line_of(const cg_scan_file_t *file, size_t at)
{
	const cg_cursor_t *cursor = &file->cursor;
	return cursor->line + cg_entry_lines(cursor->text, cursor->at, at);
}

/* --- Lines that end as on Windows --- */

static bool ends_with_cr(const cg_cursor_t *cursor, size_t at)
{
	return at > cursor->at && cursor->text[at - 1] == '\r' &&
	       (at == cursor->len || cursor->text[at] == '\n');
}

/*!
 * \brief Makes a blank of each CR before a LF, so that all else stays in its place.
 *
 * A line with nothing else becomes a comment: a blank at its beginning may mean something.
 */
static int mend_newlines(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	if (file->own.text == NULL) {
		file->own.text = malloc(cursor->len);
		if (file->own.text == NULL) {
			return KNOT_ENOMEM;
		}
		memcpy(file->own.text, cursor->text, cursor->len);
		cursor->text = file->own.text;
	}

	char *begin = file->own.text + cursor->at;
	char *cr = begin;
	char *end = file->own.text + cursor->len;
	while ((cr = memchr(cr, '\r', end - cr)) != NULL) {
		if (cr + 1 == end || cr[1] == '\n') {
			*cr = (cr == begin || cr[-1] == '\n') ? ';' : ' ';
		}
		cr++;
	}
	return KNOT_EOK;
}

/* --- Parentheses --- */

void cg_scan_tell_open(const cg_scan_file_t *file, size_t next)
{
	char reason[CG_REASON_SIZE] = "a parenthesis that is opened here is never closed";
	if (next < file->cursor.len) {
		snprintf(reason, sizeof(reason), "a parenthesis that is opened here is not closed "
		         "before line %zu, where another record seems to begin",
		         line_of(file, next));
	}
	cg_scan_tell(file, file->cursor.line, reason);
}

/*! \brief Wrong within parentheses: finds out where they end. */
static void leave_open(cg_scan_file_t *file, size_t at, const char *reason)
{
	cg_cursor_t *cursor = &file->cursor;
	size_t line = cg_entry_line_begin(cursor->text, at);

	if (line > cursor->at && cg_entry_looks_new(cursor->text, cursor->len, line)) {
		cg_scan_tell_open(file, line);
		cg_cursor_move(cursor, line);
	} else {
		cg_scan_tell(file, line_of(file, at), reason);
		cg_cursor_move(cursor, cg_entry_resume(cursor->text, cursor->len, at));
	}
}

/*! \brief Parentheses that are open at the end of the file: what they took up is read again. */
static void leave_unclosed(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	cg_scan_tell_open(file, cursor->len);

	size_t next = cursor->len;
	if (file->unclosed++ < UNCLOSED_MAX) {
		do {
			next = cg_entry_line_end(cursor->text, cursor->len, cursor->at);
			cg_cursor_move(cursor, next);
		} while (next < cursor->len &&
		         !cg_entry_looks_new(cursor->text, cursor->len, next));
	}
	cg_cursor_move(cursor, next);
}

void cg_scan_leave(cg_scan_file_t *file, size_t stopped)
{
	cg_cursor_t *cursor = &file->cursor;
	size_t at = stopped;
	if (!file->scanner->zs.multiline && at < cursor->len && cursor->text[at] == '\n') {
		cg_cursor_move(cursor, at + 1);
		return;
	}
	cg_tail_t tail = cg_entry_tail(cursor->text, cursor->len, &at, file->scanner->zs.multiline);

	if (tail == CG_TAIL_OPEN) {
		cg_scan_tell_open(file, at);
		cg_cursor_move(cursor, cg_entry_line_end(cursor->text, cursor->len, stopped));
		return;
	}
	if (tail != CG_TAIL_END) {
		char reason[CG_REASON_SIZE];
		const cg_stumble_t stumble = {
			.code = ZS_BAD_REST, .text = cursor->text, .len = cursor->len,
			.begin = cursor->at, .at = at, .has_at = true,
		};
		cg_reason(&stumble, reason);
		cg_scan_tell(file, line_of(file, at), reason);
		at = (tail == CG_TAIL_MORE) ? cg_entry_line_end(cursor->text, cursor->len, at) :
		                              cg_entry_resume(cursor->text, cursor->len, at);
	}
	cg_cursor_move(cursor, at);
}

/* --- What the scanner says --- */

/*! \brief Finds where the scanner stumbled; it stopped at the end of that line. */
static void find_stumble(const zs_scanner_t *scanner, size_t stopped, cg_stumble_t *stumble)
{
	/* The rest of the line is in the buffer, as far as it fits, with a zero. */
	size_t rest = scanner->buffer_length;
	if (rest > 0 && rest < sizeof(scanner->buffer) && rest - 1 <= stopped - stumble->begin) {
		stumble->at = stopped - (rest - 1);
		stumble->has_at = true;
	}
}

int cg_scan_error(cg_scan_file_t *file, size_t stopped)
{
	cg_cursor_t *cursor = &file->cursor;
	const zs_scanner_t *scanner = &file->scanner->zs;

	if (scanner->error.code == ZS_DOS_NEWLINE && ends_with_cr(cursor, stopped)) {
		cg_scan_tell(file, line_of(file, stopped), "lines of this file end as on Windows "
		             "(CR LF), which Knot does not read; convert it, by dos2unix for example");
		return mend_newlines(file); /* And the entry is read again. */
	}
	if (scanner->error.code == ZS_UNCLOSED_MULTILINE) {
		leave_unclosed(file);
		return KNOT_EOK;
	}

	cg_stumble_t stumble = {
		.code = scanner->error.code, .text = cursor->text, .len = cursor->len,
		.begin = cursor->at, .at = stopped,
	};
	find_stumble(scanner, stopped, &stumble);
	char reason[CG_REASON_SIZE];
	cg_reason(&stumble, reason);

	if (scanner->multiline) {
		leave_open(file, stumble.at, reason);
	} else {
		cg_scan_tell(file, line_of(file, stopped), reason);
		cg_cursor_move(cursor, cg_entry_line_end(cursor->text, cursor->len, stopped));
	}
	return KNOT_EOK;
}
