/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is done about a judged version, by the mode, and what is said about it. */

#include <stdio.h>
#include <string.h>

#include "guard/act.h"
#include "guard/follow.h"
#include "guard/publish.h"
#include "guard/repair.h"
#include "guard/report.h"
#include "guard/way_out.h"

/*! \brief Shortest and longest pause after a repair that the server has refused. */
#define PUT_OFF_MIN_MS	60000
#define PUT_OFF_MAX_MS	3600000

/*! \brief A version of our own that is worse than planned is not edited again. */
static void note_repair(cg_guarded_t *zone, const cg_findings_t *findings)
{
	if (zone->repaired && findings->serial != zone->repaired_from) {
		zone->given_up = (findings->errors > zone->repair_left);
		zone->given_up_serial = findings->serial;
	}
	zone->repaired = false;
	if (findings->errors == 0) {
		zone->repair_pause_ms = zone->repair_due_ms = 0;
	}
}

/*! \brief What a refusal means for those who ask. */
static void describe_refusal(const cg_policy_t *policy, cg_why_t *why)
{
	size_t used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used,
	         "%s%s SERVFAIL and transfers are refused until a better version comes",
	         used > 0 ? "; " : "", policy->scope == CG_SCOPE_ZONE ?
	         "the whole zone is answered" : "the names in conflict are answered");
}

/*! \brief What the server has refused it will refuse again: not at every sweep. */
static void put_off(cg_guarded_t *zone)
{
	zone->repair_pause_ms = cg_longer_pause(zone->repair_pause_ms, PUT_OFF_MIN_MS,
	                                        PUT_OFF_MAX_MS);
	zone->repair_due_ms = cg_now_ms() + zone->repair_pause_ms;
}

/*! \brief Edits are made only when all that is found stands in the audit log. */
static bool can_write_down(cg_guarded_t *zone, const cg_policy_t *policy, cg_why_t *why)
{
	if (zone->said_running.audited && cg_report_writable(zone, policy)) {
		return true;
	}
	cg_repair_explain(why, "not repaired, the audit log cannot be written", "");
	return false;
}

/*! \brief Edits the zone, where that was not tried in vain. */
static int edit(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                const cg_reading_t *reading, cg_why_t *why)
{
	const cg_findings_t *findings = &reading->findings;
	if (zone->given_up && zone->given_up_serial == findings->serial) {
		cg_repair_explain(why, "the repair did not end in a clean version; falls back to refuse "
		                  "until another version comes", "");
		return KNOT_ENOENT;
	}
	if (cg_now_ms() < zone->repair_due_ms) {
		cg_repair_explain(why, "the server refused the repair, it is tried again later", "");
		return KNOT_ENOENT;
	}
	if (!can_write_down(zone, policy, why)) {
		return KNOT_EFILE;
	}
	int ret = cg_repair(guard, zone, policy, reading, why);
	if (ret == KNOT_ESEMCHECK) {
		put_off(zone);
	}
	return ret;
}

/*! \brief Repairs the answers, and leaves the zone as it is. */
static int answer(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                  const cg_reading_t *reading, const cg_version_t *version, cg_why_t *why)
{
	if (version == NULL) {
		cg_repair_explain(why, "no verdict could be bound to this version", "");
		return KNOT_ENOENT;
	}
	if (!can_write_down(zone, policy, why)) {
		return KNOT_EFILE;
	}
	cg_answers_t *answers = NULL;
	bool all = false;
	int ret = cg_way_out(guard, zone, policy, reading, &answers, &all, why);
	if (ret == KNOT_EOK) {
		ret = cg_publish(zone, policy, version, &reading->findings, &reading->wildcards,
		                 answers);
	}
	cg_answers_unref(answers);
	return (ret == KNOT_EOK && !all) ? KNOT_ENOENT : ret;
}

/*! \brief What a repair means for those who ask. */
static void describe_answers(cg_why_t *why)
{
	cg_repair_explain(why, "the names in conflict are answered as repaired, the zone itself is not "
	                  "edited; transfers are refused until a better version comes", "");
}

static const char *action_name(int ret)
{
	switch (ret) {
	case KNOT_EOK:    return "rewritten";
	case KNOT_ENOENT: /* FALLTHROUGH */
	case KNOT_EBUSY:  return "held";
	default:          return "failed";
	}
}

/*! \brief Mode rewrite. */
static int rewrite(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   const cg_reading_t *reading, const cg_version_t *version,
                   bool *committed, cg_why_t *why)
{
	int ret = KNOT_ENOENT;
	switch (cg_repair_way(zone, policy, &reading->findings, why)) {
	case CG_REPAIR_EDIT:
		ret = edit(guard, zone, policy, reading, why);
		*committed = (ret == KNOT_EOK);
		break;
	case CG_REPAIR_ANSWER:
		ret = answer(guard, zone, policy, reading, version, why);
		break;
	case CG_REPAIR_NONE:
		break;
	}
	if (ret == KNOT_EOK && !*committed) {
		describe_answers(why);
	} else if (!*committed) {
		describe_refusal(policy, why);
	}
	return ret;
}

int cg_act(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
           const cg_reading_t *reading, const cg_version_t *version, double ms,
           bool *committed)
{
	const cg_findings_t *findings = &reading->findings;
	cg_why_t why = { "" };
	cg_report_t report = {
		.guard = guard,
		.policy = policy,
		.findings = findings,
		.judged = "running",
		.ms = ms,
		.partial = zone->targets_due,
	};
	int ret = KNOT_EOK;

	note_repair(zone, findings);
	cg_follow_answers(guard, zone, policy, NULL);
	if (report.partial) {
		cg_repair_explain(&why, "targets are judged later", "");
	} else {
		cg_report_findings(zone, &zone->said_running, &report);
	}
	if (findings->errors == 0) {
		report.action = "clean";
	} else if (policy->mode == CG_MODE_AUDIT) {
		report.action = "audited";
	} else if (policy->mode == CG_MODE_REFUSE) {
		report.action = "held";
		describe_refusal(policy, &why);
	} else {
		ret = rewrite(guard, zone, policy, reading, version, committed, &why);
		if (ret == KNOT_EAGAIN) {
			return ret;
		}
		report.action = action_name(ret);
	}

	report.why = (why.text[0] != '\0') ? why.text : NULL;
	cg_report_verdict(zone, &zone->said_running, &report);
	return (ret == KNOT_ENOENT || ret == KNOT_ESEMCHECK) ? KNOT_EOK : ret;
}
