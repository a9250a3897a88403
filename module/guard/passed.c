/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "guard/look.h"
#include "guard/passed.h"

/*! \brief Readings that are kept; of more zones at a time the others are read again. */
#define READINGS_MAX	1000

bool cg_passed_is(const cg_guarded_t *zone, uint32_t serial)
{
	return zone->passed.known && zone->passed.serial == serial &&
	       !atomic_load(&zone->passed.stale);
}

/*! \brief The caller's to be freed; NULL: there is none. */
static cg_reading_t *take_reading(cg_guard_t *guard, cg_guarded_t *zone)
{
	cg_reading_t *reading = zone->passed.reading;
	if (reading != NULL) {
		zone->passed.reading = NULL;
		guard->pending.readings--;
	}
	return reading;
}

void cg_passed_forget(cg_guard_t *guard, cg_guarded_t *zone)
{
	cg_reading_t *reading = take_reading(guard, zone);
	if (reading != NULL) {
		cg_reading_free(reading);
		free(reading);
	}
	zone->passed.known = false;
}

void cg_passed_remember(cg_guard_t *guard, cg_guarded_t *zone, cg_reading_t *reading)
{
	cg_passed_forget(guard, zone);
	atomic_store(&zone->passed.stale, false);
	zone->passed.known = true;
	zone->passed.serial = reading->findings.serial;
	zone->records = reading->findings.records;

	cg_reading_t *kept = (guard->pending.readings < READINGS_MAX) ? malloc(sizeof(*kept)) : NULL;
	if (kept != NULL) {
		*kept = *reading;
		memset(reading, 0, sizeof(*reading));
		zone->passed.reading = kept;
		guard->pending.readings++;
	}
}

/*! \brief What is served has that serial; its addresses, where serials can come again. */
static bool is_served(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                 cg_version_t *version)
{
	uint32_t serial;
	bool empty;
	if (cg_policy_serial_reused(policy)) {
		return cg_look(guard, zone, policy, version) && version->serial == zone->passed.serial;
	}
	*version = (cg_version_t){ .serial = zone->passed.serial };
	return cg_server_serial(guard->control, zone->text, &serial, &empty) == KNOT_EOK &&
	       !empty && serial == zone->passed.serial;
}

bool cg_passed_take(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                    cg_reading_t *reading)
{
	cg_version_t version;
	if (zone->passed.reading == NULL || !cg_passed_is(zone, zone->passed.serial) ||
	    !is_served(guard, zone, policy, &version)) {
		return false;
	}
	cg_reading_t *kept = take_reading(guard, zone);
	*reading = *kept;
	reading->from = CG_READ_CURRENT;
	reading->version = version;
	free(kept);
	return true;
}
