/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Zone files: several threads read them, the first one takes them up in their order. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/crew.h"
#include "cli/files.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cnameguard/file.h"

/*! \brief One file. */
typedef struct {
	cg_said_t said;     /*!< While it was read. */
	cg_zone_t *zone;    /*!< NULL: it could not be read. */
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

static int read_file(hand_t *hand)
{
	knot_dname_storage_t origin;
	char *text = NULL;
	size_t len = 0;
	bool regular;
	int ret = cg_input_read(hand->name, &text, &len, &regular);
	if (ret == KNOT_EOK) {
		ret = cg_input_origin(hand->reading->options, hand->name, text, len, hand->scanner,
		                      origin);
	}
	if (ret == KNOT_EOK) {
		ret = read_zone(hand, origin, text, len);
	}
	if (ret == KNOT_EOK && (!regular || strcmp(hand->name, "-") == 0)) {
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
	if (file->zone == NULL) {
		reading->subjects->failed++;
		return file->ret;
	}
	cg_subject_t *subject = cg_subjects_add(reading->subjects, file->zone);
	file->zone = NULL;
	if (subject == NULL) {
		return KNOT_ENOMEM;
	}
	subject->file = name;
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
		free(reading->read[i].text);
	}
	free(reading->read);
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

int cg_files_read(cg_subjects_t *subjects, const cg_options_t *options,
                  char *const *files, size_t count)
{
	reading_t reading = {
		.subjects = subjects, .options = options, .files = files, .count = count
	};
	if (count == 1 && cg_files_read_big(subjects, options, files[0]) == KNOT_EOK) {
		return KNOT_EOK;
	}
	int ret = read_all(&reading);
	return (ret == KNOT_EOK) ? report_twins(subjects) : ret;
}
