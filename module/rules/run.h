/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A run over one zone: what the files of the rules share.
 */

#pragma once

#include "cnameguard/rules.h"
#include "rules/exempt.h"
#include "rules/explain.h"
#include "rules/pool.h"

/*! \brief A zone cut or a DNAME above the names that come now. */
typedef struct {
	knot_dname_storage_t owner;
	knot_dname_txt_storage_t spelling;
	bool is_dname;
	cg_found_t *children;  /*!< Finding to be, NULL: nothing to be found. */
	bool has_children;     /*!< It has come to be. */
	cg_pool_mark_t before; /*!< The pool before and after the finding to be. */
	cg_pool_mark_t after;
} cg_cover_t;

struct cg_rules {
	knot_dname_storage_t origin;
	const cg_rules_policy_t *policy;
	cg_exempt_t exempt;
	uint32_t conflicting; /*!< Types that must not stand beside a CNAME (SEEN_*). */
	int failed;           /*!< First error. */

	cg_cover_t *covers;   /*!< Stack, outermost first. */
	size_t covers_count;
	size_t covers_max;

	cg_found_t **found;
	size_t found_count;
	size_t found_max;
	cg_pool_t *pool;
	const char *last_file; /*!< Copied last, to be shared. */

	bool apex_seen;
	bool has_serial;
	uint32_t serial;
	bool is_signed;
	size_t names;
	size_t records;
	size_t aliases;
};

/*! \brief Whether findings of a rule are reported under the policy. */
bool cg_rule_wanted(const cg_rules_policy_t *policy, cg_rule_t rule);
bool cg_run_wants(const cg_rules_t *run, cg_rule_t rule);

/*! \brief New finding, not yet in the list; types and records are to be set. NULL: out of memory. */
cg_found_t *cg_run_found(cg_rules_t *run, cg_rule_t rule, const knot_dname_t *owner,
                         const char *spelling);

/*! \brief Puts a finding into the list. */
int cg_run_list(cg_rules_t *run, cg_found_t *found);

/*! \brief The records of a name in order, each once. To be freed. NULL: out of memory. */
const cg_rr_t **cg_run_sorted(const cg_name_t *name, size_t *count);

/*! \brief All types of sorted records, each once, but those that may stand beside anything. */
int cg_run_types(cg_rules_t *run, cg_found_t *found, const cg_rr_t **list, size_t count);

/*! \brief Makes room for that many records of the finding. */
int cg_run_room(cg_rules_t *run, cg_found_t *found, size_t records);

/*! \brief Adds a record, for which there is room, with an owner that lives as long as the findings. */
int cg_run_record(cg_rules_t *run, cg_found_t *found, const char *owner, const cg_rr_t *rr);

/*! \brief Does a work as cg_each_t says; NULL: the pieces one after the other. */
int cg_run_each(cg_each_t each, size_t count, int (*piece)(size_t at, void *work), void *work);

/*!
 * \brief Runs for pieces of a zone, to be judged by several threads. NULL: out of memory.
 *
 * Each may take findings that need nothing of the names before.
 */
cg_rules_t *cg_run_split(const cg_rules_t *run, size_t pieces);

/*!
 * \brief Gives the run what its pieces have found, in their order, and frees them.
 *
 * \param pieces  NULL: none.
 * \param ret     How the work went.
 *
 * \return \a ret, or if that is KNOT_EOK, KNOT_ENOMEM.
 */
int cg_run_join(cg_rules_t *run, cg_rules_t *pieces, size_t count, int ret);

/*! \brief Ends a run; \a self is the zone itself, if there is one in memory. */
int cg_run_end(cg_rules_t *run, const cg_zones_t *texts, const cg_zone_t *self, cg_each_t each,
               cg_findings_t *out);
