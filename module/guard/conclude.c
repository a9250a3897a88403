/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "guard/act.h"
#include "guard/conclude.h"
#include "guard/follow.h"
#include "guard/last_good.h"
#include "guard/passed.h"
#include "guard/publish.h"
#include "guard/zone_file.h"

/*!
 * \brief What the verdict will be bound to: the addresses that a hook saw around the read.
 *
 * Where no hook could look, the serial alone has to do, but only where Knot
 * never uses one again; else the version that a client was held for.
 */
static bool bind_version(const cg_policy_t *policy, const cg_version_t *before,
                         uint32_t serial, cg_version_t *out)
{
	*out = *before;
	return before->serial == serial &&
	       (before->soa != NULL || !cg_policy_serial_reused(policy));
}

/*! \brief Secondaries that were sent away are called again. */
static void notify_again(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	bool open = (zone->gate == CG_GATE_OPEN || policy->mode == CG_MODE_AUDIT);
	if (open && atomic_exchange(&zone->transfer_held, false) &&
	    cg_server_simple(guard->control, "zone-notify", zone->text) != KNOT_EOK) {
		atomic_store(&zone->transfer_held, true);
	}
}

void cg_judged(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
               const cg_version_t *version, uint32_t serial)
{
	bool held = policy->external && zone->pending.file_answered == 0; /* Not all is. */
	if ((!zone->judged && zone->file_loaded == 0) || held) {
		cg_file_id_t file;
		(void)cg_zone_file_identify(zone, policy, &file);
		zone->file_loaded = (zone->file_loaded == 0) ? cg_file_mark(&file) : zone->file_loaded;
		zone->pending.file_answered = held ? cg_file_mark(&file) : zone->pending.file_answered;
	}
	zone->versions += !zone->judged || !cg_version_same(&zone->judged_version, version);
	cg_passed_forget(guard, zone);
	zone->judged = true;
	zone->judged_ms = cg_now_ms();
	zone->judged_serial = serial;
	zone->judged_version = *version;
	zone->alone = false;
	zone->denied = 0;
	zone->put_off_ms = 0;
	notify_again(guard, zone, policy);
}

/*! \brief What the version is answered with so far; NULL: as it is. The caller's to be released. */
static cg_answers_t *standing_answers(cg_guarded_t *zone, const cg_version_t *version)
{
	const cg_verdict_t *verdict = cg_table_find(zone->verdicts.table, version);
	return (verdict != NULL) ? cg_answers_ref(verdict->answers) : NULL;
}

/*! \brief Nothing new has come in their place. */
static bool still_standing(cg_guarded_t *zone, const cg_version_t *version,
                           const cg_answers_t *standing)
{
	const cg_verdict_t *verdict = cg_table_find(zone->verdicts.table, version);
	return standing != NULL && verdict != NULL && verdict->answers == standing;
}

int cg_conclude(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                cg_reading_t *reading, const struct timespec *begin)
{
	cg_findings_t *findings = &reading->findings;
	cg_version_t version;
	int ret = KNOT_EOK;

	zone->serial = findings->serial;
	zone->records = findings->records;
	zone->aliases = (findings->aliases > 0);
	bool bound = bind_version(policy, &reading->version, findings->serial, &version);
	/* What is judged again goes on being answered as it was repaired. */
	cg_answers_t *standing = (bound && findings->errors > 0) ?
	                         standing_answers(zone, &version) : NULL;
	bool again = standing != NULL ||
	             (bound && zone->judged && findings->errors > 0 && cg_follow_again(zone) &&
	              cg_version_same(&zone->judged_version, &version));
	if (bound && !again) {
		ret = cg_publish(zone, policy, &version, findings, &reading->wildcards, NULL);
	}
	bool committed = false;
	if (ret == KNOT_EOK) {
		reading->published = true;
		cg_whole_targets(guard, zone, policy, reading);
		ret = cg_act(guard, zone, policy, reading, bound ? &version : NULL,
		             cg_elapsed_ms(begin), &committed);
		if (again && ret != KNOT_EBUSY &&
		    (ret != KNOT_EOK || (!committed && still_standing(zone, &version, standing)))) {
			(void)cg_publish(zone, policy, &version, findings, &reading->wildcards, NULL);
		}
	}
	cg_answers_unref(standing);
	if (ret == KNOT_EOK && committed) {
		zone->judged = false;
		return KNOT_EAGAIN; /* The repaired version needs a verdict of its own. */
	}
	if (ret == KNOT_EOK) {
		cg_judged(guard, zone, policy, &version, findings->serial);
		zone->judged_clean = (findings->errors == 0);
		if (zone->judged_clean) {
			cg_good_is_due(guard, zone, policy);
		}
	}
	return ret;
}
