/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From knot.conf to the policy of a zone. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "knot/config.h"
#include "knot/facts.h"
#include "knot/instance.h"

/* Sections and items of Knot. */
#define SERVER		"\x06""server"
#define RUNDIR		"\x06""rundir"
#define LISTEN		"\x06""listen"
#define CONTROL		"\x07""control"
#define AUTO_ACL	"\x0D""automatic-acl"
#define DATABASE	"\x08""database"
#define STORAGE		"\x07""storage"

/* Values of Knot's options, in the order of its documentation. */
enum { SEM_CHECKS_SOFT = 2 };
enum { JOURNAL_NONE = 0 };
enum { ZONEMD_NONE = 0 };
enum { ACTION_TRANSFER = 2, ACTION_UPDATE = 3 };
enum { LOAD_NONE = 0, LOAD_DIFFERENCE = 1, LOAD_WHOLE = 2, LOAD_DIFFERENCE_NO_SERIAL = 3 };

/*! \brief Folder of the module beside Knot's databases. */
#define STATE_DIR	"cnameguard"

static char *join(const char *folder, const char *name)
{
	char *path = NULL;
	if (name[0] == '/') {
		return strdup(name);
	}
	return (asprintf(&path, "%s/%s", folder, name) < 0) ? NULL : path;
}

static int choice(knotd_mod_t *mod, const yp_name_t *item, const cg_choice_t *choice)
{
	knotd_conf_t conf = knotd_conf_mod(mod, item);
	return cg_choice_find(choice, conf.single.string);
}

static uint32_t rule_bits(knotd_mod_t *mod, const yp_name_t *item)
{
	uint32_t bits = 0;
	knotd_conf_t conf = knotd_conf_mod(mod, item);
	for (size_t i = 0; i < conf.count; i++) {
		bits |= 1u << cg_rule_by_name(conf.multi[i].string);
	}
	knotd_conf_free(&conf);
	return bits;
}

static bool load_exempt(knotd_mod_t *mod, cg_rules_policy_t *rules)
{
	knotd_conf_t conf = knotd_conf_mod(mod, CG_OPT_EXEMPT);
	bool ok = true;
	rules->exempt = calloc(conf.count + 1, sizeof(*rules->exempt));
	for (size_t i = 0; i < conf.count && rules->exempt != NULL && ok; i++) {
		rules->exempt[i] = strdup(conf.multi[i].string);
		ok = (rules->exempt[i] != NULL);
		rules->exempt_count += ok;
	}
	knotd_conf_free(&conf);
	return ok && rules->exempt != NULL;
}

/*! \brief The folder of the module; it is made when something is written to it. */
static bool load_state(knotd_mod_t *mod, cg_policy_t *policy)
{
	policy->keep = knotd_conf_mod(mod, CG_OPT_KEEP).single.integer;
	const char *state = knotd_conf_mod(mod, CG_OPT_STATE).single.string;
	if (state[0] != '\0') {
		policy->state = strdup(state);
		return policy->state != NULL;
	}
	const char *storage = knotd_conf(mod, DATABASE, STORAGE, NULL).single.string;
	policy->state = join(storage, STATE_DIR);
	return policy->state != NULL;
}

static bool load_audit_log(knotd_mod_t *mod, cg_policy_t *policy)
{
	const char *name = knotd_conf_mod(mod, CG_OPT_AUDIT_LOG).single.string;
	if (name[0] == '\0') {
		return true;
	}
	if (name[0] != '/') {
		(void)mkdir(policy->state, 0750); /* A failure shows when the log is opened. */
	}
	policy->audit_log = join(policy->state, name);
	return policy->audit_log != NULL;
}

/*! \brief The server's control socket; Knot 3.5 can have several, the last of which operators use least. */
static char *server_control(knotd_mod_t *mod, const char *rundir)
{
	knotd_conf_t listen = knotd_conf(mod, CONTROL, LISTEN, NULL);
	const char *path = "knot.sock";
	if (listen.multi != NULL && listen.count > 0) {
		path = listen.multi[listen.count - 1].string;
	} else if (listen.multi == NULL && listen.single.string != NULL) {
		path = listen.single.string;
	}
	char *joined = join(rundir, path);
	knotd_conf_free(&listen);
	return joined;
}

static bool load_control(knotd_mod_t *mod, cg_policy_t *policy)
{
	const char *path = knotd_conf_mod(mod, CG_OPT_CONTROL).single.string;
	const char *rundir = knotd_conf(mod, SERVER, RUNDIR, NULL).single.string;
	policy->control = (path[0] == '\0') ? server_control(mod, rundir) : join(rundir, path);
	if (path[0] == '/') {
		policy->rundir = strdup(rundir); /* Could be the socket of any server. */
	}
	return policy->control != NULL && (path[0] != '/' || policy->rundir != NULL);
}

