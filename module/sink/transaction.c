/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>

#include "cnameguard/clock.h"
#include "cnameguard/server.h"
#include "cnameguard/sink.h"

/*! \brief A commit that took longer may have waited for a lock in vain. */
#define LOCK_MS	900

int cg_transaction_begin(cg_control_t *ctl, const char *zone, cg_ours_t *ours)
{
	bool open;
	int ret = cg_server_transaction(ctl, zone, &open);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (open) {
		return KNOT_EBUSY;
	}

	*ours = CG_OURS_MAYBE;
	ret = cg_server_simple(ctl, "zone-begin", zone);
	if (ret == KNOT_EOK) {
		*ours = CG_OURS;
	} else if (ret == KNOT_EDENIED) {
		*ours = CG_OURS_NOT;
	}
	return ret;
}

static int note_edit(const knot_ctl_data_t *unit, void *ctx)
{
	(void)unit;
	*(bool *)ctx = true;
	return KNOT_EOK;
}

/*! \brief We have not edited yet: edits in the transaction are somebody else's. */
static int settle(cg_control_t *ctl, const char *zone, cg_ours_t *ours)
{
	bool edited = false;
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "zone-diff",
		[KNOT_CTL_IDX_ZONE] = zone,
	};
	int ret = cg_control_command(ctl, &cmd, note_edit, &edited);
	if (ret == KNOT_EDENIED || (ret == KNOT_EOK && edited)) {
		*ours = CG_OURS_NOT;
		return KNOT_EOK;
	}
	return ret;
}

int cg_transaction_edit(cg_control_t *ctl, const char *zone, const cg_edit_t *edit)
{
	char type[16];
	char ttl[16];
	if (knot_rrtype_to_string(edit->rr.type, type, sizeof(type)) < 0) {
		return KNOT_EINVAL;
	}
	snprintf(ttl, sizeof(ttl), "%u", edit->rr.ttl);

	bool add = (edit->op == CG_EDIT_ADD);
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = add ? "zone-set" : "zone-unset",
		[KNOT_CTL_IDX_ZONE] = zone,
		[KNOT_CTL_IDX_OWNER] = edit->spelling,
		[KNOT_CTL_IDX_TTL] = add ? ttl : NULL,
		[KNOT_CTL_IDX_TYPE] = type,
		[KNOT_CTL_IDX_DATA] = edit->rr.data,
	};
	return cg_control_command(ctl, &cmd, NULL, NULL);
}

int cg_transaction_abort(cg_control_t *ctl, const char *zone, cg_ours_t *ours)
{
	int ret = (*ours == CG_OURS_MAYBE) ? settle(ctl, zone, ours) : KNOT_EOK;
	if (ret != KNOT_EOK || *ours == CG_OURS_NOT) {
		return ret;
	}
	ret = cg_server_simple(ctl, "zone-abort", zone);
	if (ret == KNOT_EOK || ret == KNOT_EDENIED) {
		*ours = CG_OURS_NOT; /* Refused means: there is none any more. */
		return KNOT_EOK;
	}
	return ret;
}

/*!
 * \brief Whether the reply to a commit says OK for a lock that could not be had in time.
 *
 * Knot 3.4 and later do so after the time-out of the control socket, at least a second, and the
 * transaction is open still.
 */
static bool is_ineffective(cg_control_t *ctl, const char *zone, int64_t begin_ms)
{
	bool open = false;
	return cg_now_ms() - begin_ms >= LOCK_MS &&
	       cg_server_transaction(ctl, zone, &open) == KNOT_EOK && open;
}

int cg_transaction_commit(cg_control_t *ctl, const char *zone, cg_ours_t *ours)
{
	int64_t begin_ms = cg_now_ms();
	int ret = cg_server_simple(ctl, "zone-commit", zone);
	if (ret == KNOT_EOK && is_ineffective(ctl, zone, begin_ms)) {
		return KNOT_ETIMEOUT;
	} else if (ret == KNOT_EOK) {
		*ours = CG_OURS_NOT;
	} else if (ret == KNOT_EDENIED) {
		(void)cg_transaction_abort(ctl, zone, ours);
	}
	return ret;
}
