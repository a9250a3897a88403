/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What somebody meant who mistyped a word.
 */

#pragma once

#include <stddef.h>

#include "cnameguard/rules.h"

/*! \brief The word of the list that is closest; NULL: none is close. */
const char *cg_nearest(const char *word, const char *const *words, size_t count);

/*! \brief The same of the names of the rules. */
const char *cg_nearest_rule(const char *word);
