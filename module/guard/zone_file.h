/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The file of a zone: policies, which many zones share, know how it is named.
 */

#pragma once

#include "guard/guarded.h"

/*! \brief Octets of a file that may be one record. */
#define CG_ZONE_FILE_RECORD	16

/*! \brief Path of the zone file; NULL: Knot loads none, or out of memory. To be freed. */
char *cg_zone_file(const cg_guarded_t *zone, const cg_policy_t *policy);

/*! \brief Looks at it without opening it; false: its path is not known, see above. */
bool cg_zone_file_identify(const cg_guarded_t *zone, const cg_policy_t *policy, cg_file_id_t *id);

/*! \brief One look at the file for all who want to know in one sweep. */
typedef struct {
	bool done;
	cg_file_id_t file;
} cg_zone_file_look_t;

/*! \brief What the file was at the first look; where its path is not known there is none. */
const cg_file_id_t *cg_zone_file_look(const cg_guarded_t *zone, const cg_policy_t *policy,
                                      cg_zone_file_look_t *look);
