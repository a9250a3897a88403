/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Files that $INCLUDE (RFC 1035, 5.1) names.
 */

#pragma once

#include "source/text.h"

/*!
 * \brief Folder that relative names are relative to: that of the file, links followed.
 *
 * As short as the name of the file lets it be. NULL: out of memory.
 */
char *cg_include_base(const char *file);

/*!
 * \brief Reads an included file, a regular one.
 *
 * \param dir       As cg_scan_t.include_dir.
 * \param[out] why  Why it is not, one line; NULL: it is.
 *
 * \retval KNOT_EOK     read, or see \a why.
 * \retval KNOT_ENOMEM
 */
int cg_include_read(const char *path, const char *dir, cg_text_t *out, const char **why);
