/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <syslog.h>

#include "cnameguard/hash.h"
#include "cnameguard/sink.h"
#include "cnameguard/store.h"
#include "guard/follow.h"
#include "guard/keep.h"
#include "guard/repair.h"
#include "guard/report.h"

void cg_repair_explain(cg_why_t *why, const char *what, const char *detail)
{
	snprintf(why->text, sizeof(why->text), "%s%s%s", what, detail[0] != '\0' ? ": " : "",
	         detail);
}

/*! \brief Why a signed zone is not repaired, and what would help. */
static const char *signed_reason(const cg_policy_t *policy)
{
	if (policy->secondary) {
		return "this zone is signed and has a primary: an edit would hide the primary's next "
		       "version, and changed answers would not validate; guard the primary";
	} else if (policy->signs) {
		return "its owner numbers the versions of this signed zone: an edit could hide his "
		       "next one, and changed answers would not validate; set 'zonefile-load: "
		       "difference-no-serial' and 'journal-content: all'";
	}
	return "this zone is signed elsewhere, and an edit would break its signatures; repair it "
	       "where it is signed";
}

cg_repair_way_t cg_repair_way(cg_guarded_t *zone, const cg_policy_t *policy,
                              const cg_findings_t *findings, cg_why_t *why)
{
	bool edit = cg_policy_knot_numbers(policy);
	if (policy->signs_answers && !edit) {
		cg_repair_explain(why, "answers that mod-onlinesign signs are not repaired", "");
		cg_zone_log_once(zone, CG_WARNED_SIGNED, LOG_WARNING,
		                 "mode rewrite behaves as refuse here: mod-onlinesign signs the answers "
		                 "by what the zone has, and repaired ones would not fit; %s",
		                 policy->secondary ? "repair it at its primary" :
		                 "set 'zonefile-load: difference-no-serial' and 'journal-content: all'");
		return CG_REPAIR_NONE;
	}
	if (findings->is_signed && !(edit && policy->signs)) {
		cg_repair_explain(why, policy->signs || policy->secondary ?
		                  "a signed zone is not edited here" : "a zone signed elsewhere is "
		                  "never edited, its signatures would break", "");
		cg_zone_log_once(zone, CG_WARNED_SIGNED, LOG_WARNING,
		                 "mode rewrite behaves as refuse here: %s", signed_reason(policy));
		return CG_REPAIR_NONE;
	} else if (edit) {
		return CG_REPAIR_EDIT;
	}
	if (policy->secondary) { /* Others were told at load. */
		cg_zone_log_once(zone, CG_WARNED_ANSWERS, LOG_NOTICE,
		                 "mode rewrite repairs the answers here, not the zone: it has a "
		                 "primary, and an edit would hide the primary's next version; a "
		                 "version in conflict is not transferred on; guard the primary");
	}
	return CG_REPAIR_ANSWER;
}

/*!
 * \brief Where the reply to a commit was lost, the serial tells whether it was a yes.
 *
 * Of a restoration, that there is one: nothing else fills the zone meanwhile.
 * Then our transaction has ended, and one that is open now is an operator's.
 */
static int forget_committed(cg_guard_t *guard, cg_guarded_t *zone)
{
	if (!zone->repaired && !zone->restoring) {
		return KNOT_EOK;
	}
	uint32_t serial;
	bool empty;
	int ret = cg_server_serial(guard->control, zone->text, &serial, &empty);
	if (ret == KNOT_EOK && !empty && (zone->restoring || serial != zone->repaired_from)) {
		zone->transaction = CG_OURS_NOT;
	}
	return ret;
}

int cg_repair_clean_up(cg_guard_t *guard, cg_guarded_t *zone)
{
	if (zone->transaction == CG_OURS_NOT) {
		return KNOT_EOK;
	}
	int ret = forget_committed(guard, zone);
	if (ret != KNOT_EOK || zone->transaction == CG_OURS_NOT) {
		return ret;
	}
	bool known = (zone->transaction == CG_OURS);
	ret = cg_transaction_abort(guard->control, zone->text, &zone->transaction);
	if (ret == KNOT_EOK && known) {
		cg_zone_log_once(zone, CG_WARNED_ABORTED, LOG_NOTICE,
		                 "aborted our own transaction, which a lost connection had left open");
	}
	return ret;
}

static int make_edits(cg_guard_t *guard, cg_guarded_t *zone, const cg_plan_t *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		int ret = cg_transaction_edit(guard->control, zone->text, &plan->list[i]);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return KNOT_EOK;
}

/*! \brief Tells the edits of one version from those of another. */
static uint64_t digest_edits(const cg_edit_t *edits, size_t count)
{
	uint64_t digest = CG_HASH;
	for (size_t i = 0; i < count; i++) {
		digest += edits[i].op + edits[i].rr.type;
		digest = cg_hash_text(digest, edits[i].spelling);
		digest = cg_hash_text(digest, edits[i].rr.data);
	}
	return digest;
}

