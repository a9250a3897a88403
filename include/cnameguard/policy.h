/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the operator wants for a zone, and what Knot does with it.
 */

#pragma once

#include <sys/socket.h>

#include "cnameguard/plan.h"

typedef enum {
	CG_MODE_AUDIT,    /*!< Say it only. */
	CG_MODE_REFUSE,   /*!< Names in conflict are not answered. */
	CG_MODE_REWRITE,  /*!< The zone is repaired. */
} cg_mode_t;

typedef enum {
	CG_SCOPE_NAME,    /*!< A refusal covers the names in conflict. */
	CG_SCOPE_ZONE,    /*!< A refusal covers the zone. */
} cg_scope_t;

/*! \brief Where the contents of a zone come from (zonefile-load). */
typedef enum {
	CG_LOAD_NONE,
	CG_LOAD_DIFFERENCE,
	CG_LOAD_WHOLE,
	CG_LOAD_DIFFERENCE_NO_SERIAL,
} cg_load_t;

/*!
 * \brief Options of the module and facts of the zone: immutable, counted, shared by zones.
 *
 * Made in a module's load; the worker holds a reference while it judges.
 * Everything it points to is its own.
 */
typedef struct {
	cg_mode_t mode;
	cg_scope_t scope;
	cg_strategy_t strategy;
	cg_strategy_t fallback;
	cg_rules_policy_t rules;
	bool hold;                /*!< while-unverified: hold. */
	char *audit_log;          /*!< Absolute path; NULL: none. */
	char *control;            /*!< Absolute path of the control socket. */
	char *rundir;             /*!< What the server at \a control has to have; NULL: it is the own one. */
	char *state;              /*!< Absolute path of the folder for last good versions and kept originals. */
	unsigned keep;            /*!< Originals kept for a zone. */
	unsigned sweep_interval;  /*!< Seconds. */

	char *file;               /*!< Name of the zone file, with Knot's formatters; NULL: Knot does not load one. */
	char *storage;            /*!< Folder that the name is relative to. */
	cg_load_t load;
	bool soft;                /*!< semantic-checks: soft. */
	bool journal;             /*!< A journal may be merged into the file. */
	bool secondary;           /*!< Has a primary. */
	bool signs;               /*!< dnssec-signing: on. */
	bool digests;             /*!< zonemd-generate is not none; looked at with \a external. */
	bool external;            /*!< external-validation: the server waits for the verdict. */
	bool signs_answers;       /*!< mod-onlinesign signs what is answered; looked at in mode rewrite. */
	bool transfers;           /*!< Some ACL, or the server by itself, allows transfers. */
	bool updates;             /*!< Some ACL allows dynamic updates. */
	bool flushes;             /*!< Knot writes the zone file (zonefile-sync is not -1). */
	struct sockaddr_storage listen; /*!< An address of the server itself; AF_UNSPEC: none known. */

	unsigned generation;      /*!< Set by the guard: policies that are the same (see below) share it. */
	unsigned refs;            /*!< Atomic. */
} cg_policy_t;

cg_policy_t *cg_policy_new(void);
cg_policy_t *cg_policy_ref(cg_policy_t *policy);
void cg_policy_unref(cg_policy_t *policy);

/*! \brief Whether a verdict under one holds under the other. */
bool cg_policy_same(const cg_policy_t *a, const cg_policy_t *b);

/*! \brief Whether they are equal in everything: zones can share one of them. */
bool cg_policy_equal(const cg_policy_t *a, const cg_policy_t *b);

const char *cg_mode_name(cg_mode_t mode);

/*! \brief A conflict can come into the server past Knot's own checks. */
static inline bool cg_policy_can_conflict(const cg_policy_t *policy)
{
	return policy->soft || (policy->load != CG_LOAD_NONE && policy->journal);
}

/*! \brief Dynamic updates are made here; a secondary passes them on to its primary. */
static inline bool cg_policy_updated(const cg_policy_t *policy)
{
	return policy->updates && !policy->secondary;
}

/*! \brief Serial numbers may come again with other contents. */
static inline bool cg_policy_serial_reused(const cg_policy_t *policy)
{
	return policy->load == CG_LOAD_WHOLE || policy->secondary;
}

/*!
 * \brief What follows from a clean version by updates is clean.
 *
 * Knot checks every update, transfer and transaction itself (no soft); only a
 * journal merged with a file is not checked, and such a load builds all
 * records anew.
 */
static inline bool cg_policy_descent(const cg_policy_t *policy)
{
	return !policy->soft && policy->load == CG_LOAD_WHOLE;
}

/*! \brief Knot numbers the versions, nobody else: an edit cannot collide with a serial that is to come. */
static inline bool cg_policy_knot_numbers(const cg_policy_t *policy)
{
	return !policy->secondary &&
	       (policy->load == CG_LOAD_NONE || policy->load == CG_LOAD_DIFFERENCE_NO_SERIAL);
}
