/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Sentences put together piece by piece.
 */

#pragma once

#include "cnameguard/record.h"
#include "rules/pool.h"

/*! \brief Zeroed is empty and ready; to be freed by cg_text_free(). */
typedef struct {
	char *str;
	size_t len;
	size_t max;
	bool failed; /*!< Out of memory: all further pieces are left out. */
} cg_text_t;

/*! \brief Adds a piece; control characters become question marks, so that it stays one line. */
void cg_text_add(cg_text_t *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*! \brief Adds the name of a type. */
void cg_text_type(cg_text_t *text, uint16_t type);

/*! \brief Copy in a pool; empties the text for the next one. NULL: out of memory, now or before. */
const char *cg_text_end(cg_text_t *text, cg_pool_t *pool);

void cg_text_free(cg_text_t *text);
