/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What every hook looks at first: its instance, the version, the verdicts.
 */

#pragma once

#include "knot/instance.h"

static inline cg_instance_t *instance(knotd_mod_t *mod)
{
	return knotd_mod_ctx(mod);
}

/*! \brief Reads which version the answer comes from; false: the zone has no contents. */
static inline bool get_version(knotd_qdata_t *qdata, cg_version_t *version)
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

/*! \brief Verdicts under the policy of this instance; NULL: none. */
static inline const cg_table_t *get_table(const cg_instance_t *self)
{
	const cg_table_t *table = cg_verdicts_get(self->verdicts);
	return (table != NULL && table->generation == self->generation) ? table : NULL;
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

static inline void count(knotd_mod_t *mod, knotd_qdata_t *qdata, uint32_t counter)
{
	knotd_mod_stats_incr(mod, qdata->params->thread_id, counter, 0, 1);
}
