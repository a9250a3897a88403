/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Names that are answered otherwise than the zone has them: a repair that leaves the zone alone.
 *
 * Made by the worker, immutable, counted; it travels with the verdict of its
 * version. Hooks find and read.
 */

#pragma once

#include "cnameguard/plan.h"

/*! \brief All that is answered for a name. */
typedef struct {
	knot_dname_t *name;     /*!< Lower-cased. */
	knot_rrset_t *rrsets;   /*!< One a type. */
	size_t count;
	bool repaired;          /*!< In conflict in the zone; else an alias that leads to such a name. */
} cg_answers_name_t;

typedef struct {
	cg_answers_name_t *list; /*!< Sorted for cg_answers_find(). */
	size_t count;
	unsigned refs;           /*!< Atomic. */
} cg_answers_t;

/*! \brief Hook: what is answered for a name, NULL: what the zone has. */
const cg_answers_name_t *cg_answers_find(const cg_answers_t *answers, const knot_dname_t *name);

/*! \brief Hook: the RRset of a type, or NULL. */
const knot_rrset_t *cg_answers_rrset(const cg_answers_name_t *name, uint16_t type);

/*! \brief Hook: the zone's own data of a name that is answered otherwise. */
bool cg_answers_differs(const cg_answers_t *answers, const knot_rrset_t *rrset);

/*!
 * \brief Whether a name can be answered so; one that cannot has to be refused.
 *
 * Not wildcards, whose matches depend on all names of the zone; nor what is
 * occluded or at a zone cut, where the answer is a referral; nor owners of
 * DNAME, which changes the answers below them.
 */
bool cg_answers_can(const cg_zone_t *zone, const cg_finding_t *finding);

/*!
 * \brief Makes the answers for a zone as it is after edits, at the edited names and those that lead there.
 *
 * \param edits     All of a name, none of names for which cg_answers_can() is false.
 * \param[out] out  To be given back by cg_answers_unref().
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval KNOT_EMALF  data that libzscanner does not read.
 */
int cg_answers_make(const cg_zone_t *zone, const cg_edit_t *edits, size_t count,
                    cg_answers_t **out);

cg_answers_t *cg_answers_ref(cg_answers_t *answers);
void cg_answers_unref(cg_answers_t *answers);
