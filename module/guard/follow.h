/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Flattened names follow their targets. Worker only.
 *
 * What was flattened is kept in the zone and in its state file (see
 * cnameguard/flattened.h): the CNAMEs as the source has them, and the records
 * that were put in their place. A sweep that sees another serial of a zone
 * that they depend on, the zone itself among them, flattens again, and edits
 * the zone where the result is another one.
 *
 * Only records that are all still there as they were put are ever touched.
 * A name where that is not so, where there is a CNAME, or that was delegated,
 * is its owner's, and is not followed any more.
 *
 * A kill at any point does no harm:
 * - The file is replaced as a whole, so it is the old or the new one.
 * - Repair: it is written before the commit. Killed in between, the zone has
 *   the conflict still (a transaction ends with the server): the repair is
 *   made again and writes the entry anew. An entry at a name with a CNAME is
 *   dropped.
 * - Edit: it is written before the commit with the records that are to come
 *   and those that stand (\a before), and once more behind it without those.
 *   Killed in between, the name has the ones or the others. Which ones is seen
 *   at the first look after a start; whatever else is there is the owner's.
 * - An entry that is lost with a damaged file is not made up: the records stay
 *   as they are until the source brings the conflict again.
 */

#pragma once

#include "guard/foreign.h"
#include "guard/repair.h"
#include "guard/whole.h"

/*! \brief What follows in a zone. */
struct cg_follow {
	cg_flattened_t flat;
	bool due;             /*!< To be looked at whatever the serials say. */
	bool again;           /*!< Answers: the version is to be judged again, for its targets alone. */
	bool changed;         /*!< Is not in the file as it is. */
	unsigned generations; /*!< Policies of the process at the last look: zones may have come. */
	cg_file_id_t file;    /*!< Zone file when it was looked for the CNAMEs. */
	int64_t pause_ms;     /*!< The server refused an edit: how long until the next try. */
	int64_t due_ms;       /*!< When that is; 0: at once. */
};

/*!
 * \brief Reads what the CNAMEs in conflict lead to in other zones of this server.
 *
 * \param[out] out  To be freed by cg_foreign_free(), also after an error.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EBUSY  a zone on the way has no contents yet, see \a why.
 * \retval other       cannot be read, see \a why.
 */
int cg_follow_conflicts(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                        const cg_zone_t *contents, const cg_findings_t *findings,
                        cg_foreign_t *out, cg_why_t *why);

/*! \brief Sets the reason from what a plan had to leave, if it did; \a what is said before it. */
void cg_follow_explain(cg_why_t *why, const char *what, const cg_plan_t *plan,
                       const cg_foreign_t *foreign);

/*!
 * \brief Remembers what a plan is about to flatten, also in the file.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval other  the file cannot be written, see cg_store_error().
 */
int cg_follow_put(cg_guarded_t *zone, const cg_policy_t *policy, const cg_plan_t *plan,
                  const cg_foreign_t *foreign);

/*! \brief Remembers what the answers of a version depend on; NULL: none are repaired. */
void cg_follow_answers(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                       const cg_foreign_t *foreign);

/*! \brief Whether the answers of a version are made again, because a target has changed. */
static inline bool cg_follow_again(const cg_guarded_t *zone)
{
	return zone->follow != NULL && zone->follow->again;
}

/*!
 * \brief Follows, where there is reason to.
 *
 * Costs nothing where nothing was flattened, and no command where no serial changed.
 *
 * \return True: the zone has to be judged again.
 */
bool cg_follow_sweep(cg_guard_t *guard, cg_guarded_t *zone);

/*! \brief Forgets a zone that somebody has removed or purged, and its file. */
void cg_follow_forget(cg_guarded_t *zone, const cg_policy_t *policy);

void cg_follow_free(cg_guarded_t *zone);

/* For the files of this part. */

/*! \brief What follows in a zone, made if it is not there. NULL: out of memory. */
struct cg_follow *cg_follow_get(cg_guarded_t *zone);

/*! \brief Reads what was flattened before the server was started, once. */
void cg_follow_restore(cg_guarded_t *zone, const cg_policy_t *policy);

/*! \brief Ends it all; the records stay. */
void cg_follow_stop(cg_guarded_t *zone, const cg_policy_t *policy);

/*! \brief Number of policies so far: another one may mean other zones. */
unsigned cg_follow_generations(cg_guard_t *guard);

/*! \brief Writes the file, if it is not up to date; what is wrong is said once. */
int cg_follow_save(cg_guarded_t *zone, const cg_policy_t *policy);

/*! \brief Whether the records of a name are those, as far as their types go. */
bool cg_follow_stands(const cg_name_t *name, const cg_rrs_t *rrs);

/*! \brief Whether a record at a name would be one of those, by its type: A and AAAA count as one. */
bool cg_follow_covers(const cg_rrs_t *rrs, uint16_t type);

/*!
 * \brief Flattens again; the CNAMEs that are not in the zone file any more end.
 *
 * \param[out] wants  One for each name, to be freed; none: the name stays as it is.
 */
int cg_follow_look(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   cg_rrs_t **wants, size_t *count);

/*! \brief Ends what the zone file does not have any more; one that cannot be read ends nothing. */
void cg_follow_source(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy);

/*!
 * \brief Edits the zone in one transaction.
 *
 * \retval KNOT_EOK     committed.
 * \retval KNOT_ENOENT  nothing to edit.
 * \retval KNOT_EBUSY   an operator's transaction is open.
 * \retval KNOT_ESEMCHECK  the server refused the commit.
 * \retval other        failed; to be tried again.
 */
int cg_follow_edit(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   cg_rrs_t *wants);
