/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What a repair did and what it left, on stderr.
 */

#pragma once

#include "cli/mending.h"

/*! \brief Tells each edit; lines are those of the file as it was read. */
void cg_account_edits(const cg_mending_t *mending);

/*! \brief Tells every name that stays in conflict, and why. */
void cg_account_left(const cg_mending_t *mending);

/*!
 * \brief Tells all of it in one line.
 *
 * \param kept  What the old file is called since; NULL: there is none.
 */
void cg_account_sum(const cg_mending_t *mending, const char *kept);
