/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "cnameguard/compat.h"
#include "guard/apart.h"
#include "guard/aside.h"
#include "guard/reading.h"

/*! \brief How often a long read looks whether something else is wanted. */
#define BREAK_NAMES	256
/*! \brief Small zones wait for a read that is so near to its end. */
#define NEAR_END_MS	30
/*! \brief For so many times as long as it takes a read is broken off, ... */
#define PUT_OFF_FACTOR	4
/*! \brief ... at least for so long where names of big zones are wanted, ... */
#define PUT_OFF_MIN_MS	2000
/*! \brief ... and so many times for each so many milliseconds where small zones are. */
#define PUT_OFF_SHARE_MS 20
/*! \brief Not for longer, and for so long where it is not known how long the read takes. */
#define PUT_OFF_MAX_MS	30000
#define PUT_OFF_FIRST_MS 5000
/*! \brief A read that was broken off begins anew within this time. */
#define REST_MAX_MS	1000

/*! \brief A read that yields when something else is wanted, unless the server waits for it. */
typedef struct {
	cg_guard_t *guard;
	cg_guarded_t *zone;
	bool waited_for;
	bool judged;         /*!< Its verdict is out. */
	cg_rules_t *rules;
	cg_findings_t *findings;
	cg_zone_t *contents; /*!< NULL: too big to be kept. */
	size_t names;
	size_t records;
	size_t limit;        /*!< 0: none. */
} stream_t;

/*! \brief Some small zone is in the queue: others are big, or the one that is read itself. */
static bool small_waits(cg_guard_t *guard)
{
	const cg_guarded_t *zone = atomic_load(&guard->queue);
	while (zone != NULL && zone->records >= CG_BIG_RECORDS) {
		zone = zone->queued;
	}
	return zone != NULL;
}

/*!
 * \brief How long reads of a zone are broken off at most, until one goes on to its end.
 *
 * The longer a read takes, the more small zones would wait for it, and each the longer: so the
 * time grows with the square.
 */
static int64_t put_off_most(const cg_guarded_t *zone, bool small)
{
	int64_t most = zone->read_ms * PUT_OFF_FACTOR;
	if (!small) {
		return (most > PUT_OFF_MIN_MS) ? most : PUT_OFF_MIN_MS;
	} else if (zone->read_ms == 0) {
		return PUT_OFF_FIRST_MS;
	}
	int64_t square = zone->read_ms * zone->read_ms / PUT_OFF_SHARE_MS;
	most = (square > most) ? square : most;
	return (most < PUT_OFF_MAX_MS) ? most : PUT_OFF_MAX_MS;
}

/*!
 * \brief What is small goes first, but not for ever.
 *
 * A read that was broken off rests for as long as it would have gone on: where one change
 * follows another, most of the time is not spent on reads in vain.
 */
static bool put_off(cg_guard_t *guard, cg_guarded_t *zone, bool judged)
{
	int64_t now = cg_now_ms(), left = zone->read_ms - (now - guard->read_since_ms);
	int64_t *since = judged ? &zone->rest_put_off_ms : &zone->put_off_ms;
	bool small = small_waits(guard);
	if (small && left > 0 && left <= NEAR_END_MS) {
		return false;
	}
	if (*since == 0) {
		*since = now;
	}
	if (now - *since >= put_off_most(zone, small)) {
		return false;
	}
	if (!judged) {
		left = small ? left : 0;
		zone->not_before_ms = now + ((left < 0) ? 0 : (left < REST_MAX_MS) ? left : REST_MAX_MS);
		cg_resume_at(guard, zone->not_before_ms);
	}
	return true;
}

bool cg_read_yields(cg_guard_t *guard, cg_guarded_t *zone, bool judged, size_t names)
{
	if (names % BREAK_NAMES != 0 || guard->beside != NULL) {
		return false;
	}
	if (names == BREAK_NAMES) {
		guard->read_since_ms = cg_now_ms();
	}
	if (names <= CG_BIG_RECORDS || !cg_queue_waiting(guard) ||
	    (CG_KNOT_SERVES_SEVERAL &&
	     (!cg_aside_due(guard) || cg_aside_serve(guard, zone, judged)))) {
		return false;
	}
	return put_off(guard, zone, judged);
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

static int end_rules(void *ctx)
{
	stream_t *stream = ctx;
	return cg_rules_end(stream->rules, NULL, stream->findings);
}

int cg_reading_judge(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     cg_reading_t *reading)
{
	stream_t stream = {
		.guard = guard,
		.zone = zone,
		.waited_for = (reading->from == CG_READ_TRANSACTION),
		.rules = cg_rules_begin(zone->name, &policy->rules),
		.findings = &reading->findings,
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
	int end = cg_apart(guard, zone, false, (ret == KNOT_EOK) ? stream.records : 0, end_rules,
	                   &stream);
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

static int finish(void *contents)
{
	return cg_zone_finish(contents);
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
		ret = cg_apart(guard, zone, stream.judged, reading->findings.records, finish,
		               stream.contents);
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
