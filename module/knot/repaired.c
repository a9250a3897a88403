/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Answers of names that the verdict has repaired. Hooks: no lock, no I/O, no
 * allocation; what is put into an answer lives as long as the verdict, which
 * RCU keeps for as long as the hook's caller reads it. */

#include "knot/repaired.h"
#include "knot/view.h"

/*! \brief Aliases that are followed for one question, as Knot does. */
#define LINKS_MAX	5

/*! \brief Repaired answers of the version that this answer comes from; NULL: none. */
static const cg_answers_t *answers_of(const cg_instance_t *self, knotd_qdata_t *qdata)
{
	const cg_table_t *table = (self != NULL) ? get_table(self) : NULL;
	cg_version_t version;
	if (table == NULL || !table->answers || !get_version(qdata, &version)) {
		return NULL;
	}
	const cg_verdict_t *verdict = cg_table_find(table, &version);
	return (verdict != NULL) ? verdict->answers : NULL;
}

/*! \brief Types that no alias stands in for. */
static bool is_direct(uint16_t qtype)
{
	return qtype == KNOT_RRTYPE_CNAME || qtype == KNOT_RRTYPE_ANY ||
	       qtype == KNOT_RRTYPE_RRSIG || qtype == KNOT_RRTYPE_NSEC;
}

/*! \brief What a name has for a question; NULL: no data. ANY gets one RRset, as Knot gives it (RFC 8482, 4.1). */
static const knot_rrset_t *rrset_for(const cg_answers_name_t *name, uint16_t qtype)
{
	return (qtype == KNOT_RRTYPE_ANY) ? &name->rrsets[0] : cg_answers_rrset(name, qtype);
}

static knotd_in_state_t put(knot_pkt_t *pkt, const knotd_qdata_t *qdata,
                            const knot_rrset_t *rrset)
{
	bool udp = (qdata->params->proto == KNOTD_QUERY_PROTO_UDP);
	uint16_t hint = (pkt->rrset_count == 0) ? KNOT_COMPR_HINT_QNAME : KNOT_COMPR_HINT_NONE;
	uint16_t flags = KNOT_PF_ORIGTTL | (udp ? KNOT_PF_NULL : KNOT_PF_NOTRUNC);

	int ret = knot_pkt_put(pkt, hint, rrset, flags);
	return (ret == KNOT_EOK) ? KNOTD_IN_STATE_HIT :
	       (ret == KNOT_ESPACE && udp) ? KNOTD_IN_STATE_TRUNC : KNOTD_IN_STATE_ERROR;
}

static __attribute__((noinline)) knotd_in_state_t repair(knotd_in_state_t state, knot_pkt_t *pkt,
                                                         knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	const cg_answers_t *answers = answers_of(instance(mod), qdata);
	const cg_answers_name_t *name = cg_answers_find(answers, qdata->name);
	uint16_t qtype = knot_pkt_qtype(pkt);
	if (name == NULL || state != KNOTD_IN_STATE_BEGIN) {
		return state;
	}

	knot_wire_set_aa(pkt->wire);
	for (int links = 0; links < LINKS_MAX; links++) {
		const knot_rrset_t *cname = cg_answers_rrset(name, KNOT_RRTYPE_CNAME);
		if (cname == NULL || is_direct(qtype)) {
			const knot_rrset_t *rrset = rrset_for(name, qtype);
			return (rrset != NULL) ? put(pkt, qdata, rrset) : KNOTD_IN_STATE_HIT;
		}
		state = put(pkt, qdata, cname);
		if (state != KNOTD_IN_STATE_HIT) {
			return state;
		}
		qdata->name = knot_cname_name(cname->rrs.rdata);
		name = cg_answers_find(answers, qdata->name);
		if (name == NULL) {
			return KNOTD_IN_STATE_FOLLOW; /* The rest is as in the zone. */
		}
	}
	return KNOTD_IN_STATE_HIT;
}

/*! \brief The answer ends at a repaired name that has no such data. */
static __attribute__((noinline)) bool no_data(const knot_pkt_t *pkt, knotd_qdata_t *qdata,
                                              knotd_mod_t *mod)
{
	const cg_answers_t *answers = answers_of(instance(mod), qdata);
	const knot_dname_t *last = knot_pkt_qname(qdata->query);
	uint16_t qtype = knot_pkt_qtype(pkt);
	if (answers == NULL || cg_answers_find(answers, last) == NULL) {
		return false;
	}
	const knot_pktsection_t *section = knot_pkt_section(pkt, KNOT_ANSWER);
	if (section->count > 0) {
		const knot_rrset_t *rrset = knot_pkt_rr(section, section->count - 1);
		if (rrset->type != KNOT_RRTYPE_CNAME || is_direct(qtype)) {
			return false;
		}
		last = knot_cname_name(rrset->rrs.rdata);
	}
	const cg_answers_name_t *name = cg_answers_find(answers, last);
	return name != NULL && rrset_for(name, qtype) == NULL &&
	       (is_direct(qtype) || cg_answers_rrset(name, KNOT_RRTYPE_CNAME) == NULL);
}

static knotd_in_state_t preanswer_hook(knotd_in_state_t state, knot_pkt_t *pkt,
                                       knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return (cg_alert() && is_concerned(qdata)) ? repair(state, pkt, qdata, mod) : state;
}

/*! \brief What was asked for is there: the answer does not end with an alias. */
static bool has_data(const knot_pkt_t *pkt)
{
	return pkt->rrset_count > 0 && pkt->rr[pkt->rrset_count - 1].type != KNOT_RRTYPE_CNAME;
}

/*! \brief Knot does not know that such a name has no data, and leaves out the SOA. */
static knotd_in_state_t answer_hook(knotd_in_state_t state, knot_pkt_t *pkt,
                                    knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return (cg_alert() && state == KNOTD_IN_STATE_HIT && !has_data(pkt) &&
	        is_concerned(qdata) && no_data(pkt, qdata, mod)) ? KNOTD_IN_STATE_NODATA : state;
}

int cg_repaired_register(knotd_mod_t *mod)
{
	int ret = knotd_mod_in_hook(mod, KNOTD_STAGE_PREANSWER, preanswer_hook);
	return (ret == KNOT_EOK) ? knotd_mod_in_hook(mod, KNOTD_STAGE_ANSWER, answer_hook) : ret;
}
