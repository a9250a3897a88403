/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "cli/lines.h"

static bool keep_text(cg_lines_t *lines, const char *text, size_t len)
{
	if (len == 0) {
		return true;
	}
	if (lines->text_max - lines->len < len) {
		size_t max = 2 * (lines->text_max + len);
		char *bigger = realloc(lines->text, max);
		if (bigger == NULL) {
			return false;
		}
		lines->text = bigger;
		lines->text_max = max;
	}
	memcpy(lines->text + lines->len, text, len);
	lines->len += len;
	return true;
}

static bool keep_line(cg_lines_t *lines, uint32_t line, size_t at, size_t len)
{
	if (lines->count == lines->max) {
		size_t max = (lines->max == 0) ? 256 : lines->max * 2;
		cg_line_t *bigger = realloc(lines->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return false;
		}
		lines->list = bigger;
		lines->max = max;
	}
	lines->list[lines->count++] = (cg_line_t){ line, len, at };
	return true;
}

int cg_lines_add(cg_lines_t *lines, uint32_t first, const char *text, size_t len)
{
	size_t at = lines->len;
	const char *end = text + len;
	if (!keep_text(lines, text, len)) {
		return KNOT_ENOMEM;
	}
	while (text < end) {
		const char *newline = memchr(text, '\n', end - text);
		size_t whole = ((newline != NULL) ? newline : end) - text;
		if (!keep_line(lines, first++, at, whole)) {
			return KNOT_ENOMEM;
		}
		text += whole + 1;
		at += whole + 1;
	}
	return KNOT_EOK;
}

static int compare(const void *a, const void *b)
{
	uint32_t left = ((const cg_line_t *)a)->line, right = ((const cg_line_t *)b)->line;
	return (left > right) - (left < right);
}

void cg_lines_sort(cg_lines_t *lines)
{
	for (size_t i = 1; i < lines->count; i++) {
		if (lines->list[i - 1].line > lines->list[i].line) {
			qsort(lines->list, lines->count, sizeof(*lines->list), compare);
			return;
		}
	}
}

int cg_lines_join(cg_lines_t *lines, cg_lines_t *other)
{
	size_t count = lines->count + other->count, behind = lines->len;
	cg_line_t *list = malloc((count + 1) * sizeof(*list));
	if (list == NULL || !keep_text(lines, other->text, other->len)) {
		free(list);
		return KNOT_ENOMEM;
	}
	for (size_t i = 0, j = 0; i + j < count; ) {
		bool first = j == other->count ||
		             (i < lines->count && lines->list[i].line <= other->list[j].line);
		cg_line_t *line = &list[i + j];
		*line = first ? lines->list[i++] : other->list[j++];
		line->at += first ? 0 : behind;
	}
	free(lines->list);
	lines->list = list;
	lines->count = lines->max = count;
	cg_lines_free(other);
	return KNOT_EOK;
}

/*! \brief Lines of a block: a few of them are kept. */
#define BLOCK	64

void cg_lines_index(cg_lines_t *lines)
{
	size_t blocks = (lines->count > 0) ? lines->list[lines->count - 1].line / BLOCK + 1 : 0;
	free(lines->firsts);
	lines->firsts = malloc((blocks + 1) * sizeof(*lines->firsts));
	for (size_t block = 0, at = 0; block <= blocks && lines->firsts != NULL; block++) {
		while (at < lines->count && lines->list[at].line / BLOCK < block) {
			at++;
		}
		lines->firsts[block] = at;
	}
}

/*! \brief Narrows down where a line can be. */
static void narrow(const cg_lines_t *lines, uint32_t line, size_t *from, size_t *to)
{
	*from = 0;
	*to = lines->count;
	if (lines->firsts != NULL && *to > 0 && line <= lines->list[*to - 1].line) {
		*from = lines->firsts[line / BLOCK];
		*to = lines->firsts[line / BLOCK + 1];
	}
}

bool cg_lines_find(const cg_lines_t *lines, uint32_t line, const char **text, size_t *len)
{
	const cg_line_t key = { .line = line };
	const cg_line_t *found = NULL;
	size_t from, to;
	narrow(lines, line, &from, &to);
	if (to > from) {
		found = bsearch(&key, lines->list + from, to - from, sizeof(key), compare);
	}
	if (found == NULL) {
		return false;
	}
	*text = lines->text + found->at;
	*len = found->len;
	return true;
}

void cg_lines_free(cg_lines_t *lines)
{
	free(lines->list);
	free(lines->text);
	free(lines->firsts);
	*lines = (cg_lines_t){ 0 };
}
