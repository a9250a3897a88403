/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The repair of a zone in one control transaction.
 */

#pragma once

#include "cnameguard/plan.h"
#include "guard/foreign.h"
#include "guard/whole.h"

/*! \brief Why no edit was made, or what is left. One line. */
typedef struct {
	char text[256];
} cg_why_t;

/*! \brief How a version in conflict can be repaired. */
typedef enum {
	CG_REPAIR_NONE,    /*!< Not at all: it is refused. */
	CG_REPAIR_EDIT,    /*!< In the zone. */
	CG_REPAIR_ANSWER,  /*!< In the answers only. */
} cg_repair_way_t;

/*! \brief Finds the way; one that is not the edit of the zone is said once and in \a why. */
cg_repair_way_t cg_repair_way(cg_guarded_t *zone, const cg_policy_t *policy,
                              const cg_findings_t *findings, cg_why_t *why);

/*!
 * \brief Plans the repair of what was read, in a thread of its own where that is much.
 *
 * \param foreign   What the targets lead to in other zones; the first is what was read.
 * \param[out] out  As by cg_plan_make(), to be freed also after an error.
 */
int cg_repair_plan(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   const cg_reading_t *reading, const cg_foreign_t *foreign, cg_plan_t *out);

/*! \brief Serial of what our transaction holds; untouched where it has no SOA. */
int cg_repair_serial(cg_guard_t *guard, const cg_guarded_t *zone, uint32_t *serial);

/*!
 * \brief Edits are written down before they are made, once for all tries.
 *
 * \return False: they cannot be, and must not be made; \a why says so.
 */
bool cg_repair_write_down(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                          uint32_t serial, const cg_edit_t *edits, size_t count, cg_why_t *why);

/*!
 * \brief Before a repair: writes its edits down, keeps the original, remembers what is flattened.
 *
 * The last where Knot numbers the versions only: to follow is to edit.
 *
 * \return False: that failed, and nothing must be edited; \a why says so.
 */
bool cg_repair_prepare(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                       const cg_reading_t *reading, const cg_plan_t *plan,
                       const cg_foreign_t *foreign, cg_why_t *why);

/*! \brief Sets the reason: what, and details behind a colon if there are any. */
void cg_repair_explain(cg_why_t *why, const char *what, const char *detail);

/*!
 * \brief Repairs the version that was read.
 *
 * Every path ends in commit or abort; when the connection is lost in between,
 * the zone remembers that a transaction of ours is open.
 *
 * \retval KNOT_EOK       committed: a new version is there, to be judged.
 * \retval KNOT_ENOENT    nothing that could be edited, see \a why.
 * \retval KNOT_EAGAIN    another version came in between.
 * \retval KNOT_EBUSY     an operator's transaction is open, or a target cannot be read for now.
 * \retval KNOT_ESEMCHECK the server refused the commit, see \a why.
 * \retval other          failed, see \a why; to be tried again.
 */
int cg_repair(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
              const cg_reading_t *reading, cg_why_t *why);

/*! \brief First act of each conversation: ends what is left of a transaction of ours. */
int cg_repair_clean_up(cg_guard_t *guard, cg_guarded_t *zone);
