/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Hooks run in the server's threads, inside its RCU read-side critical
 * section: see gate.c and transfer.c for what they decide. A query pays for
 * each hook that is there, so there are few: END for every zone, BEGIN where
 * there is something to be done before the answer is made. Both are left after
 * a glance where there is nothing to be done. */

#include "knot/gate.h"
#include "knot/instead.h"
#include "knot/repaired.h"
#include "knot/shown.h"
#include "knot/view.h"

/* --- After the answer --- */

/*! \brief An update that Knot has queued is left to the worker, which looks what became of it. */
static void note_update(knotd_state_t state, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	cg_instance_t *self = instance(mod);
	if (self == NULL || !self->updates || state != KNOTD_STATE_NOOP ||
	    knot_wire_get_nscount(qdata->query->wire) == 0) {
		return;
	}
	cg_updated_t update = {
		.wire = qdata->query->wire,
		.size = qdata->query->size,
		.client = knotd_qdata_remote_addr(qdata),
		.key = qdata->sign.tsig_key.name,
	};
	cg_guard_updated(self->zone, &update);
}

/*! \brief The worker asks its own server which version is current. */
static void note_version(cg_instance_t *self, knotd_qdata_t *qdata)
{
	cg_version_t version;
	if (knot_pkt_qtype(qdata->query) == KNOT_RRTYPE_SOA &&
	    cg_guard_probing(self->zone, knot_wire_get_id(qdata->query->wire)) &&
	    get_version(qdata, &version)) {
		cg_guard_saw(self->zone, &version);
	}
}

/*! \brief There is an answer, and not one that says that there is none. */
static bool is_answer(knotd_state_t state, const knot_pkt_t *pkt, const knotd_qdata_t *qdata)
{
	if (state == KNOTD_STATE_NOOP || qdata->err_truncated) {
		return false;
	}
	switch (knot_wire_get_rcode(pkt->wire)) {
	case KNOT_RCODE_NOERROR:
	case KNOT_RCODE_NXDOMAIN:
	case KNOT_RCODE_YXDOMAIN:
		return true;
	default:
		return false;
	}
}

static knotd_state_t look_at_answer(knotd_state_t state, knot_pkt_t *pkt,
                                    knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	cg_instance_t *self = instance(mod);
	if (self != NULL && !went_on(qdata)) {
		note_version(self, qdata);
	}
	if (!is_answer(state, pkt, qdata) || !cg_gate_answer(self, pkt, qdata, mod)) {
		return state;
	}
	return cg_answer_instead(state, pkt, qdata);
}

/*! \brief A transfer that BEGIN has not seen: none was allowed when the module was loaded. */
static knotd_state_t look_at_transfer(knotd_state_t state, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	const cg_instance_t *self = instance(mod);
	if (self == NULL || self->begins || qdata->rcode != KNOT_RCODE_NOERROR) {
		return state;
	}
	state = cg_gate_unseen_transfer(state, qdata, mod);
	if (state == KNOTD_STATE_FAIL) {
		cg_sign_anew(qdata);
	}
	return state;
}

static __attribute__((noipa)) knotd_state_t look(knotd_state_t state, knot_pkt_t *pkt,
                                                 knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	switch (qdata->type) {
	case KNOTD_QUERY_TYPE_NORMAL:
		return look_at_answer(state, pkt, qdata, mod);
	case KNOTD_QUERY_TYPE_AXFR:
	case KNOTD_QUERY_TYPE_IXFR:
		return look_at_transfer(state, qdata, mod);
	case KNOTD_QUERY_TYPE_UPDATE:
		note_update(state, qdata, mod);
		return state;
	default:
		return state;
	}
}

/*! \brief Knot has followed an alias, or this is no ordinary answer. */
static __attribute__((noipa)) knotd_state_t look_after(knotd_state_t state, knot_pkt_t *pkt,
                                                       knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	if (qdata->type == KNOTD_QUERY_TYPE_NORMAL) {
		const cg_instance_t *self = instance(mod);
		const cg_table_t *table = (self != NULL) ? get_table(self) : NULL;
		if (table != NULL && is_newest(table, qdata) &&
		    (!table->by_names || !cg_shows_alert(pkt, qdata))) {
			return state; /* A clean alias. */
		}
	}
	return look(state, pkt, qdata, mod);
}

