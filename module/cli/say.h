/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What goes to stderr: one line each, whatever the names and texts in it hold.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

/*! \brief "cnameguard: ..." */
void cg_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*!
 * \brief "FILE:LINE: error: ...", as compilers do and editors understand.
 *
 * \param line  0: the file as a whole.
 * \param kind  error, warning or note.
 */
void cg_say_at(const char *file, uint32_t line, const char *kind, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*! \brief Told of what cg_say_at() says; \a text is valid until it returns. */
typedef void (*cg_say_also_t)(const char *file, uint32_t line, const char *kind, const char *text);

/*! \brief Has somebody told too; NULL: nobody. */
void cg_say_also(cg_say_also_t also);

/*! \brief What was said and held back; zeroed is nothing. */
typedef struct {
	struct cg_said_line *list;
	size_t count;
	size_t max;
} cg_said_t;

/*! \brief Has what this thread says about files held back; NULL: no longer. */
void cg_say_hold(cg_said_t *said);

/*! \brief Says it, and frees it. */
void cg_say_held(cg_said_t *said);

/*! \brief A file for people: standard input has a name too. */
const char *cg_say_file(const char *path);
