/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A first look at a zone too big to be held: at which names may there be findings at all?
 *
 * A screen sees each record once, in any order, and keeps some 16 octets for each owner name
 * and each alias: what types it has, and what it leads to, by a hash. From that it tells the
 * *suspects*: names outside of which the rules find nothing. It may suspect too many, never
 * too few. Then a cg_zone_t takes the records of the suspects, and of all names that their
 * findings depend on, and is judged by the rules as any other zone; what is found at other
 * names is nothing, since there the zone has holes.
 *
 * Hashes have a secret seed and 64 bits: that two of a million names have the same, so that
 * a missing target could be taken for another name, happens once in some ten million runs.
 *
 * Several threads may each fill a screen of their own.
 */

#pragma once

#include "cnameguard/rules.h"

typedef struct cg_screen cg_screen_t;

/*! \brief Secret of the hashes: the same for all screens of one zone, else at random. */
typedef struct {
	uint64_t word[2];
} cg_screen_seed_t;

/*! \brief A record in wire format, as read by libzscanner; if given as \#, it was tried. */
typedef struct {
	const knot_dname_t *owner; /*!< Any letter case. */
	uint16_t owner_size;
	uint16_t type;
	uint16_t rdata_len;
	const uint8_t *rdata;
} cg_screen_rr_t;

/*! \brief NULL: out of memory. \a policy is borrowed. */
cg_screen_t *cg_screen_new(const knot_dname_t *origin, const cg_rules_policy_t *policy,
                           const cg_screen_seed_t *seed);

/*! \brief Before the first record: the zone has some hundred names at the most, else it takes longer. */
void cg_screen_set_small(cg_screen_t *screen);

/*! \brief Takes a host, as spelled, that a record names and that is not in the zone. */
typedef void (*cg_screen_out_t)(const knot_dname_t *host, uint16_t type, void *ctx);

/*! \brief Before the first record: of CNAME, DNAME, and the types that the policy asks about. */
void cg_screen_set_out(cg_screen_t *screen, cg_screen_out_t out, void *ctx);

/*!
 * \brief Begins again, with what a judged screen knows, which has to stay until the new one is judged.
 *
 * NULL: out of memory.
 */
cg_screen_t *cg_screen_new_again(cg_screen_t *judged);

void cg_screen_free(cg_screen_t *screen);

/*!
 * \brief Looks at a record.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOTSUP  a zone of this kind is to be judged whole.
 * \retval KNOT_ENOMEM
 */
int cg_screen_add(cg_screen_t *screen, const cg_screen_rr_t *rr);

/*! \brief Bits of a mark. */
#define CG_SCREEN_MARK_BITS	22

/*! \brief Takes the host, lower-cased wire format, that a record but a DNAME names; anything but KNOT_EOK is returned. */
typedef int (*cg_screen_host_t)(const knot_dname_t *host, const cg_rr_t *rr, void *ctx);

/*!
 * \brief Looks at all records of a name, in presentation format. Returns as cg_screen_add().
 *
 * \param host  Called for each record whose host the policy asks about; may be NULL.
 */
int cg_screen_name(cg_screen_t *screen, const cg_name_t *name, cg_screen_host_t host, void *ctx);

/*! \brief A mark of the owner of the record that was added last: what of its hash is kept for long. */
uint32_t cg_screen_mark(const cg_screen_t *screen);

/*! \brief To be called behind the last record. As cg_screen_add(). */
int cg_screen_end(cg_screen_t *screen);

/*!
 * \brief Joins all screens of a zone in the first and finds the suspects.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EAGAIN   there seem to be names below a DNAME: all records are to be seen again,
 *                       by screens of cg_screen_new_again(); never twice.
 * \retval KNOT_ENOTSUP  too many, the apex lacks its SOA or NS, or is a DNAME: to be judged whole.
 * \retval KNOT_ENOMEM
 */
int cg_screen_judge(cg_screen_t *const *screens, size_t count, cg_each_t each);

/*! \brief Names at which there may be findings; 0: the zone is clean. */
size_t cg_screen_suspects(const cg_screen_t *screen);

/*! \brief Records in the zone, with repeated ones, and such that are not in it. */
size_t cg_screen_records(const cg_screen_t *screen);
size_t cg_screen_outside(const cg_screen_t *screen);

/*!
 * \brief Whether the judgement may need the records of a name with that mark, as far as that tells.
 *
 * Any number of threads at once, as cg_screen_wants().
 */
bool cg_screen_wants_mark(const cg_screen_t *screen, uint32_t mark);

/*! \brief Whether the judgement needs the records of a name. Any number of threads at once. */
bool cg_screen_wants(cg_screen_t *screen, const knot_dname_t *owner);

/*!
 * \brief Finds out what else is wanted, now that those records are there.
 *
 * \param zone        Finished; all that is wanted so far.
 * \param each        Shares the work; NULL: it is done here.
 * \param[out] whole  Nothing else is: the zone can be judged.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOTSUP  too much: to be judged whole.
 * \retval KNOT_ENOMEM
 */
int cg_screen_follow(cg_screen_t *screen, const cg_zone_t *zone, cg_each_t each, bool *whole);

/*! \brief Takes out of the findings of that zone what is at other names than the suspects. */
void cg_screen_sift(const cg_screen_t *screen, cg_findings_t *findings);
