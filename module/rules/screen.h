/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the files of a screen share.
 */

#pragma once

#include "cnameguard/screen.h"
#include "rules/rr.h"
#include "rules/screen_hash.h"
#include "rules/screen_list.h"
#include "rules/screen_table.h"

/*! \brief Parts of all names, by the first bits of the hash: tables that stay small. */
#define SHARE_BITS	6
#define SHARES		(1 << SHARE_BITS)
/*! \brief Records of one owner, one after the other, of which repeated ones are found out. */
#define RUN_MAX		32

/*! \brief Bits of the marks: few enough to stay in a processor's cache. */
#define MARKS	((size_t)1 << CG_SCREEN_MARK_BITS)

/*! \brief Records of one owner, one after the other. */
typedef struct {
	knot_dname_storage_t owner;
	size_t size;            /*!< Of the owner; 0: there is no run. */
	bool inside;            /*!< It is in the zone. */
	uint64_t hash;
	uint32_t bits;          /*!< As in a slot. */
	uint32_t alias;         /*!< As in a slot. */
	size_t count;
	uint64_t rr[RUN_MAX];   /*!< Hashes of the records. */
} cg_run_t;

/*! \brief Octets that processors fetch at once: a pair of lines. */
#define CACHE_LINES	128

struct cg_screen {
	_Alignas(CACHE_LINES) knot_dname_storage_t origin;
	size_t origin_size;
	cg_screen_seed_t seed;
	const cg_rules_policy_t *policy;
	uint32_t conflicting;   /*!< Types that must not stand beside a CNAME. */
	uint32_t references;    /*!< Types whose hosts are looked at. */
	unsigned share_shift;   /*!< Of half a hash, to its share. */
	cg_screen_out_t out;    /*!< Told of hosts outside of the zone; may be NULL. */
	void *out_ctx;

	cg_run_t run;
	cg_slot_t *recent[2];      /*!< Where the last run was written down, and the one before. */
	cg_list_t names[SHARES];   /*!< As they came, perhaps several times; before the judgement. */
	cg_table_t shares[SHARES]; /*!< Afterwards; of the first screen only. */
	cg_list_t aliases[SHARES]; /*!< CNAMEs whose targets are in the zone, by these. */
	cg_list_t hosts[SHARES];   /*!< Other records whose hosts are. */
	cg_list_t dnames;          /*!< Each DNAME with 0, and with all that its target is or is below. */
	cg_list_t above[SHARES];   /*!< Names that have names below; before the judgement. */
	uint64_t *below;           /*!< Bits by their hashes, once it was asked for. */
	unsigned below_shift;      /*!< Of a hash, to its word of those. */
	cg_table_t found_covers;   /*!< DNAMEs that may have names below them. */
	cg_table_t *covers;        /*!< Those of the look before, borrowed; NULL: this is the first. */
	size_t records;
	size_t outside;
	size_t suspects;
	size_t wanted;
	uint8_t *marks;         /*!< Bits by hash: what no mark is at is neither suspect nor wanted. */
	bool unseen;            /*!< A wildcard is an alias, or there is a DNAME: names that own nothing can be. */
	bool asked;             /*!< Some slot is SLOT_ASKED. */
};

/*! \brief Octets of a name of that size that stand before the origin; false: not in the zone. */
bool cg_screen_inside(const cg_screen_t *screen, const knot_dname_t *name, size_t size,
                      size_t *octets);

/*! \brief Hash of a name in the zone. */
static inline uint64_t cg_screen_hash(const cg_screen_t *screen, const knot_dname_t *name,
                                      size_t octets)
{
	return cg_hash_secret(screen->seed.word, name, octets, true);
}

static inline size_t cg_share_of(const cg_screen_t *screen, uint64_t hash)
{
	return hash >> 1 >> screen->share_shift;
}

/*! \brief What an alias is called before the judgement: its share, and its place there from 1. */
#define ALIAS_BITS	(32 - SHARE_BITS)

