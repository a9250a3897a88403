/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Verdicts about zone versions, from the worker to the query hooks.
 *
 * The worker is the only writer. Hooks read inside knotd's own RCU read-side
 * critical section; what they get is valid until they return. The writer
 * replaces the whole table; the old one is freed after a grace period, and
 * cg_rcu_leave_thread() waits until all are.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cnameguard/answers.h"

/*!
 * \brief Questions whose answers hooks look at, by the last octet of the type.
 *
 * Always those to ANY, CNAME, DNAME, RRSIG and NSEC, which are answered with what
 * the name itself has, and to SOA, by which the worker asks and updates come.
 * All, also [0], by which nobody asks, before the first version of any zone is
 * published as refused or answered repaired, until the last one is gone.
 */
extern uint8_t cg_look_at[256] __attribute__((visibility("hidden")));

/*! \brief Hook: there is something to look for in the answer to such a question. */
static inline bool cg_looks(uint8_t last_octet)
{
	return __atomic_load_n(&cg_look_at[last_octet], __ATOMIC_RELAXED) != 0;
}

/*! \brief Hook: a version of some zone is refused, or answered repaired. */
static inline bool cg_alert(void)
{
	return cg_looks(0);
}

/*! \brief What a hook sees of the version that it answers from. */
typedef struct {
	uint32_t serial;
	const void *soa;  /*!< Address of the SOA data; NULL in a verdict: any. */
	const void *ns;   /*!< Address of the apex NS data: kept by updates, not by loads. */
	const void *apex; /*!< Address of the owner's name. */
} cg_version_t;

typedef enum {
	CG_GATE_UNKNOWN,   /*!< No verdict yet. */
	CG_GATE_OPEN,      /*!< Clean, or the policy lets it pass. */
	CG_GATE_REFUSED,   /*!< Names of the version are refused. */
} cg_gate_t;

/*! \brief A set of names, immutable. */
typedef struct {
	knot_dname_t **list;  /*!< Lower-cased, sorted for cg_names_has(). */
	size_t count;
	uint64_t bits;        /*!< cg_name_bit() of all of them. */
} cg_names_t;

/*! \brief One judged version. */
typedef struct {
	cg_version_t version;
	cg_gate_t gate;
	bool descent;         /*!< Versions that follow by updates share the verdict. */
	bool whole_zone;      /*!< Refused: every name. */
	uint32_t clean_since; /*!< Every step from this serial on was judged clean. */
	cg_names_t refused;
	cg_names_t wildcards; /*!< All wildcards of the zone, where one of them is refused. */
	cg_answers_t *answers; /*!< Names that are answered repaired; NULL: none. */
} cg_verdict_t;

/*! \brief Versions that the table remembers, newest first. */
#define CG_VERDICTS	4
/*! \brief Single names that were judged ahead of their zone. */
#define CG_CLEARED	64

/*! \brief What is published. */
typedef struct {
	size_t count;         /*!< Of verdicts: up to CG_VERDICTS; the first one can be read in any case. */
	bool refuses;         /*!< One of them at least. */
	bool answers;         /*!< One of them has names that are answered repaired. */
	unsigned generation;  /*!< Of the policy that they were made under. */
	cg_version_t cleared_version;
	cg_names_t cleared;   /*!< Newest first, not sorted. */
	cg_verdict_t list[];
} cg_table_t;

typedef struct {
	cg_table_t *table;    /*!< Under RCU. */
	unsigned generation;  /*!< Worker: goes into all that is published. */
} cg_verdicts_t;

/*!
 * \brief Hook: the table, or NULL when nothing was judged.
 *
 * An rcu_dereference() without a call; pairs with the exchange in verdict.c.
 */
static inline const cg_table_t *cg_verdicts_get(const cg_verdicts_t *verdicts)
{
	return __atomic_load_n(&verdicts->table, __ATOMIC_ACQUIRE);
}

/*! \brief The same contents, as far as addresses can tell. */
bool cg_version_same(const cg_version_t *judged, const cg_version_t *seen);

/*! \brief Hook: some version that may still be served is refused. */
static inline bool cg_table_refuses(const cg_table_t *table)
{
	return table != NULL && table->refuses;
}

/*!
 * \brief Hook: the version that was judged last is open, and is the one that has this SOA; the NS
 *        data is to be compared by the caller.
 *
 * \param rdata   Its data, and \a owner its owner's name, where the server has them.
 */
static inline bool cg_table_open(const cg_table_t *table, const knot_rdata_t *rdata,
                                 const void *owner, uint32_t serial)
{
	const cg_verdict_t *newest = &table->list[0];
	return newest->gate == CG_GATE_OPEN && newest->version.soa == rdata &&
	       newest->version.apex == owner && newest->version.serial == serial;
}

/*! \brief Hook: the verdict of a version, or NULL. */
const cg_verdict_t *cg_table_find(const cg_table_t *table, const cg_version_t *version);

/*! \brief Hook: whether the name alone was judged clean in this version. */
bool cg_table_cleared(const cg_table_t *table, const cg_version_t *version,
                      const knot_dname_t *name);

/*! \brief A total order of names; knot_dname_cmp() takes labels with NUL octets for others. */
int cg_names_compare(const knot_dname_t *left, const knot_dname_t *right);

/*! \brief One of 64 bits, by which most names are told from those of a small set without a search. */
static inline uint64_t cg_name_bit(const knot_dname_t *name)
{
	return UINT64_C(1) << ((name[0] ^ 5 * name[*name != 0] ^ 11 * name[*name]) % 64);
}

/*! \brief Hook: searches a set that is sorted. */
bool cg_names_find(const cg_names_t *names, const knot_dname_t *name);

static inline bool cg_names_has(const cg_names_t *names, const knot_dname_t *name)
{
	return (names->bits & cg_name_bit(name)) != 0 && cg_names_find(names, name);
}

/*! \brief Adds a copy of a name; not while verdicts hold the list. */
int cg_names_add(cg_names_t *names, const knot_dname_t *name);

/*! \brief Copies a set; \a to is to be freed also after an error. */
int cg_names_copy(const cg_names_t *from, cg_names_t *to);

void cg_names_free(cg_names_t *names);

/*!
 * \brief Worker: publishes the verdict of a version.
 *
 * Takes over both sets of names and the answers in \a verdict, also after an error.
 */
int cg_verdicts_publish(cg_verdicts_t *verdicts, const cg_verdict_t *verdict);

/*! \brief Worker: publishes that a name is clean in a version. */
int cg_verdicts_clear_name(cg_verdicts_t *verdicts, const cg_version_t *version,
                           const knot_dname_t *name);

/*! \brief Worker: forgets all, and goes on under another policy. */
void cg_verdicts_reset(cg_verdicts_t *verdicts, unsigned generation);

/*! \brief Forgets all, when no hook can be looking any more. */
void cg_verdicts_free(cg_verdicts_t *verdicts);

/*! \brief Worker: first and last call of the thread. */
void cg_rcu_enter_thread(void);
void cg_rcu_leave_thread(void);

/*! \brief Worker: keeps alive what the server reads for us, see control.h. */
void cg_rcu_pin(void);
void cg_rcu_unpin(void);
