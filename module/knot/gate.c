/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Answers. Hooks look, decide and return: no lock, no I/O, no allocation. Only
 * wait_for_verdict() waits, over TCP and bounded. */

#include <time.h>

#include "cnameguard/compat.h"
#include "knot/gate.h"
#include "knot/shown.h"
#include "knot/view.h"

/*! \brief A held TCP client waits this often for this long: 25 ms in all, and what naps take longer. */
#define WAIT_NAPS	250
#define WAIT_NAP_NS	100000

void cg_gate_refuse(knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	qdata->rcode = KNOT_RCODE_SERVFAIL;
	qdata->rcode_ede = KNOT_EDNS_EDE_INV_DATA;
	count(mod, qdata, CG_COUNT_REFUSED);
}

bool cg_gate_refuses(knotd_qdata_t *qdata, const cg_instance_t *self)
{
	const cg_table_t *table = (self != NULL) ? get_table(self) : NULL;
	if (!cg_table_refuses(table) || qdata->query->tsig_rr != NULL) {
		return false; /* A signed question gets a signed refusal, behind the answer. */
	}
	const knot_dname_t *qname = knot_pkt_qname(qdata->query);
	for (size_t i = 0; i < table->count; i++) {
		const cg_verdict_t *verdict = &table->list[i];
		cg_version_t version;
		if (verdict->gate == CG_GATE_REFUSED &&
		    (verdict->whole_zone || cg_names_has(&verdict->refused, qname))) {
			return get_version(qdata, &version) &&
			       cg_table_find(table, &version) == verdict;
		}
	}
	return false;
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
		*name = cg_shows_unverified(table, version, pkt, qname, NULL);
		return (*name != NULL) ? CG_GATE_UNKNOWN : CG_GATE_OPEN;
	}
	if (verdict->gate == CG_GATE_REFUSED &&
	    (verdict->whole_zone || cg_shows_refused(verdict, pkt, qname))) {
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
 * \brief No verdict yet: asks for one, and waits where that is worth it.
 *
 * \param name  The first alias in the answer that was not cleared.
 */
static cg_gate_t ask_verdict(cg_instance_t *self, const cg_version_t *version,
                             const knot_dname_t *name, const knot_pkt_t *pkt,
                             const knotd_qdata_t *qdata)
{
	const knot_dname_t *qname = knot_pkt_qname(qdata->query);
	cg_own_t own = { self, qdata, version };
	if (CG_KNOT_READS_NAMES && holds(self)) {
		name = cg_shows_unverified(get_table(self), version, pkt, qname, &own);
	}
	cg_guard_want(self->zone, version, name, false);
	if (name == NULL || !holds(self)) {
		return CG_GATE_OPEN;
	}
	return (qdata->params->proto == KNOTD_QUERY_PROTO_UDP) ? CG_GATE_UNKNOWN :
	       wait_for_verdict(self, version, pkt, qname);
}

static cg_gate_t gate_of(const knot_pkt_t *pkt, knotd_qdata_t *qdata, cg_instance_t *self)
{
	const knot_dname_t *qname = knot_pkt_qname(qdata->query);
	if (self == NULL) {
		cg_own_t own = { NULL, qdata, NULL };
		return cg_shows_unverified(NULL, NULL, pkt, qname, &own) ? CG_GATE_UNKNOWN : CG_GATE_OPEN;
	}

	const cg_table_t *table = get_table(self);
	if (!cg_table_refuses(table) && qdata->name == qname && !cg_shows_alias(pkt)) {
		return CG_GATE_OPEN;
	}
	cg_version_t version;
	const knot_dname_t *name = NULL;
	if (!get_version(qdata, &version)) {
		return CG_GATE_OPEN;
	}
	cg_gate_t gate = decide(self, &version, pkt, qname, &name);
	return (gate == CG_GATE_UNKNOWN) ? ask_verdict(self, &version, name, pkt, qdata) : gate;
}

bool cg_gate_answer(cg_instance_t *self, knot_pkt_t *pkt, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	switch (gate_of(pkt, qdata, self)) {
	case CG_GATE_OPEN:
		return false;
	case CG_GATE_REFUSED:
		cg_gate_refuse(qdata, mod);
		return true;
	default:
		hold(qdata, mod);
		return true;
	}
}
