/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/probe.h"
#include "guard/look.h"

/*! \brief How long the own server is given to answer; and while it loads zones: from 3.4 on it
 * serves the control socket, and may not answer queries. */
#define PROBE_MS	250
#define PROBE_LOADING_MS 25
/*! \brief How long it is not asked again when it did not answer, else: ever longer. */
#define PAUSE_MIN_MS	250
#define PAUSE_MAX_MS	5000

bool cg_look_all(cg_guard_t *guard, const cg_policy_t *policy, cg_look_t *looks, size_t count)
{
	cg_probe_t probes[CG_LOOKS];
	for (size_t i = 0; i < count; i++) {
		looks[i].seen = false;
	}
	if (cg_now_ms() < guard->probe_not_before_ms) {
		return false;
	}

	uint16_t id = arc4random();
	for (size_t i = 0; i < count; i++) {
		probes[i] = (cg_probe_t){ .zone = looks[i].zone->name, .id = id++ };
		cg_zone_probe(looks[i].zone, probes[i].id);
	}
	int ret = cg_probe(&policy->listen, probes, count,
	                   guard->loading ? PROBE_LOADING_MS : PROBE_MS);
	for (size_t i = 0; i < count; i++) {
		atomic_store(&looks[i].zone->probe, CG_NO_PROBE);
		looks[i].seen = probes[i].answered && cg_zone_seen(looks[i].zone, &looks[i].version);
	}
	if (ret != KNOT_EOK && !guard->loading) {
		/* Not a way to go for every zone of many: hooks will hold real queries. */
		guard->probe_pause_ms = cg_longer_pause(guard->probe_pause_ms, PAUSE_MIN_MS, PAUSE_MAX_MS);
		guard->probe_not_before_ms = cg_now_ms() + guard->probe_pause_ms;
	} else if (ret == KNOT_EOK) {
		guard->probe_pause_ms = 0;
	}
	return ret == KNOT_EOK;
}

bool cg_look(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
             cg_version_t *version)
{
	cg_look_t look = { .zone = zone };
	(void)cg_look_all(guard, policy, &look, 1);
	*version = look.version;
	return look.seen;
}
