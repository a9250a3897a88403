/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What is checked: zones, each with where it came from and what was found in it.
 */

#pragma once

#include "cli/lines.h"
#include "cli/reach.h"
#include "cnameguard/rules.h"
#include "cnameguard/screen.h"

/*! \brief One zone. Owns all but \a file. */
typedef struct {
	const char *file;       /*!< As it was named; NULL: from a server. */
	char *text;             /*!< Of a file that cannot be read a second time; else NULL. */
	size_t len;
	cg_lines_t lines;       /*!< Of a file of which \a zone has some records only: theirs. */
	char *name;             /*!< Of the zone, presentation format. */
	cg_zone_t *zone;        /*!< NULL: nothing is found in it, nor does anything depend on it. */
	cg_reach_t reach;       /*!< Of one of several files. */
	cg_screen_t *screen;    /*!< Knows what \a zone has of the zone; NULL: it has all. */
	cg_findings_t findings;
} cg_subject_t;

/*! \brief Zeroed is empty. */
typedef struct {
	cg_subject_t *list;
	size_t count;
	size_t max;
	size_t failed;          /*!< Files and zones that were not read whole. */
	size_t records;
	cg_zones_t zones;       /*!< Of the list, once it was judged. */
} cg_subjects_t;

/*!
 * \brief Adds a finished zone.
 *
 * \param zone  Is taken over, also after an error.
 *
 * \return NULL: out of memory.
 */
cg_subject_t *cg_subjects_add(cg_subjects_t *subjects, cg_zone_t *zone);

/*! \brief As cg_subjects_add(), of a zone with that many records in all; the screen is taken over, too. */
cg_subject_t *cg_subjects_add_screened(cg_subjects_t *subjects, cg_zone_t *zone,
                                       cg_screen_t *screen, size_t records);

/*! \brief Adds a zone that is not in memory. As cg_subjects_add(). */
cg_subject_t *cg_subjects_add_clean(cg_subjects_t *subjects, const knot_dname_t *origin,
                                    size_t records);

/*! \brief The zones that are in memory as the rules want them: list and index are to be freed. */
int cg_subjects_gather(const cg_subjects_t *subjects, cg_zones_t *zones);

/*! \brief Judges them together. KNOT_EOK, KNOT_ENOMEM */
int cg_subjects_judge(cg_subjects_t *subjects, const cg_rules_policy_t *policy);

void cg_subjects_free(cg_subjects_t *subjects);
