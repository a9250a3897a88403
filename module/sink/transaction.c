/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>

#include "cnameguard/server.h"
#include "cnameguard/sink.h"

int cg_transaction_begin(cg_control_t *ctl, const char *zone, bool *ours)
{
	bool open;
	int ret = cg_server_transaction(ctl, zone, &open);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (open) {
		return KNOT_EBUSY;
	}

	*ours = true;
	ret = cg_server_simple(ctl, "zone-begin", zone);
	if (ret == KNOT_EDENIED) {
		*ours = false;
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

int cg_transaction_abort(cg_control_t *ctl, const char *zone, bool *ours)
{
	if (!*ours) {
		return KNOT_EOK;
	}
	int ret = cg_server_simple(ctl, "zone-abort", zone);
	if (ret == KNOT_EOK || ret == KNOT_EDENIED) {
		*ours = false; /* Refused means: there is none any more. */
		return KNOT_EOK;
	}
	return ret;
}

int cg_transaction_commit(cg_control_t *ctl, const char *zone, bool *ours)
{
	int ret = cg_server_simple(ctl, "zone-commit", zone);
	if (ret == KNOT_EOK) {
		*ours = false;
	} else if (ret == KNOT_EDENIED) {
		(void)cg_transaction_abort(ctl, zone, ours);
	}
	return ret;
}
