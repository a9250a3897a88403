/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Zone files: several threads read them, the first one takes them up in their order. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "cli/alone.h"
#include "cli/check.h"
#include "cli/crew.h"
#include "cli/files.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/together.h"
#include "cnameguard/file.h"

/*! \brief One file. */
typedef struct {
	cg_said_t said;     /*!< While it was read. */
	cg_zone_t *zone;    /*!< NULL: it could not be read, or is clean and was left out of memory. */
	cg_reach_t reach;   /*!< What it needs of other zones; empty: it could not be read. */
	size_t records;     /*!< Of one that was left out. */
	char *text;         /*!< If it cannot be read a second time; else NULL. */
	size_t len;
	size_t left_out;    /*!< Records of other classes. */
	size_t errors;
	int ret;
	bool done;
} file_t;

typedef struct {
	cg_subjects_t *subjects;
	const cg_options_t *options;
	char *const *files;
	size_t count;
	char *text;            /*!< Of the only file, if that was read already; else NULL. */
	size_t len;
	cg_screen_seed_t seed;
	file_t *read;          /*!< By place in \a files. */
	pthread_mutex_t lock;  /*!< Of what follows, and of \a done. */
	size_t next;           /*!< File to be read. */
	bool failed;           /*!< Out of memory. */
	size_t taken;          /*!< Files that were taken up. Of the first thread alone. */
} reading_t;

/*! \brief One thread, with the file that it reads. */
typedef struct {
	reading_t *reading;
	bool first;
	cg_scanner_t *scanner;
	const char *name;
	file_t *file;
	size_t records;
} hand_t;

/* --- Reading --- */

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	(void)rr;
	((hand_t *)ctx)->records++;
	return KNOT_EOK;
}

static void take_error(const cg_scan_error_t *error, void *ctx)
{
	((hand_t *)ctx)->file->errors++;
	cg_say_at(error->file, error->line, "error", "%s", error->reason);
}

static void take_progress(size_t octets, size_t total, void *ctx)
{
	const hand_t *hand = ctx;
	const reading_t *reading = hand->reading;
	if (!hand->first || !cg_progress_due()) {
		return;
	}
	double part = (total > 0) ? (double)octets / total : 1;
	cg_progress_show(cg_say_file(hand->name), (reading->taken + part) / reading->count,
	                 reading->subjects->records + hand->records);
}

static int read_zone(hand_t *hand, const knot_dname_t *origin, const char *text, size_t len)
{
	cg_scan_t scan = {
		.file = hand->name,
		.text = text,
		.len = len,
		.origin = origin,
		.scanner = hand->scanner,
		.record = take_record,
		.error = take_error,
		.progress = take_progress,
		.ctx = hand,
	};
	char *dir = cg_input_include_dir(hand->reading->options, scan.file);
	if (dir == NULL) {
		return KNOT_ENOMEM;
	}
	scan.include_dir = dir;

	hand->records = 0;
	int ret = cg_file_zone(&scan, &hand->file->zone, &hand->file->left_out);
	free(dir);
	if (ret != KNOT_EOK) {
		cg_say_at(scan.file, 0, "error", "cannot be read (%s)", knot_strerror(ret));
	}
	return ret;
}

/*! \brief Reads a zone, and what it needs of others. */
static int read_all_of_it(hand_t *hand, const knot_dname_t *origin, const char *text, size_t len)
{
	int ret = read_zone(hand, origin, text, len);
	if (ret == KNOT_EOK && hand->reading->count > 1) {
		cg_reach_begin(&hand->file->reach, origin);
		ret = cg_reach_add_zone(&hand->file->reach, hand->file->zone);
	}
	return ret;
}

/*! \brief Most of many files are clean. A single one may be big, and was looked at so in vain. */
static int look_at(hand_t *hand, const knot_dname_t *origin, const char *text, size_t len)
{
	const cg_alone_how_t how = {
		.origin = origin,
		.policy = &hand->reading->options->rules,
		.seed = &hand->reading->seed,
		.scanner = hand->scanner,
	};
	return (hand->reading->count == 1) ? KNOT_ENOTSUP :
	       cg_alone_look(&how, text, len, &hand->file->reach, &hand->file->records);
}

