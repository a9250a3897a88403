/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/policy.h"

cg_policy_t *cg_policy_new(void)
{
	cg_policy_t *policy = calloc(1, sizeof(*policy));
	if (policy != NULL) {
		policy->refs = 1;
	}
	return policy;
}

cg_policy_t *cg_policy_ref(cg_policy_t *policy)
{
	__atomic_add_fetch(&policy->refs, 1, __ATOMIC_RELAXED);
	return policy;
}

void cg_policy_unref(cg_policy_t *policy)
{
	if (policy == NULL || __atomic_sub_fetch(&policy->refs, 1, __ATOMIC_ACQ_REL) > 0) {
		return;
	}
	for (size_t i = 0; i < policy->rules.exempt_count; i++) {
		free((char *)policy->rules.exempt[i]);
	}
	free(policy->rules.exempt);
	free(policy->audit_log);
	free(policy->state);
	free(policy->control);
	free(policy->rundir);
	free(policy->file);
	free(policy->storage);
	free(policy);
}

static bool same_text(const char *a, const char *b)
{
	return (a == NULL || b == NULL) ? a == b : strcmp(a, b) == 0;
}

static bool same_rules(const cg_rules_policy_t *a, const cg_rules_policy_t *b)
{
	if (a->enforce != b->enforce || a->ignore != b->ignore ||
	    a->allow_key != b->allow_key || a->chain_limit != b->chain_limit ||
	    a->exempt_count != b->exempt_count) {
		return false;
	}
	for (size_t i = 0; i < a->exempt_count; i++) {
		if (!same_text(a->exempt[i], b->exempt[i])) {
			return false;
		}
	}
	return true;
}

bool cg_policy_same(const cg_policy_t *a, const cg_policy_t *b)
{
	return a->mode == b->mode && a->scope == b->scope && a->strategy == b->strategy &&
	       a->fallback == b->fallback && same_rules(&a->rules, &b->rules) &&
	       a->load == b->load && a->soft == b->soft && a->journal == b->journal &&
	       a->secondary == b->secondary && a->signs == b->signs && a->digests == b->digests &&
	       a->signs_answers == b->signs_answers && a->external == b->external &&
	       a->flushes == b->flushes && same_text(a->state, b->state) &&
	       same_text(a->file, b->file) && same_text(a->storage, b->storage);
}

bool cg_policy_equal(const cg_policy_t *a, const cg_policy_t *b)
{
	return cg_policy_same(a, b) && a->hold == b->hold && a->keep == b->keep &&
	       a->sweep_interval == b->sweep_interval && a->updates == b->updates &&
	       same_text(a->audit_log, b->audit_log) && same_text(a->control, b->control) &&
	       same_text(a->rundir, b->rundir) &&
	       memcmp(&a->listen, &b->listen, sizeof(a->listen)) == 0;
}

const char *cg_mode_name(cg_mode_t mode)
{
	switch (mode) {
	case CG_MODE_AUDIT:   return "audit";
	case CG_MODE_REFUSE:  return "refuse";
	case CG_MODE_REWRITE: return "rewrite";
	}
	return "";
}
