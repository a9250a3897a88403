/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "guard/changed.h"
#include "guard/conclude.h"
#include "guard/look.h"
#include "guard/passed.h"
#include "guard/publish.h"
#include "guard/repair.h"
#include "guard/zone_file.h"

/*! \brief Versions that may come while one is being judged, before it is put off. */
#define TRIES		3
/*! \brief How long a zone that the server cannot send is not asked for. */
#define DENIED_PAUSE_MS	5000
/*! \brief Sweeps that read a zone again whose changed file was not loaded so far. */
#define PENDING_SWEEPS	30

/*! \brief A policy that differs from the last one begins from nothing, and so does a zone that comes back. */
static void forget(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_verdicts_reset(&zone->verdicts, policy->generation);
	cg_passed_forget(guard, zone);
	zone->judged = false;
	zone->repaired = zone->given_up = zone->edits_said = false;
	zone->warned = 0;
	zone->targets_ms = 0;
	zone->targets_due = false;
	zone->increments_not_before_ms = zone->increments_pause_ms = 0;
	zone->said_running.said = false;
	zone->file_loaded = 0;
}

/*! \brief Reads what it takes for a verdict. */
static int read_enough(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                       bool probed, cg_reading_t *reading)
{
	if (probed && cg_changed_can(zone, policy, &reading->version)) {
		int ret = cg_changed_judge(guard, zone, policy, reading);
		if (ret != KNOT_ENOTSUP) {
			return ret;
		}
	}
	int ret = cg_reading_judge(guard, zone, policy, reading);
	if (ret == KNOT_EOK && cg_whole_first(policy, reading)) {
		ret = cg_whole_judge(guard, zone, policy, reading);
	}
	return ret;
}

/*!
 * \brief Reads the current version, between two looks of a hook at it.
 *
 * The pin around both keeps every version alive that is current meanwhile:
 * the same addresses before and after are the same version. Its \a soa is NULL
 * when no hook could look.
 *
 * \retval KNOT_EAGAIN another version came in between, or something else is wanted.
 */
static int read_version(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                        cg_reading_t *reading)
{
	cg_findings_t *findings = &reading->findings;
	cg_version_t *before = &reading->version, after;

	cg_control_pin(guard->control);
	bool probed = cg_look(guard, zone, policy, before);
	int ret = read_enough(guard, zone, policy, probed, reading);
	if (ret == KNOT_EOK && probed && findings->has_serial &&
	    (before->serial != findings->serial || !cg_look(guard, zone, policy, &after) ||
	     !cg_version_same(before, &after))) {
		ret = KNOT_EAGAIN;
	}
	cg_control_unpin(guard->control);

	if (!probed && !(cg_policy_serial_reused(policy) && cg_zone_wanted(zone, before))) {
		*before = (cg_version_t){ .serial = findings->serial };
	}
	return ret;
}

/*!
 * \brief The server cannot send the zone, as with a record too big for the control socket.
 *
 * Without soft Knot's own checks stand, and nobody's names are taken away for
 * that; under soft the version stays as it is, and is not asked for again at once.
 */
static int pass_unreadable(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                           const cg_version_t *version)
{
	cg_findings_t none = { 0 };
	cg_names_t no_names = { 0 };

	if (strcmp(cg_control_error(guard->control), knot_strerror(KNOT_ENOZONE)) == 0) {
		return KNOT_EDENIED; /* Just being made, or removed. */
	} else if (zone->denied++ == 0) {
		return KNOT_EAGAIN;  /* Once may be chance. */
	}
	zone->not_before_ms = cg_now_ms() + DENIED_PAUSE_MS;
	cg_zone_log_once(zone, CG_WARNED_READ, LOG_ERR, "cannot be judged, the server cannot send it "
	                 "(%s); %s", cg_control_error(guard->control), policy->soft ?
	                 "unverified aliases are held until it can" :
	                 "Knot's own checks stand, and the zone is served");
	if (policy->soft || version->soa == NULL) {
		return KNOT_EDENIED;
	}
	zone->denied = 0;
	int ret = cg_publish(zone, policy, version, &none, &no_names, NULL);
	if (ret == KNOT_EOK) {
		cg_judged(guard, zone, policy, version, version->serial);
	}
	return ret;
}

/*!
 * \brief Judges what is served now.
 *
 * \retval KNOT_EAGAIN another version came in between, or something else is wanted.
 */