/*! \brief Reads the text, unless that was done. */
static int read_text(hand_t *hand, char **text, size_t *len, bool *again)
{
	reading_t *reading = hand->reading;
	if (reading->text != NULL) {
		*text = reading->text;
		*len = reading->len;
		*again = false;
		reading->text = NULL;
		return KNOT_EOK;
	}
	int ret = cg_input_read(hand->name, text, len, again);
	*again = *again && strcmp(hand->name, "-") != 0;
	return ret;
}

static int read_file(hand_t *hand)
{
	knot_dname_storage_t origin;
	char *text = NULL;
	size_t len = 0;
	bool again;
	int ret = read_text(hand, &text, &len, &again);
	if (ret == KNOT_EOK) {
		ret = cg_input_origin(hand->reading->options, hand->name, text, len, hand->scanner,
		                      origin);
	}
	if (ret == KNOT_EOK) {
		ret = again ? look_at(hand, origin, text, len) : KNOT_ENOTSUP;
		ret = (ret == KNOT_ENOTSUP) ? read_all_of_it(hand, origin, text, len) : ret;
	}
	if (ret == KNOT_EOK && !again) {
		hand->file->text = text;
		hand->file->len = len;
		text = NULL;
	}
	free(text);
	return ret;
}

/* --- Taking up --- */

void cg_files_tell_outside(const char *file, const char *zone, size_t outside)
{
	if (outside > 0) {
		cg_say_at(file, 0, "warning", "%zu record%s outside of the zone %s left out, as "
		          "Knot does", outside, (outside == 1) ? "" : "s", zone);
	}
}

/*! \brief Tells what of the file is not checked, and what keeps Knot from loading it. */
static bool report_contents(const char *file, const cg_subject_t *subject, size_t left_out)
{
	size_t outside = cg_zone_outside(subject->zone);
	uint32_t serial;
	if (left_out > 0) {
		cg_say_at(file, 0, "warning", "%zu record%s of another class than IN left out",
		          left_out, (left_out == 1) ? "" : "s");
	}
	cg_files_tell_outside(file, subject->name, outside);
	if (cg_zone_serial(subject->zone, &serial)) {
		return true;
	}
	if (cg_zone_records(subject->zone) > 0) {
		cg_say_at(file, 0, "error", "no SOA at the apex %s: Knot does not load it",
		          subject->name);
	} else if (outside > 0) {
		cg_say_at(file, 0, "error", "no records of the zone %s: Knot does not load it; "
		          "another zone's? Say which: -o NAME", subject->name);
	} else {
		cg_say_at(file, 0, "error", "no records: Knot does not load it");
	}
	return false;
}

/*! \brief Tells what is to be said of a file, and adds its zone. */
static int take_up(reading_t *reading, const char *name, file_t *file)
{
	cg_say_held(&file->said);
	if (file->ret != KNOT_EOK) {
		reading->subjects->failed++;
		return file->ret;
	}
	bool out = file->zone == NULL;
	cg_subject_t *subject = out ?
		cg_subjects_add_clean(reading->subjects, cg_reach_origin(&file->reach), file->records) :
		cg_subjects_add(reading->subjects, file->zone);
	file->zone = NULL;
	if (subject == NULL) {
		return KNOT_ENOMEM;
	}
	subject->file = name;
	subject->reach = file->reach;
	file->reach = (cg_reach_t){ 0 };
	if (out) {
		return KNOT_EOK;
	}
	subject->text = file->text;
	subject->len = file->len;
	file->text = NULL;
	bool whole = report_contents(name, subject, file->left_out);
	reading->subjects->failed += (!whole || file->errors > 0);
	return KNOT_EOK;
}

static bool is_done(reading_t *reading, size_t at)
{
	pthread_mutex_lock(&reading->lock);
	bool done = at < reading->count && reading->read[at].done;
	pthread_mutex_unlock(&reading->lock);
	return done;
}

