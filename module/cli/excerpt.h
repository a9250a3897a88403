/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Lines of zone files, to be shown.
 *
 * Unless they were kept, files are read a second time for it, and only those with findings:
 * keeping the texts of all files would double the memory. Lines of a file that has
 * changed since are not given, they would be others.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "cli/lines.h"

typedef struct cg_excerpts cg_excerpts_t;

/*!
 * \brief None yet. NULL: out of memory.
 *
 * \param since  When the files were read for the first time.
 */
cg_excerpts_t *cg_excerpts_new(const struct timespec *since);

void cg_excerpts_free(cg_excerpts_t *excerpts);

/*! \brief Gives the text of a file that cannot be read again; borrowed. */
void cg_excerpts_keep(cg_excerpts_t *excerpts, const char *file, const char *text, size_t len);

/*! \brief Gives all lines of a file that will be asked for; borrowed. */
void cg_excerpts_keep_lines(cg_excerpts_t *excerpts, const char *file, const cg_lines_t *lines);

/*!
 * \brief Finds a line. Any number of threads at once.
 *
 * \param line      From 1.
 * \param[out] text Valid until cg_excerpts_clear(); without the newline.
 *
 * \return False: the file cannot be read, has changed or has not so many lines.
 */
bool cg_excerpts_line(cg_excerpts_t *excerpts, const char *file, uint32_t line,
                      const char **text, size_t *len);

/*! \brief Forgets all files. */
void cg_excerpts_clear(cg_excerpts_t *excerpts);