/*! \brief No alias, but some name is refused, or the type that is asked for is one that always is looked at. */
static __attribute__((noipa)) knotd_state_t look_again(knotd_state_t state, knot_pkt_t *pkt,
                                                       knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	bool always = (cg_looks(last_octet_of_type(qdata->query)) == CG_LOOK_ALWAYS);
	return (always || cut_short(pkt) || is_concerned(qdata)) ? look(state, pkt, qdata, mod) :
	                                                           state;
}

static knotd_state_t end_hook(knotd_state_t state, knot_pkt_t *pkt,
                              knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	if (went_on(qdata)) {
		return look_after(state, pkt, qdata, mod);
	}
	return nothing_to_see(pkt, qdata) ? state : look_again(state, pkt, qdata, mod);
}

static knotd_state_t audit_end_hook(knotd_state_t state, knot_pkt_t *pkt,
                                    knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	(void)pkt;
	if (last_octet_of_type(qdata->query) != KNOT_RRTYPE_SOA) {
		return state;
	}
	if (qdata->type == KNOTD_QUERY_TYPE_UPDATE) {
		note_update(state, qdata, mod);
	} else if (qdata->type == KNOTD_QUERY_TYPE_NORMAL) {
		cg_instance_t *self = instance(mod);
		if (self != NULL) {
			note_version(self, qdata);
		}
	}
	return state;
}

/* --- Before the answer --- */

/*! \brief A transfer; or what is refused whatever the answer would be: the zone, or the name that is asked for. */
static __attribute__((noipa)) knotd_state_t decide_before(knotd_state_t state, knot_pkt_t *pkt,
                                                          knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	(void)pkt;
	switch (qdata->type) {
	case KNOTD_QUERY_TYPE_NORMAL:
		if (!cg_gate_refuses(qdata, instance(mod))) {
			return state;
		}
		cg_gate_refuse(qdata, mod);
		return KNOTD_STATE_FAIL;
	case KNOTD_QUERY_TYPE_AXFR:
	case KNOTD_QUERY_TYPE_IXFR:
		return cg_gate_transfer(state, qdata, mod);
	default:
		return state;
	}
}

static __attribute__((noipa)) knotd_state_t look_before(knotd_state_t state, knot_pkt_t *pkt,
                                                        knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return (qdata->type != KNOTD_QUERY_TYPE_NORMAL || is_concerned(qdata)) ?
	       decide_before(state, pkt, qdata, mod) : state;
}

static knotd_state_t begin_hook(knotd_state_t state, knot_pkt_t *pkt,
                                knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return (qdata->type != KNOTD_QUERY_TYPE_NORMAL || cg_alert()) ?
	       look_before(state, pkt, qdata, mod) : state;
}

/* --- Registration --- */

int cg_hooks_register_audit(knotd_mod_t *mod)
{
	return knotd_mod_hook(mod, KNOTD_STAGE_END, audit_end_hook);
}

int cg_hooks_register(knotd_mod_t *mod, bool begins, bool repairs)
{
	static const char *const counters[] = {
		[CG_COUNT_HELD]              = "held",
		[CG_COUNT_REFUSED]           = "refused",
		[CG_COUNT_TRANSFERS_HELD]    = "transfers-held",
		[CG_COUNT_TRANSFERS_REFUSED] = "transfers-refused",
		[CG_COUNT_IXFR_TO_AXFR]      = "ixfr-to-axfr",
	};
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		int ret = knotd_mod_stats_add(mod, counters[i], 1, NULL);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	int ret = KNOT_EOK;
	if (begins) {
		ret = knotd_mod_hook(mod, KNOTD_STAGE_BEGIN, begin_hook);
	}
	if (ret == KNOT_EOK && repairs) {
		ret = cg_repaired_register(mod);
	}
	if (ret == KNOT_EOK) {
		ret = knotd_mod_hook(mod, KNOTD_STAGE_END, end_hook);
	}
	return ret;
}
