/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Texts put together piece by piece.
 */

#pragma once

#include <string.h>

#include "cnameguard/record.h"
#include "rules/pool.h"

/*! \brief Zeroed is empty and ready; to be freed by cg_text_free(). */
typedef struct {
	char *str;   /*!< Ended by a zero; NULL: nothing was added so far. */
	size_t len;
	size_t max;
	bool failed; /*!< Out of memory: all further pieces are left out. */
} cg_text_t;

/*! \brief Makes the text longer; NULL: no memory, else what is to be filled. */
char *cg_text_grow(cg_text_t *text, size_t more);

/*! \brief The same, where there is room, as there nearly always is. */
static inline char *cg_text_room(cg_text_t *text, size_t more)
{
	if (more >= text->max - text->len || text->failed) {
		return cg_text_grow(text, more);
	}
	char *out = text->str + text->len;
	text->len += more;
	out[more] = '\0';
	return out;
}

/*! \brief Adds octets as they are. */
static inline void cg_text_put(cg_text_t *text, const char *str, size_t len)
{
	char *out = cg_text_room(text, len);
	if (out != NULL) {
		memcpy(out, str, len);
	}
}

/*! \brief Adds a string as it is. */
static inline void cg_text_str(cg_text_t *text, const char *str)
{
	cg_text_put(text, str, strlen(str));
}

/*! \brief Adds that many blanks. */
static inline void cg_text_blanks(cg_text_t *text, size_t count)
{
	char *out = cg_text_room(text, count);
	if (out != NULL) {
		memset(out, ' ', count);
	}
}

/*! \brief Octets from the beginning that are printable ASCII. */
size_t cg_text_plain(const char *str, size_t len);

/*! \brief Digits of the longest number. */
#define CG_DIGITS_MAX	20

/*! \brief Writes a number, without an end; the count of its digits. */
size_t cg_text_digits(uint64_t number, char out[CG_DIGITS_MAX]);

void cg_text_number(cg_text_t *text, uint64_t number);

/*!
 * \brief Adds a sentence, which stays one line: control characters in what is filled in become
 *        question marks.
 *
 * \param format  With %s, %.*s, %u and %zu, no other conversions; one line.
 */
void cg_text_add(cg_text_t *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*! \brief Adds the name of a type. */
void cg_text_type(cg_text_t *text, uint16_t type);

/*! \brief Copy in a pool; empties the text for the next one. NULL: out of memory, now or before. */
const char *cg_text_end(cg_text_t *text, cg_pool_t *pool);

void cg_text_free(cg_text_t *text);
