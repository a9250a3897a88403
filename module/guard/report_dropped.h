/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What is said about dynamic updates that Knot has dropped.
 */

#pragma once

#include "guard/dropped.h"
#include "guard/guarded.h"

/*!
 * \brief Writes what was dropped of one update: all to the audit log, what is new to the server's log.
 *
 * \param serial  Of the zone when it was looked at.
 * \param drops   Marks what is told.
 * \param now     Names of the zone, see cg_dropped_find().
 */
void cg_report_dropped(cg_guarded_t *zone, const cg_policy_t *policy, uint32_t serial,
                       const cg_update_t *update, cg_drops_t *drops, const cg_zone_t *now);

/*! \brief Says how many updates were not looked at. */
void cg_report_lost_updates(cg_guarded_t *zone, unsigned count);
