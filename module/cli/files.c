/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Zone files. */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/check.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cnameguard/file.h"

typedef struct {
	cg_subjects_t *subjects;
	const cg_options_t *options;
	char *const *files;
	size_t count;
	size_t at;        /*!< File that is being read. */
	size_t records;   /*!< Of it. */
	size_t errors;    /*!< Of it. */
} reading_t;

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	(void)rr;
	((reading_t *)ctx)->records++;
	return KNOT_EOK;
}

static void take_error(const cg_scan_error_t *error, void *ctx)
{
	((reading_t *)ctx)->errors++;
	cg_say_at(error->file, error->line, "error", "%s", error->reason);
}

static void take_progress(size_t octets, size_t total, void *ctx)
{
	const reading_t *reading = ctx;
	if (!cg_progress_due()) {
		return;
	}
	double part = (total > 0) ? (double)octets / total : 1;
	cg_progress_show(cg_say_file(reading->files[reading->at]),
	                 (reading->at + part) / reading->count,
	                 reading->subjects->records + reading->records);
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
	if (outside > 0) {
		cg_say_at(file, 0, "warning", "%zu record%s outside of the zone %s left out, as "
		          "Knot does", outside, (outside == 1) ? "" : "s", subject->name);
	}
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

/*! \brief Adds the zone, finished, with what is said about it. */
static int add_zone(reading_t *reading, cg_zone_t *zone, char **text, size_t len, size_t left_out)
{
	struct stat st;
	const char *file = reading->files[reading->at];
	cg_subject_t *subject = cg_subjects_add(reading->subjects, zone);
	if (subject == NULL) {
		return KNOT_ENOMEM;
	}
	subject->file = file;
	if (strcmp(file, "-") == 0 || stat(file, &st) != 0 || !S_ISREG(st.st_mode)) {
		subject->text = *text;
		subject->len = len;
		*text = NULL;
	}
	bool whole = report_contents(file, subject, left_out);
	reading->subjects->failed += (!whole || reading->errors > 0);
	return KNOT_EOK;
}

static int read_zone(reading_t *reading, const knot_dname_t *origin, char **text, size_t len)
{
	cg_scan_t scan = {
		.file = reading->files[reading->at],
		.text = *text,
		.len = len,
		.origin = origin,
		.record = take_record,
		.error = take_error,
		.progress = take_progress,
		.ctx = reading,
	};
	char *dir = cg_input_include_dir(reading->options, scan.file);
	if (dir == NULL) {
		return KNOT_ENOMEM;
	}
	scan.include_dir = dir;

	cg_zone_t *zone = NULL;
	size_t left_out = 0;
	reading->records = 0;
	reading->errors = 0;
	int ret = cg_file_zone(&scan, &zone, &left_out);
	free(dir);
	if (ret != KNOT_EOK) {
		cg_say_at(scan.file, 0, "error", "cannot be read (%s)", knot_strerror(ret));
		return ret;
	}
	return add_zone(reading, zone, text, len, left_out);
}

static int read_file(reading_t *reading)
{
	const char *file = reading->files[reading->at];
	knot_dname_storage_t origin;
	char *text = NULL;
	size_t len = 0;
	int ret = cg_input_read(file, &text, &len, NULL);
	if (ret == KNOT_EOK) {
		ret = cg_input_origin(reading->options, file, text, len, NULL, origin);
	}
	if (ret == KNOT_EOK) {
		ret = read_zone(reading, origin, &text, len);
	}
	free(text);
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
	for (; reading.at < count; reading.at++) {
		int ret = read_file(&reading);
		if (ret == KNOT_ENOMEM) {
			return ret;
		}
		subjects->failed += (ret != KNOT_EOK);
	}
	return report_twins(subjects);
}
