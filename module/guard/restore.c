/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "cnameguard/store.h"
#include "guard/apart.h"
#include "guard/edits.h"
#include "guard/keep.h"
#include "guard/last_good.h"
#include "guard/report.h"
#include "guard/zone_file.h"

/*! \brief First and longest pause after a try that failed; each doubles the next. */
#define PAUSE_MIN_MS	250
#define PAUSE_MAX_MS	30000

/*! \brief What is to be put back. */
typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *zone;
	const cg_policy_t *policy;
	cg_stored_t stored;
	cg_zone_t *contents;
	cg_stored_t updates;   /*!< The version itself, where it has more than the file; else without a name. */
	cg_stored_t kept;      /*!< The refused file, where Knot will write over it; else without a name. */
	cg_edits_t edits;
	const char *failure;   /*!< What could not be done; the server's or the disk's words behind it. */
	const char *detail;
	char error[CG_STORE_ERROR_SIZE]; /*!< The disk's words, of the thread that failed. */
} restore_t;

static int fail(restore_t *restore, int ret, const char *failure, const char *detail)
{
	restore->failure = failure;
	restore->detail = detail;
	return ret;
}

/*! \brief The same of the disk. */
static int fail_disk(restore_t *restore, int ret, const char *failure)
{
	snprintf(restore->error, sizeof(restore->error), "%s", cg_store_error());
	return fail(restore, ret, failure, restore->error);
}

/*! \brief Reads the version; a policy that has become stricter since forbids it. */
static int read_good(restore_t *restore)
{
	const cg_guarded_t *zone = restore->zone;
	cg_findings_t findings = { 0 };

	int ret = cg_store_good(restore->policy->state, zone->name, &restore->stored);
	if (ret == KNOT_EOK) {
		ret = cg_store_read(&restore->stored, zone->name, &restore->contents);
	}
	if (ret == KNOT_ENOENT) {
		return ret;
	} else if (ret == KNOT_EMALF) {
		return fail_disk(restore, ret, "the last good version was damaged on the disk and is "
		                 "not used");
	} else if (ret != KNOT_EOK) {
		return fail_disk(restore, ret, "the last good version cannot be read");
	}
	ret = cg_rules_zone(restore->contents, &restore->policy->rules, &findings);
	bool clean = (ret == KNOT_EOK && findings.has_serial && findings.errors == 0);
	cg_findings_free(&findings);
	return clean ? KNOT_EOK : (ret != KNOT_EOK) ? ret :
	       fail(restore, KNOT_EMALF, "the last good version is not good under the policy of today",
	            restore->stored.path);
}

/*!
 * \brief Whether the version may have what was in Knot's journal alone, which filling the zone deletes.
 *
 * Knot would apply it to a corrected file whose serial is older. Not with
 * difference-no-serial; and what a signer made is made again.
 */
static bool has_updates(const restore_t *restore)
{
	const cg_guarded_t *zone = restore->zone;
	const cg_policy_t *policy = restore->policy;
	if (!policy->journal || (policy->signs && !policy->updates) ||
	    (policy->load != CG_LOAD_WHOLE && policy->load != CG_LOAD_DIFFERENCE)) {
		return false;
	}
	return zone->file_has_serial ? (int32_t)(restore->stored.serial - zone->file_serial) > 0 :
	       policy->updates;
}

/*! \brief The corrected file will drop what only updates have brought: that is kept first. */
static int keep_updates(restore_t *restore)
{
	if (!has_updates(restore)) {
		return KNOT_EOK;
	}
	const cg_policy_t *policy = restore->policy;
	int ret = cg_store_zone(policy->state, restore->contents, CG_STORE_ORIGINAL, "the last good "
	                        "version, which has changes that were in the journal only",
	                        cg_keep_files(policy), &restore->updates);
	return (ret == KNOT_EOK) ? ret :
	       fail_disk(restore, ret, "it may have changes that are in Knot's journal only, and "
	                 "cannot be kept");
}

