/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/compat.h"
#include "guard/aside.h"
#include "guard/reading.h"

/*! \brief How often a long read looks whether something else is wanted. */
#define BREAK_NAMES	256
/*! \brief For so many times as long as it takes it is broken off for that, and at least for so long; then no more. */
#define PUT_OFF_FACTOR	4
#define PUT_OFF_MIN_MS	2000

/*! \brief A read that yields when something else is wanted, unless the server waits for it. */
typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *zone;
	bool waited_for;
	bool judged;         /*!< Its verdict is out. */
	cg_rules_t *rules;
	cg_zone_t *contents; /*!< NULL: too big to be kept. */
	size_t names;
	size_t records;
	size_t limit;        /*!< 0: none. */
} stream_t;

/*! \brief What is small goes first for a while, but not for ever. */
static bool may_put_off(cg_guarded_t *zone)
{
	int64_t most = zone->read_ms * PUT_OFF_FACTOR, now = cg_now_ms();
	if (zone->put_off_ms == 0) {
		zone->put_off_ms = now;
	}
	return now - zone->put_off_ms < ((most > PUT_OFF_MIN_MS) ? most : PUT_OFF_MIN_MS);
}

bool cg_read_yields(cg_guard_t *guard, cg_guarded_t *zone, bool judged, size_t names)
{
	if (names % BREAK_NAMES != 0 || names <= CG_BIG_RECORDS || guard->beside != NULL ||
	    !cg_queue_waiting(guard)) {
		return false;
	}
	if (CG_KNOT_SERVES_SEVERAL &&
	    (!cg_aside_due(guard) || cg_aside_serve(guard, zone, judged))) {
		return false;
	}
	return may_put_off(zone);
}

/*! \brief A small zone is kept, so that a second look needs no second read. */
static int keep(stream_t *stream, const cg_name_t *name)
{
	stream->records += name->count;
	if (stream->limit > 0 && stream->records > stream->limit) {
		return KNOT_ELIMIT;
	}
	if (stream->contents == NULL) {
		return KNOT_EOK;
	}
	if (stream->records > CG_BIG_RECORDS) {
		cg_zone_free(stream->contents);
		stream->contents = NULL;
		return KNOT_EOK;
	}
	return cg_zone_add_name(name, stream->contents);
}

static int judge_next(const cg_name_t *name, void *ctx)
{
	stream_t *stream = ctx;

	if (!stream->waited_for &&
	    cg_read_yields(stream->guard, stream->zone, false, ++stream->names)) {
		return KNOT_EAGAIN;
	}
	int ret = keep(stream, name);
	return (ret == KNOT_EOK) ? cg_rules_name(name, stream->rules) : ret;
}

int cg_reading_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_reading_t *reading)
{
	stream_t stream = {
		.guard = guard,
		.zone = zone,
		.waited_for = (reading->from == CG_READ_TRANSACTION),
		.rules = cg_rules_begin(zone->name, &policy->rules),
		.contents = cg_zone_new(zone->name),
		.limit = reading->limit,
	};
	if (stream.rules == NULL) {
		cg_zone_free(stream.contents);
		return KNOT_ENOMEM;
	}
	int64_t begin = cg_now_ms();
	int ret = cg_server_read(guard->control, reading->from, zone->text, NULL,
	                         judge_next, &stream);
	if (ret == KNOT_EOK) {
		zone->read_ms = cg_now_ms() - begin;
	}
	int end = cg_rules_end(stream.rules, NULL, &reading->findings);
	ret = (ret != KNOT_EOK) ? ret : end;
	if (ret == KNOT_EOK && stream.contents != NULL) {
		ret = cg_zone_finish(stream.contents);
	}
	if (ret != KNOT_EOK) {
		cg_zone_free(stream.contents);
		stream.contents = NULL;
	}
	reading->contents = stream.contents;
	return ret;
}

static int add_next(const cg_name_t *name, void *ctx)
{
	stream_t *stream = ctx;
	return !stream->waited_for && cg_read_yields(stream->guard, stream->zone, stream->judged,
	                                             ++stream->names) ?
	       KNOT_EAGAIN : cg_zone_add_name(name, stream->contents);
}

int cg_reading_contents(cg_guard_t *guard, cg_guarded_t *zone, cg_reading_t *reading)
{
	if (reading->contents != NULL) {
		return KNOT_EOK;
	}
	stream_t stream = {
		.guard = guard,
		.zone = zone,
		.waited_for = (reading->from == CG_READ_TRANSACTION),
		.judged = reading->published,
		.contents = cg_zone_new(zone->name),
	};
	if (stream.contents == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = cg_server_read(guard->control, reading->from, zone->text, NULL, add_next, &stream);
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(stream.contents);
	}
	if (ret != KNOT_EOK) {
		cg_zone_free(stream.contents);
		return ret;
	}
	reading->contents = stream.contents;
	return KNOT_EOK;
}

void cg_reading_free(cg_reading_t *reading)
{
	cg_findings_free(&reading->findings);
	cg_names_free(&reading->wildcards);
	cg_zone_free(reading->contents);
}