/*! \brief Takes up all files that were read, as far as those before them were. KNOT_EOK, KNOT_ENOMEM */
static int take_up_all(reading_t *reading)
{
	int ret = KNOT_EOK;
	for (; ret != KNOT_ENOMEM && is_done(reading, reading->taken); reading->taken++) {
		ret = take_up(reading, reading->files[reading->taken],
		              &reading->read[reading->taken]);
	}
	return (ret == KNOT_ENOMEM) ? ret : KNOT_EOK;
}

/* --- All files --- */

/*! \brief Takes the next file to be read; gives back the one before. */
static bool next_file(hand_t *hand)
{
	reading_t *reading = hand->reading;
	pthread_mutex_lock(&reading->lock);
	if (hand->file != NULL) {
		hand->file->done = true;
		reading->failed |= hand->file->ret == KNOT_ENOMEM;
	}
	bool more = !reading->failed && reading->next < reading->count;
	if (more) {
		hand->name = reading->files[reading->next];
		hand->file = &reading->read[reading->next++];
	}
	pthread_mutex_unlock(&reading->lock);
	return more;
}

static int read_files(size_t number, void *ctx)
{
	hand_t hand = { .reading = ctx, .first = (number == 0), .scanner = cg_scanner_new() };
	int ret = (hand.scanner == NULL) ? KNOT_ENOMEM : KNOT_EOK;
	while (ret == KNOT_EOK && next_file(&hand)) {
		hand.records = 0;
		take_progress(0, 1, &hand);
		cg_say_hold(&hand.file->said);
		hand.file->ret = read_file(&hand);
		cg_say_hold(NULL);
		if (hand.first) {
			ret = take_up_all(hand.reading);
		}
	}
	cg_scanner_free(hand.scanner);
	return ret;
}

/*! \brief Threads to read with: of standard input, named twice, the first takes all. */
static size_t count_threads(char *const *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(files[i], "-") == 0) {
			return 1;
		}
	}
	size_t size = cg_crew_size();
	return (count < size) ? count : size;
}

/* --- Once more --- */

/*! \brief Zones that are needed in memory after all. */
typedef struct {
	reading_t *reading;
	cg_subject_t **list;
	file_t *read;          /*!< By place in \a list. */
	size_t count;
	atomic_size_t next;
} loading_t;

static int load_one(hand_t *hand, const cg_subject_t *subject)
{
	char *text = NULL;
	size_t len = 0;
	int ret = cg_input_read(hand->name, &text, &len, NULL);
	if (ret == KNOT_EOK) {
		ret = read_zone(hand, cg_reach_origin(&subject->reach), text, len);
	}
	free(text);
	return ret;
}

static int load_some(size_t number, void *ctx)
{
	(void)number;
	loading_t *loading = ctx;
	hand_t hand = { .reading = loading->reading, .scanner = cg_scanner_new() };
	int ret = (hand.scanner == NULL) ? KNOT_ENOMEM : KNOT_EOK;
	size_t at;
	while (ret == KNOT_EOK && (at = loading->next++) < loading->count) {
		hand.name = loading->list[at]->file;
		hand.file = &loading->read[at];
		cg_say_hold(&hand.file->said);
		hand.file->ret = load_one(&hand, loading->list[at]);
		cg_say_hold(NULL);
		ret = (hand.file->ret == KNOT_ENOMEM) ? KNOT_ENOMEM : KNOT_EOK;
	}
	cg_scanner_free(hand.scanner);
	return ret;
}

/*! \brief Takes over a zone; there is something to be said only if somebody has changed it meanwhile. */
static void take_loaded(reading_t *reading, cg_subject_t *subject, file_t *file)
{
	cg_say_held(&file->said);
	subject->zone = file->zone;
	bool whole = file->zone != NULL && report_contents(subject->file, subject, file->left_out);
	reading->subjects->failed += (!whole || file->errors > 0);
}

static int load(cg_subject_t **list, size_t count, void *ctx)
{
	reading_t *reading = ctx;
	loading_t loading = { .reading = reading, .list = list, .count = count };
	loading.read = calloc(count, sizeof(*loading.read));
	if (loading.read == NULL) {
		return KNOT_ENOMEM;
	}
	size_t size = cg_crew_size();
	int ret = cg_crew_work((count < size) ? count : size, load_some, &loading);
	for (size_t i = 0; i < count; i++) {
		take_loaded(reading, list[i], &loading.read[i]);
	}
	free(loading.read);
	return ret;
}

