/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A file gives way to a new one, all at once; the old one is kept beside it.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cnameguard/file.h"

/*! \brief A file that is to be replaced. Zeroed is none. */
typedef struct {
	const char *file; /*!< As it was named. */
	char *path;       /*!< Links followed. */
	char *kept;       /*!< What the old file is called since; NULL: not replaced. */
	cg_file_id_t id;
} cg_replace_t;

/*!
 * \brief Remembers which file it is, before it is read.
 *
 * \param[out] replace  To be freed by cg_replace_free(), also after an error.
 *
 * \return False: not a file that can be replaced; what is wrong was said.
 */
bool cg_replace_begin(cg_replace_t *replace, const char *file);

/*!
 * \brief Puts a new file in its place.
 *
 * It has the mode, owner and attributes of the old one, which is kept as
 * FILE.orig, FILE.orig.1 and so on. After an error all is as it was. A file
 * that is no longer the one that was read stays.
 *
 * \param old  What was read.
 *
 * \return False: not done; what is wrong was said.
 */
bool cg_replace(cg_replace_t *replace, const char *old, size_t old_len, const char *text,
                size_t len);

void cg_replace_free(cg_replace_t *replace);