bool cg_repair_write_down(cg_guarded_t *zone, const cg_policy_t *policy, uint32_t serial,
                          const cg_edit_t *edits, size_t count, cg_why_t *why)
{
	uint64_t digest = digest_edits(edits, count);
	if (!zone->edits_said || zone->edits_serial != serial || zone->edits_digest != digest) {
		zone->edits_said = cg_report_edits(zone, policy, serial, edits, count);
		zone->edits_serial = serial;
		zone->edits_digest = digest;
	}
	if (!zone->edits_said) {
		cg_repair_explain(why, "not repaired, the audit log cannot be written", "");
	}
	return zone->edits_said;
}

/*! \brief Inside the transaction: plans, writes down, keeps the original, edits. */
static int edit_zone(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_foreign_t *foreign, cg_why_t *why)
{
	const cg_zone_t *contents = foreign->list[0];
	cg_zones_t zones = { .list = foreign->list, .count = foreign->count };
	cg_findings_t findings = { 0 };
	cg_plan_t plan = { 0 };

	int ret = cg_rules_zone(contents, &policy->rules, &findings);
	if (ret == KNOT_EOK) {
		ret = cg_plan_make(&zones, contents, &findings, policy->strategy,
		                   policy->fallback, &plan);
	}
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "no plan could be made", knot_strerror(ret));
	} else if (plan.count == 0) {
		cg_repair_explain(why, "cannot be repaired", "nothing to edit");
		cg_follow_explain(why, "cannot be repaired", &plan, foreign);
		ret = KNOT_ENOENT;
	} else if (!cg_repair_write_down(zone, policy, findings.serial, plan.list, plan.count, why) ||
	           !cg_keep_original(zone, policy, contents, &plan, why)) {
		ret = KNOT_EFILE;
	} else if (cg_follow_put(zone, policy, &plan, foreign) != KNOT_EOK) {
		cg_repair_explain(why, "not repaired, what is flattened cannot be written down",
		                  cg_store_error());
		ret = KNOT_EFILE;
	} else {
		ret = make_edits(guard, zone, &plan);
		zone->repair_left = plan.refused;
		if (ret != KNOT_EOK) {
			cg_repair_explain(why, "the repair failed", cg_control_error(guard->control));
		} else {
			cg_follow_explain(why, "repaired, except", &plan, foreign);
		}
	}

	cg_plan_free(&plan);
	cg_findings_free(&findings);
	return ret;
}

/*! \brief Reads what the transaction holds; it has to be the version that was judged. */
static int read_base(cg_guard_t *guard, cg_guarded_t *zone, uint32_t serial, cg_zone_t **out)
{
	int ret = cg_server_zone(guard->control, CG_READ_TRANSACTION, zone->text, out);
	if (ret != KNOT_EOK) {
		return ret;
	}
	uint32_t now;
	if (!cg_zone_serial(*out, &now) || now != serial) {
		cg_zone_free(*out);
		*out = NULL;
		return KNOT_EAGAIN;
	}
	return KNOT_EOK;
}

/*! \brief The repair in one transaction; what its targets lead to elsewhere was read before. */
static int repair(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                  uint32_t serial, cg_foreign_t *foreign, cg_why_t *why)
{
	cg_control_t *control = guard->control;

	int ret = cg_transaction_begin(control, zone->text, &zone->transaction);
	if (ret == KNOT_EBUSY) {
		cg_repair_explain(why, "somebody's transaction is open for this zone, "
		        "repaired after its knotc zone-commit or zone-abort", "");
		return ret;
	} else if (ret != KNOT_EOK) {
		cg_repair_explain(why, "no transaction could be begun", cg_control_error(control));
		return ret;
	}

	cg_zone_t *contents = NULL;
	ret = read_base(guard, zone, serial, &contents);
	if (ret == KNOT_EOK) {
		foreign->list[0] = contents; /* What was judged, as the transaction has it. */
		ret = edit_zone(guard, zone, policy, foreign, why);
		cg_zone_free(contents);
	} else {
		cg_repair_explain(why, "the transaction could not be read", cg_control_error(control));
	}
	if (ret != KNOT_EOK) {
		(void)cg_transaction_abort(control, zone->text, &zone->transaction);
		return ret;
	}

	ret = cg_transaction_commit(control, zone->text, &zone->transaction);
	zone->repaired = (ret != KNOT_EDENIED); /* A lost reply may have been a yes. */
	zone->repaired_from = serial;
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "the repair could not be committed", cg_control_error(control));
	}
	return (ret == KNOT_EDENIED) ? KNOT_ESEMCHECK : ret;
}

int cg_repair(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
              const cg_reading_t *reading, cg_why_t *why)
{
	cg_foreign_t foreign;
	why->text[0] = '\0';
	int ret = cg_follow_conflicts(guard, zone, policy, reading->contents, &reading->findings,
	                              &foreign, why);
	if (ret == KNOT_EOK) {
		ret = repair(guard, zone, policy, reading->findings.serial, &foreign, why);
	}
	cg_foreign_free(&foreign);
	return ret;
}
