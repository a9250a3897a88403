/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "cnameguard/increments.h"
#include "cnameguard/probe.h"
#include "guard/changed.h"
#include "guard/passed.h"
#include "guard/zone_file.h"
#include "rules/rr.h"
#include "rules/zone.h"

/*! \brief Reading a name costs as much as that many records of a zone that is read whole. */
#define NAME_COST	64

/*! \brief How long the own server has for all changes. */
#define INCREMENTS_MS	1000
/*! \brief A file is not loaded twice in so short a time. */
#define SHORT_MS	2000
/*! \brief When it did not have them: how long it is not asked for those of the zone. */
#define PAUSE_MIN_MS	1000
#define PAUSE_MAX_MS	3600000

/*! \brief Names to be looked at. */
typedef struct {
	const cg_guarded_t *zone;
	cg_read_t from;
	cg_names_t names;      /*!< In any order, some of them several times. */
	size_t most;           /*!< Changed names that pay. */
	bool based;            /*!< What is changed is the version that was clean, or came from it. */
	uint32_t serial;       /*!< Of what has come from it; valid where \a based. */
	bool whole;            /*!< All names have to be looked at. */
	size_t records;        /*!< Of the version, as it is changed. */
} changed_t;

static bool is_clean(const cg_guarded_t *zone, uint32_t serial)
{
	return cg_passed_is(zone, serial) ||
	       (zone->judged && zone->judged_clean && zone->judged_serial == serial);
}

/*! \brief A big zone, judged by this policy; and no rule needs more than the names. */
static bool can(const cg_guarded_t *zone, const cg_policy_t *policy)
{
	bool enforced;
	(void)cg_rules_targets(&policy->rules, &enforced);
	return zone->records >= CG_BIG_RECORDS && !enforced &&
	       zone->verdicts.generation == policy->generation && !atomic_load(&zone->changed);
}

bool cg_changed_can_held(const cg_guarded_t *zone, const cg_policy_t *policy)
{
	return can(zone, policy) && (zone->passed.known || (zone->judged && zone->judged_clean)) &&
	       !(policy->load == CG_LOAD_WHOLE && (policy->signs || policy->digests));
}

/*!
 * \brief Nothing can have been loaded twice, the second time to where the version was that was clean.
 *
 * Only where serials come again: with the file that was there, or in so short a time.
 */
static bool same_place(const cg_guarded_t *zone, const cg_policy_t *policy)
{
	if (!cg_policy_serial_reused(policy) || cg_now_ms() - zone->judged_ms < SHORT_MS) {
		return true;
	}
	cg_file_id_t file;
	(void)cg_zone_file_identify(zone, policy, &file);
	return cg_file_mark(&file) == zone->file_loaded;
}

bool cg_changed_can(const cg_guarded_t *zone, const cg_policy_t *policy,
                    const cg_version_t *version)
{
	const cg_version_t *last = &zone->judged_version;
	return can(zone, policy) && zone->judged && zone->judged_clean &&
	       policy->transfers && policy->journal && last->soa != NULL &&
	       version->soa != NULL && last->apex == version->apex && last->ns == version->ns &&
	       last->serial != version->serial &&
	       cg_now_ms() >= zone->increments_not_before_ms && same_place(zone, policy);
}

/*! \brief The name, and what is above it below the apex. */
static int add_name(changed_t *changed, const knot_dname_t *name)
{
	const cg_names_t *names = &changed->names;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && !knot_dname_is_equal(name, changed->zone->name)) {
		if (names->count > 0 && knot_dname_is_equal(names->list[names->count - 1], name)) {
			return KNOT_EOK;
		}
		ret = cg_names_add(&changed->names, name);
		name = cg_next_label(name);
	}
	return ret;
}

/*! \brief A SOA goes with each version that is changed: the first is the one that was clean, each other the one before. */
static bool is_based(const changed_t *changed, uint32_t serial)
{
	return is_clean(changed->zone, serial) || (changed->based && changed->serial == serial);
}

static int take_change(const cg_change_t *change, void *ctx)
{
	changed_t *changed = ctx;
	bool soa = (change->type == KNOT_RRTYPE_SOA);
	changed->records += change->added ? 1 : -1;
	if (!change->added) {
		changed->based = soa ? is_based(changed, change->serial) : changed->based;
		return KNOT_EOK; /* What goes does no harm; NS of the apex are missed there. */
	}
	changed->serial = soa ? change->serial : changed->serial;
	/* A DNAME counts for all names below it. */
	changed->whole |= !changed->based || change->type == KNOT_RRTYPE_DNAME ||
	                  knot_dname_in_bailiwick(change->owner, changed->zone->name) < 0;
	if (changed->whole || cg_type_beside(change->type) || change->type == KNOT_RRTYPE_NSEC3) {
		return KNOT_EOK;
	}
	if (changed->names.count >= changed->most) {
		changed->whole = true;
		return KNOT_EOK;
	}
	return add_name(changed, change->owner);
}

static int compare(const void *a, const void *b)
{
	return cg_name_cmp(*(const knot_dname_t *const *)a, *(const knot_dname_t *const *)b);
}

