/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/escape.h"
#include "cli/progress.h"
#include "cli/say.h"

const char *cg_say_file(const char *path)
{
	return (strcmp(path, "-") == 0) ? "<stdin>" : path;
}

static cg_say_also_t say_also;

/*! \brief One line about a file. Owns \a text. */
struct cg_said_line {
	char *file;
	uint32_t line;
	const char *kind;
	char *text;
};

static _Thread_local cg_said_t *held;

void cg_say_also(cg_say_also_t also)
{
	say_also = also;
}

/*! \brief Ends the line that was begun; NULL: there was no memory for it. */
static void say(const char *text)
{
	if (text != NULL) {
		cg_escape(stderr, text, strlen(text));
	} else {
		fputs("out of memory", stderr);
	}
	fputc('\n', stderr);
}

/*! \param error  errno, for %m. */
static char *compose(int error, const char *format, va_list args)
{
	errno = error;
	char *text = NULL;
	return (vasprintf(&text, format, args) < 0) ? NULL : text;
}

void cg_say(const char *format, ...)
{
	int error = errno;
	va_list args;
	va_start(args, format);
	char *text = compose(error, format, args);
	va_end(args);
	cg_progress_erase();
	fputs("cnameguard: ", stderr);
	say(text);
	free(text);
}

/*! \brief Says a line about a file, and frees its text. */
static void say_line(const struct cg_said_line *line)
{
	const char *file = cg_say_file(line->file);
	cg_progress_erase();
	cg_escape(stderr, file, strlen(file));
	if (line->line > 0) {
		fprintf(stderr, ":%u", line->line);
	}
	fprintf(stderr, ": %s: ", line->kind);
	say(line->text);
	if (say_also != NULL && line->text != NULL) {
		say_also(line->file, line->line, line->kind, line->text);
	}
	free(line->text);
}

/*! \brief Holds a line back; false: out of memory. */
static bool hold(cg_said_t *said, const struct cg_said_line *line)
{
	if (said->count == said->max) {
		size_t max = (said->max == 0) ? 4 : said->max * 2;
		struct cg_said_line *bigger = realloc(said->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return false;
		}
		said->list = bigger;
		said->max = max;
	}
	struct cg_said_line *copy = &said->list[said->count];
	*copy = *line;
	copy->file = strdup(line->file);
	said->count += (copy->file != NULL);
	return copy->file != NULL;
}

void cg_say_at(const char *file, uint32_t line, const char *kind, const char *format, ...)
{
	int error = errno;
	va_list args;
	va_start(args, format);
	const struct cg_said_line said = { (char *)file, line, kind, compose(error, format, args) };
	va_end(args);
	if (held == NULL || !hold(held, &said)) {
		say_line(&said);
	}
}

void cg_say_hold(cg_said_t *said)
{
	held = said;
}

void cg_say_held(cg_said_t *said)
{
	for (size_t i = 0; i < said->count; i++) {
		say_line(&said->list[i]);
		free(said->list[i].file);
	}
	free(said->list);
	*said = (cg_said_t){ 0 };
}
