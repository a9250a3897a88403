/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdarg.h>
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

/*!
 * \param error  errno, for %m.
 *
 * \return What was said, to be freed; NULL: out of memory.
 */
static char *say(int error, const char *format, va_list args)
{
	errno = error;
	char *text = NULL;
	int len = vasprintf(&text, format, args);
	if (len < 0) {
		fputs("out of memory", stderr);
		text = NULL;
	} else {
		cg_escape(stderr, text, len);
	}
	fputc('\n', stderr);
	return text;
}

void cg_say_also(cg_say_also_t also)
{
	say_also = also;
}

void cg_say(const char *format, ...)
{
	int error = errno;
	cg_progress_erase();
	fputs("cnameguard: ", stderr);
	va_list args;
	va_start(args, format);
	free(say(error, format, args));
	va_end(args);
}

void cg_say_at(const char *file, uint32_t line, const char *kind, const char *format, ...)
{
	int error = errno;
	cg_progress_erase();
	const char *name = file;
	file = cg_say_file(file);
	cg_escape(stderr, file, strlen(file));
	if (line > 0) {
		fprintf(stderr, ":%u", line);
	}
	fprintf(stderr, ": %s: ", kind);
	va_list args;
	va_start(args, format);
	char *text = say(error, format, args);
	va_end(args);
	if (say_also != NULL && text != NULL) {
		say_also(name, line, kind, text);
	}
	free(text);
}
