/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief One zone file that is named on the command line.
 */

#pragma once

#include "cli/options.h"
#include "cnameguard/scan.h"

/*!
 * \brief Reads the text, "-" is standard input; what is no file is said.
 *
 * \param[out] regular  As with cg_scan_text().
 *
 * \retval KNOT_EOK, or as cg_scan_text(); all but KNOT_ENOMEM were said.
 */
int cg_input_read(const char *file, char **text, size_t *len, bool *regular);

/*!
 * \brief Finds out which zone it is: by -o, else by what it holds.
 *
 * \param scanner  As in cg_scan_t.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOENT  it cannot be known, and that was said.
 * \retval KNOT_ENOMEM
 */
int cg_input_origin(const cg_options_t *options, const char *file, const char *text, size_t len,
                    cg_scanner_t *scanner, knot_dname_storage_t origin);

/*! \brief Folder that includes may be from: that of the file. To be freed; NULL: out of memory. */
char *cg_input_include_dir(const cg_options_t *options, const char *file);