/* --- All --- */

static int read_all(reading_t *reading)
{
	reading->read = calloc(reading->count + 1, sizeof(*reading->read));
	if (reading->read == NULL) {
		return KNOT_ENOMEM;
	}
	pthread_mutex_init(&reading->lock, NULL);
	int ret = cg_crew_work(count_threads(reading->files, reading->count), read_files, reading);
	if (ret == KNOT_EOK) {
		ret = take_up_all(reading);
	}
	pthread_mutex_destroy(&reading->lock);
	for (size_t i = 0; i < reading->count; i++) {
		cg_say_held(&reading->read[i].said);
		cg_zone_free(reading->read[i].zone);
		cg_reach_free(&reading->read[i].reach);
		free(reading->read[i].text);
	}
	free(reading->read);
	if (ret == KNOT_EOK && reading->count > 1) {
		ret = cg_together_settle(reading->subjects, load, reading);
	}
	return ret;
}

static int compare_origins(const void *a, const void *b)
{
	const cg_subject_t *left = *(const cg_subject_t *const *)a;
	const cg_subject_t *right = *(const cg_subject_t *const *)b;
	int cmp = strcmp(left->name, right->name);
	return (cmp != 0) ? cmp : (left > right) - (left < right);
}

/*! \brief Files of one zone: most often a backup that was named by a pattern. */
static int report_twins(const cg_subjects_t *subjects)
{
	const cg_subject_t **sorted = malloc((subjects->count + 1) * sizeof(*sorted));
	if (sorted == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < subjects->count; i++) {
		sorted[i] = &subjects->list[i];
	}
	qsort(sorted, subjects->count, sizeof(*sorted), compare_origins);

	const cg_subject_t *first = NULL;
	for (size_t i = 0; i < subjects->count; i++) {
		if (first == NULL || strcmp(first->name, sorted[i]->name) != 0) {
			first = sorted[i];
			continue;
		}
		cg_say_at(sorted[i]->file, 0, "warning", "zone %s is in %s too; both are checked",
		          first->name, cg_say_file(first->file));
	}
	free(sorted);
	return KNOT_EOK;
}

/*! \brief Reads the only file with little memory, if it is big. What cannot be read twice is kept. */
static int read_big(reading_t *reading)
{
	const char *file = reading->files[0];
	cg_file_id_t id;
	cg_file_identify(file, &id);
	if (id.exists && strcmp(file, "-") != 0) {
		return cg_files_read_big(reading->subjects, reading->options, file);
	}
	/* What is wrong with it is said when it is read with the others. */
	struct stat st;
	if (strcmp(file, "-") != 0 && (stat(file, &st) != 0 || !S_ISFIFO(st.st_mode))) {
		return KNOT_ENOTSUP;
	}
	int ret = cg_input_read(file, &reading->text, &reading->len, NULL);
	if (ret != KNOT_EOK) {
		if (ret == KNOT_ENOMEM) {
			cg_say("out of memory");
		}
		reading->subjects->failed++;
		return KNOT_EOK;
	}
	ret = cg_files_read_big_text(reading->subjects, reading->options, file, reading->text,
	                                 reading->len);
	if (ret == KNOT_EOK) {
		free(reading->text);
	}
	return ret;
}

int cg_files_read(cg_subjects_t *subjects, const cg_options_t *options,
                  char *const *files, size_t count)
{
	reading_t reading = {
		.subjects = subjects, .options = options, .files = files, .count = count
	};
	if (count == 1 && read_big(&reading) == KNOT_EOK) {
		return KNOT_EOK;
	}
	if (getrandom(&reading.seed, sizeof(reading.seed), 0) != sizeof(reading.seed)) {
		return KNOT_ERROR;
	}
	int ret = read_all(&reading);
	return (ret == KNOT_EOK) ? report_twins(subjects) : ret;
}
