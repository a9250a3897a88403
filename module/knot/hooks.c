/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Hooks run in the server's threads, inside its RCU read-side critical
 * section: see gate.c and transfer.c for what they decide. */

#include <string.h>

#include "knot/gate.h"
#include "knot/repaired.h"
#include "knot/view.h"

static knotd_in_state_t answer_hook(knotd_in_state_t state, knot_pkt_t *pkt,
                                    knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return cg_gate_answer(pkt, qdata, mod) ? KNOTD_IN_STATE_ERROR : state;
}

/*! \brief The same where answers may be repaired: Knot does not know that such a name has no data. */
static knotd_in_state_t repairs_answer_hook(knotd_in_state_t state, knot_pkt_t *pkt,
                                            knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	state = answer_hook(state, pkt, qdata, mod);
	return (state == KNOTD_IN_STATE_HIT && cg_repaired_no_data(pkt, qdata, mod)) ?
	       KNOTD_IN_STATE_NODATA : state;
}

/* --- Truncated answers: Knot skips the ANSWER hooks, and signs before END --- */

static void keep_mac(cg_thread_t *thread, const knotd_qdata_t *qdata)
{
	const knot_rrset_t *tsig = qdata->query->tsig_rr;
	thread->mac_len = 0;
	if (tsig != NULL) {
		size_t len = knot_tsig_rdata_mac_length(tsig);
		if (len <= MAC_MAX) {
			memcpy(thread->mac, knot_tsig_rdata_mac(tsig), len);
			thread->mac_len = len;
		}
	}
}

/*! \brief Makes the answer that replaces a signed one the first to be signed again. */
static void restore_mac(cg_thread_t *thread, knotd_qdata_t *qdata)
{
	if (qdata->sign.pkt_count == 0 || thread == NULL || thread->mac_len == 0) {
		return;
	}
	memcpy((uint8_t *)knot_tsig_rdata_mac(qdata->query->tsig_rr), thread->mac,
	       thread->mac_len);
	qdata->sign.pkt_count = 0;
}

/* --- Dynamic updates --- */

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

static knotd_state_t audit_end_hook(knotd_state_t state, knot_pkt_t *pkt,
                                    knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	(void)pkt;
	if (qdata->type == KNOTD_QUERY_TYPE_UPDATE) {
		note_update(state, qdata, mod);
	}
	return state;
}

static knotd_state_t end_hook(knotd_state_t state, knot_pkt_t *pkt,
                              knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	if (!knot_wire_get_tc(pkt->wire) || qdata->type != KNOTD_QUERY_TYPE_NORMAL ||
	    qdata->err_truncated || !cg_gate_answer(pkt, qdata, mod)) {
		if (qdata->type == KNOTD_QUERY_TYPE_UPDATE) {
			note_update(state, qdata, mod);
		}
		return state;
	}
	cg_instance_t *self = instance(mod);
	if (self != NULL) {
		restore_mac(thread_of(self, qdata), qdata);
	}
	return KNOTD_STATE_FAIL;
}

/* --- Every query --- */

/*! \brief A refusal with scope: zone covers all that the zone would answer. */
static bool zone_refused(cg_instance_t *self, knotd_qdata_t *qdata)
{
	const cg_table_t *table = get_table(self);
	cg_version_t version;
	if (!cg_table_refuses(table) || !get_version(qdata, &version)) {
		return false;
	}
	const cg_verdict_t *verdict = cg_table_find(table, &version);
	return verdict != NULL && verdict->gate == CG_GATE_REFUSED && verdict->whole_zone;
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

static knotd_state_t begin_hook(knotd_state_t state, knot_pkt_t *pkt,
                                knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	(void)pkt;
	cg_instance_t *self = instance(mod);

	switch (qdata->type) {
	case KNOTD_QUERY_TYPE_AXFR:
	case KNOTD_QUERY_TYPE_IXFR:
		return cg_gate_transfer(state, qdata, mod);
	case KNOTD_QUERY_TYPE_NORMAL:
		break;
	default:
		return state;
	}
	if (self == NULL) {
		return state;
	}

	if (self->scope_zone && zone_refused(self, qdata)) {
		cg_gate_refuse(qdata, mod);
		return KNOTD_STATE_FAIL;
	}
	if (qdata->query->tsig_rr != NULL && thread_of(self, qdata) != NULL) {
		keep_mac(thread_of(self, qdata), qdata);
	}
	note_version(self, qdata);
	return state;
}

static knotd_state_t audit_hook(knotd_state_t state, knot_pkt_t *pkt,
                                knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	(void)pkt;
	cg_instance_t *self = instance(mod);
	if (self != NULL && qdata->type == KNOTD_QUERY_TYPE_NORMAL) {
		note_version(self, qdata);
	}
	return state;
}

int cg_hooks_register_audit(knotd_mod_t *mod, bool updates)
{
	int ret = knotd_mod_hook(mod, KNOTD_STAGE_BEGIN, audit_hook);
	if (ret == KNOT_EOK && updates) {
		ret = knotd_mod_hook(mod, KNOTD_STAGE_END, audit_end_hook);
	}
	return ret;
}

int cg_hooks_register(knotd_mod_t *mod, bool repairs)
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
	int ret = knotd_mod_hook(mod, KNOTD_STAGE_BEGIN, begin_hook);
	if (ret == KNOT_EOK && repairs) {
		ret = knotd_mod_in_hook(mod, KNOTD_STAGE_PREANSWER, cg_repaired_answer);
	}
	if (ret == KNOT_EOK) {
		ret = knotd_mod_in_hook(mod, KNOTD_STAGE_ANSWER,
		                        repairs ? repairs_answer_hook : answer_hook);
	}
	if (ret == KNOT_EOK) {
		ret = knotd_mod_hook(mod, KNOTD_STAGE_END, end_hook);
	}
	return ret;
}