static inline cg_table_t *cg_screen_share(cg_screen_t *screen, uint64_t hash)
{
	return &screen->shares[cg_share_of(screen, hash)];
}

static inline cg_slot_t *cg_screen_slot(const cg_screen_t *screen, uint64_t hash)
{
	return cg_table_get(&screen->shares[cg_share_of(screen, hash)], hash);
}

/*! \brief Marks a hash. */
static inline void cg_screen_set_mark(cg_screen_t *screen, uint64_t hash)
{
	size_t at = hash & (MARKS - 1);
	__atomic_fetch_or(&screen->marks[at / 8], 1 << (at % 8), __ATOMIC_RELAXED);
}

static inline bool cg_screen_has_mark(const cg_screen_t *screen, uint64_t hash)
{
	size_t at = hash & (MARKS - 1);
	return __atomic_load_n(&screen->marks[at / 8], __ATOMIC_RELAXED) >> (at % 8) & 1;
}

/*! \brief Bits of a slot, which other threads may add to. */
static inline uint32_t cg_slot_bits(const cg_slot_t *slot)
{
	return __atomic_load_n(&slot->bits, __ATOMIC_RELAXED);
}

/*! \brief Whether the slot is that of a name that owns data; those of NSEC3 are none. */
static inline bool cg_slot_owns(uint32_t bits)
{
	return (bits & SLOT_TYPES) != 0 && !cg_seen_nsec3_only(bits & SLOT_TYPES);
}

/*! \brief Adds what a name has at one more place. */
static inline void cg_slot_join(cg_slot_t *slot, uint32_t bits, uint32_t alias)
{
	/* Of one type at two places: perhaps a record is there twice, or two CNAMEs are. */
	uint32_t again = slot->bits & bits & SLOT_TYPES;
	slot->bits |= bits | (again ? SLOT_SUSPECT : 0);
	slot->alias = (alias != 0) ? alias : slot->alias;
}

/*! \brief Sets a bit; false: it was set. */
static inline bool cg_slot_set(cg_slot_t *slot, uint32_t bit)
{
	return (__atomic_fetch_or(&slot->bits, bit, __ATOMIC_RELAXED) & bit) == 0;
}

/*! \brief Makes a name suspect, if it owns anything. */
void cg_screen_suspect(cg_screen_t *screen, uint64_t hash);

/*! \brief Notes all names above the owner that comes now; the run is that of the one before. KNOT_ENOMEM */
int cg_screen_note_above(cg_screen_t *screen, const knot_dname_t *owner, size_t size, size_t octets);

/*! \brief Makes what cg_screen_may_be_above() looks things up in. KNOT_EOK, KNOT_ENOMEM */
int cg_screen_make_below(cg_screen_t *all);

/*! \brief Whether there are names below the one with that hash; by chance true, but never false. */
bool cg_screen_may_be_above(const cg_screen_t *screen, uint64_t hash);

/*! \brief Takes a DNAME of the run. KNOT_EOK, KNOT_ENOMEM */
int cg_screen_add_dname(cg_screen_t *screen, const cg_screen_rr_t *rr);

/*! \brief At a second look: whether a name is below one of the DNAMEs, which learn it. */
bool cg_screen_is_covered(const cg_screen_t *screen, const knot_dname_t *owner, size_t octets);

/*! \brief Finds the DNAMEs that are suspect. As cg_screen_judge(). */
int cg_screen_judge_dnames(cg_screen_t *all);

/*! \brief Where in the data of a type with a host that begins. */
size_t cg_screen_host_offset(const cg_screen_rr_t *rr);

/*! \brief Types whose hosts the policy asks about (SEEN_*). */
uint32_t cg_references_wanted(const cg_rules_policy_t *policy);

/*! \brief Whether little enough is wanted to be worth a zone of its own. */
bool cg_screen_is_few(const cg_screen_t *screen);
