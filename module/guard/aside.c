/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "guard/aside.h"
#include "guard/round.h"

/*! \brief Longest time that the read goes on before it waits again. */
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

/*! \brief Names first, as always. */
static bool serve(cg_guard_t *guard, const cg_guarded_t *reading, bool judged)
{
	cg_guarded_t *list = cg_queue_take(guard);
	cg_round_t round = { .count = 0 };
	bool done = true;
	for (cg_guarded_t *zone = list; zone != NULL; zone = zone->queued) {
		if (!atomic_load(&guard->stop) && zone->refs > 0) {
			(void)cg_judge_name(guard, zone);
		}
	}
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

bool cg_aside_serve(cg_guard_t *guard, cg_guarded_t *reading, bool judged)
{
	cg_control_t *control = guard->control;
	int64_t begin = cg_now_ms();

	guard->beside = reading;
	guard->control = guard->aside;
	bool done = false; /* Without a second conversation the read is broken off. */
	cg_policy_t *policy = cg_zone_policy(reading);
	if (cg_worker_converse(guard, reading, policy) == KNOT_EOK) {
		done = serve(guard, reading, judged);
	}
	cg_policy_unref(policy);
	cg_control_close(guard->aside);
	guard->control = control;
	guard->beside = NULL;

	int64_t now = cg_now_ms(), share = now - begin;
	guard->aside_not_before_ms = now + ((share < SHARE_MAX_MS) ? share : SHARE_MAX_MS);
	return done;
}
