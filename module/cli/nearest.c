/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <ctype.h>
#include <string.h>

#include "cli/nearest.h"

/*! \brief Longer words are not compared. */
#define WORD_MAX	32

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = (a < b) ? a : b;
	return (least < c) ? least : c;
}

/*! \brief Letters to be put in, left out or changed to make one word of the other (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len > WORD_MAX || b_len > WORD_MAX) {
		return WORD_MAX;
	}

	size_t row[WORD_MAX + 1];
	for (size_t j = 0; j <= b_len; j++) {
		row[j] = j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];
			bool same = tolower((unsigned char)a[i - 1]) ==
			            tolower((unsigned char)b[j - 1]);
			row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + !same);
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *cg_nearest(const char *word, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	size_t least = strlen(word) / 3 + 2;
	for (size_t i = 0; i < count; i++) {
		size_t this = distance(word, words[i]);
		if (this < least) {
			least = this;
			nearest = words[i];
		}
	}
	return nearest;
}

const char *cg_nearest_rule(const char *word)
{
	const char *names[CG_RULE__COUNT];
	for (cg_rule_t rule = 0; rule < CG_RULE__COUNT; rule++) {
		names[rule] = cg_rule_info(rule)->name;
	}
	return cg_nearest(word, names, CG_RULE__COUNT);
}
