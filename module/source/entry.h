/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Where the entries of a zone file (RFC 1035, 5.1) begin and end, without reading them.
 *
 * An entry is a record or a directive: one line, or several in parentheses.
 * All positions are octets from the beginning of the text.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct {
	const char *text;
	size_t len;
	size_t at;    /*!< Position. */
	size_t line;  /*!< Line of the position, from 1. */
} cg_cursor_t;

/*! \brief Goes forward, counting lines. */
void cg_cursor_move(cg_cursor_t *cursor, size_t to);

/*! \brief Newlines between two positions. */
size_t cg_entry_lines(const char *text, size_t from, size_t to);

/*! \brief Beginning of the line that a position is on. */
size_t cg_entry_line_begin(const char *text, size_t at);

/*! \brief End of the line that a position is on, behind its newline. */
size_t cg_entry_line_end(const char *text, size_t len, size_t at);

/*!
 * \brief Beginning of the line of the next entry: blank lines and comments are skipped.
 *
 * \param at         Beginning of a line, outside of all entries.
 * \param has_owner  There is a record before. Without it a line that begins with a blank
 *                   is an entry for libzscanner, even if nothing or a comment follows.
 *
 * \return \a len, if there is none.
 */
size_t cg_entry_begin(const char *text, size_t len, size_t at, bool has_owner);

/*!
 * \brief End of the directive that begins at \a at.
 *
 * \param[out] unclosed  Its parentheses do not end there, but another entry begins, or nothing.
 */
size_t cg_entry_directive_end(const char *text, size_t len, size_t at, bool *unclosed);

/*! \brief What follows the data of an entry. */
typedef enum {
	CG_TAIL_END,     /*!< Its end. */
	CG_TAIL_MORE,    /*!< Something more, on its last line. */
	CG_TAIL_INSIDE,  /*!< Something more, in its parentheses. */
	CG_TAIL_OPEN,    /*!< Another entry or the end of the text, before its parentheses close. */
} cg_tail_t;

/*!
 * \brief Goes from the end of the data of an entry to the end of the entry.
 *
 * \param at    Position behind the data; becomes the end of the entry, or that
 *              of what does not belong there.
 * \param open  Whether parentheses are open at \a at.
 */
cg_tail_t cg_entry_tail(const char *text, size_t len, size_t *at, bool open);

/*!
 * \brief Where to go on when an entry in parentheses is wrong at \a at.
 *
 * Behind the line that closes the parentheses, but before one that begins
 * like a new entry: more likely a parenthesis was forgotten than such a line
 * goes on with the data of another.
 */
size_t cg_entry_resume(const char *text, size_t len, size_t at);

/*! \brief Whether a line begins as a continued one does not. */
bool cg_entry_looks_new(const char *text, size_t len, size_t line);
