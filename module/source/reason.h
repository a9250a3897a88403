/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Syntax errors in words for those who wrote the file.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

/*! \brief Room for any reason. */
#define CG_REASON_SIZE	512

/*! \brief What the scanner stumbled over. */
typedef struct {
	int code;          /*!< ZS_*. */
	const char *text;
	size_t len;
	size_t begin;      /*!< Of the line of the entry. */
	size_t at;         /*!< Where it stumbled; not before \a begin. */
	bool has_at;       /*!< That is known. */
} cg_stumble_t;

void cg_reason(const cg_stumble_t *stumble, char out[CG_REASON_SIZE]);

/*! \brief Makes one line of a reason that holds what came from a file. */
void cg_reason_clean(char *reason);
