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

/*! \param error  errno, for %m. */
static void say(int error, const char *format, va_list args)
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
	free(text);
}

void cg_say(const char *format, ...)
{
	int error = errno;
	cg_progress_erase();
	fputs("cnameguard: ", stderr);
	va_list args;
	va_start(args, format);
	say(error, format, args);
	va_end(args);
}

void cg_say_at(const char *file, uint32_t line, const char *kind, const char *format, ...)
{
	int error = errno;
	cg_progress_erase();
	file = cg_say_file(file);
	cg_escape(stderr, file, strlen(file));
	if (line > 0) {
		fprintf(stderr, ":%u", line);
	}
	fprintf(stderr, ": %s: ", kind);
	va_list args;
	va_start(args, format);
	say(error, format, args);
	va_end(args);
}
