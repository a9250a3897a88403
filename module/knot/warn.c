/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What should be set beside the module, said at load. Each tells whether it had something to say. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cnameguard/file.h"
#include "knot/instance.h"

static bool warn_rewrite(knotd_mod_t *mod, const cg_policy_t *policy)
{
	bool said = false;
	if (policy->secondary) {
		return false; /* Never edited, which is said when it matters. */
	}
	if (!policy->soft) {
		knotd_mod_log(mod, LOG_WARNING, "mode rewrite has nothing to repair here: without "
		              "'semantic-checks: soft' Knot refuses a zone in conflict itself; "
		              "set 'semantic-checks: soft' for this zone");
		return true;
	}
	if (policy->external) {
		return false; /* The version is repaired before it is published. */
	}
	if (!cg_policy_knot_numbers(policy)) {
		knotd_mod_log(mod, LOG_WARNING, "mode rewrite does not edit this zone, whose owner "
		              "numbers its versions in the zone file: answers are repaired, a version "
		              "in conflict is not transferred; to have the zone itself repaired set "
		              "'zonefile-load: difference-no-serial', 'journal-content: all' and "
		              "'zonefile-sync: -1'%s", policy->updates ? ", or 'zonefile-load: none' "
		              "since updates are allowed" : "");
		return true;
	}
	if (policy->load == CG_LOAD_DIFFERENCE_NO_SERIAL && policy->updates) {
		knotd_mod_log(mod, LOG_WARNING, "updates are allowed, but with 'zonefile-load: "
		              "difference-no-serial' the next load of the zone file undoes them; "
		              "set 'zonefile-load: none' and 'journal-content: all'");
		said = true;
	}
	if (policy->file != NULL && policy->flushes) {
		char *file = cg_file_path(knotd_mod_zone(mod), policy->file, policy->storage);
		knotd_mod_log(mod, LOG_WARNING, "after a repair Knot writes its own version over the "
		              "zone file '%s', comments and all; the original is kept before (cnameguard "
		              "versions); set 'zonefile-sync: -1' to leave the owner's file as it is",
		              file != NULL ? file : policy->file);
		free(file);
		said = true;
	}
	return said;
}

static bool warn_external(knotd_mod_t *mod, const cg_policy_t *policy)
{
	bool said = (policy->flushes && policy->file != NULL && !policy->secondary);
	if (said) {
		char *file = cg_file_path(knotd_mod_zone(mod), policy->file, policy->storage);
		knotd_mod_log(mod, LOG_WARNING, "when it stops Knot writes what it serves over the zone "
		              "file '%s', also over one that was not published; it is kept before "
		              "(cnameguard versions); set 'zonefile-sync: -1'",
		              file != NULL ? file : policy->file);
		free(file);
	}
	return said;
}

/*! \brief Complains about a folder for last good versions and originals that cannot be used. */
static bool warn_state(knotd_mod_t *mod, const cg_policy_t *policy)
{
	char *folder = strdup(policy->state);
	if (folder == NULL) {
		return true;
	}
	char *end = strrchr(folder, '/');
	if (access(folder, F_OK) != 0 && end != NULL && end != folder) {
		*end = '\0'; /* It will be made. */
	}
	bool said = (access(folder, W_OK | X_OK) != 0);
	if (said) {
		knotd_mod_log(mod, LOG_WARNING, "state folder '%s' cannot be written (%m): last good "
		              "versions are not remembered, and mode rewrite edits nothing; make '%s' "
		              "writable for the user that knotd runs as", policy->state, folder);
	}
	free(folder);
	return said;
}

static bool warn_audit_log(knotd_mod_t *mod, const cg_policy_t *policy)
{
	char *folder = strdup(policy->audit_log);
	if (folder == NULL) {
		return true;
	}
	*(strrchr(folder, '/') + 1) = '\0';
	bool exists = (access(policy->audit_log, F_OK) == 0);
	bool said = (access(exists ? policy->audit_log : folder, W_OK) != 0);
	if (said) {
		knotd_mod_log(mod, LOG_WARNING, "audit log '%s' cannot be written (%m): findings "
		              "go to this log only, and mode rewrite edits nothing; make the "
		              "folder '%s' writable for the user that knotd runs as",
		              policy->audit_log, folder);
	}
	free(folder);
	return said;
}

bool cg_config_warn(knotd_mod_t *mod, const cg_policy_t *policy)
{
	bool said = false;
	if (policy->mode == CG_MODE_REWRITE) {
		said |= warn_rewrite(mod, policy);
	}
	if (policy->external && policy->mode != CG_MODE_AUDIT) {
		said |= warn_external(mod, policy);
	}
	if (policy->mode != CG_MODE_AUDIT) {
		said |= warn_state(mod, policy);
	}
	if (policy->audit_log != NULL) {
		said |= warn_audit_log(mod, policy);
	}
	return said;
}
