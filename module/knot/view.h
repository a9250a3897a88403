/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What every hook looks at first: its instance, the version, the verdicts.
 */

#pragma once

#include <string.h>

#include "knot/instance.h"

static inline cg_instance_t *instance(knotd_mod_t *mod)
{
	return knotd_mod_ctx(mod);
}

static inline knot_rrset_t get_soa(knotd_qdata_t *qdata)
{
	return knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_SOA);
}

/*! \brief Which version has this SOA; false: the zone has no contents. */
static inline bool version_of(knotd_qdata_t *qdata, const knot_rrset_t *soa, cg_version_t *version)
{
	if (knot_rrset_empty(soa)) {
		return false;
	}
	knot_rrset_t ns = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_NS);
	version->serial = cg_rdata_serial(soa->rrs.rdata);
	version->soa = soa->rrs.rdata;
	version->ns = ns.rrs.rdata;
	version->apex = soa->owner;
	return true;
}

/*! \brief Reads which version the answer comes from; false: the zone has no contents. */
static inline bool get_version(knotd_qdata_t *qdata, cg_version_t *version)
{
	knot_rrset_t soa = get_soa(qdata);
	return version_of(qdata, &soa, version);
}

/*! \brief Tells common types apart by one load; the query has a question. */
static inline uint8_t last_octet_of_type(const knot_pkt_t *query)
{
	return query->wire[KNOT_WIRE_HEADER_SIZE + query->qname_size + 1];
}

/*! \brief Knot went on to another name than the one that was asked for, or this is no ordinary answer. */
static inline bool went_on(const knotd_qdata_t *qdata)
{
	return qdata->name != qdata->query->lower_qname;
}

/*! \brief Two octets of the header as they stand there, to be compared with CG_LOOK_CUT and its like. */
static inline uint16_t flags_of(const knot_pkt_t *pkt)
{
	uint16_t flags;
	memcpy(&flags, pkt->wire + 2, sizeof(flags));
	return flags;
}

static inline bool cut_short(const knot_pkt_t *pkt)
{
	return flags_of(pkt) & CG_LOOK_CUT;
}

/*!
 * \brief An ordinary answer that shows no alias, while nothing is refused anywhere.
 *
 * Knot goes on to another name when it follows an alias. It does not where a
 * DNAME is in the answer and the CNAME made from it does not fit, or would be
 * too long; those are cut short. Only for what came by the query plan of a zone:
 * there is a question.
 */
static inline bool nothing_to_see(const knot_pkt_t *pkt, const knotd_qdata_t *qdata)
{
	return (flags_of(pkt) & cg_looks(last_octet_of_type(qdata->query))) == 0;
}

/*! \brief Verdicts under the policy of this instance; NULL: none. */
static inline const cg_table_t *get_table(const cg_instance_t *self)
{
	const cg_table_t *table = cg_verdicts_get(self->verdicts);
	return (table != NULL && table->generation == self->generation) ? table : NULL;
}

/*! \brief The name that is asked for can be one that is refused or answered repaired, in some zone. */
static inline bool is_concerned(const knotd_qdata_t *qdata)
{
	return cg_alert_zone() ||
	       cg_alerts(qdata->query->lower_qname, qdata->query->qname_size);
}

/*!
 * \brief What has no verdict is held.
 *
 * Where no conflict can come in past Knot, only until the first verdict: the
 * contents can be older than the configuration.
 */
static inline bool holds(const cg_instance_t *self)
{
	return self->hold && (self->can_conflict || get_table(self) == NULL);
}

static inline cg_thread_t *thread_of(cg_instance_t *self, const knotd_qdata_t *qdata)
{
	return (qdata->params->thread_id < self->threads) ?
	       &self->thread[qdata->params->thread_id] : NULL;
}

/*!
 * \brief The answer comes from the version that was judged last, of which all but some names may go out.
 *
 * Nearly always so, hence without a call of ours.
 */
static inline bool is_newest(const cg_table_t *table, knotd_qdata_t *qdata)
{
	knot_rrset_t soa = get_soa(qdata);
	if (!cg_table_newest(table, soa.rrs.rdata, soa.owner)) {
		return false;
	}
	knot_rrset_t ns = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_NS);
	return ns.rrs.rdata == table->newest.ns;
}

static inline void count(knotd_mod_t *mod, knotd_qdata_t *qdata, uint32_t counter)
{
	knotd_mod_stats_incr(mod, qdata->params->thread_id, counter, 0, 1);
}
