/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From knot.conf to the policy of a zone. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cnameguard/file.h"
#include "knot/config.h"
#include "knot/instance.h"

/* Sections and items of Knot. */
#define SERVER		"\x06""server"
#define RUNDIR		"\x06""rundir"
#define LISTEN		"\x06""listen"
#define CONTROL		"\x07""control"
#define AUTO_ACL	"\x0D""automatic-acl"
#define DATABASE	"\x08""database"
#define STORAGE		"\x07""storage"
#define ZONE_FILE	"\x04""file"
#define SEM_CHECKS	"\x0F""semantic-checks"
#define ZONEFILE_LOAD	"\x0D""zonefile-load"
#define ZONEFILE_SYNC	"\x0D""zonefile-sync"
#define JOURNAL		"\x0F""journal-content"
#define MASTER		"\x06""master"
#define SIGNING		"\x0E""dnssec-signing"
#define ZONEMD		"\x0F""zonemd-generate"
#define MODULE		"\x06""module"
#define ACL		"\x03""acl"
#define EXTERNAL	"\x13""external-validation"
#define ACTION		"\x06""action"

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

static unsigned zone_option(knotd_mod_t *mod, const yp_name_t *item)
{
	return knotd_conf_zone(mod, item, knotd_mod_zone(mod)).single.option;
}

static const char *zone_text(knotd_mod_t *mod, const yp_name_t *item)
{
	return knotd_conf_zone(mod, item, knotd_mod_zone(mod)).single.string;
}

