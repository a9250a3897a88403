/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "knot/shown.h"

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

bool cg_shows_renamed(const knot_pktsection_t *answer, const knot_dname_t *name)
{
	for (uint16_t i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (rr->type == KNOT_RRTYPE_DNAME &&
		    knot_dname_in_bailiwick(name, rr->owner) > 0) {
			return true;
		}
	}
	return false;
}

/*! \brief Octets of a name, if they are fewer than a slot takes; else of so many labels as are enough. */
static size_t enough_of(const knot_dname_t *name)
{
	const knot_dname_t *label = name;
	while (*label != 0 && label <= name + *name + sizeof(uint64_t)) {
		label = cg_next_label(label);
	}
	return label + 1 - name;
}

bool cg_shows_alert(const knot_pkt_t *pkt, const knotd_qdata_t *qdata)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
	bool shows = cg_alerts(qdata->query->lower_qname, qdata->query->qname_size);
	for (uint16_t i = 0; i < answer->count && !shows; i++) {
		const knot_dname_t *owner = knot_pkt_rr(answer, i)->owner;
		shows = cg_alerts(owner, enough_of(owner));
	}
	return shows;
}

/*! \brief The wildcard that the owner was made from is refused: it is the closest one. */
static bool wildcard_refused(const cg_verdict_t *verdict, const knot_dname_t *owner)
{
	while (*owner != 0) {
		owner = cg_next_label(owner);
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

bool cg_shows_refused(const cg_verdict_t *verdict, const knot_pkt_t *pkt,
                      const knot_dname_t *qname)
{
	if (cg_names_has(&verdict->refused, qname)) {
		return true;
	}
	const cg_answers_t *answers = verdict->answers;
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
	for (uint16_t i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		/* Knot frees what it has made for this answer, as from a wildcard. */
		bool made = (answer->pkt->rr_info[answer->pos + i].flags & KNOT_PF_FREE);
		if (cg_names_has(&verdict->refused, rr->owner) ||
		    (answers != NULL && cg_answers_differs(answers, rr)) ||
		    (made && verdict->wildcards.count > 0 && !cg_shows_renamed(answer, rr->owner) &&
		     wildcard_refused(verdict, rr->owner))) {
			return true;
		}
	}
	return false;
}

const knot_dname_t *cg_shows_unverified(const cg_table_t *table, const cg_version_t *version,
                                        const knot_pkt_t *pkt, const knot_dname_t *qname,
                                        const cg_own_t *own)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
	bool direct = answer->count > 0 && is_direct(knot_pkt_qtype(pkt));

	for (uint16_t i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (!is_alias(rr)) {
			continue;
		}
		if (!cg_table_cleared(table, version, rr->owner) &&
		    !cg_own_clean(own, answer, rr->owner, rr->type)) {
			return rr->owner;
		}
		direct = direct && !knot_dname_is_equal(rr->owner, qname);
	}
	if (direct && !cg_table_cleared(table, version, qname) &&
	    !cg_own_clean(own, answer, qname, 0)) {
		return qname;
	}
	return NULL;
}

bool cg_shows_alias(const knot_pkt_t *pkt)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);

	for (uint16_t i = 0; i < answer->count; i++) {
		if (is_alias(knot_pkt_rr(answer, i))) {
			return true;
		}
	}
	return answer->count > 0 && is_direct(knot_pkt_qtype(pkt));
}
