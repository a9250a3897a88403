/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The words of one record's text (RFC 1035, 5.1), where they stand.
 */

#pragma once

#include "cnameguard/record.h"

/*! \brief A piece of a text; no word: length zero. */
typedef struct {
	const char *str;
	size_t len;
} cg_word_t;

/*!
 * \brief The next word behind \a at, which moves behind it.
 *
 * Blanks, parentheses, comments and newlines separate words.
 *
 * \return False: no more.
 */
bool cg_words_next(const char **at, const char *end, cg_word_t *word);

/*! \brief Whether a word is this one, in any letter case. */
bool cg_word_is(const cg_word_t *word, const char *text);

/*! \brief A record up to its type. */
typedef struct {
	cg_word_t owner;  /*!< None: inherited. */
	cg_word_t blanks; /*!< Blanks and tabs behind the owner, or in front of all. */
	cg_word_t rclass; /*!< None: not written. */
	cg_word_t type;
	const char *data; /*!< What follows the type. */
} cg_head_t;

/*! \brief Reads the beginning of a record; false: that is none. */
bool cg_head_read(const char *record, const char *end, cg_head_t *head);
