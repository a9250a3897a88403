/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Foreign text on a terminal: what would steer it, or is no UTF-8, is shown as \xNN.
 */

#pragma once

#include <stddef.h>
#include <stdio.h>

#include "rules/text.h"

/*! \brief Columns of a zone file's line that are shown. */
#define CG_LINE_COLUMNS	160

/*! \brief Adds a text; it stays on its line. */
void cg_escape_add(cg_text_t *out, const char *text, size_t len);

/*! \brief Adds a line of a file: tabs as blanks, cut behind CG_LINE_COLUMNS. */
void cg_escape_line(cg_text_t *out, const char *text, size_t len);

/*! \brief Writes a text as cg_escape_add() does. */
void cg_escape(FILE *out, const char *text, size_t len);
