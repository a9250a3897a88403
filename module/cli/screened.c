/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "cli/crew.h"
#include "cli/screened.h"
#include "cnameguard/file.h"
#include "rules/pool.h"

/*! \brief Times that the file is read at the most. */
#define ROUNDS_MAX	5

/*! \brief Where in a part records of an owner begin, or go on. */
typedef struct {
	uint32_t mark : CG_SCREEN_MARK_BITS;
	uint32_t lines : 32 - CG_SCREEN_MARK_BITS; /*!< From the place before. */
} place_t;

/*! \brief Lines from one place to the next at the most. */
#define LINES_MAX	((1u << (32 - CG_SCREEN_MARK_BITS)) - 1)

/*! \brief Octets in which newlines are counted at once; so few that their number is an octet. */
#define BLOCK_SIZE	128

/*! \brief The places of a part. */
typedef struct {
	place_t *list;
	size_t count;
	size_t max;
	uint32_t lines;           /*!< Before the last place. */
} places_t;

/*! \brief Records that were wanted, of one thread. */
typedef struct {
	cg_zone_t *zone;
	cg_lines_t lines;         /*!< On which they stand. */
	size_t added;
} picked_t;

typedef struct {
	const cg_screened_how_t *how;
	cg_parts_t *parts;
	pthread_mutex_t lock;                /*!< Of the parts. */
	bool failed;
	cg_screen_t *screens[CG_CREW_MAX];   /*!< By thread; the first stays. */
	size_t threads;
	picked_t picked[CG_CREW_MAX];        /*!< By thread; then all is the first's. */
	places_t *places;                    /*!< By part. */
	size_t places_max;
	cg_pool_t pools[CG_CREW_MAX];        /*!< Of their lists, by thread: in few big pieces, between
	                                          which the rest of the heap is free again. */
} reading_t;

/*! \brief One thread. */
typedef struct hand {
	reading_t *reading;
	cg_screen_t *screen;
	cg_part_t part;
	places_t places;          /*!< Of the part. */
	cg_pool_t *pool;          /*!< For those that are kept. */
	cg_part_range_t *ranges;  /*!< What is wanted of the part. */
	size_t ranges_max;
	cg_file_adder_t adder;
	picked_t picked;
} hand_t;

/* --- First round: all records --- */

