/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <stdio.h>
#include <syslog.h>

#include "cnameguard/file.h"
#include "cnameguard/store.h"
#include "guard/apart.h"
#include "guard/keep.h"
#include "guard/zone_file.h"

/*! \brief "before a rewrite: cname-mx at www.example.com. and 2 more names" */
static void describe(const cg_plan_t *plan, char *out, size_t size)
{
	size_t names = 0;
	for (size_t i = 0; i < plan->count; i++) {
		names += (i == 0 || !knot_dname_is_equal(plan->list[i].owner, plan->list[i - 1].owner));
	}
	int used = snprintf(out, size, "before a rewrite: %s at %s",
	                    cg_rule_info(plan->list[0].rule)->name, plan->list[0].spelling);
	if (names > 1 && used > 0 && (size_t)used < size) {
		snprintf(out + used, size - used, " and %zu more name%s", names - 1,
		         names == 2 ? "" : "s");
	}
}

/*! \brief Keeps the file that Knot will write over; one that is not there is nobody's loss. */
static int keep_file(const cg_guarded_t *zone, const cg_policy_t *policy, uint32_t serial,
                     const char *reason, cg_stored_t *kept)
{
	cg_file_id_t file;
	if (!policy->flushes || policy->file == NULL) {
		return KNOT_EOK;
	}
	char *path = cg_zone_file(zone, policy);
	if (path == NULL) {
		return KNOT_ENOMEM;
	}
	cg_file_identify(path, &file);
	int ret = !file.exists ? KNOT_EOK :
	          cg_store_file(policy->state, zone->name, path, serial, reason,
	                        cg_keep_files(policy), kept);
	free(path);
	return ret;
}

/*! \brief What is written, in a thread of its own where it is much. */
typedef struct {
	const cg_guarded_t *zone;
	const cg_policy_t *policy;
	const cg_zone_t *contents;
	uint32_t serial;
	char reason[CG_STORE_REASON_SIZE];
	cg_stored_t file;
	cg_stored_t version;
	char error[CG_STORE_ERROR_SIZE]; /*!< Text of the thread that failed. */
} keeping_t;

static int keep_all(void *ctx)
{
	keeping_t *keeping = ctx;
	const cg_policy_t *policy = keeping->policy;
	int ret = keep_file(keeping->zone, policy, keeping->serial, keeping->reason, &keeping->file);
	if (ret == KNOT_EOK) {
		ret = cg_store_zone(policy->state, keeping->contents, CG_STORE_ORIGINAL,
		                    keeping->reason, cg_keep_files(policy), &keeping->version);
	}
	if (ret != KNOT_EOK) {
		snprintf(keeping->error, sizeof(keeping->error), "%s", cg_store_error());
	}
	return ret;
}

bool cg_keep_original(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      const cg_zone_t *contents, const cg_plan_t *plan, cg_why_t *why)
{
	keeping_t keeping = { .zone = zone, .policy = policy, .contents = contents };
	const cg_stored_t *version = &keeping.version, *file = &keeping.file;

	describe(plan, keeping.reason, sizeof(keeping.reason));
	(void)cg_zone_serial(contents, &keeping.serial);
	if (cg_apart(guard, zone, true, cg_zone_records(contents), keep_all, &keeping) != KNOT_EOK) {
		cg_repair_explain(why, "not repaired, the original cannot be kept", keeping.error);
		return false;
	}
	if (zone->kept_order == version->order && zone->kept_serial == keeping.serial) {
		return true; /* Said when the repair was tried before. */
	}
	zone->kept_order = version->order;
	zone->kept_serial = keeping.serial;
	cg_zone_log(zone, LOG_NOTICE, "original kept as %s%s%s, see cnameguard versions %s",
	            version->name, file->name[0] != '\0' ? ", the zone file as " : "", file->name,
	            zone->text);
	return true;
}

void cg_keep_refused(cg_guarded_t *zone, const cg_policy_t *policy, uint32_t serial)
{
	if (!policy->secondary &&
	    keep_file(zone, policy, serial, "the zone file of a version that was not published",
	              NULL) != KNOT_EOK) {
		cg_zone_log_once(zone, CG_WARNED_STATE, LOG_ERR, "the zone file of a version that was not "
		                 "published cannot be kept (%s), and Knot can write over it when it "
		                 "stops (zonefile-sync)", cg_store_error());
	}
}