static int judge_version(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                         cg_reading_t *reading)
{
	struct timespec begin;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	int ret = cg_passed_take(guard, zone, policy, reading) ?
	          KNOT_EOK : read_version(guard, zone, policy, reading);
	if (ret == KNOT_EDENIED) {
		return pass_unreadable(guard, zone, policy, &reading->version);
	} else if (ret != KNOT_EOK) {
		return ret;
	}
	zone->loaded = reading->findings.has_serial;
	if (!zone->loaded) {
		return KNOT_EOK; /* No contents: nothing to judge, nothing that could be served. */
	}
	return cg_conclude(guard, zone, policy, reading, &begin);
}

/*! \brief A file that was changed is looked for in the server for as long as that. */
static bool still_pending(cg_guarded_t *zone, uint64_t now)
{
	if (now != zone->file_pending) {
		zone->file_pending = now;
		zone->pending_sweeps = 0;
	}
	return ++zone->pending_sweeps <= PENDING_SWEEPS;
}

bool cg_judge_reloaded(cg_guard_t *guard, cg_guarded_t *zone, cg_zone_file_look_t *file)
{
	cg_policy_t *policy = cg_zone_policy(zone);
	cg_version_t version;
	bool reloaded = false;

	if (cg_policy_serial_reused(policy) && zone->loaded) {
		uint64_t now = cg_file_mark(cg_zone_file_look(zone, policy, file));
		/* A file may be changed long before it is loaded: look until it is. */
		bool changed = (now != zone->file_loaded);
		bool unbound = (zone->judged_version.soa == NULL);
		bool moved = (changed || unbound) && cg_look(guard, zone, policy, &version) &&
		             !cg_version_same(&zone->judged_version, &version);
		if (moved) {
			zone->file_loaded = now;
		}
		/* The same addresses may have come back with other contents. */
		reloaded = moved || (changed && still_pending(zone, now));
	}
	cg_policy_unref(policy);
	return reloaded;
}

bool cg_judge_needed(cg_guarded_t *zone)
{
	cg_version_t version;
	if (cg_now_ms() < zone->not_before_ms) {
		return false;
	}
	return zone->retry || !zone->judged || atomic_load(&zone->changed) ||
	       (zone->gate == CG_GATE_OPEN && atomic_load(&zone->transfer_held)) ||
	       !cg_zone_wanted(zone, &version) ||
	       cg_table_find(zone->verdicts.table, &version) == NULL;
}

/*! \brief Conversations that begin but never end in a verdict are said too, once. */
static void report_trouble(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                           int ret)
{
	if (ret == KNOT_EOK) {
		zone->trouble_ms = 0;
		zone->warned &= ~(CG_WARNED_TROUBLE | CG_WARNED_ABORTED);
	} else if (ret == KNOT_EAGAIN || ret == KNOT_EBUSY || ret == KNOT_EFILE ||
	           guard->down_ms != 0) {
		return;
	} else if (zone->trouble_ms == 0) {
		zone->trouble_ms = cg_now_ms();
	} else if (cg_now_ms() - zone->trouble_ms >= CG_DOWN_SAY_MS) {
		cg_zone_log_once(zone, CG_WARNED_TROUBLE, LOG_ERR,
		                 "no verdict can be made: control socket '%s': %s; until one can, "
		                 "unverified aliases are %s", policy->control,
		                 cg_control_error(guard->control), policy->hold ? "held" : "served");
	}
}

cg_policy_t *cg_judge_begin(cg_guard_t *guard, cg_guarded_t *zone)
{
	atomic_store(&zone->changed, false);
	cg_policy_t *policy = cg_zone_policy(zone);
	bool returned = atomic_exchange(&zone->returned, false);
	if (returned || policy->generation != zone->verdicts.generation) {
		forget(guard, zone, policy);
	}
	return policy;
}

int cg_judge_running(cg_guard_t *guard, cg_guarded_t *zone)
{
	cg_policy_t *policy = cg_judge_begin(guard, zone);
	int ret = KNOT_EAGAIN;
	for (unsigned i = 0; i < TRIES && ret == KNOT_EAGAIN && !atomic_load(&guard->stop); i++) {
		cg_reading_t reading = { 0 };
		ret = cg_worker_converse(guard, zone, policy);
		if (ret == KNOT_EOK) {
			ret = cg_repair_clean_up(guard, zone);
		}
		if (ret == KNOT_EOK) {
			ret = judge_version(guard, zone, policy, &reading);
		}
		cg_reading_free(&reading);
		if (ret == KNOT_EAGAIN &&
		    (cg_queue_waiting(guard) || cg_now_ms() < zone->not_before_ms)) {
			break;
		}
	}
	report_trouble(guard, zone, policy, ret);
	cg_policy_unref(policy);
	return ret;
}
