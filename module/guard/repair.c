/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "cnameguard/hash.h"
#include "cnameguard/sink.h"
#include "cnameguard/store.h"
#include "guard/apart.h"
#include "guard/edits.h"
#include "guard/follow.h"
#include "guard/keep.h"
#include "guard/look.h"
#include "guard/repair.h"
#include "guard/report.h"
#include "rules/zone.h"

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

static int take_serial(const cg_name_t *name, void *ctx)
{
	for (size_t i = 0; i < name->count; i++) {
		if (name->rr[i].type == KNOT_RRTYPE_SOA) {
			(void)cg_soa_serial(name->rr[i].data, ctx);
		}
	}
	return KNOT_EOK;
}

int cg_repair_serial(cg_guard_t *guard, const cg_guarded_t *zone, uint32_t *serial)
{
	return cg_server_read(guard->control, CG_READ_TRANSACTION, zone->text, zone->text,
	                      take_serial, serial);
}

/*! \brief A plan to be made. */
typedef struct {
	const cg_policy_t *policy;
	const cg_reading_t *reading;
	const cg_foreign_t *foreign;
	cg_plan_t *plan;
} planning_t;

static int make_plan(void *ctx)
{
	planning_t *planning = ctx;
	const cg_zones_t zones = {
		.list = planning->foreign->list, .count = planning->foreign->count
	};
	return cg_plan_make(&zones, planning->reading->contents, &planning->reading->findings,
	                    planning->policy->strategy, planning->policy->fallback,
	                    planning->plan);
}

int cg_repair_plan(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   const cg_reading_t *reading, const cg_foreign_t *foreign, cg_plan_t *out)
{
	*out = (cg_plan_t){ 0 };
	planning_t planning = { policy, reading, foreign, out };
	return cg_apart(guard, zone, true, reading->findings.records, make_plan, &planning);
}

/* --- Inside the transaction --- */

static int add_name(const cg_name_t *name, void *out)
{
	return cg_zone_add_name(name, out);
}

/*! \brief Names as the transaction has them. */
static int read_names(cg_edits_t *edits, const cg_plan_t *plan, cg_zone_t *out)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < plan->count && ret == KNOT_EOK; i++) {
		const cg_edit_t *edit = &plan->list[i];
		if (i > 0 && knot_dname_is_equal(edit->owner, plan->list[i - 1].owner)) {
			continue;
		}
		ret = cg_edits_breathe(edits);
		if (ret == KNOT_EOK) {
			ret = cg_server_read(edits->guard->control, CG_READ_TRANSACTION,
			                     edits->zone->text, edit->spelling, add_name, out);
		}
	}
	return (ret == KNOT_EOK) ? cg_zone_finish(out) : ret;
}

/*! \brief Whether a name has the same records in both, which are sorted. */
static bool same_name(const cg_zone_t *a, const cg_zone_t *b, const knot_dname_t *owner)
{
	cg_name_t one, other;
	if (cg_zone_find(a, owner, &one) != KNOT_EOK ||
	    cg_zone_find(b, owner, &other) != KNOT_EOK || one.count != other.count) {
		return false;
	}
	for (size_t i = 0; i < one.count; i++) {
		if (one.rr[i].type != other.rr[i].type || one.rr[i].ttl != other.rr[i].ttl ||
		    strcmp(one.rr[i].data, other.rr[i].data) != 0) {
			return false;
		}
	}
	return true;
}

/*! \brief Whether the names that are to be edited are those that were judged. */
static int check_names(cg_edits_t *edits, const cg_zone_t *contents, const cg_plan_t *plan)
{
	cg_zone_t *now = cg_zone_new(edits->zone->name);
	int ret = (now != NULL) ? read_names(edits, plan, now) : KNOT_ENOMEM;
	const knot_dname_t *last = NULL;
	for (size_t i = 0; i < plan->count && ret == KNOT_EOK; i++) {
		const knot_dname_t *owner = plan->list[i].owner;
		if (last == NULL || !knot_dname_is_equal(owner, last)) {
			ret = same_name(now, contents, owner) ? KNOT_EOK : KNOT_EAGAIN;
		}
		last = owner;
	}
	cg_zone_free(now);
	return (ret == KNOT_EDENIED) ? KNOT_EAGAIN : ret; /* No such name. */
}

