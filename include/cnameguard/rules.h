/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The rules: names in, findings out. No I/O, no threads, no clock.
 */

#pragma once

#include "cnameguard/each.h"
#include "cnameguard/record.h"
#include "cnameguard/zone.h"

/*! \brief Rules in the order of docs/rules.md. */
typedef enum {
	CG_RULE_CNAME_APEX,
	CG_RULE_CNAME_MX,
	CG_RULE_CNAME_OTHER,
	CG_RULE_CNAME_MULTIPLE,
	CG_RULE_DNAME_MULTIPLE,
	CG_RULE_DNAME_NS,
	CG_RULE_DNAME_CHILDREN,
	CG_RULE_APEX_NO_NS,
	CG_RULE_MX_ALIAS,
	CG_RULE_NS_ALIAS,
	CG_RULE_SRV_ALIAS,
	CG_RULE_PTR_ALIAS,
	CG_RULE_CNAME_LOOP,
	CG_RULE_CNAME_CHAIN,
	CG_RULE_CNAME_DANGLING,
	CG_RULE_SOA_ALIAS,
	CG_RULE_NAPTR_ALIAS,
	CG_RULE_SVCB_ALIAS,
	CG_RULE_CNAME_MAIL,
	CG_RULE__COUNT
} cg_rule_t;

typedef enum {
	CG_LEVEL_INFO,
	CG_LEVEL_WARNING,
	CG_LEVEL_ERROR,
} cg_level_t;

/*! \brief What a rule is: one row of the table of rules. */
typedef struct {
	const char *name;    /*!< As in the configuration and the logs. */
	cg_level_t level;    /*!< Unless the policy raises it. */
	bool editable;       /*!< A rewrite may repair it. */
	const char *source;  /*!< RFCs. */
	const char *summary; /*!< When it holds, one sentence. */
} cg_rule_info_t;

const cg_rule_info_t *cg_rule_info(cg_rule_t rule);

/*! \brief Rule of that name, or CG_RULE__COUNT. */
cg_rule_t cg_rule_by_name(const char *name);

const char *cg_level_name(cg_level_t level);

/*! \brief Aliases that Knot follows for one query (RFC 1034, 3.6.2 names no number). */
#define CG_CHAIN_LIMIT 5
#define CG_CHAIN_LIMIT_MAX 100

/*! \brief The part of the policy that changes what is found. */
typedef struct {
	uint32_t enforce;     /*!< Bit per rule: raised to error. */
	uint32_t ignore;      /*!< Bit per rule: not reported. */
	bool info;            /*!< Findings of level info are reported too. */
	bool allow_key;       /*!< KEY may stand beside a CNAME (RFC 4035, 2.5). */
	unsigned chain_limit; /*!< Links that a chain of aliases may have; 0: CG_CHAIN_LIMIT. */
	const char **exempt;  /*!< Owner names never acted on, NULL: none. */
	size_t exempt_count;  /*!< A name without a trailing dot is relative to the zone. */
} cg_rules_policy_t;

/*!
 * \brief Whether any rule about targets, which needs a whole zone, is reported under the policy.
 *
 * \param[out] enforced  One of them is of level error.
 */
bool cg_rules_targets(const cg_rules_policy_t *policy, bool *enforced);

/*! \brief One record of a finding, with its owner. */
typedef struct {
	const char *owner; /*!< Spelling, absolute. */
	cg_rr_t rr;
} cg_finding_rr_t;

/*! \brief One rule broken at one owner name. Owned by its cg_findings_t. */
typedef struct {
	cg_rule_t rule;
	cg_level_t level;
	bool exempt;                /*!< Reported, never acted on. */
	bool occluded;              /*!< Below a zone cut or DNAME: no answer shows it. */
	bool below_cut;             /*!< Occluded by a zone cut: what is answered is a referral. */
	knot_dname_t *owner;        /*!< Lower-cased wire format. */
	const char *spelling;       /*!< Owner, absolute, presentation format. */
	const uint16_t *types;      /*!< Every type at the name, ascending, each once. */
	size_t types_count;
	const cg_finding_rr_t *rr;  /*!< Every record involved. */
	size_t rr_count;
	const char *message;        /*!< What is wrong and what happens to people. One line. */
	const char *remedy;         /*!< What to write instead. One line. */
} cg_finding_t;

typedef struct {
	cg_finding_t *list;  /*!< Canonical order of owners, then order of the rules. */
	size_t count;
	size_t errors;       /*!< Findings of level error that are not exempt. */
	size_t names;        /*!< Names looked at. */
	size_t records;      /*!< Records looked at. */
	size_t aliases;      /*!< Names with CNAME or DNAME among them. */
	bool has_serial;     /*!< An SOA at the apex was seen. */
	uint32_t serial;     /*!< Its serial. */
	bool is_signed;      /*!< DNSKEY or RRSIG records at the apex. */
	void *pool;          /*!< Private. */
} cg_findings_t;

/*! \brief A run over one zone version, name by name. */
typedef struct cg_rules cg_rules_t;

/*!
 * \brief Begins a run. NULL: out of memory.
 *
 * \param origin  Apex of the zone; copied.
 * \param policy  Borrowed until cg_rules_end().
 */
cg_rules_t *cg_rules_begin(const knot_dname_t *origin, const cg_rules_policy_t *policy);

/*!
 * \brief Judges the next name; has the form of cg_name_cb, \a ctx is the cg_rules_t.
 *
 * Names come in canonical order, each once; owners of NSEC3 records (which are
 * a namespace of their own, RFC 5155) may come in a second ordered run after
 * all others, and never count as data beside or below anything.
 */
int cg_rules_name(const cg_name_t *name, void *ctx);

/*!
 * \brief Ends the run and gives out what was found. Frees \a rules.
 *
 * \param texts  Zones to look up targets in for the texts; NULL: message and
 *               remedy name the target only.
 * \param[out] out  To be freed by cg_findings_free(), also after an error.
 */
int cg_rules_end(cg_rules_t *rules, const cg_zones_t *texts, cg_findings_t *out);

/*!
 * \brief Judges a whole zone by itself: by the three calls above, and by the rules about targets.
 */
int cg_rules_zone(const cg_zone_t *zone, const cg_rules_policy_t *policy, cg_findings_t *out);

/*!
 * \brief Judges several zones together: a target in one of them is known to all.
 *
 * \param each      Shares the work; NULL: the caller's thread does it alone.
 * \param[out] out  As many as there are zones, in their order; each to be freed
 *                  by cg_findings_free(), also after an error.
 */
int cg_rules_zones(const cg_zones_t *zones, const cg_rules_policy_t *policy, cg_each_t each,
                   cg_findings_t *out);

/*!
 * \brief Tells the hosts outside of a zone, or below its zone cuts, that its targets are or lead to.
 *
 * \param host  Called with names in wire format, lower-cased; a name may come several times.
 *              Anything but KNOT_EOK ends the walk and is returned.
 */
int cg_rules_hosts(const cg_zone_t *zone, int (*host)(const knot_dname_t *name, void *ctx),
                   void *ctx);

/*! \brief Calls for each host that a record of a zone names, in lower case, whatever it leads to. */
int cg_rules_all_hosts(const cg_zone_t *zone,
                       int (*host)(const knot_dname_t *name, uint16_t type, void *ctx), void *ctx);

void cg_findings_free(cg_findings_t *findings);
