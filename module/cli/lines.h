/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Some lines of a file, kept when they were read.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint32_t line;   /*!< From 1. */
	uint32_t len;    /*!< Without the newline. */
	size_t at;       /*!< In the text. */
} cg_line_t;

/*! \brief Zeroed is empty. */
typedef struct {
	cg_line_t *list;
	size_t count;
	size_t max;
	char *text;      /*!< Of all of them. */
	size_t len;
	size_t text_max;
	uint32_t *firsts; /*!< By block of line numbers: place of its first line, or the next; NULL: no index. */
} cg_lines_t;

/*! \brief Adds lines. \a first is the number of the first. KNOT_EOK, KNOT_ENOMEM */
int cg_lines_add(cg_lines_t *lines, uint32_t first, const char *text, size_t len);

/*! \brief To be called when all are there. */
void cg_lines_sort(cg_lines_t *lines);

/*! \brief Adds all lines of another list, which is empty afterwards. Both are sorted. KNOT_EOK, KNOT_ENOMEM */
int cg_lines_join(cg_lines_t *lines, cg_lines_t *other);

/*! \brief Makes finding fast, once all are there and sorted; without memory it stays as it is. */
void cg_lines_index(cg_lines_t *lines);

/*! \brief Finds a line; false: it was not kept. */
bool cg_lines_find(const cg_lines_t *lines, uint32_t line, const char **text, size_t *len);

void cg_lines_free(cg_lines_t *lines);
