/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Small zones are judged by the dozen: all commands and all looks are on the way at the
 *        same time. Worker only.
 */

#pragma once

#include "guard/look.h"

/*! \brief Zones of one round. */
typedef struct {
	cg_guarded_t *zones[CG_LOOKS];
	size_t count;
} cg_round_t;

/*!
 * \brief Adds a zone that needs a verdict; false: it is not one for a round.
 *
 * One is that is small, as far as is known, and of which nothing is left over from before.
 */
bool cg_round_add(cg_round_t *round, cg_guarded_t *zone);

/*! \brief No more can be added. */
static inline bool cg_round_full(const cg_round_t *round)
{
	return round->count == CG_LOOKS;
}

/*!
 * \brief Judges all of them and begins anew.
 *
 * A zone that has turned out to be big, or to need more than one look, goes on needing a
 * verdict, and is not added again.
 *
 * \return true: one has turned out to be big, and those behind it were not judged.
 */
bool cg_round_judge(cg_guard_t *guard, cg_round_t *round);
