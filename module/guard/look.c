/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/probe.h"
#include "guard/look.h"

/*! \brief How long the own server is given to answer. */
#define PROBE_MS	250
/*! \brief How long it is not asked again when it did not answer: ever longer, since Knot 3.5
 * serves the control socket before it answers queries. */
#define PAUSE_MIN_MS	250
#define PAUSE_MAX_MS	5000

bool cg_look(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
             cg_version_t *version)
{
	if (cg_now_ms() < guard->probe_not_before_ms) {
		return false;
	}

	uint16_t id = arc4random();
	cg_zone_probe(zone, id);
	int ret = cg_probe(&policy->listen, zone->name, id, PROBE_MS);
	atomic_store(&zone->probe, CG_NO_PROBE);
	if (ret != KNOT_EOK) {
		/* Not a way to go for every zone of many: hooks will hold real queries. */
		guard->probe_pause_ms = cg_longer_pause(guard->probe_pause_ms, PAUSE_MIN_MS, PAUSE_MAX_MS);
		guard->probe_not_before_ms = cg_now_ms() + guard->probe_pause_ms;
		return false;
	}
	guard->probe_pause_ms = 0;
	return cg_zone_seen(zone, version);
}
