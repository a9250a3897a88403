/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Hooks run in the server's threads, inside its RCU read-side critical
 * section: they look, decide and return. No lock, no I/O, no allocation. Only
 * wait_for_verdict() and wait_for_version() wait, over TCP and bounded. */

#include <string.h>
#include <time.h>

#include "knot/instance.h"

/*! \brief A held TCP client waits this often for this long: 25 ms in all, and what naps take longer. */
#define WAIT_NAPS	250
#define WAIT_NAP_NS	100000
/*! \brief A held transfer, which needs the verdict of the whole zone: 500 ms in all. */
#define TRANSFER_NAPS	500
#define TRANSFER_NAP_NS	1000000

/* --- What is being answered --- */

static bool is_alias(const knot_rrset_t *rr)
{
	return rr->type == KNOT_RRTYPE_CNAME || rr->type == KNOT_RRTYPE_DNAME;
}

/*! \brief Types that are answered with data of the name itself, alias or not. */
static bool is_direct(uint16_t qtype)
{
	return qtype == KNOT_RRTYPE_ANY || qtype == KNOT_RRTYPE_RRSIG ||
	       qtype == KNOT_RRTYPE_NSEC;
}

/*! \brief Reads which version the answer comes from; false: the zone has no contents. */
static bool get_version(knotd_qdata_t *qdata, cg_version_t *version)
{
	knot_rrset_t soa = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_SOA);
	if (knot_rrset_empty(&soa)) {
		return false;
	}
	knot_rrset_t ns = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_NS);
	version->serial = knot_soa_serial(soa.rrs.rdata);
	version->soa = soa.rrs.rdata;
	version->ns = ns.rrs.rdata;
	version->apex = soa.owner;
	return true;
}

/*! \brief The name was renamed by a DNAME in the answer, not made from a wildcard. */
static bool renamed(const knot_pktsection_t *answer, const knot_dname_t *owner)
{
	for (uint16_t i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (rr->type == KNOT_RRTYPE_DNAME &&
		    knot_dname_in_bailiwick(owner, rr->owner) > 0) {
			return true;
		}
	}
	return false;
}

/*! \brief The wildcard that the owner was made from is refused: it is the closest one. */
static bool wildcard_refused(const cg_verdict_t *verdict, const knot_dname_t *owner)
{
	while (*owner != 0) {
		owner = knot_wire_next_label(owner, NULL);
		size_t size = knot_dname_size(owner);
		if (size + 2 > KNOT_DNAME_MAXLEN) {
			continue;
		}
		knot_dname_storage_t wildcard = "\x01*";
		memcpy(wildcard + 2, owner, size);
		if (cg_names_has(&verdict->wildcards, wildcard)) {
			return cg_names_has(&verdict->refused, wildcard);
		}
	}
	return false;
}

/*! \brief Whether the answer shows data of a refused name. */
static bool shows(const cg_verdict_t *verdict, const knot_pkt_t *pkt, const knot_dname_t *qname)
{
	if (cg_names_has(&verdict->refused, qname)) {
		return true;
	}
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
	for (uint16_t i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		/* Knot frees what it has made for this answer, as from a wildcard. */
		bool made = (answer->pkt->rr_info[answer->pos + i].flags & KNOT_PF_FREE);
		if (cg_names_has(&verdict->refused, rr->owner) ||
		    (made && verdict->wildcards.count > 0 && !renamed(answer, rr->owner) &&
		     wildcard_refused(verdict, rr->owner))) {
			return true;
		}
	}
	return false;
}

/*!
 * \brief First name in the answer whose cleanness is not known.
 *
 * An alias that was made from a DNAME or a wildcard was cleared under its own
 * name, together with what it was made from.
 */
static const knot_dname_t *unverified(const cg_table_t *table, const cg_version_t *version,
                                      const knot_pkt_t *pkt, const knot_dname_t *qname)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);

	if (answer->count > 0 && is_direct(knot_pkt_qtype(pkt)) &&
	    !cg_table_cleared(table, version, qname)) {
		return qname;
	}
	for (uint16_t i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (is_alias(rr) && !cg_table_cleared(table, version, rr->owner)) {
			return rr->owner;
		}
	}
	return NULL;
}

