/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/compat.h"
#include "knot/facts.h"
#include "knot/instance.h"

static void log_line(void *ctx, int priority, const char *text)
{
	knotd_mod_log(ctx, priority, "%s", text);
}

#if CG_KNOT_READ_UNPROTECTED
static const cg_pin_t pin = { cg_rcu_pin, cg_rcu_unpin };
#else
static const cg_pin_t pin = { NULL, NULL };
#endif

/*!
 * \brief Puts the zone under guard.
 *
 * Without an instance the hooks hold all that could be in conflict, so every
 * failure here is one that fails closed.
 */
static cg_instance_t *new_instance(knotd_mod_t *mod, cg_policy_t *policy, bool begins)
{
	cg_instance_t *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		cg_policy_unref(policy);
		return NULL;
	}
	/* TCP has as many threads left for everybody else. */
	self->may_wait = knotd_conf_env(mod, KNOTD_CONF_ENV_WORKERS_TCP).single.integer / 2;
	self->hold = policy->hold;
	self->can_conflict = cg_policy_can_conflict(policy);
	self->begins = begins;
	self->allow_key = policy->rules.allow_key;
	self->ignore = policy->rules.ignore;
	self->updates = cg_policy_updated(policy);

	self->zone = cg_guard_attach(knotd_mod_zone(mod), policy, log_line, mod, &pin);
	if (self->zone == NULL) {
		free(self);
		return NULL;
	}
	self->verdicts = cg_guarded_verdicts(self->zone);
	self->generation = cg_guarded_generation(self->zone);
	return self;
}

static int load(knotd_mod_t *mod)
{
	knotd_mod_ctx_set(mod, NULL);

	bool quiet;
	cg_policy_t *policy = cg_facts_load(mod, &quiet);
	bool audit = (policy != NULL && policy->mode == CG_MODE_AUDIT);
	bool repairs = (policy != NULL && policy->mode == CG_MODE_REWRITE &&
	                !cg_policy_knot_numbers(policy));
	bool begins = (policy == NULL || policy->transfers || policy->scope == CG_SCOPE_ZONE);
	int ret = audit ? cg_hooks_register_audit(mod) : cg_hooks_register(mod, begins, repairs);
	if (ret != KNOT_EOK) {
		cg_policy_unref(policy);
		return ret;
	}

	cg_instance_t *self = NULL;
	if (policy != NULL) {
		if (!quiet && !cg_config_warn(mod, policy)) {
			cg_facts_quiet(policy);
		}
		self = new_instance(mod, policy, begins);
	}
	if (self == NULL) {
		knotd_mod_log(mod, LOG_ERR, "the guard could not start (out of memory): aliases and "
		              "transfers of this zone are held until a reload succeeds");
	}
	knotd_mod_ctx_set(mod, self);
	return KNOT_EOK;
}

static void unload(knotd_mod_t *mod)
{
	cg_instance_t *self = knotd_mod_ctx(mod);
	if (self != NULL) {
		cg_guard_detach(self->zone, mod);
		free(self);
	}
	knotd_mod_ctx_set(mod, NULL);
	cg_facts_forget();
}

KNOTD_MOD_API(cnameguard, KNOTD_MOD_FLAG_SCOPE_ZONE | KNOTD_MOD_FLAG_OPT_CONF,
              load, unload, cg_config_schema, NULL);