static int push_place(places_t *places, uint32_t mark, uint32_t lines)
{
	if (places->count == places->max) {
		size_t max = (places->max == 0) ? 1024 : places->max * 2;
		place_t *bigger = realloc(places->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		places->list = bigger;
		places->max = max;
	}
	places->list[places->count++] = (place_t){ mark, lines };
	places->lines += lines;
	return KNOT_EOK;
}

static int add_place(places_t *places, uint32_t mark, uint32_t lines)
{
	if (places->count > 0 && places->list[places->count - 1].mark == mark) {
		return KNOT_EOK;
	}
	int ret = KNOT_EOK;
	while (lines - places->lines > LINES_MAX && ret == KNOT_EOK) {
		/* What is before goes on there. */
		uint32_t last = (places->count > 0) ? places->list[places->count - 1].mark : mark;
		ret = push_place(places, last, LINES_MAX);
	}
	return (ret == KNOT_EOK) ? push_place(places, mark, lines - places->lines) : ret;
}

static int look(const cg_part_rr_t *rr, void *ctx)
{
	hand_t *hand = ctx;
	const cg_screen_rr_t seen = {
		rr->owner, rr->owner_size, rr->type, rr->rdata_len, rr->rdata
	};
	if (rr->rclass != KNOT_CLASS_IN) {
		return KNOT_ENOTSUP;
	}
	int ret = cg_screen_add(hand->screen, &seen);
	return (ret == KNOT_EOK) ?
	       add_place(&hand->places, cg_screen_mark(hand->screen), rr->lines) : ret;
}

/*! \brief Looks at a part, and keeps its places: a copy that is not bigger than they are. */
static int look_at_part(hand_t *hand)
{
	hand->places.count = 0;
	hand->places.lines = 0;
	int ret = cg_parts_look(hand->reading->parts, &hand->part, look, hand);
	if (ret != KNOT_EOK) {
		return ret;
	}
	size_t size = hand->places.count * sizeof(place_t);
	places_t kept = { .list = cg_pool_alloc(hand->pool, size), .count = hand->places.count };
	if (kept.list == NULL) {
		return KNOT_ENOMEM;
	}
	memcpy(kept.list, hand->places.list, size);
	pthread_mutex_lock(&hand->reading->lock);
	hand->reading->places[hand->part.at] = kept;
	pthread_mutex_unlock(&hand->reading->lock);
	return KNOT_EOK;
}

/* --- Later rounds: records of names that are wanted --- */

static int pick(const cg_scan_rr_t *rr, void *ctx)
{
	hand_t *hand = ctx;
	if (!cg_screen_wants(hand->screen, rr->owner)) {
		return KNOT_EOK;
	}
	hand->picked.added++;
	int ret = cg_file_add(&hand->adder, rr);
	return (ret != KNOT_EOK) ? ret :
	       cg_lines_add(&hand->picked.lines, rr->first, hand->part.text + rr->begin,
	                    rr->end - rr->begin);
}

/*! \brief Newlines in a block; the compiler counts many octets at once. */
static uint8_t newlines(const char block[BLOCK_SIZE])
{
	uint8_t count = 0;
	for (size_t i = 0; i < BLOCK_SIZE; i++) {
		count += block[i] == '\n';
	}
	return count;
}

/*! \brief Goes that many lines on, or to the end of a file that has changed since. */
static void go_on(const cg_part_t *part, uint32_t lines, cg_part_range_t *at)
{
	const char *text = part->text + at->from;
	const char *end = part->text + part->len;
	uint8_t count;
	at->line += lines;
	while (end - text >= BLOCK_SIZE && (count = newlines(text)) < lines) {
		text += BLOCK_SIZE;
		lines -= count;
	}
	for (; lines > 0; lines--) {
		const char *newline = memchr(text, '\n', end - text);
		text = (newline != NULL) ? newline + 1 : end;
	}
	at->from = text - part->text;
}

/*! \brief Puts together where in the part wanted names are; their number. */
static size_t find_ranges(const hand_t *hand, const places_t *places, cg_part_range_t *ranges)
{
	size_t count = 0;
	cg_part_range_t at = { 0 };
	bool wanted = false;
	uint32_t lines = 0;
	for (size_t i = 0; i < places->count; i++) {
		bool wants = cg_screen_wants_mark(hand->screen, places->list[i].mark);
		lines += places->list[i].lines;
		if (wants == wanted) {
			continue;
		}
		go_on(&hand->part, lines, &at);
		lines = 0;
		if (wanted) {
			ranges[count++].to = at.from;
		} else {
			ranges[count] = at;
		}
		wanted = wants;
	}
	if (wanted) {
		ranges[count++].to = hand->part.len;
	}
	return count;
}

static int pick_from_part(hand_t *hand)
{
	const cg_parts_t *parts = hand->reading->parts;
	if (hand->part.whole) {
		return cg_parts_scan(parts, &hand->part, pick, hand);
	}
	const places_t *places = &hand->reading->places[hand->part.at];
	if (places->count > hand->ranges_max) {
		free(hand->ranges);
		hand->ranges = malloc(places->count * sizeof(*hand->ranges));
		hand->ranges_max = places->count;
	}
	if (hand->ranges == NULL) {
		return KNOT_ENOMEM;
	}
	size_t count = find_ranges(hand, places, hand->ranges);
	return cg_parts_scan_again(parts, &hand->part, hand->ranges, count, pick, hand);
}

/* --- Rounds --- */

/*! \brief Makes room for the places of a part. */
static int keep_places(reading_t *reading, size_t part)
{
	if (part < reading->places_max) {
		return KNOT_EOK;
	}
	size_t max = (reading->places_max == 0) ? 64 : reading->places_max * 2;
	places_t *bigger = realloc(reading->places, max * sizeof(*bigger));
	if (bigger == NULL) {
		return KNOT_ENOMEM;
	}
	memset(bigger + reading->places_max, 0, (max - reading->places_max) * sizeof(*bigger));
	reading->places = bigger;
	reading->places_max = max;
	return KNOT_EOK;
}

/*! \brief Takes the next part, unless a thread has failed. */
static int take_part(hand_t *hand, int before)
{
	reading_t *reading = hand->reading;
	pthread_mutex_lock(&reading->lock);
	int ret = (before != KNOT_EOK) ? before : reading->failed ? KNOT_EOF :
	          cg_parts_take(reading->parts, &hand->part);
	if (ret == KNOT_EOK) {
		ret = keep_places(reading, hand->part.at);
	}
	reading->failed |= ret != KNOT_EOK && ret != KNOT_EOF;
	pthread_mutex_unlock(&reading->lock);
	return ret;
}

static void tell(const reading_t *reading, size_t taken)
{
	const cg_screened_how_t *how = reading->how;
	if (how->progress != NULL) {
		how->progress(taken, cg_parts_total(reading->parts),
		              cg_screen_records(reading->screens[0]) * reading->threads, how->ctx);
	}
}

static int work(size_t number, hand_t *hand, int (*do_part)(hand_t *hand))
{
	reading_t *reading = hand->reading;
	int ret = KNOT_EOK;
	size_t taken = 0;
	while ((ret = take_part(hand, ret)) == KNOT_EOK) {
		ret = cg_parts_read(reading->parts, &hand->part);
		ret = (ret == KNOT_EOK) ? do_part(hand) : ret;
		taken += hand->part.len;
		if (number == 0) {
			tell(reading, taken * reading->threads);
		}
	}
	cg_part_free(&hand->part);
	free(hand->places.list);
	free(hand->ranges);
	free(hand->adder.text);
	return (ret == KNOT_EOF) ? KNOT_EOK : ret;
}

static int look_through(size_t number, void *ctx)
{
	reading_t *reading = ctx;
	hand_t hand = {
		.reading = reading, .screen = reading->screens[number], .pool = &reading->pools[number]
	};
	int ret = work(number, &hand, look_at_part);
	return (ret == KNOT_EOK) ? cg_screen_end(hand.screen) : ret;
}

static int pick_out(size_t number, void *ctx)
{
	reading_t *reading = ctx;
	hand_t hand = { .reading = reading, .screen = reading->screens[0] };
	hand.picked.zone = hand.adder.zone = cg_zone_new(reading->how->origin);
	if (hand.adder.zone == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = work(number, &hand, pick_from_part);
	cg_zone_sort(hand.adder.zone);
	cg_lines_sort(&hand.picked.lines);
	reading->picked[number] = hand.picked;
	return ret;
}

static int round_of(reading_t *reading, int (*work)(size_t number, void *ctx))
{
	int ret = cg_crew_work(reading->threads, work, reading);
	return (ret == KNOT_EOK) ? cg_parts_end(reading->parts) : ret;
}

static void free_screens(reading_t *reading, size_t first)
{
	for (size_t i = first; i < reading->threads; i++) {
		cg_screen_free(reading->screens[i]);
		reading->screens[i] = NULL;
	}
}

static void free_places(reading_t *reading)
{
	for (size_t i = 0; i < reading->threads; i++) {
		cg_pool_free(&reading->pools[i]);
	}
	free(reading->places);
	reading->places = NULL;
	reading->places_max = 0;
}

/*! \brief All records are looked at, for the second time if \a before is not NULL. */
static int look_at_all(reading_t *reading, const cg_screen_seed_t *seed, cg_screen_t *before)
{
	const cg_screened_how_t *how = reading->how;
	for (size_t i = 0; i < reading->threads; i++) {
		reading->screens[i] = (before != NULL) ? cg_screen_new_again(before) :
		                      cg_screen_new(how->origin, how->policy, seed);
		if (reading->screens[i] == NULL) {
			return KNOT_ENOMEM;
		}
	}
	int ret = round_of(reading, look_through);
	if (ret != KNOT_EOK) {
		return (ret == KNOT_EAGAIN) ? KNOT_ENOTSUP : ret; /* The file has changed. */
	}
	return cg_screen_judge(reading->screens, reading->threads, cg_crew_each);
}

/*! \brief Finds the suspects; afterwards there is one screen. */
static int screen_all(reading_t *reading)
{
	cg_screen_seed_t seed;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
		return KNOT_ERROR;
	}
	int ret = look_at_all(reading, &seed, NULL);
	free_screens(reading, 1);
	if (ret == KNOT_EAGAIN) {
		cg_screen_t *before = reading->screens[0];
		reading->screens[0] = NULL;
		free_places(reading);
		ret = look_at_all(reading, &seed, before);
		free_screens(reading, 1);
		cg_screen_free(before);
	}
	return ret;
}

static void free_picked(picked_t *picked)
{
	cg_zone_free(picked->zone);
	cg_lines_free(&picked->lines);
	*picked = (picked_t){ 0 };
}

/*! \brief Gives the first thread what another one has picked. */
static int join_picked(picked_t *all, picked_t *picked)
{
	if (picked->zone == NULL) {
		return KNOT_EOK; /* There was no such thread. */
	}
	int ret = cg_zone_join(all->zone, picked->zone);
	picked->zone = NULL;
	all->added += picked->added;
	return (ret == KNOT_EOK) ? cg_lines_join(&all->lines, &picked->lines) : ret;
}

/*! \brief Reads what is wanted into a new zone, and keeps the lines. */
static int read_wanted(reading_t *reading)
{
	picked_t *all = &reading->picked[0];
	free_picked(all);
	int ret = KNOT_EOK;
	if (cg_screen_suspects(reading->screens[0]) > 0) {
		ret = round_of(reading, pick_out);
	} else {
		all->zone = cg_zone_new(reading->how->origin);
		ret = (all->zone == NULL) ? KNOT_ENOMEM : KNOT_EOK;
	}
	for (size_t i = 1; i < reading->threads && ret == KNOT_EOK; i++) {
		ret = join_picked(all, &reading->picked[i]);
	}
	return (ret == KNOT_EOK) ? cg_zone_finish_shared(all->zone, cg_crew_each) : ret;
}

static int read_all(reading_t *reading, cg_screened_t *out)
{
	bool whole = false;
	int ret = screen_all(reading);
	cg_screen_t *screen = reading->screens[0];
	for (int i = 0; i < ROUNDS_MAX && ret == KNOT_EOK && !whole; i++) {
		ret = read_wanted(reading);
		if (ret == KNOT_EOK) {
			ret = cg_screen_follow(screen, reading->picked[0].zone, cg_crew_each,
			                       &whole);
		}
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	/* Where a record could be repeated all of its name were read. */
	size_t repeated = reading->picked[0].added - cg_zone_records(reading->picked[0].zone);
	out->records = cg_screen_records(screen) - repeated;
	out->outside = cg_screen_outside(screen);
	return whole ? KNOT_EOK : KNOT_ENOTSUP;
}

int cg_screened_read(const cg_screened_how_t *how, cg_parts_t *parts, cg_screened_t *out)
{
	reading_t reading = { .how = how, .parts = parts, .threads = how->threads };
	*out = (cg_screened_t){ 0 };
	pthread_mutex_init(&reading.lock, NULL);
	int ret = read_all(&reading, out);
	out->screen = reading.screens[0];
	out->zone = reading.picked[0].zone;
	out->lines = reading.picked[0].lines;
	cg_lines_index(&out->lines);
	for (size_t i = 1; i < reading.threads; i++) {
		free_picked(&reading.picked[i]);
	}
	free_places(&reading);
	pthread_mutex_destroy(&reading.lock);
	if (ret != KNOT_EOK) {
		cg_screened_free(out);
	}
	return ret;
}

void cg_screened_free(cg_screened_t *screened)
{
	cg_screen_free(screened->screen);
	cg_zone_free(screened->zone);
	cg_lines_free(&screened->lines);
	*screened = (cg_screened_t){ 0 };
}
