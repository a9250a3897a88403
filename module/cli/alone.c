/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/alone.h"

/*! \brief A text of more octets is that of a zone of many names. */
#define SMALL	65536

static int look(const cg_part_rr_t *rr, void *ctx)
{
	const cg_screen_rr_t seen = {
		rr->owner, rr->owner_size, rr->type, rr->rdata_len, rr->rdata
	};
	return (rr->rclass == KNOT_CLASS_IN) ? cg_screen_add(ctx, &seen) : KNOT_ENOTSUP;
}

static void take_out(const knot_dname_t *host, uint16_t type, void *ctx)
{
	cg_reach_add(ctx, host, type);
}

static int one_by_one(size_t count, int (*piece)(size_t at, void *work), void *work)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = piece(i, work);
	}
	return ret;
}

int cg_alone_look(const cg_alone_how_t *how, const char *text, size_t len, cg_reach_t *reach,
                  size_t *records)
{
	cg_screen_t *screen = cg_screen_new(how->origin, how->policy, how->seed);
	if (screen == NULL) {
		return KNOT_ENOMEM;
	}
	if (len <= SMALL) {
		cg_screen_set_small(screen);
	}
	cg_reach_begin(reach, how->origin);
	cg_screen_set_out(screen, take_out, reach);
	int ret = cg_parts_look_at_text(text, len, how->origin, how->scanner, look, screen);
	if (ret == KNOT_EOK) {
		ret = cg_screen_end(screen);
	}
	if (ret == KNOT_EOK) {
		ret = cg_screen_judge(&screen, 1, one_by_one);
	}
	if (reach->failed) {
		ret = KNOT_ENOMEM;
	} else if (ret == KNOT_EAGAIN || (ret == KNOT_EOK && (cg_screen_suspects(screen) > 0 ||
	                                                      cg_screen_outside(screen) > 0))) {
		ret = KNOT_ENOTSUP;
	}
	*records = cg_screen_records(screen);
	cg_screen_free(screen);
	if (ret != KNOT_EOK) {
		cg_reach_free(reach);
	}
	return ret;
}