static bool load_options(knotd_mod_t *mod, cg_policy_t *policy)
{
	policy->mode = choice(mod, CG_OPT_MODE, &cg_choice_mode);
	policy->scope = choice(mod, CG_OPT_SCOPE, &cg_choice_scope);
	policy->strategy = choice(mod, CG_OPT_STRATEGY, &cg_choice_strategy);
	policy->fallback = choice(mod, CG_OPT_FALLBACK, &cg_choice_fallback);
	policy->hold = (choice(mod, CG_OPT_UNVERIFIED, &cg_choice_unverified) == 0);
	policy->sweep_interval = knotd_conf_mod(mod, CG_OPT_SWEEP).single.integer;
	policy->rules.allow_key = knotd_conf_mod(mod, CG_OPT_ALLOW_KEY).single.boolean;
	policy->rules.chain_limit = knotd_conf_mod(mod, CG_OPT_CHAIN_LIMIT).single.integer;
	policy->rules.enforce = rule_bits(mod, CG_OPT_ENFORCE);
	policy->rules.ignore = rule_bits(mod, CG_OPT_IGNORE);
	return load_exempt(mod, &policy->rules) && load_state(mod, policy) &&
	       load_audit_log(mod, policy) && load_control(mod, policy);
}

static cg_load_t load_from(unsigned option)
{
	switch (option) {
	case LOAD_NONE:                 return CG_LOAD_NONE;
	case LOAD_DIFFERENCE:           return CG_LOAD_DIFFERENCE;
	case LOAD_DIFFERENCE_NO_SERIAL: return CG_LOAD_DIFFERENCE_NO_SERIAL;
	default:                        return CG_LOAD_WHOLE;
	}
}

/*! \brief Another module of the zone signs what is answered, from what the zone has. */
static bool signs_answers(const knotd_conf_t *modules)
{
	static const char ONLINE[] = "mod-onlinesign";
	bool found = false;
	for (size_t i = 0; i < modules->count && modules->multi != NULL; i++) {
		found |= memmem(modules->multi[i].data, modules->multi[i].data_len, ONLINE,
		                sizeof(ONLINE) - 1) != NULL;
	}
	return found;
}

/*! \brief First address that can be reached by UDP. */
static void load_listen(knotd_mod_t *mod, cg_policy_t *policy)
{
	knotd_conf_t conf = knotd_conf(mod, SERVER, LISTEN, NULL);
	for (size_t i = 0; i < conf.count; i++) {
		sa_family_t family = conf.multi[i].addr.ss_family;
		if (family == AF_INET || family == AF_INET6) {
			policy->listen = conf.multi[i].addr;
			break;
		}
	}
	knotd_conf_free(&conf);
}

static bool load_facts(knotd_mod_t *mod, cg_policy_t *policy, const cg_fact_t *facts)
{
	unsigned actions = facts[CG_FACT_ACTIONS].number;
	policy->load = load_from(facts[CG_FACT_LOAD].number);
	policy->soft = (facts[CG_FACT_CHECKS].number == SEM_CHECKS_SOFT);
	policy->journal = (facts[CG_FACT_JOURNAL].number != JOURNAL_NONE);
	policy->secondary = (facts[CG_FACT_PRIMARIES].number > 0);
	policy->updates = actions & (1u << ACTION_UPDATE);
	policy->transfers = (actions & (1u << ACTION_TRANSFER)) ||
	                    knotd_conf(mod, SERVER, AUTO_ACL, NULL).single.boolean;
	policy->external = (facts[CG_FACT_EXTERNAL].number > 0);
	policy->digests = (facts[CG_FACT_DIGESTS].number != ZONEMD_NONE);
	policy->signs = (facts[CG_FACT_SIGNING].number != 0);
	policy->flushes = (facts[CG_FACT_SYNC].number >= 0);
	load_listen(mod, policy);
	if (policy->load == CG_LOAD_NONE) {
		return true;
	}
	const char *file = facts[CG_FACT_FILE].text;
	policy->file = strdup(file != NULL ? file : "%s.zone");
	policy->storage = strdup(facts[CG_FACT_STORAGE].text);
	return policy->file != NULL && policy->storage != NULL;
}

cg_policy_t *cg_config_make(knotd_mod_t *mod, const cg_fact_t *facts, const knotd_conf_t *modules)
{
	cg_policy_t *policy = cg_policy_new();
	if (policy == NULL) {
		return NULL;
	}
	if (!load_options(mod, policy) || !load_facts(mod, policy, facts)) {
		cg_policy_unref(policy);
		return NULL;
	}
	policy->signs_answers = (policy->mode == CG_MODE_REWRITE) && signs_answers(modules);
	return policy;
}
