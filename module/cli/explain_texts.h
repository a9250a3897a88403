/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What is said about each rule, beside what the rules themselves know of it.
 */

#pragma once

#include "cnameguard/rules.h"

/*! \brief Texts of several lines, each line ended, not indented, 72 columns at the most. */
typedef struct {
	const char *why;
	const char *wrong;   /*!< Lines of the zone example.com. */
	const char *right;
	const char *more;    /*!< Other ways, and where they lead; NULL: none. */
	const char *rewrite; /*!< What mode rewrite does; NULL: nothing. */
} cg_rule_text_t;

const cg_rule_text_t *cg_rule_text(cg_rule_t rule);
