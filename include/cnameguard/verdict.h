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

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "cnameguard/answers.h"

/*! \brief Two octets of a message as they are loaded at once; those of flags are its third and fourth (RFC 1035, 4.1.1). */
#if __BYTE_ORDER == __LITTLE_ENDIAN
#define CG_OCTETS(first, second)	((uint16_t)((second) << 8 | (first)))
#else
#define CG_OCTETS(first, second)	((uint16_t)((first) << 8 | (second)))
#endif

/*! \brief Hooks look at an answer that was cut short: TC, and one bit of YXDOMAIN, which some errors have as well. */
#define CG_LOOK_CUT	CG_OCTETS(0x02, 0x04)
/*! \brief And where names are refused or answered repaired, by QR at all; the names tell which, see cg_alerts(). */
#define CG_LOOK_NAMES	CG_OCTETS(0x82, 0x04)
/*! \brief The names do not tell: the zone is to be asked. */
#define CG_LOOK_ZONE	CG_OCTETS(0x83, 0x04)
/*! \brief Always. */
#define CG_LOOK_ALWAYS	CG_OCTETS(0xff, 0xff)

/*!
 * \brief Which flags make hooks look at an answer, by the last octet of the type that was asked for.
 *
 * CG_LOOK_ALWAYS for ANY, CNAME, DNAME, RRSIG and NSEC, which are answered with what
 * the name itself has, and for SOA, by which the worker asks and updates come. The
 * others, also [0], by which nobody asks, get more than CG_LOOK_CUT before the first
 * version of any zone is published as refused, until the last one is gone.
 */
extern uint16_t cg_look_at[256] __attribute__((visibility("hidden")));

static inline uint16_t cg_looks(uint8_t last_octet)
{
	return __atomic_load_n(&cg_look_at[last_octet], __ATOMIC_RELAXED);
}

/*! \brief Hook: a version of some zone is refused; its names, or those of all, are to be looked up. */
static inline bool cg_alert(void)
{
	return cg_looks(0) != CG_LOOK_CUT;
}

/*! \brief Hook: the zone is refused, or a wildcard, or another zone is. */
static inline bool cg_alert_zone(void)
{
	return cg_looks(0) == CG_LOOK_ZONE;
}

/*! \brief Slots of names: so few names have one in common that a slot tells nearly as much as the name. */
#define CG_SLOTS_BITS	13

/*!
 * \brief The slot of a name: of its first octets, and of those around the end of its first label.
 *
 * \param name  Lower-cased.
 * \param size  Octets of it, or as many labels as take 9 octets more than the first; names that
 *              are too short have one slot in common.
 */
static inline size_t cg_name_slot(const knot_dname_t *name, size_t size)
{
	uint64_t begin, end;
	if (size < *name + sizeof(end)) {
		return 0;
	}
	memcpy(&begin, name, sizeof(begin));
	memcpy(&end, name + *name, sizeof(end));
	return ((begin ^ end) * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - CG_SLOTS_BITS);
}

/*! \brief How many names are in each slot of those that are refused or answered repaired, in all tables of all zones. */
extern uint32_t cg_alerts_at[1 << CG_SLOTS_BITS] __attribute__((visibility("hidden")));

/*! \brief Hook: the name can be one that is refused or answered repaired, in some zone. */
static inline bool cg_alerts(const knot_dname_t *name, size_t size)
{
	return __atomic_load_n(&cg_alerts_at[cg_name_slot(name, size)], __ATOMIC_RELAXED) != 0;
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
	unsigned generation;  /*!< Of the policy that the verdicts were made under. */
	bool refuses;         /*!< One of them at least. */
	bool answers;         /*!< One of them has names that are answered repaired. */
	bool by_names;        /*!< Names of \a newest are refused: those that cg_alerts() are to be looked up. */
	cg_version_t newest;  /*!< The one that was judged last, if all may go out but some names; else none that there is. */
	size_t count;         /*!< Of verdicts: up to CG_VERDICTS. */
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

/*! \brief The serial in SOA data that Knot holds: five numbers end it, this is the first (RFC 1035, 3.3.13). */
static inline uint32_t cg_rdata_serial(const knot_rdata_t *soa)
{
	return knot_wire_read_u32(soa->data + soa->len - 5 * sizeof(uint32_t));
}

/*! \brief The same contents, as far as addresses can tell. */
bool cg_version_same(const cg_version_t *judged, const cg_version_t *seen);

/*! \brief Hook: some version that may still be served is refused. */
static inline bool cg_table_refuses(const cg_table_t *table)
{
	return table != NULL && table->refuses;
}

/*!
 * \brief Hook: this SOA is that of the newest version; the NS data is to be compared by the caller.
 *
 * \param rdata   Its data, and \a owner its owner's name, where the server has them; NULL: there is none.
 */
static inline bool cg_table_newest(const cg_table_t *table, const knot_rdata_t *rdata,
                                   const void *owner)
{
	return table->newest.soa == rdata && table->newest.apex == owner &&
	       table->newest.serial == cg_rdata_serial(rdata);
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
