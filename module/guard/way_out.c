/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "guard/apart.h"
#include "guard/follow.h"
#include "guard/way_out.h"

/*! \brief Something enforced at the name stays, whatever is edited there; \a at goes on in the order of names. */
static bool stays(const cg_plan_t *plan, const cg_finding_t *finding, size_t *at)
{
	while (*at < plan->refusals_count && plan->refusals[*at].findings < finding) {
		(*at)++;
	}
	return *at < plan->refusals_count &&
	       knot_dname_is_equal(plan->refusals[*at].findings->owner, finding->owner);
}

/*! \brief The first finding of a name, which is there; \a at goes on in the order of names. */
static const cg_finding_t *finding_of(const cg_findings_t *findings, const knot_dname_t *owner,
                                      size_t *at)
{
	while (!knot_dname_is_equal(findings->list[*at].owner, owner)) {
		(*at)++;
	}
	return &findings->list[*at];
}

/*!
 * \brief Leaves in the plan the edits of names that can be answered as repaired.
 *
 * \return The name of the first that cannot; NULL: all can.
 */
static const char *only_answerable(const cg_reading_t *reading, cg_plan_t *plan)
{
	const char *first = NULL;
	const knot_dname_t *last = NULL;
	bool can = false;
	size_t kept = 0, found = 0, refused = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const cg_edit_t *edit = &plan->list[i];
		if (last == NULL || !knot_dname_is_equal(edit->owner, last)) {
			const cg_finding_t *finding = finding_of(&reading->findings, edit->owner,
			                                         &found);
			last = edit->owner;
			can = cg_answers_can(reading->contents, finding) &&
			      !stays(plan, finding, &refused);
			first = (can || first != NULL) ? first : edit->spelling;
		}
		if (can) {
			plan->list[kept++] = *edit;
		}
	}
	plan->count = kept;
	return first;
}

/*! \brief Turns a plan into answers, in a thread of its own. */
typedef struct {
	const cg_zone_t *contents;
	const cg_plan_t *plan;
	cg_answers_t **answers;
} making_t;

static int make_answers(void *ctx)
{
	making_t *making = ctx;
	return cg_answers_make(making->contents, making->plan->list, making->plan->count,
	                       making->answers);
}

/*! \brief With what the targets lead to in other zones. */
static int make(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy, const cg_reading_t *reading,
                const cg_foreign_t *foreign, cg_answers_t **answers, bool *all, cg_why_t *why)
{
	cg_plan_t plan;
	int ret = cg_repair_plan(guard, zone, policy, reading, foreign, &plan);
	if (ret != KNOT_EOK) {
		cg_plan_free(&plan);
		return ret;
	}
	const char *refused = only_answerable(reading, &plan);
	if (plan.why != NULL) {
		cg_follow_explain(why, "cannot be repaired", &plan, foreign);
	} else if (refused != NULL) {
		cg_repair_explain(why, "answers of a wildcard, at a zone cut or at a DNAME cannot be "
		                  "repaired without the zone", refused);
	}
	*all = (plan.why == NULL && refused == NULL);

	if (plan.count > 0 && !cg_repair_write_down(guard, zone, policy, reading->findings.serial,
	                                            plan.list, plan.count, why)) {
		ret = KNOT_EFILE;
	} else if (plan.count > 0) {
		making_t making = { reading->contents, &plan, answers };
		ret = cg_apart(guard, zone, true, reading->findings.records, make_answers, &making);
	}
	cg_plan_free(&plan);
	return ret;
}

int cg_way_out(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
               const cg_reading_t *reading, cg_answers_t **answers, bool *all, cg_why_t *why)
{
	cg_foreign_t foreign;
	int ret = cg_follow_conflicts(guard, zone, policy, reading->contents, &reading->findings,
	                              &foreign, why);
	if (ret == KNOT_EOK) {
		ret = make(guard, zone, policy, reading, &foreign, answers, all, why);
		cg_follow_answers(guard, zone, policy, &foreign);
	}
	cg_foreign_free(&foreign);
	return ret;
}
