/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>

#include "cnameguard/store.h"
#include "guard/apart.h"
#include "guard/follow.h"
#include "guard/last_good.h"
#include "guard/zone_file.h"

/*! \brief After a version was written, so many times as long as that took nothing is written for the zone. */
#define REST_FACTOR	20
/*! \brief A read that was broken off is tried again. */
#define AGAIN_MS	1000
/*! \brief How long no other zone says that it cannot be remembered. */
#define SAY_PAUSE_MS	60000
/*! \brief First and longest pause after a failure; each doubles the next. */
#define PAUSE_MIN_MS	250
#define PAUSE_MAX_MS	30000

void cg_good_is_due(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	if (cg_good_remembers(policy)) {
		if (!guard->good_due || zone->good_not_before_ms < guard->good_next_ms) {
			guard->good_next_ms = zone->good_not_before_ms;
		}
		zone->good_due = true;
		guard->good_due = true;
	}
}

void cg_good_updated(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     uint32_t serial)
{
	if (cg_good_remembers(policy) && cg_now_ms() >= zone->good_not_before_ms &&
	    (!zone->judged || zone->judged_serial != serial)) {
		zone->retry = (cg_judge_running(guard, zone) != KNOT_EOK);
	}
}

/*! \brief Learns once what is on the disk. */
static void look_up(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_stored_t stored;
	if (zone->good_looked) {
		return;
	}
	zone->good_looked = true;
	zone->good_known = (cg_store_good(policy->state, zone->name, &stored) == KNOT_EOK);
	if (zone->good_known) {
		zone->good_serial = stored.serial;
		zone->good_time = stored.time;
	}
}

/*! \brief Where a serial comes again with other contents, the zone file is newer than what is stored. */
static bool is_stored(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_file_id_t file;
	look_up(zone, policy);
	if (!zone->good_known || zone->good_serial != zone->judged_serial) {
		return false;
	}
	if (!cg_policy_serial_reused(policy)) {
		return true;
	}
	(void)cg_zone_file_identify(zone, policy, &file);
	if (!file.exists) {
		return true;
	}
	/* A clock that was set back since makes what is stored look newer than all. */
	return file.mtime_s < zone->good_time && file.ctime_s < zone->good_time &&
	       zone->good_time <= time(NULL);
}

/*! \brief Writes and judges what is read. */
typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *zone;
	cg_rules_t *rules;
	cg_store_writer_t *writer;
	size_t names;
} stream_t;

static int store_next(const cg_name_t *name, void *ctx)
{
	stream_t *stream = ctx;
	if (cg_read_yields(stream->guard, stream->zone, true, ++stream->names)) {
		return KNOT_EAGAIN;
	}
	int ret = cg_rules_name(name, stream->rules);
	return (ret == KNOT_EOK) ? cg_store_name(name, stream->writer) : ret;
}

