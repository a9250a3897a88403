/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Transfers. As in gate.c, only wait_for_version() waits. */

#include <netinet/in.h>
#include <time.h>

#include "cnameguard/compat.h"
#include "knot/gate.h"
#include "knot/view.h"

/*! \brief A held transfer, which needs the verdict of the whole zone: 500 ms in all. */
#define TRANSFER_NAPS	500
#define TRANSFER_NAP_NS	1000000

cg_thread_t cg_threads[CG_THREADS];

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

/*! \brief The version is refused; another policy may let it go, of which Knot tells nobody. */
static knotd_state_t refuse_transfer(cg_instance_t *self, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	cg_guard_transfer_refused(self->zone);
	return stop_transfer(qdata, mod, KNOT_EDNS_EDE_INV_DATA, CG_COUNT_TRANSFERS_REFUSED);
}

static bool goes_on(const cg_thread_t *thread, const cg_thread_t *now)
{
	return thread->version.soa != NULL && cg_version_same(&thread->version, &now->version) &&
	       thread->generation == now->generation && thread->id == now->id && thread->ixfr == now->ixfr && thread->from == now->from;
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

static uint16_t port_of(const struct sockaddr_storage *address)
{
	return be16toh((address->ss_family == AF_INET6) ?
	               ((const struct sockaddr_in6 *)address)->sin6_port :
	               ((const struct sockaddr_in *)address)->sin_port);
}

static bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *in_a = (const void *)a, *in_b = (const void *)b;
	const struct sockaddr_in6 *in6_a = (const void *)a, *in6_b = (const void *)b;
	if (a->ss_family != b->ss_family) {
		return false;
	}
	return (a->ss_family == AF_INET) ?
	       in_a->sin_addr.s_addr == in_b->sin_addr.s_addr :
	       a->ss_family == AF_INET6 && IN6_ARE_ADDR_EQUAL(&in6_a->sin6_addr, &in6_b->sin6_addr);
}

/*! \brief The worker's own: who connects to an address of its host comes from the same one. */
static bool is_own(const cg_instance_t *self, knotd_qdata_t *qdata)
{
	struct sockaddr_storage buffer;
	const struct sockaddr_storage *remote = knotd_qdata_remote_addr(qdata);
	return qdata->params->proto == KNOTD_QUERY_PROTO_TCP &&
	       cg_guard_transferring(self->zone, port_of(remote),
	                             knot_wire_get_id(qdata->query->wire)) &&
	       same_host(remote, knotd_qdata_local_addr(CG_LOCAL_ADDR_ARGS(qdata, &buffer)));
}

knotd_state_t cg_gate_transfer(knotd_state_t state, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	cg_instance_t *self = instance(mod);
	cg_version_t version;
	if (self == NULL) {
		return stop_transfer(qdata, mod, KNOT_EDNS_EDE_NOT_READY, CG_COUNT_TRANSFERS_HELD);
	}
	if (!get_version(qdata, &version) || is_own(self, qdata)) {
		return state;
	}

	cg_thread_t now = {
		.version = version,
		.generation = self->generation,
		.id = knot_wire_get_id(qdata->query->wire),
	};
	now.ixfr = client_serial(qdata->query, &now.from);
	cg_thread_t *thread = thread_of(qdata);
	const cg_verdict_t *verdict = cg_table_find(get_table(self), &version);
	if (verdict != NULL && verdict->gate == CG_GATE_REFUSED) {
		return refuse_transfer(self, qdata, mod);
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
		return refuse_transfer(self, qdata, mod);
	}

	if (qdata->type == KNOTD_QUERY_TYPE_IXFR && !steps_clean(verdict, now.from) &&
	    qdata->params->proto != KNOTD_QUERY_PROTO_UDP) {
		now.as_axfr = true;
		count(mod, qdata, CG_COUNT_IXFR_TO_AXFR);
	}
	if (thread != NULL) {
		*thread = now;
	}
	return let_transfer(state, qdata, now.as_axfr);
}

knotd_state_t cg_gate_unseen_transfer(knotd_state_t state, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	cg_instance_t *self = instance(mod);
	cg_version_t version;
	uint32_t from = 0;
	if (!get_version(qdata, &version)) {
		return state;
	}

	const cg_verdict_t *verdict = cg_table_find(get_table(self), &version);
	bool ixfr = (qdata->type == KNOTD_QUERY_TYPE_IXFR);
	if (verdict != NULL && verdict->gate == CG_GATE_OPEN &&
	    (!ixfr || (client_serial(qdata->query, &from) && steps_clean(verdict, from)))) {
		return state;
	}
	cg_guard_want(self->zone, &version, NULL, true);
	return stop_transfer(qdata, mod, KNOT_EDNS_EDE_NOT_READY, CG_COUNT_TRANSFERS_HELD);
}
