/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <time.h>

#include "guard/conclude.h"
#include "guard/round.h"
#include "guard/whole.h"

/*! \brief Pause after a failure. */
#define RETRY_MS	25
/*! \brief More are not read in a round: others would wait. */
#define RECORDS_MAX	5000

/*! \brief A zone of the round, as far as it has come. */
typedef struct {
	cg_guarded_t *zone;
	cg_policy_t *policy;
	cg_reading_t reading;
	int ret;              /*!< Of the reading. */
} part_t;

bool cg_round_add(cg_round_t *round, cg_guarded_t *zone)
{
	if (zone->records >= CG_BIG_RECORDS || zone->transaction != CG_OURS_NOT ||
	    zone->passed.reading != NULL || zone->denied > 0 || zone->alone) {
		return false;
	}
	round->zones[round->count++] = zone;
	return true;
}

/*! \brief Looks at all zones; \a same: whether the versions are those that were seen before. */
static void look(cg_guard_t *guard, part_t *parts, size_t count, bool same)
{
	cg_look_t looks[CG_LOOKS];
	for (size_t i = 0; i < count; i++) {
		looks[i] = (cg_look_t){ .zone = parts[i].zone };
	}
	(void)cg_look_all(guard, parts[0].policy, looks, count);
	for (size_t i = 0; i < count; i++) {
		cg_version_t *version = &parts[i].reading.version;
		if (!same && looks[i].seen) {
			*version = looks[i].version;
		} else if (same && parts[i].ret == KNOT_EOK && version->soa != NULL &&
		           (!looks[i].seen || !cg_version_same(version, &looks[i].version))) {
			parts[i].ret = KNOT_EAGAIN;
		}
	}
}

/*! \brief One that cannot be judged like the others is judged by itself, later. */
static void read_one(cg_guard_t *guard, part_t *part)
{
	cg_reading_t *reading = &part->reading;
	reading->limit = RECORDS_MAX;
	part->ret = cg_reading_judge(guard, part->zone, part->policy, reading);
	if (part->ret == KNOT_ELIMIT) {
		part->zone->records = RECORDS_MAX;
	}
	if (part->ret != KNOT_EOK) {
		return;
	}
	if (!reading->findings.has_serial) {
		part->ret = KNOT_ENOTSUP;
	} else if (reading->version.soa == NULL) {
		reading->version.serial = reading->findings.serial;
		part->ret = cg_policy_serial_reused(part->policy) ? KNOT_ENOTSUP : KNOT_EOK;
	} else if (reading->version.serial != reading->findings.serial) {
		part->ret = KNOT_EAGAIN;
	}
}

/*!
 * \brief Reads all of them, between two looks, inside one pin.
 *
 * A zone that has turned out to be big ends the conversation; those behind it come with the
 * next round.
 */
static void read_all(cg_guard_t *guard, part_t *parts, size_t count)
{
	cg_control_pin(guard->control);
	look(guard, parts, count, false);
	int ret = KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = cg_control_ahead(guard->control, "zone-read", parts[i].zone->text);
	}
	for (size_t i = 0; i < count; i++) {
		if (cg_control_is_open(guard->control)) {
			read_one(guard, &parts[i]);
			parts[i].zone->alone = (parts[i].ret != KNOT_EOK);
		} else {
			parts[i].ret = KNOT_ECONN;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (parts[i].ret == KNOT_EOK && cg_whole_first(parts[i].policy, &parts[i].reading)) {
			parts[i].ret = cg_whole_judge(guard, parts[i].zone, parts[i].policy,
			                              &parts[i].reading);
		}
	}
	look(guard, parts, count, true);
	cg_control_unpin(guard->control);
}

/*! \brief The verdict; a version that comes in between, as by our own repair, needs its own. */
static void conclude(cg_guard_t *guard, part_t *part, const struct timespec *begin)
{
	cg_guarded_t *zone = part->zone;
	zone->loaded = true;
	if (guard->beside != NULL && part->reading.findings.errors > 0 &&
	    part->policy->mode == CG_MODE_REWRITE) {
		zone->retry = true; /* Nothing is edited beside a read, see aside.h. */
		return;
	}
	int ret = cg_conclude(guard, zone, part->policy, &part->reading, begin);
	if (ret == KNOT_EAGAIN) {
		ret = cg_judge_running(guard, zone);
	} else if (ret != KNOT_EOK) {
		zone->not_before_ms = cg_now_ms() + RETRY_MS; /* Not in this sweep. */
	}
	zone->retry = zone->alone = (ret != KNOT_EOK);
}

bool cg_round_judge(cg_guard_t *guard, cg_round_t *round)
{
	part_t parts[CG_LOOKS];
	struct timespec begin;
	size_t count = round->count;
	round->count = 0;
	if (count == 0) {
		return false;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (size_t i = 0; i < count; i++) {
		parts[i] = (part_t){ .zone = round->zones[i], .ret = KNOT_ECONN };
		parts[i].policy = cg_judge_begin(guard, parts[i].zone);
	}
	if (cg_worker_converse(guard, parts[0].zone, parts[0].policy) == KNOT_EOK) {
		read_all(guard, parts, count);
	}
	bool left = false;
	for (size_t i = 0; i < count; i++) {
		left |= (parts[i].ret == KNOT_ELIMIT && i + 1 < count);
		if (parts[i].ret == KNOT_EOK && !atomic_load(&guard->stop)) {
			conclude(guard, &parts[i], &begin);
		}
		cg_reading_free(&parts[i].reading);
		cg_policy_unref(parts[i].policy);
	}
	return left;
}