/*! \brief Knot will write over the file that it has refused: it is kept first. */
static int keep_file(restore_t *restore)
{
	const cg_policy_t *policy = restore->policy;
	if (!policy->flushes) {
		return KNOT_EOK;
	}
	char *path = cg_zone_file(restore->zone, policy);
	int ret = (path == NULL) ? KNOT_ENOMEM :
	          cg_store_file(policy->state, restore->zone->name, path, restore->stored.serial,
	                        "the zone file that Knot refused, before the last good version took "
	                        "its place", cg_keep_files(policy), &restore->kept);
	free(path);
	return (ret == KNOT_EOK) ? ret :
	       fail_disk(restore, ret, "the refused zone file cannot be kept, and Knot would write "
	                 "over it (zonefile-sync)");
}

/*! \brief All that needs the disk and not the server, in a thread of its own. */
static int prepare(void *ctx)
{
	restore_t *restore = ctx;
	int ret = read_good(restore);
	if (ret == KNOT_EOK) {
		ret = keep_file(restore);
	}
	return (ret == KNOT_EOK) ? keep_updates(restore) : ret;
}

static int add_name(const cg_name_t *name, void *ctx)
{
	restore_t *restore = ctx;
	int ret = KNOT_EOK;
	for (size_t i = 0; i < name->count && ret == KNOT_EOK; i++) {
		cg_edit_t edit = {
			.op = CG_EDIT_ADD,
			.owner = name->owner,
			.spelling = name->spelling,
			.rr = name->rr[i],
		};
		ret = cg_edits_make(&restore->edits, &edit);
	}
	return ret;
}

/*!
 * \brief Inside the transaction, which keeps all other changes of the zone waiting.
 *
 * \retval KNOT_EEXIST  the zone has contents by now.
 */
static int fill(restore_t *restore)
{
	cg_guarded_t *zone = restore->zone;
	uint32_t serial;
	bool empty;
	int ret = cg_server_serial(restore->guard->control, zone->text, &serial, &empty);
	if (ret == KNOT_EOK && !empty) {
		return KNOT_EEXIST;
	}
	return (ret == KNOT_EOK) ? cg_zone_walk(restore->contents, add_name, restore) : ret;
}

static int put_back(restore_t *restore)
{
	cg_control_t *control = restore->guard->control;
	cg_guarded_t *zone = restore->zone;

	int ret = cg_transaction_begin(control, zone->text, &zone->transaction);
	if (ret == KNOT_EBUSY) {
		return fail(restore, ret, "somebody's transaction is open for this zone",
		            "put back after its knotc zone-commit or zone-abort");
	} else if (ret != KNOT_EOK) {
		return fail(restore, ret, "no transaction could be begun", cg_control_error(control));
	}
	restore->edits = cg_edits_begin(restore->guard, zone);
	ret = fill(restore);
	if (ret != KNOT_EOK) {
		(void)cg_transaction_abort(control, zone->text, &zone->transaction);
		return (ret == KNOT_EEXIST || ret == KNOT_EAGAIN) ? ret :
		       fail(restore, ret, "the server did not take a record", cg_control_error(control));
	}
	ret = cg_transaction_commit(control, zone->text, &zone->transaction);
	zone->restoring = (ret != KNOT_EOK && ret != KNOT_EDENIED); /* A lost reply may have been a yes. */
	return (ret == KNOT_EOK || zone->restoring) ? ret :
	       fail(restore, ret, "the server refused the commit", cg_control_error(control));
}

static void report(restore_t *restore, double ms)
{
	cg_guarded_t *zone = restore->zone;
	const cg_stored_t *kept = &restore->kept;
	char why[1024], updates[512] = "";
	if (restore->updates.name[0] != '\0') {
		snprintf(updates, sizeof(updates), "; it may have changes that the zone file has not, and "
		         "Knot's journal has no more: take them over from %s (cnameguard versions diff "
		         "%s) and give the corrected file a serial above %u", restore->updates.name,
		         zone->text, restore->stored.serial);
	}
	snprintf(why, sizeof(why), "Knot did not take the zone file and had nothing to serve: the last "
	         "good version was put back and is served until the file is corrected%s%s%s",
	         kept->name[0] == '\0' ? "" : "; Knot writes it over the zone file, which is kept as ",
	         kept->name, updates);
	cg_findings_t none = { .serial = restore->stored.serial, .records = restore->stored.records };
	cg_report_t report = {
		.policy = restore->policy,
		.findings = &none,
		.action = "restored",
		.judged = "file",
		.why = why,
		.ms = ms,
	};
	cg_said_t said = { .said = false };
	cg_report_verdict(zone, &said, &report);
}

