/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cnameguard/sink.h"
#include "guard/apart.h"
#include "guard/edits.h"

/*! \brief So many commands take a few milliseconds. */
#define BREATH_COMMANDS	16

cg_edits_t cg_edits_begin(cg_guard_t *guard, cg_guarded_t *zone)
{
	return (cg_edits_t){ .guard = guard, .zone = zone, .conversation = guard->conversations };
}

bool cg_edits_same(const cg_edits_t *edits)
{
	return edits->conversation == edits->guard->conversations;
}

int cg_edits_breathe(cg_edits_t *edits)
{
	if (++edits->commands % BREATH_COMMANDS == 0) {
		cg_breathe(edits->guard, edits->zone);
	}
	return cg_edits_same(edits) ? KNOT_EOK : KNOT_EAGAIN;
}

int cg_edits_make(cg_edits_t *edits, const cg_edit_t *edit)
{
	int ret = cg_edits_breathe(edits);
	return (ret != KNOT_EOK) ? ret :
	       cg_transaction_edit(edits->guard->control, edits->zone->text, edit);
}
