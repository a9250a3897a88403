/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The edits of one transaction, with small zones judged in between. Worker only.
 */

#pragma once

#include "cnameguard/plan.h"
#include "guard/worker.h"

/*! \brief A transaction of ours. */
typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *zone;
	unsigned conversation; /*!< In which it was begun. */
	size_t commands;
} cg_edits_t;

/*! \brief Behind zone-begin. */
cg_edits_t cg_edits_begin(cg_guard_t *guard, cg_guarded_t *zone);

/*!
 * \brief Whether it is the same conversation still, also behind work that was done apart.
 *
 * In another one somebody may have had a turn, and ended our transaction: so it is to be aborted.
 */
bool cg_edits_same(const cg_edits_t *edits);

/*!
 * \brief Before each command: judges small zones that are wanted, now and then.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EAGAIN  see cg_edits_same().
 */
int cg_edits_breathe(cg_edits_t *edits);

/*! \brief Makes one edit, behind such a breath. Returns as that and cg_transaction_edit(). */
int cg_edits_make(cg_edits_t *edits, const cg_edit_t *edit);