static bool may_conflict(const knot_pkt_t *pkt)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);

	for (uint16_t i = 0; i < answer->count; i++) {
		if (is_alias(knot_pkt_rr(answer, i))) {
			return true;
		}
	}
	return answer->count > 0 && is_direct(knot_pkt_qtype(pkt));
}

/* --- The gate --- */

static cg_instance_t *instance(knotd_mod_t *mod)
{
	return knotd_mod_ctx(mod);
}

/*! \brief Verdicts under the policy of this instance; NULL: none. */
static const cg_table_t *get_table(const cg_instance_t *self)
{
	const cg_table_t *table = cg_verdicts_get(self->verdicts);
	return (table != NULL && table->generation == self->generation) ? table : NULL;
}

static void count(knotd_mod_t *mod, knotd_qdata_t *qdata, uint32_t counter)
{
	knotd_mod_stats_incr(mod, qdata->params->thread_id, counter, 0, 1);
}

static void refuse(knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	qdata->rcode = KNOT_RCODE_SERVFAIL;
	qdata->rcode_ede = KNOT_EDNS_EDE_INV_DATA;
	count(mod, qdata, CG_COUNT_REFUSED);
}

/*! \brief Over UDP the client is sent to TCP, where the verdict is normally there. */
static void hold(knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	if (qdata->params->proto == KNOTD_QUERY_PROTO_UDP) {
		qdata->rcode = KNOT_RCODE_NOERROR;
		qdata->err_truncated = true;
	} else {
		qdata->rcode = KNOT_RCODE_SERVFAIL;
		qdata->rcode_ede = KNOT_EDNS_EDE_NOT_READY;
	}
	count(mod, qdata, CG_COUNT_HELD);
}

/*!
 * \brief Looks an answer up in the verdicts.
 *
 * \param[out] name  The name that no verdict is there for (CG_GATE_UNKNOWN).
 */
static cg_gate_t decide(const cg_instance_t *self, const cg_version_t *version,
                        const knot_pkt_t *pkt, const knot_dname_t *qname,
                        const knot_dname_t **name)
{
	const cg_table_t *table = get_table(self);
	const cg_verdict_t *verdict = cg_table_find(table, version);

	if (verdict == NULL) {
		*name = unverified(table, version, pkt, qname);
		return (*name != NULL) ? CG_GATE_UNKNOWN : CG_GATE_OPEN;
	}
	if (verdict->gate == CG_GATE_REFUSED &&
	    (verdict->whole_zone || shows(verdict, pkt, qname))) {
		return CG_GATE_REFUSED;
	}
	return CG_GATE_OPEN;
}

/*!
 * \brief Gives the worker a moment for its verdict, instead of failing the client.
 *
 * Over TCP only, where the client has come after TC and could only be sent
 * away. The version stays alive meanwhile, since hooks run inside a read-side
 * critical section; the worker does not wait for grace periods.
 */
static cg_gate_t wait_for_verdict(cg_instance_t *self, const cg_version_t *version,
                                  const knot_pkt_t *pkt, const knot_dname_t *qname)
{
	const struct timespec nap = { .tv_nsec = WAIT_NAP_NS };
	cg_gate_t gate = CG_GATE_UNKNOWN;

	if (!cg_guard_may_wait(self->may_wait)) {
		return gate;
	}
	for (int i = 0; i < WAIT_NAPS && gate == CG_GATE_UNKNOWN; i++) {
		const knot_dname_t *name = NULL;
		nanosleep(&nap, NULL);
		gate = decide(self, version, pkt, qname, &name);
		if (gate == CG_GATE_UNKNOWN) {
			cg_guard_want(self->zone, version, name, false);
		}
	}
	cg_guard_waited();
	return gate;
}

/*!
 * \brief What has no verdict is held.
 *
 * Where no conflict can come in past Knot, only until the first verdict: the
 * contents can be older than the configuration.
 */
static bool holds(const cg_instance_t *self)
{
	return self->hold && (self->can_conflict || get_table(self) == NULL);
}

