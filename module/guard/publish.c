/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "guard/publish.h"

/*! \brief Owners of the findings that a refusal covers. */
static int refused_names(const cg_findings_t *findings, const cg_answers_t *answers,
                         cg_names_t *out)
{
	for (size_t i = 0; i < findings->count; i++) {
		const cg_finding_t *finding = &findings->list[i];
		const cg_answers_name_t *answer = cg_answers_find(answers, finding->owner);
		if (finding->level != CG_LEVEL_ERROR || finding->exempt || finding->below_cut ||
		    (out->count > 0 &&
		     knot_dname_is_equal(out->list[out->count - 1], finding->owner)) ||
		    (answer != NULL && answer->repaired)) {
			continue;
		}
		int ret = cg_names_add(out, finding->owner);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return KNOT_EOK;
}

/*! \brief Hooks need all wildcards to tell which one a name was made from. */
static bool has_wildcard(const cg_names_t *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (knot_dname_is_wildcard(names->list[i])) {
			return true;
		}
	}
	return false;
}

int cg_publish(cg_guarded_t *zone, const cg_policy_t *policy, const cg_version_t *version,
               const cg_findings_t *findings, const cg_names_t *wildcards,
               cg_answers_t *answers)
{
	cg_verdict_t verdict = {
		.version = *version,
		.gate = (findings->errors > 0) ? CG_GATE_REFUSED : CG_GATE_OPEN,
		.descent = cg_policy_descent(policy),
	};
	zone->gate = verdict.gate;
	if (policy->mode == CG_MODE_AUDIT) {
		return KNOT_EOK; /* There is no gate. */
	}
	int ret = KNOT_EOK;
	if (verdict.gate == CG_GATE_REFUSED) {
		ret = refused_names(findings, answers, &verdict.refused);
		if (ret == KNOT_EOK && has_wildcard(&verdict.refused)) {
			ret = cg_names_copy(wildcards, &verdict.wildcards);
		}
	}
	if (ret != KNOT_EOK) {
		cg_names_free(&verdict.refused);
		cg_names_free(&verdict.wildcards);
		return ret;
	}
	verdict.whole_zone = (policy->scope == CG_SCOPE_ZONE &&
	                      (answers == NULL || verdict.refused.count > 0));
	verdict.answers = cg_answers_ref(answers);
	return cg_verdicts_publish(&zone->verdicts, &verdict);
}