static size_t zone_count(knotd_mod_t *mod, const yp_name_t *item)
{
	knotd_conf_t conf = knotd_conf_zone(mod, item, knotd_mod_zone(mod));
	size_t count = conf.count;
	knotd_conf_free(&conf);
	return count;
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
static bool signs_answers(knotd_mod_t *mod)
{
	static const char ONLINE[] = "mod-onlinesign";
	knotd_conf_t conf = knotd_conf_zone(mod, MODULE, knotd_mod_zone(mod));
	bool found = false;
	for (size_t i = 0; i < conf.count && conf.multi != NULL; i++) {
		found |= memmem(conf.multi[i].data, conf.multi[i].data_len, ONLINE,
		                sizeof(ONLINE) - 1) != NULL;
	}
	knotd_conf_free(&conf);
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

/*! \brief What the ACLs of the zone allow: a bit an action. */
static unsigned allowed_actions(knotd_mod_t *mod)
{
	unsigned allowed = 0;
	knotd_conf_t acls = knotd_conf_zone(mod, ACL, knotd_mod_zone(mod));
	for (size_t i = 0; i < acls.count; i++) {
		knotd_conf_t id = { .single = acls.multi[i], .count = 1 };
		knotd_conf_t actions = knotd_conf(mod, ACL, ACTION, &id);
		for (size_t j = 0; j < actions.count; j++) {
			allowed |= 1u << actions.multi[j].option;
		}
		knotd_conf_free(&actions);
	}
	knotd_conf_free(&acls);
	return allowed;
}

static bool load_facts(knotd_mod_t *mod, cg_policy_t *policy)
{
	policy->load = load_from(zone_option(mod, ZONEFILE_LOAD));
	policy->soft = (zone_option(mod, SEM_CHECKS) == SEM_CHECKS_SOFT);
	policy->journal = (zone_option(mod, JOURNAL) != JOURNAL_NONE);
	policy->secondary = (zone_count(mod, MASTER) > 0);
	unsigned actions = allowed_actions(mod);
	policy->updates = actions & (1u << ACTION_UPDATE);
	policy->transfers = (actions & (1u << ACTION_TRANSFER)) ||
	                    knotd_conf(mod, SERVER, AUTO_ACL, NULL).single.boolean;
#if CG_KNOT_EXTERNAL
	policy->external = (zone_count(mod, EXTERNAL) > 0);
	policy->digests = policy->external && (zone_option(mod, ZONEMD) != ZONEMD_NONE);
#endif
	policy->signs = knotd_conf_zone(mod, SIGNING, knotd_mod_zone(mod)).single.boolean;
	/* Each of Knot's answers is a search in its database: only what matters is asked for. */
	policy->signs_answers = (policy->mode == CG_MODE_REWRITE) && signs_answers(mod);
	policy->flushes = (knotd_conf_zone(mod, ZONEFILE_SYNC, knotd_mod_zone(mod)).single.integer >= 0);
	load_listen(mod, policy);
	if (policy->load == CG_LOAD_NONE) {
		return true;
	}
	const char *file = zone_text(mod, ZONE_FILE);
	policy->file = strdup(file != NULL ? file : "%s.zone");
	policy->storage = strdup(zone_text(mod, STORAGE));
	return policy->file != NULL && policy->storage != NULL;
}

cg_policy_t *cg_config_load(knotd_mod_t *mod)
{
	cg_policy_t *policy = cg_policy_new();
	if (policy == NULL) {
		return NULL;
	}
	if (!load_options(mod, policy) || !load_facts(mod, policy)) {
		cg_policy_unref(policy);
		return NULL;
	}
	return policy;
}

static void warn_rewrite(knotd_mod_t *mod, const cg_policy_t *policy)
{
	if (policy->secondary) {
		return; /* Never edited, which is said when it matters. */
	}
	if (!policy->soft) {
		knotd_mod_log(mod, LOG_WARNING, "mode rewrite has nothing to repair here: without "
		              "'semantic-checks: soft' Knot refuses a zone in conflict itself; "
		              "set 'semantic-checks: soft' for this zone");
		return;
	}
	if (policy->external) {
		return; /* The version is repaired before it is published. */
	}
	if (!cg_policy_knot_numbers(policy)) {
		knotd_mod_log(mod, LOG_WARNING, "mode rewrite does not edit this zone, whose owner "
		              "numbers its versions in the zone file: answers are repaired, a version "
		              "in conflict is not transferred; to have the zone itself repaired set "
		              "'zonefile-load: difference-no-serial', 'journal-content: all' and "
		              "'zonefile-sync: -1'%s", policy->updates ? ", or 'zonefile-load: none' "
		              "since updates are allowed" : "");
		return;
	}
	if (policy->load == CG_LOAD_DIFFERENCE_NO_SERIAL && policy->updates) {
		knotd_mod_log(mod, LOG_WARNING, "updates are allowed, but with 'zonefile-load: "
		              "difference-no-serial' the next load of the zone file undoes them; "
		              "set 'zonefile-load: none' and 'journal-content: all'");
	}
	if (policy->file != NULL && policy->flushes) {
		char *file = cg_file_path(knotd_mod_zone(mod), policy->file, policy->storage);
		knotd_mod_log(mod, LOG_WARNING, "after a repair Knot writes its own version over the "
		              "zone file '%s', comments and all; the original is kept before (cnameguard "
		              "versions); set 'zonefile-sync: -1' to leave the owner's file as it is",
		              file != NULL ? file : policy->file);
		free(file);
	}
}

static void warn_external(knotd_mod_t *mod, const cg_policy_t *policy)
{
	if (policy->flushes && policy->file != NULL && !policy->secondary) {
		char *file = cg_file_path(knotd_mod_zone(mod), policy->file, policy->storage);
		knotd_mod_log(mod, LOG_WARNING, "when it stops Knot writes what it serves over the zone "
		              "file '%s', also over one that was not published; it is kept before "
		              "(cnameguard versions); set 'zonefile-sync: -1'",
		              file != NULL ? file : policy->file);
		free(file);
	}
}

/*! \brief Complains about a folder for last good versions and originals that cannot be used. */
static void warn_state(knotd_mod_t *mod, const cg_policy_t *policy)
{
	char *folder = strdup(policy->state);
	if (folder == NULL) {
		return;
	}
	char *end = strrchr(folder, '/');
	if (access(folder, F_OK) != 0 && end != NULL && end != folder) {
		*end = '\0'; /* It will be made. */
	}
	if (access(folder, W_OK | X_OK) != 0) {
		knotd_mod_log(mod, LOG_WARNING, "state folder '%s' cannot be written (%m): last good "
		              "versions are not remembered, and mode rewrite edits nothing; make '%s' "
		              "writable for the user that knotd runs as", policy->state, folder);
	}
	free(folder);
}

static void warn_audit_log(knotd_mod_t *mod, const cg_policy_t *policy)
{
	char *folder = strdup(policy->audit_log);
	if (folder == NULL) {
		return;
	}
	*(strrchr(folder, '/') + 1) = '\0';
	bool exists = (access(policy->audit_log, F_OK) == 0);
	if (access(exists ? policy->audit_log : folder, W_OK) != 0) {
		knotd_mod_log(mod, LOG_WARNING, "audit log '%s' cannot be written (%m): findings "
		              "go to this log only, and mode rewrite edits nothing; make the "
		              "folder '%s' writable for the user that knotd runs as",
		              policy->audit_log, folder);
	}
	free(folder);
}

void cg_config_warn(knotd_mod_t *mod, const cg_policy_t *policy)
{
	if (policy->mode == CG_MODE_REWRITE) {
		warn_rewrite(mod, policy);
	}
	if (policy->external && policy->mode != CG_MODE_AUDIT) {
		warn_external(mod, policy);
	}
	if (policy->mode != CG_MODE_AUDIT) {
		warn_state(mod, policy);
	}
	if (policy->audit_log != NULL) {
		warn_audit_log(mod, policy);
	}
}