/*! \brief No verdict yet: asks for one; true: the answer must not go out. */
static bool stop_unverified(const cg_version_t *version, const knot_dname_t *name,
                            knot_pkt_t *pkt, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	cg_instance_t *self = instance(mod);
	cg_gate_t gate = CG_GATE_UNKNOWN;

	cg_guard_want(self->zone, version, name, false);
	if (!holds(self)) {
		return false;
	}
	if (qdata->params->proto != KNOTD_QUERY_PROTO_UDP) {
		gate = wait_for_verdict(self, version, pkt, knot_pkt_qname(qdata->query));
	}
	switch (gate) {
	case CG_GATE_OPEN:
		return false;
	case CG_GATE_REFUSED:
		refuse(qdata, mod);
		return true;
	default:
		hold(qdata, mod);
		return true;
	}
}

/*! \brief Decides about an answer; true: it must not go out, qdata says what goes instead. */
static bool stop_answer(knot_pkt_t *pkt, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	cg_instance_t *self = instance(mod);
	if (self == NULL) {
		if (!may_conflict(pkt)) {
			return false;
		}
		hold(qdata, mod);
		return true;
	}
	cg_version_t version;
	if ((!cg_table_refuses(get_table(self)) && !may_conflict(pkt)) ||
	    !get_version(qdata, &version)) {
		return false;
	}

	const knot_dname_t *name = NULL;
	switch (decide(self, &version, pkt, knot_pkt_qname(qdata->query), &name)) {
	case CG_GATE_OPEN:
		return false;
	case CG_GATE_REFUSED:
		refuse(qdata, mod);
		return true;
	default:
		return stop_unverified(&version, name, pkt, qdata, mod);
	}
}

static knotd_in_state_t answer_hook(knotd_in_state_t state, knot_pkt_t *pkt,
                                    knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return stop_answer(pkt, qdata, mod) ? KNOTD_IN_STATE_ERROR : state;
}

/* --- Truncated answers: Knot skips the ANSWER hooks, and signs before END --- */

static cg_thread_t *thread_of(cg_instance_t *self, const knotd_qdata_t *qdata)
{
	return (qdata->params->thread_id < self->threads) ?
	       &self->thread[qdata->params->thread_id] : NULL;
}

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

static knotd_state_t end_hook(knotd_state_t state, knot_pkt_t *pkt,
                              knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	if (!knot_wire_get_tc(pkt->wire) || qdata->type != KNOTD_QUERY_TYPE_NORMAL ||
	    qdata->err_truncated || !stop_answer(pkt, qdata, mod)) {
		return state;
	}
	cg_instance_t *self = instance(mod);
	if (self != NULL) {
		restore_mac(thread_of(self, qdata), qdata);
	}
	return KNOTD_STATE_FAIL;
}

/* --- Transfers --- */

/*! \brief Serial that the client of an IXFR has (RFC 1995, 3). */
static bool client_serial(const knot_pkt_t *query, uint32_t *serial)
{
	const knot_pktsection_t *authority = knot_pkt_section(query, KNOT_AUTHORITY);
	if (authority->count == 0) {
		return false;
	}
	const knot_rrset_t *soa = knot_pkt_rr(authority, 0);
	if (soa->type != KNOT_RRTYPE_SOA || soa->rrs.count == 0) {
		return false;
	}
	*serial = knot_soa_serial(soa->rrs.rdata);
	return true;
}

/*! \brief Every step from the client's serial to this version was judged clean. */
static bool steps_clean(const cg_verdict_t *verdict, uint32_t from)
{
	return (int32_t)(from - verdict->clean_since) >= 0;
}

static knotd_state_t stop_transfer(knotd_qdata_t *qdata, knotd_mod_t *mod,
                                   int ede, uint32_t counter)
{
	qdata->rcode = KNOT_RCODE_SERVFAIL;
	qdata->rcode_ede = ede;
	count(mod, qdata, counter);
	return KNOTD_STATE_FAIL;
}

static bool goes_on(const cg_thread_t *thread, const cg_thread_t *now)
{
	return thread->version.soa != NULL && cg_version_same(&thread->version, &now->version) &&
	       thread->id == now->id && thread->ixfr == now->ixfr && thread->from == now->from;
}

static knotd_state_t let_transfer(knotd_state_t state, knotd_qdata_t *qdata, bool as_axfr)
{
	if (as_axfr) {
		qdata->type = KNOTD_QUERY_TYPE_AXFR;
	}
	return state;
}

