/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cli/diff.h"

/*! \brief Lines around a change that are shown. */
#define CONTEXT 3

/*! \brief A run of lines. */
typedef struct {
	size_t begin;  /*!< Octets. */
	size_t end;
	size_t line;   /*!< Lines before it. */
	size_t lines;  /*!< Its own. */
} run_t;

/*! \brief Neighbouring lines that give way to others. */
typedef struct {
	run_t old;
	run_t new;
} block_t;

typedef struct {
	FILE *out;
	const char *old;
	size_t old_len;
	const char *new;
	block_t *blocks;
	size_t count;
} diff_t;

static size_t line_begin(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n') {
		at--;
	}
	return at;
}

static size_t line_end(const char *text, size_t len, size_t at)
{
	const char *newline = (at < len) ? memchr(text + at, '\n', len - at) : NULL;
	return (newline != NULL) ? (size_t)(newline - text) + 1 : len;
}

static size_t count_lines(const char *text, size_t begin, size_t end)
{
	size_t lines = 0;
	for (; begin < end; lines++) {
		begin = line_end(text, end, begin);
	}
	return lines;
}

/*! \brief Whole lines that a splice changes; none, if it comes between two. */
static void splice_lines(const diff_t *diff, const cg_splice_t *splice, size_t *begin, size_t *end)
{
	const char *text = diff->old;
	*begin = line_begin(text, splice->begin);
	if (splice->begin == splice->end && *begin == splice->begin &&
	    splice->len > 0 && splice->text[splice->len - 1] == '\n') {
		*end = *begin;
	} else if (splice->end > *begin && text[splice->end - 1] == '\n') {
		*end = splice->end;
	} else {
		*end = line_end(text, diff->old_len, splice->end);
	}
}

/*! \brief Makes blocks of the splices; octets of the old text only. */
static void find_blocks(diff_t *diff, const cg_patched_t *patched)
{
	size_t grown = 0; /* Octets that the result has more, modulo the range of size_t. */
	for (size_t i = 0; i < patched->splices_count; i++) {
		const cg_splice_t *splice = &patched->splices[i];
		size_t begin, end;
		splice_lines(diff, splice, &begin, &end);
		block_t *block = (diff->count > 0) ? &diff->blocks[diff->count - 1] : NULL;
		if (block == NULL || begin > block->old.end) {
			block = &diff->blocks[diff->count++];
			block->old.begin = begin;
			block->new.begin = begin + grown;
			block->old.end = end;
		}
		if (end > block->old.end) {
			block->old.end = end;
		}
		grown += splice->len - (splice->end - splice->begin);
		block->new.end = block->old.end + grown;
	}
}

/*! \brief Counts the lines. */
static void number_blocks(diff_t *diff)
{
	size_t at = 0, line = 0, grown = 0;
	for (size_t i = 0; i < diff->count; i++) {
		block_t *block = &diff->blocks[i];
		line += count_lines(diff->old, at, block->old.begin);
		block->old.line = line;
		block->new.line = line + grown;
		block->old.lines = count_lines(diff->old, block->old.begin, block->old.end);
		block->new.lines = count_lines(diff->new, block->new.begin, block->new.end);
		line += block->old.lines;
		grown += block->new.lines - block->old.lines;
		at = block->old.end;
	}
}

static void print_lines(const diff_t *diff, char mark, const char *text, size_t begin, size_t end)
{
	while (begin < end) {
		size_t next = line_end(text, end, begin);
		fputc(mark, diff->out);
		fwrite(text + begin, 1, next - begin, diff->out);
		if (text[next - 1] != '\n') {
			fputs("\n\\ No newline at end of file\n", diff->out);
		}
		begin = next;
	}
}

/*! \brief Beginning of up to CONTEXT lines before a position. */
static size_t context_before(const char *text, size_t at, size_t *lines)
{
	for (*lines = 0; *lines < CONTEXT && at > 0; (*lines)++) {
		at = line_begin(text, at - 1);
	}
	return at;
}

static size_t context_behind(const char *text, size_t len, size_t at, size_t *lines)
{
	for (*lines = 0; *lines < CONTEXT && at < len; (*lines)++) {
		at = line_end(text, len, at);
	}
	return at;
}

/*! \brief An empty run is named by the line before it. */
static size_t first_line(size_t line, size_t lines)
{
	return (lines > 0) ? line + 1 : line;
}

/*! \brief Prints blocks that are near each other. */
static void print_hunk(const diff_t *diff, const block_t *first, const block_t *last)
{
	size_t before, behind;
	size_t at = context_before(diff->old, first->old.begin, &before);
	size_t end = context_behind(diff->old, diff->old_len, last->old.end, &behind);
	size_t old_lines = last->old.line + last->old.lines + behind - (first->old.line - before);
	size_t new_lines = last->new.line + last->new.lines + behind - (first->new.line - before);

	fprintf(diff->out, "@@ -%zu,%zu +%zu,%zu @@\n",
	        first_line(first->old.line - before, old_lines), old_lines,
	        first_line(first->new.line - before, new_lines), new_lines);
	for (const block_t *block = first; block <= last; block++) {
		print_lines(diff, ' ', diff->old, at, block->old.begin);
		print_lines(diff, '-', diff->old, block->old.begin, block->old.end);
		print_lines(diff, '+', diff->new, block->new.begin, block->new.end);
		at = block->old.end;
	}
	print_lines(diff, ' ', diff->old, at, end);
}

/*! \brief A name with blanks or worse is quoted as by git, which patch understands. */
static void print_name(FILE *out, const char *side, const char *file)
{
	fputs(side, out);
	if (strpbrk(file, "\"\\\n\r\t") == NULL) {
		fprintf(out, "%s%s\n", file, (strchr(file, ' ') != NULL) ? "\t" : "");
		return;
	}
	fputc('"', out);
	for (; *file != '\0'; file++) {
		if (*file == '"' || *file == '\\') {
			fprintf(out, "\\%c", *file);
		} else if ((unsigned char)*file < ' ') {
			fprintf(out, "\\%03o", (unsigned char)*file);
		} else {
			fputc(*file, out);
		}
	}
	fputs("\"\n", out);
}

static void print_hunks(const diff_t *diff)
{
	for (size_t i = 0, next; i < diff->count; i = next) {
		next = i + 1;
		while (next < diff->count &&
		       diff->blocks[next].old.line - diff->blocks[next - 1].old.line -
		       diff->blocks[next - 1].old.lines <= 2 * CONTEXT) {
			next++;
		}
		print_hunk(diff, &diff->blocks[i], &diff->blocks[next - 1]);
	}
}

bool cg_diff_print(FILE *out, const char *file, const char *text, size_t len,
                   const cg_patched_t *patched)
{
	if (patched->splices_count == 0) {
		return true;
	}
	diff_t diff = { .out = out, .old = text, .old_len = len, .new = patched->text };
	diff.blocks = calloc(patched->splices_count, sizeof(*diff.blocks));
	if (diff.blocks == NULL) {
		return false;
	}
	find_blocks(&diff, patched);
	number_blocks(&diff);
	print_name(out, "--- ", file);
	print_name(out, "+++ ", file);
	print_hunks(&diff);
	free(diff.blocks);

	return true;
}
