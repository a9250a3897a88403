/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Foreign text on a terminal: what would steer it, or is no UTF-8, is shown as \xNN.
 */

#pragma once

#include <stddef.h>
#include <stdio.h>

/*! \brief Columns of a zone file's line that are shown. */
#define CG_LINE_COLUMNS	160

/*! \brief Writes a text; it stays on its line. */
void cg_escape(FILE *out, const char *text, size_t len);

/*! \brief Writes a line of a file: tabs as blanks, cut behind CG_LINE_COLUMNS. */
void cg_escape_line(FILE *out, const char *text, size_t len);