static int make_edits(cg_edits_t *edits, const cg_plan_t *plan)
{
	int ret = cg_edits_same(edits) ? KNOT_EOK : KNOT_EAGAIN;
	for (size_t i = 0; i < plan->count && ret == KNOT_EOK; i++) {
		ret = cg_edits_make(edits, &plan->list[i]);
	}
	return ret;
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

bool cg_repair_write_down(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                          uint32_t serial, const cg_edit_t *edits, size_t count, cg_why_t *why)
{
	uint64_t digest = digest_edits(edits, count);
	if (!zone->edits_said || zone->edits_serial != serial || zone->edits_digest != digest) {
		zone->edits_said = cg_report_edits(guard, zone, policy, serial, edits, count);
		zone->edits_serial = serial;
		zone->edits_digest = digest;
	}
	if (!zone->edits_said) {
		cg_repair_explain(why, "not repaired, the audit log cannot be written", "");
	}
	return zone->edits_said;
}

bool cg_repair_prepare(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                       const cg_reading_t *reading, const cg_plan_t *plan,
                       const cg_foreign_t *foreign, cg_why_t *why)
{
	if (!cg_repair_write_down(guard, zone, policy, reading->findings.serial, plan->list,
	                          plan->count, why) ||
	    !cg_keep_original(guard, zone, policy, reading->contents, plan, why)) {
		return false;
	}
	if (cg_policy_knot_numbers(policy) &&
	    cg_follow_put(zone, policy, plan, foreign) != KNOT_EOK) {
		cg_repair_explain(why, "not repaired, what is flattened cannot be written down",
		                  cg_store_error());
		return false;
	}
	return true;
}

/*! \brief Another version is served than the one that was judged, maybe under its serial: it was loaded anew. */
static bool has_moved(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      const cg_reading_t *reading)
{
	cg_version_t now;
	return reading->version.soa != NULL && cg_look(guard, zone, policy, &now) &&
	       !cg_version_same(&now, &reading->version);
}

/*! \brief Inside the transaction: looks at the names once more, writes down, keeps the original, edits. */
static int edit_zone(cg_edits_t *edits, const cg_policy_t *policy, const cg_reading_t *reading,
                     const cg_plan_t *plan, const cg_foreign_t *foreign, cg_why_t *why)
{
	cg_guard_t *guard = edits->guard;
	cg_guarded_t *zone = edits->zone;
	uint32_t serial = ~reading->findings.serial;

	int ret = cg_repair_serial(guard, zone, &serial);
	if (ret == KNOT_EOK) {
		ret = (serial == reading->findings.serial && !has_moved(guard, zone, policy, reading)) ?
		      check_names(edits, reading->contents, plan) : KNOT_EAGAIN;
	}
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "the transaction could not be read",
		                  cg_control_error(guard->control));
		return ret;
	}
	if (!cg_repair_prepare(guard, zone, policy, reading, plan, foreign, why)) {
		return KNOT_EFILE;
	}
	ret = make_edits(edits, plan);
	zone->repair_left = plan->refused;
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "the repair failed", cg_control_error(guard->control));
	} else {
		cg_follow_explain(why, "repaired, except", plan, foreign);
	}
	return ret;
}

/*! \brief The repair in one transaction. */
static int repair(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                  const cg_reading_t *reading, const cg_plan_t *plan,
                  const cg_foreign_t *foreign, cg_why_t *why)
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
	cg_edits_t edits = cg_edits_begin(guard, zone);
	ret = edit_zone(&edits, policy, reading, plan, foreign, why);
	if (ret != KNOT_EOK) {
		(void)cg_transaction_abort(control, zone->text, &zone->transaction);
		return ret;
	}

	ret = cg_transaction_commit(control, zone->text, &zone->transaction);
	zone->repaired = (ret != KNOT_EDENIED); /* A lost reply may have been a yes. */
	zone->repaired_from = reading->findings.serial;
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "the repair could not be committed", cg_control_error(control));
	}
	return (ret == KNOT_EDENIED) ? KNOT_ESEMCHECK : ret;
}

int cg_repair(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
              const cg_reading_t *reading, cg_why_t *why)
{
	cg_foreign_t foreign;
	cg_plan_t plan = { 0 };
	why->text[0] = '\0';
	int ret = cg_follow_conflicts(guard, zone, policy, reading->contents, &reading->findings,
	                              &foreign, why);
	if (ret == KNOT_EOK) {
		ret = cg_repair_plan(guard, zone, policy, reading, &foreign, &plan);
		if (ret != KNOT_EOK) {
			cg_repair_explain(why, "no plan could be made", knot_strerror(ret));
		} else if (plan.count == 0) {
			cg_repair_explain(why, "cannot be repaired", "nothing to edit");
			cg_follow_explain(why, "cannot be repaired", &plan, &foreign);
			ret = KNOT_ENOENT;
		}
	}
	if (ret == KNOT_EOK) {
		ret = repair(guard, zone, policy, reading, &plan, &foreign, why);
	}
	cg_plan_free(&plan);
	cg_foreign_free(&foreign);
	return ret;
}