/*! \brief Whether a start has lost the version: an empty zone, and a file that is refused. */
static bool is_lost(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_file_id_t now;
	if (zone->loaded || !atomic_load(&zone->fresh) || !zone->file_refused ||
	    !cg_good_remembers(policy) || cg_now_ms() < zone->restore_not_before_ms) {
		return false;
	}
	return cg_zone_file_identify(zone, policy, &now) && cg_file_mark(&now) == zone->file;
}

/*! \brief Meanwhile the zone, its policy or the file can have become another one. */
static bool is_current(const restore_t *restore)
{
	cg_policy_t *current = cg_zone_policy(restore->zone);
	bool same = current->generation == restore->policy->generation;
	cg_policy_unref(current);
	return same && restore->zone->refs > 0 && !atomic_load(&restore->guard->stop) &&
	       is_lost(restore->zone, restore->policy);
}

/*! \brief The file is as big as what it came from, about; it may include others. */
static size_t records(const restore_t *restore)
{
	const cg_guarded_t *zone = restore->zone;
	cg_file_id_t file;
	(void)cg_zone_file_identify(zone, restore->policy, &file);
	return (size_t)file.size / CG_ZONE_FILE_RECORD;
}

/*! \brief All steps, each of which may fail. */
static int restore_zone(restore_t *restore)
{
	cg_guard_t *guard = restore->guard;
	cg_guarded_t *zone = restore->zone;

	cg_worker_hang_up(guard); /* Nobody has to wait for the disk. */
	int ret = cg_apart(guard, zone, true, records(restore), prepare, restore);
	if (ret == KNOT_EOK && !is_current(restore)) {
		ret = KNOT_EAGAIN;
	}
	if (ret == KNOT_EOK) {
		ret = cg_worker_converse(guard, zone, restore->policy);
	}
	if (ret == KNOT_EOK) {
		ret = cg_repair_clean_up(guard, zone);
	}
	return (ret == KNOT_EOK) ? put_back(restore) : ret;
}

/*! \brief The reply to the commit was lost: what was it? */
static void report_late(restore_t *restore)
{
	cg_guarded_t *zone = restore->zone;
	if (restore->guard->down_ms != 0 || zone->transaction != CG_OURS_NOT) {
		return; /* Not known yet. */
	}
	zone->restoring = false;
	if (zone->loaded &&
	    cg_store_good(restore->policy->state, zone->name, &restore->stored) == KNOT_EOK &&
	    zone->serial == restore->stored.serial) {
		report(restore, 0);
	}
}

/*! \brief What a lost connection has left open is in an operator's way, whenever the next try may be. */
static void clean_up(restore_t *restore)
{
	cg_guarded_t *zone = restore->zone;
	if (zone->transaction != CG_OURS_NOT && !zone->loaded &&
	    cg_worker_converse(restore->guard, zone, restore->policy) == KNOT_EOK) {
		(void)cg_repair_clean_up(restore->guard, zone);
	}
}

void cg_good_restore(cg_guard_t *guard, cg_guarded_t *zone)
{
	if (zone->loaded && !zone->restoring) {
		return;
	}
	cg_policy_t *policy = cg_zone_policy(zone);
	restore_t restore = { .guard = guard, .zone = zone, .policy = policy };
	int64_t begin = cg_now_ms();

	if (guard->down_ms == 0) {
		clean_up(&restore);
	}
	if (zone->restoring) {
		report_late(&restore);
	} else if (guard->down_ms == 0 && is_lost(zone, policy)) {
		int ret = restore_zone(&restore);
		zone->restore_pause_ms = cg_longer_pause(zone->restore_pause_ms, PAUSE_MIN_MS,
		                                         PAUSE_MAX_MS);
		zone->restore_not_before_ms = cg_now_ms() + zone->restore_pause_ms;
		if (ret == KNOT_EOK) {
			atomic_store(&zone->fresh, false);
			zone->retry = true; /* Its verdict is the next to be made. */
			report(&restore, cg_now_ms() - begin);
		} else if (restore.failure != NULL) {
			cg_zone_log_once(zone, CG_WARNED_RESTORE, LOG_ERR,
			                 "the last good version is not put back: %s: %s; the zone is "
			                 "answered SERVFAIL until its file is corrected",
			                 restore.failure, restore.detail);
		}
	}
	cg_zone_free(restore.contents);
	cg_policy_unref(policy);
}