/*! \brief A newer version was judged: there will be no verdict about this one. */
static bool superseded(const cg_table_t *table, const cg_version_t *version)
{
	return table != NULL && table->count > 0 &&
	       (int32_t)(table->list[0].version.serial - version->serial) > 0;
}

/*!
 * \brief Gives the worker a moment for the verdict, instead of sending a secondary away.
 *
 * A transfer keeps its thread and its version for much longer than that.
 */
static const cg_verdict_t *wait_for_version(cg_instance_t *self, const cg_version_t *version)
{
	const struct timespec nap = { .tv_nsec = TRANSFER_NAP_NS };
	const cg_verdict_t *verdict = NULL;
	const cg_table_t *table = NULL;

	if (!cg_guard_may_wait(self->may_wait)) {
		return NULL;
	}
	for (int i = 0; i < TRANSFER_NAPS && verdict == NULL && !superseded(table, version); i++) {
		nanosleep(&nap, NULL);
		table = get_table(self);
		verdict = cg_table_find(table, version);
	}
	cg_guard_waited();
	return verdict;
}

static knotd_state_t gate_transfer(knotd_state_t state, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	cg_instance_t *self = instance(mod);
	cg_version_t version;
	if (self == NULL) {
		return stop_transfer(qdata, mod, KNOT_EDNS_EDE_NOT_READY, CG_COUNT_TRANSFERS_HELD);
	}
	if (!get_version(qdata, &version)) {
		return state;
	}

	cg_thread_t now = {
		.version = version,
		.id = knot_wire_get_id(qdata->query->wire),
	};
	now.ixfr = client_serial(qdata->query, &now.from);
	cg_thread_t *thread = thread_of(self, qdata);
	const cg_verdict_t *verdict = cg_table_find(get_table(self), &version);
	if (verdict != NULL && verdict->gate == CG_GATE_REFUSED) {
		return stop_transfer(qdata, mod, KNOT_EDNS_EDE_INV_DATA, CG_COUNT_TRANSFERS_REFUSED);
	}
	if (thread != NULL && goes_on(thread, &now)) {
		return let_transfer(state, qdata, thread->as_axfr);
	}

	if (verdict == NULL) {
		cg_guard_want(self->zone, &version, NULL, false);
		if (!holds(self)) {
			return state;
		}
		verdict = wait_for_version(self, &version);
	}
	if (verdict == NULL) {
		cg_guard_want(self->zone, &version, NULL, true);
		return stop_transfer(qdata, mod, KNOT_EDNS_EDE_NOT_READY, CG_COUNT_TRANSFERS_HELD);
	}
	if (verdict->gate == CG_GATE_REFUSED) {
		return stop_transfer(qdata, mod, KNOT_EDNS_EDE_INV_DATA, CG_COUNT_TRANSFERS_REFUSED);
	}

	if (qdata->type == KNOTD_QUERY_TYPE_IXFR && !steps_clean(verdict, now.from) &&
	    qdata->params->proto != KNOTD_QUERY_PROTO_UDP) {
		now.as_axfr = true;
		count(mod, qdata, CG_COUNT_IXFR_TO_AXFR);
	}
	if (thread != NULL) {
		memcpy(now.mac, thread->mac, sizeof(now.mac));
		now.mac_len = thread->mac_len;
		*thread = now;
	}
	return let_transfer(state, qdata, now.as_axfr);
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
		return gate_transfer(state, qdata, mod);
	case KNOTD_QUERY_TYPE_NORMAL:
		break;
	default:
		return state;
	}
	if (self == NULL) {
		return state;
	}

	if (self->scope_zone && zone_refused(self, qdata)) {
		refuse(qdata, mod);
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

int cg_hooks_register_audit(knotd_mod_t *mod)
{
	return knotd_mod_hook(mod, KNOTD_STAGE_BEGIN, audit_hook);
}

int cg_hooks_register(knotd_mod_t *mod)
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
	if (ret == KNOT_EOK) {
		ret = knotd_mod_in_hook(mod, KNOTD_STAGE_ANSWER, answer_hook);
	}
	if (ret == KNOT_EOK) {
		ret = knotd_mod_hook(mod, KNOTD_STAGE_END, end_hook);
	}
	return ret;
}
