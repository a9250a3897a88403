/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief From findings to what hooks see: the verdict about a version.
 */

#pragma once

#include "guard/guarded.h"

/*!
 * \brief Publishes the verdict about a version; in mode audit there is none.
 *
 * \param wildcards  All of the zone; copied where they are needed.
 * \param answers    Names in conflict that are answered repaired, and are not refused then;
 *                   NULL: none. A reference is taken.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_publish(cg_guarded_t *zone, const cg_policy_t *policy, const cg_version_t *version,
               const cg_findings_t *findings, const cg_names_t *wildcards,
               cg_answers_t *answers);