/*! \brief Reads the version that was judged into the draft. KNOT_EAGAIN: it is another one by now. */
static int read_version(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                        cg_store_writer_t *writer)
{
	cg_findings_t findings = { 0 };
	stream_t stream = {
		.guard = guard,
		.zone = zone,
		.rules = cg_rules_begin(zone->name, &policy->rules),
		.writer = writer,
	};
	if (stream.rules == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = cg_server_read(guard->control, CG_READ_CURRENT, zone->text, NULL, store_next,
	                         &stream);
	int end = cg_rules_end(stream.rules, NULL, &findings);
	ret = (ret != KNOT_EOK) ? ret : end;
	if (ret == KNOT_EOK && (!findings.has_serial || findings.errors > 0 ||
	                        findings.serial != zone->judged_serial)) {
		ret = KNOT_EAGAIN; /* Its verdict is to come, and this comes behind it. */
	}
	cg_findings_free(&findings);
	return ret;
}

/*! \brief Waits for the disk. */
typedef struct {
	cg_store_writer_t *writer;
	const cg_policy_t *policy;
	cg_stored_t *stored;
	char *error;                  /*!< Text of the thread that failed. */
} finishing_t;

static int finish(void *ctx)
{
	finishing_t *finishing = ctx;
	int ret = cg_store_end(finishing->writer, "judged clean while it was served",
	                       finishing->policy->keep, finishing->stored);
	if (ret != KNOT_EOK) {
		snprintf(finishing->error, CG_STORE_ERROR_SIZE, "%s", cg_store_error());
	}
	return ret;
}

/*! \brief Writes the version down. */
static int store(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                 cg_stored_t *out, char error[CG_STORE_ERROR_SIZE])
{
	cg_store_writer_t *writer = NULL;
	int ret = cg_worker_converse(guard, zone, policy);
	if (ret == KNOT_EOK) {
		ret = cg_store_begin(policy->state, zone->name, CG_STORE_GOOD, &writer);
	}
	if (ret != KNOT_EOK) {
		snprintf(error, CG_STORE_ERROR_SIZE, "%s", cg_store_error());
		return ret;
	}
	ret = read_version(guard, zone, policy, writer);
	cg_worker_hang_up(guard); /* Nobody has to wait for the disk. */
	if (ret != KNOT_EOK) {
		snprintf(error, CG_STORE_ERROR_SIZE, "%s", cg_store_error());
		cg_store_cancel(writer);
		return ret;
	}
	finishing_t finishing = { writer, policy, out, error };
	return cg_apart(guard, zone, true, zone->records, finish, &finishing);
}

static bool is_disk(int ret)
{
	return ret == KNOT_EFILE || ret == KNOT_EACCES || ret == KNOT_ENOENT;
}

/*! \brief A full disk concerns all zones: one of them says so, the others not for a while. */
static void complain(cg_guard_t *guard, cg_guarded_t *zone, int ret, const char *error)
{
	int64_t now = cg_now_ms();
	if (guard->good_said != NULL && guard->good_said != zone &&
	    now - guard->good_said_ms < SAY_PAUSE_MS) {
		return;
	}
	guard->good_said_ms = now;
	guard->good_said = zone;
	cg_zone_log_once(zone, CG_WARNED_STATE, LOG_ERR,
	                 "this version cannot be remembered (%s): should Knot refuse the zone file at "
	                 "its next start, an older version is put back, or none; check the folder's "
	                 "owner, permissions and free space; other zones are not named for a minute",
	                 is_disk(ret) ? error : knot_strerror(ret));
}

/*! \brief Remembers the version of one zone. */
static void remember(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_stored_t stored;
	char error[CG_STORE_ERROR_SIZE];
	int64_t begin = cg_now_ms();

	zone->good_due = false;
	if (!cg_good_remembers(policy) || !zone->judged || !zone->judged_clean ||
	    is_stored(zone, policy)) {
		return;
	}
	int ret = store(guard, zone, policy, &stored, error);
	int64_t now = cg_now_ms();
	if (ret == KNOT_EOK) {
		zone->rest_put_off_ms = 0;
		zone->good_known = true;
		zone->good_serial = stored.serial;
		zone->good_time = stored.time;
		zone->warned &= ~CG_WARNED_STATE;
		zone->good_not_before_ms = now + REST_FACTOR * (now - begin);
		zone->good_pause_ms = 0;
	} else if (ret == KNOT_EAGAIN) {
		zone->good_due = cg_queue_waiting(guard);
		zone->good_not_before_ms = zone->good_due ? now + AGAIN_MS : zone->good_not_before_ms;
	} else {
		zone->good_due = true;
		zone->good_pause_ms = cg_longer_pause(zone->good_pause_ms, PAUSE_MIN_MS,
		                                      PAUSE_MAX_MS);
		zone->good_not_before_ms = now + zone->good_pause_ms;
		if (is_disk(ret) || ret == KNOT_ENOMEM) {
			complain(guard, zone, ret, error);
		}
	}
}

/*! \brief Whether now is the time for a zone that is due. */
static bool may_remember(cg_guard_t *guard, const cg_guarded_t *zone)
{
	return cg_now_ms() >= zone->good_not_before_ms && !cg_queue_waiting(guard) &&
	       !atomic_load(&guard->stop) && guard->down_ms == 0;
}

void cg_good_remember(cg_guard_t *guard, int64_t until_ms)
{
	int64_t next = 0;
	bool begun = false;
	if (!guard->good_due || cg_now_ms() < guard->good_next_ms) {
		return;
	}
	guard->good_due = false;
	for (cg_guarded_t *zone = cg_registry_first(guard); zone != NULL; zone = zone->next) {
		if (!zone->good_due || zone->refs == 0) {
			continue;
		}
		if ((!begun || cg_now_ms() < until_ms) && may_remember(guard, zone)) {
			begun = true;
			cg_policy_t *policy = cg_zone_policy(zone);
			remember(guard, zone, policy);
			cg_policy_unref(policy);
		}
		if (zone->good_due && (!guard->good_due || zone->good_not_before_ms < next)) {
			next = zone->good_not_before_ms;
		}
		guard->good_due |= zone->good_due;
	}
	guard->good_next_ms = next;
	cg_worker_hang_up(guard);
}

/*! \brief Emptied while the server ran, and its file is gone too. */
static bool is_purged(cg_guarded_t *zone, const cg_policy_t *policy)
{
	cg_file_id_t file;
	if (zone->loaded || !zone->listed || atomic_load(&zone->fresh) || !zone->good_known) {
		return false;
	}
	return cg_zone_file_identify(zone, policy, &file) && !file.exists;
}

void cg_good_forget(cg_guarded_t *zone)
{
	bool removed = (zone->refs == 0 && !zone->listed);
	if (zone->loaded && !removed) {
		return;
	}
	cg_policy_t *policy = cg_zone_policy(zone);
	if (removed || is_purged(zone, policy)) {
		(void)cg_store_forget(policy->state, zone->name);
		cg_follow_forget(zone, policy);
		zone->good_known = zone->good_looked = false;
	}
	cg_policy_unref(policy);
}