/*! \brief Feeds a name to the rules; one that has gone again does no harm. */
static int judge_name(cg_guard_t *guard, const changed_t *changed, const char *name,
                      cg_rules_t *rules)
{
	int ret = cg_server_read(guard->control, changed->from, changed->zone->text, name,
	                         cg_rules_name, rules);
	bool gone = (ret == KNOT_EDENIED &&
	             strcmp(cg_control_error(guard->control), knot_strerror(KNOT_ENONODE)) == 0);
	return gone ? KNOT_EOK : (ret == KNOT_EDENIED) ? KNOT_ENOTSUP : ret;
}

/*! \brief Feeds all names to them, in canonical order, the apex first. */
static int judge_names(cg_guard_t *guard, changed_t *changed, cg_rules_t *rules)
{
	cg_names_t *names = &changed->names;
	qsort(names->list, names->count, sizeof(*names->list), compare);

	int ret = judge_name(guard, changed, changed->zone->text, rules);
	for (size_t i = 0; i < names->count && ret == KNOT_EOK; i++) {
		knot_dname_txt_storage_t text;
		if (i > 0 && knot_dname_is_equal(names->list[i - 1], names->list[i])) {
			continue;
		}
		if (knot_dname_to_str(text, names->list[i], sizeof(text)) == NULL) {
			return KNOT_EINVAL;
		}
		ret = judge_name(guard, changed, text, rules);
	}
	return ret;
}

/*! \brief Judges what is to be looked at, if that is enough. */
static int judge(cg_guard_t *guard, changed_t *changed, const cg_policy_t *policy,
                 cg_reading_t *reading)
{
	if (!changed->based || changed->whole) {
		return KNOT_ENOTSUP;
	}
	cg_rules_t *rules = cg_rules_begin(changed->zone->name, &policy->rules);
	if (rules == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = judge_names(guard, changed, rules);
	int end = cg_rules_end(rules, NULL, &reading->findings);
	ret = (ret != KNOT_EOK) ? ret : end;
	if (ret == KNOT_EOK && (reading->findings.count > 0 || !reading->findings.has_serial)) {
		ret = KNOT_ENOTSUP;
	}
	if (ret != KNOT_EOK) {
		cg_findings_free(&reading->findings);
		return ret;
	}
	reading->findings.records = changed->records;
	reading->findings.aliases += changed->zone->aliases;
	return KNOT_EOK;
}

static changed_t begin(const cg_guarded_t *zone, cg_read_t from)
{
	return (changed_t){
		.zone = zone,
		.from = from,
		.most = zone->records / NAME_COST,
		.records = zone->records,
	};
}

int cg_changed_judge_held(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                          cg_reading_t *reading)
{
	changed_t changed = begin(zone, CG_READ_TRANSACTION);
	int ret = cg_server_changes(guard->control, zone->text, take_change, &changed);
	if (ret == KNOT_EOK) {
		ret = judge(guard, &changed, policy, reading);
	}
	cg_names_free(&changed.names);
	return ret;
}

static void tell_denied(cg_guarded_t *zone, const cg_policy_t *policy)
{
	struct sockaddr_storage own;
	char address[INET6_ADDRSTRLEN] = "its own address";
	socklen_t len = cg_probe_address(&policy->listen, &own);
	(void)getnameinfo((struct sockaddr *)&own, len, address, sizeof(address), NULL, 0,
	                  NI_NUMERICHOST);
	cg_zone_log_once(zone, CG_WARNED_INCREMENTS, LOG_INFO, "all of this big zone is read for each "
	                 "change, since Knot lets no transfer go to %s; to spare that add an acl with "
	                 "'address: %s', 'action: transfer' and no key to the zone", address, address);
}

/*! \brief The server did not have the changes: it is asked for them ever more rarely. */
static int give_up(cg_guarded_t *zone, const cg_policy_t *policy, int ret)
{
	if (ret == KNOT_EDENIED) {
		zone->increments_not_before_ms = INT64_MAX;
		tell_denied(zone, policy);
	} else {
		int32_t *pause = &zone->increments_pause_ms;
		*pause = cg_longer_pause(*pause, PAUSE_MIN_MS, PAUSE_MAX_MS);
		zone->increments_not_before_ms = cg_now_ms() + *pause;
	}
	return KNOT_ENOTSUP;
}

/*! \brief Has the own server tell what has changed since the last verdict. */
static int read_increments(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                           uint32_t serial, changed_t *changed)
{
	cg_increments_t increments;
	uint32_t reached = 0;
	int ret = cg_increments_open(&increments, &policy->listen, INCREMENTS_MS, &guard->stop);
	if (ret != KNOT_EOK) {
		return give_up(zone, policy, ret);
	}
	atomic_store(&zone->increments, cg_increments_key(increments.port, increments.id));
	ret = cg_increments_read(&increments, zone->name, zone->judged_serial, take_change, changed,
	                         &reached);
	atomic_store(&zone->increments, 0);
	cg_increments_close(&increments);
	if (ret == KNOT_ENOMEM) {
		return ret;
	} else if (ret != KNOT_EOK) {
		return give_up(zone, policy, ret);
	}
	zone->increments_pause_ms = 0;
	return (reached == serial) ? KNOT_EOK : KNOT_EAGAIN;
}

int cg_changed_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_reading_t *reading)
{
	changed_t changed = begin(zone, CG_READ_CURRENT);
	int ret = read_increments(guard, zone, policy, reading->version.serial, &changed);
	if (ret == KNOT_EOK) {
		ret = judge(guard, &changed, policy, reading);
	}
	cg_names_free(&changed.names);
	return ret;
}
