/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the ways to read zone files share.
 */

#pragma once

#include "cli/options.h"
#include "cli/subject.h"

/*!
 * \brief Reads one big file without keeping it in memory.
 *
 * \return Anything but KNOT_EOK: it is to be read as all others are, nothing was said.
 */
int cg_files_read_big(cg_subjects_t *subjects, const cg_options_t *options, const char *file);

/*! \brief The same of what is no file and was read; the text is borrowed. */
int cg_files_read_big_text(cg_subjects_t *subjects, const cg_options_t *options, const char *file,
                           const char *text, size_t len);

/*! \brief Tells of records that are not in the zone, if there are any. */
void cg_files_tell_outside(const char *file, const char *zone, size_t outside);
