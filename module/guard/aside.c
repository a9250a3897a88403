/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "guard/aside.h"
#include "guard/round.h"

/*! \brief Longest time that the read goes on before it waits again; and after a try in vain. */
#define SHARE_MAX_MS	25

/*! \brief Judges those of the round; a success takes away the mark that it is to be tried again. */
static bool judge(cg_guard_t *guard, cg_round_t *round)
{
	const cg_round_t all = *round;
	bool done = true;
	for (size_t i = 0; i < all.count; i++) {
		all.zones[i]->retry = true;
	}
	cg_round_judge(guard, round);
	for (size_t i = 0; i < all.count; i++) {
		if (all.zones[i]->retry) {
			cg_queue_put(guard, all.zones[i]);
			done = false;
		}
	}
	return done;
}

static bool serve(cg_guard_t *guard, const cg_guarded_t *reading, bool judged)
{
	cg_guarded_t *list = cg_judge_names(guard);
	cg_round_t round = { .count = 0 };
	bool done = true;
	while (list != NULL && !atomic_load(&guard->stop)) {
		cg_guarded_t *zone = list;
		list = zone->queued;
		/* From here on a hook may put the zone into the queue again. */
		atomic_store(&zone->wanted, false);
		if (zone->refs == 0 || (zone == reading && !judged) || !cg_judge_needed(zone)) {
			continue;
		}
		if (zone == reading || !cg_round_add(&round, zone)) {
			cg_queue_put(guard, zone);
			done = false;
		} else if (cg_round_full(&round)) {
			done &= judge(guard, &round);
		}
	}
	done &= judge(guard, &round);
	guard->again |= !done;
	return done;
}

bool cg_aside_due(cg_guard_t *guard)
{
	return cg_queue_waiting(guard) && cg_now_ms() >= guard->aside_not_before_ms;
}

/*! \brief Serves in a conversation of its own, or in one that is idle. */
static bool serve_in(cg_guard_t *guard, cg_guarded_t *zone, bool judged)
{
	int64_t begin = cg_now_ms();
	guard->beside = zone;
	cg_policy_t *policy = cg_zone_policy(zone);
	bool open = cg_control_is_open(guard->control);
	bool done = cg_worker_converse(guard, zone, policy) == KNOT_EOK &&
	            serve(guard, zone, judged);
	if (!open) {
		cg_control_close(guard->control);
	} else { /* A read that was cut has closed it. */
		(void)cg_worker_converse(guard, zone, policy);
	}
	cg_policy_unref(policy);
	guard->beside = NULL;

	int64_t now = cg_now_ms(), share = now - begin;
	share = (done && share < SHARE_MAX_MS) ? share : SHARE_MAX_MS;
	guard->aside_not_before_ms = now + share;
	return done;
}

bool cg_aside_serve(cg_guard_t *guard, cg_guarded_t *reading, bool judged)
{
	cg_control_t *control = guard->control;
	guard->control = guard->aside;
	bool done = serve_in(guard, reading, judged); /* Without a second one the read is broken off. */
	guard->control = control;
	return done;
}

void cg_aside_idle(cg_guard_t *guard, cg_guarded_t *zone, bool judged)
{
	if (serve_in(guard, zone, judged)) {
		guard->aside_not_before_ms = 0;
	}
}
