/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What Knot's configuration says of a zone, asked for as little as can be.
 *
 * Each answer of Knot's is a search in its database, ten searches for what comes
 * from a template. With a reload that asks for all zones one after the other, what
 * the templates say is remembered from one zone to the next.
 */

#pragma once

#include <knot/module.h>

#include "cnameguard/policy.h"

typedef union {
	int64_t number;     /*!< Of an option, as it is; of a list how many it has; of the ACLs a bit an action. */
	const char *text;   /*!< Knot's, while the module is loaded. */
} cg_fact_t;

enum {
	CG_FACT_LOAD,       /*!< zonefile-load */
	CG_FACT_CHECKS,     /*!< semantic-checks */
	CG_FACT_JOURNAL,    /*!< journal-content */
	CG_FACT_PRIMARIES,  /*!< master */
	CG_FACT_ACTIONS,    /*!< acl: what they allow. */
	CG_FACT_SIGNING,    /*!< dnssec-signing */
	CG_FACT_SYNC,       /*!< zonefile-sync, seconds */
	CG_FACT_FILE,
	CG_FACT_STORAGE,
	CG_FACT_EXTERNAL,   /*!< external-validation: 1, from Knot 3.5 on. */
	CG_FACT_DIGESTS,    /*!< zonemd-generate; with external-validation only. */
	CG_FACTS
};

/*!
 * \brief The policy of the zone: options of the module, and facts.
 *
 * \param[out] quiet  cg_config_warn() had nothing to say about this very policy a moment ago.
 *
 * \return A reference, maybe to one that other zones have; NULL: out of memory.
 */
cg_policy_t *cg_facts_load(knotd_mod_t *mod, bool *quiet);

/*! \brief cg_config_warn() had nothing to say. */
void cg_facts_quiet(const cg_policy_t *policy);

/*! \brief Nothing is remembered any more: to be called at each unload. */
void cg_facts_forget(void);

/*! \brief Makes a policy from facts; \a modules are those of the zone. NULL: out of memory. */
cg_policy_t *cg_config_make(knotd_mod_t *mod, const cg_fact_t *facts, const knotd_conf_t *modules);
