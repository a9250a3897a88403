/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <time.h>

#include "cnameguard/sink.h"
#include "cnameguard/store.h"
#include "guard/edits.h"
#include "guard/wanted.h"

/*! \brief How often, and how long, the end of an aborted update is waited for: 200 ms in all. */
#define BEGIN_TRIES	100
#define BEGIN_NAP_NS	2000000

/*! \brief Goes over one version and edits what the other does not have. */
typedef struct {
	cg_edits_t *edits;
	const cg_policy_t *policy;
	const cg_zone_t *other;
	cg_edit_op_t op;
} difference_t;

/*! \brief Types that a server makes when it signs a zone or digests it, keys among them (RFC 4034, 2; RFC 7344). */
static bool is_made(uint16_t type)
{
	return cg_store_is_made(type) || type == KNOT_RRTYPE_DNSKEY || type == KNOT_RRTYPE_CDS ||
	       type == KNOT_RRTYPE_CDNSKEY;
}

static bool has(const cg_name_t *name, const cg_rr_t *rr)
{
	for (size_t i = 0; i < name->count; i++) {
		if (name->rr[i].type == rr->type && name->rr[i].ttl == rr->ttl &&
		    strcmp(name->rr[i].data, rr->data) == 0) {
			return true;
		}
	}
	return false;
}

static int edit_name(const cg_name_t *name, void *ctx)
{
	difference_t *difference = ctx;
	cg_name_t other;
	if (cg_zone_find(difference->other, name->owner, &other) != KNOT_EOK) {
		other.count = 0;
	}
	int ret = KNOT_EOK;
	for (size_t i = 0; i < name->count && ret == KNOT_EOK; i++) {
		const cg_rr_t *rr = &name->rr[i];
		bool keep = (difference->policy->signs && is_made(rr->type)) ||
		            (rr->type == KNOT_RRTYPE_SOA && difference->op == CG_EDIT_REMOVE);
		if (keep || has(&other, rr)) {
			continue;
		}
		cg_edit_t edit = {
			.op = difference->op,
			.owner = name->owner,
			.spelling = name->spelling,
			.rr = *rr,
		};
		ret = cg_edits_make(difference->edits, &edit);
	}
	return ret;
}

/*! \brief Inside the transaction: removes what is not wanted, adds what is. */
static int edit_all(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                    const cg_zone_t *wanted)
{
	cg_zone_t *now = NULL;
	int ret = cg_server_zone(guard->control, CG_READ_TRANSACTION, zone->text, &now);
	if (ret == KNOT_EDENIED) { /* Nothing is there so far. */
		now = cg_zone_new(zone->name);
		ret = (now != NULL) ? cg_zone_finish(now) : KNOT_ENOMEM;
	}
	cg_edits_t edits = cg_edits_begin(guard, zone);
	difference_t difference = { &edits, policy, wanted, CG_EDIT_REMOVE };
	if (ret == KNOT_EOK) {
		ret = cg_zone_walk(now, edit_name, &difference);
	}
	difference = (difference_t){ &edits, policy, now, CG_EDIT_ADD };
	if (ret == KNOT_EOK) {
		ret = cg_zone_walk(wanted, edit_name, &difference);
	}
	cg_zone_free(now);
	return ret;
}

/*! \brief The aborted update goes a moment after its abort. */
static int begin(cg_guard_t *guard, cg_guarded_t *zone)
{
	const struct timespec nap = { .tv_nsec = BEGIN_NAP_NS };
	int ret = KNOT_EBUSY;
	for (int i = 0; i < BEGIN_TRIES && ret == KNOT_EBUSY && !atomic_load(&guard->stop); i++) {
		if (i > 0) {
			nanosleep(&nap, NULL);
		}
		ret = cg_transaction_begin(guard->control, zone->text, &zone->transaction);
	}
	return ret;
}

int cg_wanted_put(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                  const cg_zone_t *wanted, cg_why_t *why)
{
	cg_control_t *control = guard->control;
	int ret = begin(guard, zone);
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "no transaction could be begun", ret == KNOT_EBUSY ?
		                  "another one is open" : cg_control_error(control));
		return ret;
	}
	ret = edit_all(guard, zone, policy, wanted);
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "the repair failed", cg_control_error(control));
		(void)cg_transaction_abort(control, zone->text, &zone->transaction);
		return ret;
	}
	ret = cg_transaction_commit(control, zone->text, &zone->transaction);
	if (ret != KNOT_EOK) {
		cg_repair_explain(why, "the repair could not be committed", cg_control_error(control));
	}
	return (ret == KNOT_EDENIED) ? KNOT_ESEMCHECK : ret;
}
