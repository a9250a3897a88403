/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cnameguard/file.h"
#include "cnameguard/hash.h"
#include "source/data.h"
#include "source/text.h"

/*! \brief First buffer for the presentation format of data. */
#define BUFFER_SIZE	4096
/*! \brief No data are longer in it. */
#define BUFFER_MAX	(1 << 22)

void cg_file_identify(const char *path, cg_file_id_t *id)
{
	struct stat st;

	memset(id, 0, sizeof(*id));
	if (path == NULL || stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
		return;
	}
	id->exists = true;
	id->device = st.st_dev;
	id->inode = st.st_ino;
	id->size = st.st_size;
	id->mtime_s = st.st_mtim.tv_sec;
	id->mtime_ns = st.st_mtim.tv_nsec;
	id->ctime_s = st.st_ctim.tv_sec;
}

uint64_t cg_file_mark(const cg_file_id_t *id)
{
	if (!id->exists) {
		return 0;
	}
	uint64_t mark = cg_hash(CG_HASH, &id->device, sizeof(id->device));
	mark = cg_hash(mark, &id->inode, sizeof(id->inode));
	mark = cg_hash(mark, &id->size, sizeof(id->size));
	mark = cg_hash(mark, &id->mtime_s, sizeof(id->mtime_s));
	mark = cg_hash(mark, &id->mtime_ns, sizeof(id->mtime_ns));
	return (mark != 0) ? mark : 1;
}

bool cg_file_same(const cg_file_id_t *a, const cg_file_id_t *b)
{
	return a->exists == b->exists && a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->mtime_s == b->mtime_s && a->mtime_ns == b->mtime_ns;
}

/*! \brief Writes the data of a record into the buffer. */
static int dump_data(const cg_scan_rr_t *rr, cg_file_adder_t *adder)
{
	int ret = KNOT_ESPACE;
	while (adder->text == NULL ||
	       ((ret = cg_data_text(rr, adder->text, adder->text_max)) == KNOT_ESPACE &&
	        adder->text_max < BUFFER_MAX)) {
		size_t max = (adder->text == NULL) ? BUFFER_SIZE : adder->text_max * 4;
		char *grown = realloc(adder->text, max);
		if (grown == NULL) {
			return KNOT_ENOMEM;
		}
		adder->text = grown;
		adder->text_max = max;
	}
	return ret;
}

int cg_file_add(cg_file_adder_t *adder, const cg_scan_rr_t *rr)
{
	if (rr->rclass != KNOT_CLASS_IN) {
		adder->left_out++;
		return KNOT_EOK;
	}
	int ret = dump_data(rr, adder);
	if (ret != KNOT_EOK) {
		return ret;
	}

	uint32_t more = rr->last - rr->first;
	cg_rr_t added = {
		.type = rr->type,
		.more = (more < UINT16_MAX) ? more : UINT16_MAX,
		.ttl = rr->ttl,
		.line = rr->last,
		.file = rr->file,
		.data = adder->text,
	};
	return cg_zone_add(adder->zone, rr->owner, &added);
}

typedef struct {
	const cg_scan_t *how;
	cg_file_adder_t adder;
} reading_t;

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	reading_t *reading = ctx;
	int ret = KNOT_EOK;
	if (reading->how->record != NULL) {
		ret = reading->how->record(rr, reading->how->ctx);
	}
	return (ret == KNOT_EOK) ? cg_file_add(&reading->adder, rr) : ret;
}

static void take_error(const cg_scan_error_t *error, void *ctx)
{
	const cg_scan_t *how = ((reading_t *)ctx)->how;
	if (how->error != NULL) {
		how->error(error, how->ctx);
	}
}

static void take_progress(size_t octets, size_t total, void *ctx)
{
	const cg_scan_t *how = ((reading_t *)ctx)->how;
	if (how->progress != NULL) {
		how->progress(octets, total, how->ctx);
	}
}

int cg_file_zone(const cg_scan_t *how, cg_zone_t **out, size_t *left_out)
{
	reading_t reading = {
		.how = how,
		.adder.zone = cg_zone_new(how->origin),
	};
	cg_scan_t scan = *how;
	scan.record = take_record;
	scan.error = take_error;
	scan.progress = take_progress;
	scan.ctx = &reading;

	int ret = (reading.adder.zone == NULL) ? KNOT_ENOMEM : cg_scan(&scan);
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(reading.adder.zone);
	}
	free(reading.adder.text);
	if (ret != KNOT_EOK) {
		cg_zone_free(reading.adder.zone);
		reading.adder.zone = NULL;
	}
	*out = reading.adder.zone;
	if (left_out != NULL) {
		*left_out = reading.adder.left_out;
	}
	return ret;
}

static void keep_first(const cg_scan_error_t *error, void *ctx)
{
	cg_file_report_t *report = ctx;
	if (report->errors++ == 0) {
		snprintf(report->first, sizeof(report->first), "%s:%u: %s", error->file,
		         error->line, error->reason);
	}
}

int cg_file_read(const char *path, const knot_dname_t *origin, cg_zone_t **out,
                 cg_file_report_t *report)
{
	memset(report, 0, sizeof(*report));
	*out = NULL;

	/* Not by cg_scan(): a pipe in place of the file must not keep the caller waiting. */
	cg_text_t file;
	int ret = cg_text_read(path, false, &file);
	if (ret != KNOT_EOK) {
		return ret;
	}
	const cg_scan_t how = {
		.file = path,
		.text = file.text,
		.len = file.len,
		.origin = origin,
		.error = keep_first,
		.ctx = report,
	};
	ret = cg_file_zone(&how, out, NULL);
	free(file.text);
	return ret;
}

/*! \brief Field of /proc/self/stat: clock ticks from the start of the machine to that of the process. */
#define STARTTIME	22

int64_t cg_process_started(void)
{
	char text[1024];
	FILE *stat = fopen("/proc/self/stat", "re");
	if (stat == NULL) {
		return 0;
	}
	size_t len = fread(text, 1, sizeof(text) - 1, stat);
	fclose(stat);
	text[len] = '\0';
	const char *pos = strrchr(text, ')'); /* Ends the second field, which may have blanks. */
	for (int field = 2; pos != NULL && field < STARTTIME; field++) {
		pos = strchr(pos + 1, ' ');
	}
	struct timespec up;
	if (pos == NULL || clock_gettime(CLOCK_BOOTTIME, &up) != 0) {
		return 0;
	}
	return time(NULL) - up.tv_sec + strtoll(pos, NULL, 10) / sysconf(_SC_CLK_TCK) - 1;
}
