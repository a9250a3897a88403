/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "guard/look.h"

/*! \brief Names judged in a row. */
#define NAMES_MAX	8

/*! \brief Judges single names of one version. */
typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *zone;
	const cg_policy_t *policy;
	uint32_t serial;
	bool clean;
} single_t;

/*! \brief A name with its records, as read. */
typedef struct {
	single_t *single;
	bool apex;
	int ret;
} reading_t;

static int judge_one(const cg_name_t *name, void *ctx)
{
	reading_t *reading = ctx;
	single_t *single = reading->single;
	cg_findings_t findings = { 0 };

	cg_rules_t *rules = cg_rules_begin(single->zone->name, &single->policy->rules);
	if (rules == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = cg_rules_name(name, rules);
	int end = cg_rules_end(rules, NULL, &findings);
	if (ret == KNOT_EOK) {
		ret = end;
	}
	if (reading->apex && findings.has_serial) {
		single->serial = findings.serial;
	}
	for (size_t i = 0; ret == KNOT_EOK && i < findings.count; i++) {
		/* A run without the apex says nothing about the apex. */
		if (knot_dname_is_equal(findings.list[i].owner, name->owner) &&
		    findings.list[i].level == CG_LEVEL_ERROR && !findings.list[i].exempt) {
			single->clean = false;
		}
	}
	cg_findings_free(&findings);
	return ret;
}

static int read_one(single_t *single, const knot_dname_t *name)
{
	knot_dname_txt_storage_t text;
	reading_t reading = {
		.single = single,
		.apex = knot_dname_is_equal(name, single->zone->name),
	};
	if (knot_dname_to_str(text, name, sizeof(text)) == NULL) {
		return KNOT_EINVAL;
	}
	return cg_server_read(single->guard->control, CG_READ_CURRENT, single->zone->text,
	                      text, judge_one, &reading);
}

/*!
 * \brief Judges what an answer for the name is made of.
 *
 * That is the name itself; where it does not exist, its closest existing
 * ancestor (it may have a DNAME) and the wildcard below that (RFC 4592).
 */
static int read_sources(single_t *single, const knot_dname_t *name)
{
	int ret = read_one(single, name);

	while (ret == KNOT_EDENIED && !knot_dname_is_equal(name, single->zone->name)) {
		name = cg_next_label(name);
		ret = read_one(single, name);
		if (ret == KNOT_EOK) {
			knot_dname_storage_t wildcard = "\x01*";
			memcpy(wildcard + 2, name, knot_dname_size(name));
			int star = (knot_dname_size(name) + 2 <= KNOT_DNAME_MAXLEN) ?
			           read_one(single, wildcard) : KNOT_EDENIED;
			return (star == KNOT_EDENIED) ? KNOT_EOK : star;
		}
	}
	return ret;
}

/*! \brief Reads the name between two looks at the SOA: both see the same version. */
static int judge_in_version(single_t *single, const cg_version_t *version,
                            const knot_dname_t *name)
{
	int ret = read_one(single, single->zone->name);
	if (ret != KNOT_EOK || single->serial != version->serial) {
		return (ret != KNOT_EOK) ? ret : KNOT_EAGAIN;
	}
	ret = read_sources(single, name);
	if (ret == KNOT_EOK) {
		single->serial = ~version->serial; /* A server that is too busy sends nothing. */
		ret = read_one(single, single->zone->name);
	}
	return (ret == KNOT_EOK && single->serial != version->serial) ? KNOT_EAGAIN : ret;
}

static int clear_name(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      cg_version_t *version, const knot_dname_t *name)
{
	single_t single = {
		.guard = guard,
		.zone = zone,
		.policy = policy,
		.clean = true,
	};
	int ret = cg_worker_converse(guard, zone, policy);
	if (ret != KNOT_EOK) {
		return ret;
	}
	cg_version_t before, after;
	cg_control_pin(guard->control);
	bool probed = cg_look(guard, zone, policy, &before);
	if (probed && !cg_version_same(&before, version)) {
		ret = KNOT_EAGAIN; /* The client is held for a version that has gone. */
	} else if (!probed && cg_policy_serial_reused(policy)) {
		ret = KNOT_ENOTSUP;
	} else {
		ret = judge_in_version(&single, version, name);
	}
	if (ret == KNOT_EOK && probed &&
	    (!cg_look(guard, zone, policy, &after) || !cg_version_same(&before, &after))) {
		ret = KNOT_EAGAIN;
	}
	cg_control_unpin(guard->control);
	if (ret != KNOT_EOK || !single.clean) {
		return ret;
	}
	if (!probed) {
		version->soa = NULL;
	}
	return cg_verdicts_clear_name(&zone->verdicts, version, name);
}

/*! \brief Judges names of one zone, each alone. */
static void judge_names(cg_guard_t *guard, cg_guarded_t *zone)
{
	if (atomic_load(&zone->changed) || (zone->judged && zone->records < CG_BIG_RECORDS)) {
		cg_asked_forget(&guard->asked, zone);
		return; /* The whole zone is as fast, or has to be judged anew. */
	}

	cg_policy_t *policy = cg_zone_policy(zone);
	cg_version_t version;
	knot_dname_storage_t name;
	int ret = KNOT_EOK;
	/* An answer may show several aliases, which are asked for one after the other. */
	for (unsigned i = 0; i < NAMES_MAX && ret == KNOT_EOK &&
	                     cg_asked_take(&guard->asked, zone, &version, name); i++) {
		ret = clear_name(guard, zone, policy, &version, name);
	}
	cg_policy_unref(policy);
}

cg_guarded_t *cg_judge_names(cg_guard_t *guard)
{
	cg_guarded_t *list = cg_queue_take(guard);
	for (cg_guarded_t *zone = list; zone != NULL; zone = zone->queued) {
		/* Beside other work a conversation is open, whatever became of the last one. */
		if (!atomic_load(&guard->stop) && zone->refs > 0 &&
		    (guard->down_ms == 0 || guard->beside != NULL)) {
			judge_names(guard, zone);
		}
	}
	return list;
}
