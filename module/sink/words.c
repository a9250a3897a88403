/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>
#include <strings.h>

#include "sink/words.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_separator(char c)
{
	return is_blank(c) || c == '\n' || c == '\r' || c == '(' || c == ')' || c == ';';
}

static const char *skip_separators(const char *at, const char *end)
{
	while (at < end && is_separator(*at)) {
		if (*at != ';') {
			at++;
			continue;
		}
		const char *newline = memchr(at, '\n', end - at);
		at = (newline != NULL) ? newline : end;
	}
	return at;
}

/*! \brief A backslash takes the next character with it, also inside of quotes. */
static const char *skip_char(const char *at, const char *end)
{
	return (*at == '\\' && end - at > 1) ? at + 2 : at + 1;
}

static const char *skip_quoted(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; ) {
		at = skip_char(at, end);
	}
	return (at < end) ? at + 1 : end;
}

bool cg_words_next(const char **at, const char *end, cg_word_t *word)
{
	const char *next = skip_separators(*at, end);
	word->str = next;
	while (next < end && !is_separator(*next)) {
		next = (*next == '"') ? skip_quoted(next, end) : skip_char(next, end);
	}
	word->len = next - word->str;
	*at = next;
	return word->len > 0;
}

bool cg_word_is(const cg_word_t *word, const char *text)
{
	return word->len == strlen(text) && strncasecmp(word->str, text, word->len) == 0;
}

static cg_word_t blanks_at(const char *at, const char *end)
{
	cg_word_t blanks = { .str = at };
	while (at + blanks.len < end && is_blank(at[blanks.len])) {
		blanks.len++;
	}
	return blanks;
}

bool cg_head_read(const char *record, const char *end, cg_head_t *head)
{
	const char *at = record;
	memset(head, 0, sizeof(*head));
	if (at < end && !is_separator(*at)) {
		(void)cg_words_next(&at, end, &head->owner);
	}
	head->blanks = blanks_at(at, end);

	/* TTL and class come in any order; a type never begins with a digit. */
	while (cg_words_next(&at, end, &head->type)) {
		if (cg_word_is(&head->type, "IN")) {
			head->rclass = head->type;
		} else if (*head->type.str < '0' || *head->type.str > '9') {
			head->data = at;
			return true;
		}
	}
	return false;
}
