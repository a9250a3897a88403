/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/screen.h"
#include "guard/apart.h"
#include "guard/foreign.h"
#include "guard/screened.h"

/*! \brief Different records that lead to other guarded zones, by type and host. */
#define ELSEWHERE_MAX	64

typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *zone;
	const cg_reading_t *reading;
	cg_screen_t *screen;
	cg_zone_t *rest;             /*!< The apex, and one record for each of the former. */
	const knot_dname_t *owner;   /*!< Of the name that is looked at. */
	knot_dname_storage_t last;   /*!< Host that leads to no other guarded zone. */
	struct {
		uint16_t type;
		knot_dname_storage_t host;
	} *elsewhere;
	size_t elsewhere_count;
	size_t names;
} screened_t;

/*! \brief An alias is part of longer ways, which are not known here. */
static int keep_elsewhere(screened_t *screened, const knot_dname_t *host, const cg_rr_t *rr)
{
	for (size_t i = 0; i < screened->elsewhere_count; i++) {
		if (screened->elsewhere[i].type == rr->type &&
		    knot_dname_is_equal(screened->elsewhere[i].host, host)) {
			return KNOT_EOK;
		}
	}
	if (rr->type == KNOT_RRTYPE_CNAME || screened->elsewhere_count == ELSEWHERE_MAX) {
		return KNOT_ENOTSUP;
	}
	size_t at = screened->elsewhere_count++;
	screened->elsewhere[at].type = rr->type;
	memcpy(screened->elsewhere[at].host, host, knot_dname_size(host));
	return cg_zone_add(screened->rest, screened->owner, rr);
}

static int look_at_host(const knot_dname_t *host, const cg_rr_t *rr, void *ctx)
{
	screened_t *screened = ctx;
	if (knot_dname_is_equal(host, screened->last)) {
		return KNOT_EOK;
	}
	if (cg_foreign_is(screened->guard, screened->zone, host)) {
		return keep_elsewhere(screened, host, rr);
	}
	memcpy(screened->last, host, knot_dname_size(host));
	return KNOT_EOK;
}

static int look_at_name(const cg_name_t *name, void *ctx)
{
	screened_t *screened = ctx;
	const cg_reading_t *reading = screened->reading;
	if (reading->from != CG_READ_TRANSACTION &&
	    cg_read_yields(screened->guard, screened->zone, reading->published, ++screened->names)) {
		return KNOT_EAGAIN;
	}
	int ret = KNOT_EOK;
	if (knot_dname_is_equal(name->owner, screened->zone->name)) {
		ret = cg_zone_add_name(name, screened->rest);
	}
	screened->owner = name->owner;
	return (ret == KNOT_EOK) ? cg_screen_name(screened->screen, name, look_at_host, screened) : ret;
}

static int one_by_one(size_t count, int (*piece)(size_t at, void *work), void *work)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = piece(i, work);
	}
	return ret;
}

/*! \brief Whether what leads elsewhere is clean. */
static int judge_rest(screened_t *screened, const cg_policy_t *policy)
{
	cg_foreign_t foreign;
	cg_findings_t findings[CG_FOREIGN_MAX + 1] = { 0 };
	int ret = cg_foreign_read(screened->guard, screened->zone, screened->rest, &foreign);
	if (ret == KNOT_EOK && foreign.count > CG_FOREIGN_MAX + 1) {
		ret = KNOT_ENOTSUP;
	}
	if (ret == KNOT_EOK) {
		cg_zones_t zones = { .list = foreign.list, .count = foreign.count };
		ret = cg_rules_zones(&zones, &policy->rules, NULL, findings);
		ret = (ret == KNOT_EOK && findings[0].count > 0) ? KNOT_ENOTSUP : ret;
		for (size_t i = 0; i < foreign.count; i++) {
			cg_findings_free(&findings[i]);
		}
	}
	cg_foreign_free(&foreign);
	return ret;
}

static int judge_screen(void *ctx)
{
	screened_t *screened = ctx;
	int ret = cg_screen_end(screened->screen);
	if (ret == KNOT_EOK) {
		ret = cg_screen_judge(&screened->screen, 1, one_by_one);
		ret = (ret == KNOT_EAGAIN) ? KNOT_ENOTSUP : ret; /* Something seems to be below a DNAME. */
	}
	return ret;
}

static int judge(screened_t *screened, const cg_policy_t *policy)
{
	uint32_t serial;
	const cg_reading_t *reading = screened->reading;
	int ret = cg_zone_finish(screened->rest);
	if (ret == KNOT_EOK && (!cg_zone_serial(screened->rest, &serial) ||
	                        serial != reading->findings.serial)) {
		ret = KNOT_EAGAIN;
	}
	if (ret == KNOT_EOK) {
		ret = cg_apart(screened->guard, screened->zone, reading->published,
		               reading->findings.records, judge_screen, screened);
	}
	if (ret == KNOT_EOK && cg_screen_suspects(screened->screen) > 0) {
		ret = KNOT_ENOTSUP;
	}
	return (ret == KNOT_EOK && screened->elsewhere_count > 0) ? judge_rest(screened, policy) : ret;
}

int cg_screened_clean(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      const cg_reading_t *reading)
{
	cg_screen_seed_t seed;
	arc4random_buf(&seed, sizeof(seed));
	screened_t screened = {
		.guard = guard,
		.zone = zone,
		.reading = reading,
		.screen = cg_screen_new(zone->name, &policy->rules, &seed),
		.rest = cg_zone_new(zone->name),
		.elsewhere = calloc(ELSEWHERE_MAX, sizeof(*screened.elsewhere)),
	};
	int ret = (screened.screen != NULL && screened.rest != NULL && screened.elsewhere != NULL) ?
	          KNOT_EOK : KNOT_ENOMEM;
	if (ret == KNOT_EOK) {
		ret = cg_server_read(guard->control, reading->from, zone->text, NULL, look_at_name,
		                     &screened);
	}
	if (ret == KNOT_EOK) {
		ret = judge(&screened, policy);
	}
	cg_screen_free(screened.screen);
	cg_zone_free(screened.rest);
	free(screened.elsewhere);
	return ret;
}
