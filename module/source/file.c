/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libzscanner/scanner.h>

#include "cnameguard/file.h"

/*! \brief TTL of a record where the file gives none, as in Knot. */
#define DEFAULT_TTL	3600
/*! \brief Files that may include each other; a file that includes itself would have no end. */
#define INCLUDE_DEPTH	16

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
}

bool cg_file_same(const cg_file_id_t *a, const cg_file_id_t *b)
{
	return a->exists == b->exists && a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->mtime_s == b->mtime_s && a->mtime_ns == b->mtime_ns;
}

typedef struct {
	cg_zone_t *zone;
	cg_file_report_t *report;
	char *text;       /*!< Buffer for the presentation format of data. */
	size_t text_max;
	int ret;
} reading_t;

static void stop(zs_scanner_t *scanner, int ret)
{
	reading_t *reading = scanner->process.data;
	reading->ret = ret;
	scanner->state = ZS_STATE_STOP;
}

/*! \brief Writes the data of the scanner's record into the buffer. */
static int dump_data(zs_scanner_t *scanner, reading_t *reading)
{
	_Alignas(knot_rdata_t) uint8_t raw[sizeof(uint16_t) + ZS_MAX_RDATA_LENGTH + 1];
	knot_rdata_t *rdata = (knot_rdata_t *)raw;
	knot_rdata_init(rdata, scanner->r_data_length, scanner->r_data);

	knot_rrset_t rrset;
	knot_rrset_init(&rrset, scanner->r_owner, scanner->r_type, scanner->r_class,
	                scanner->r_ttl);
	rrset.rrs.count = 1;
	rrset.rrs.size = knot_rdata_size(scanner->r_data_length);
	rrset.rrs.rdata = rdata;

	while (true) {
		int ret = knot_rrset_txt_dump_data(&rrset, 0, reading->text, reading->text_max,
		                                   &KNOT_DUMP_STYLE_DEFAULT);
		if (ret >= 0 || ret != KNOT_ESPACE || reading->text_max > (1 << 22)) {
			return (ret >= 0) ? KNOT_EOK : ret;
		}
		char *grown = realloc(reading->text, reading->text_max * 4);
		if (grown == NULL) {
			return KNOT_ENOMEM;
		}
		reading->text = grown;
		reading->text_max *= 4;
	}
}

static void take_record(zs_scanner_t *scanner)
{
	reading_t *reading = scanner->process.data;

	if (scanner->r_class != KNOT_CLASS_IN) {
		return;
	}
	int ret = dump_data(scanner, reading);
	if (ret != KNOT_EOK) {
		stop(scanner, ret);
		return;
	}

	cg_rr_t rr = {
		.type = scanner->r_type,
		.ttl = scanner->r_ttl,
		.line = scanner->line_counter,
		.file = scanner->file.name,
		.data = reading->text,
	};
	ret = cg_zone_add(reading->zone, scanner->r_owner, &rr);
	if (ret != KNOT_EOK) {
		stop(scanner, ret);
	}
}

static void take_error(zs_scanner_t *scanner)
{
	reading_t *reading = scanner->process.data;
	cg_file_report_t *report = reading->report;

	if (report->errors++ == 0) {
		snprintf(report->first, sizeof(report->first), "%s:%lu: %s",
		         scanner->file.name != NULL ? scanner->file.name : "",
		         (unsigned long)scanner->line_counter,
		         zs_strerror(scanner->error.code));
	}
}

static int map_errno(void)
{
	switch (errno) {
	case ENOENT: return KNOT_ENOENT;
	case EACCES: return KNOT_EACCES;
	case ENOMEM: return KNOT_ENOMEM;
	default:     return KNOT_EFILE;
	}
}

/*!
 * \brief Reads a whole file into memory.
 *
 * The scanner would map it, and a mapped file that somebody truncates
 * meanwhile ends the process.
 */
static int slurp(int fd, char **out, size_t *len)
{
	struct stat st;
	if (fstat(fd, &st) != 0) {
		return map_errno();
	}
	if (!S_ISREG(st.st_mode)) {
		return KNOT_EFILE;
	}

	size_t max = st.st_size + 1;
	char *text = malloc(max);
	size_t used = 0;
	ssize_t got = 0;
	while (text != NULL && (got = read(fd, text + used, max - used)) > 0) {
		used += got;
		if (used == max) { /* It has grown. */
			char *grown = realloc(text, max *= 2);
			if (grown == NULL) {
				free(text);
			}
			text = grown;
		}
	}
	if (text == NULL || got < 0) {
		free(text);
		return (text == NULL) ? KNOT_ENOMEM : KNOT_EFILE;
	}
	*out = text;
	*len = used;
	return KNOT_EOK;
}

static int read_text(const char *path, char **out, size_t *len)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		return map_errno();
	}
	int ret = slurp(fd, out, len);
	close(fd);
	return ret;
}

/*! \brief Tells the scanner where it is: for relative includes, and for its errors. */
static int set_place(zs_scanner_t *scanner, const char *path)
{
	char *full = realpath(path, NULL);
	char *folder = strdup(full != NULL ? dirname(full) : ".");
	free(full);
	scanner->file.name = strdup(path);
	if (folder == NULL || scanner->file.name == NULL) {
		free(folder);
		return KNOT_ENOMEM;
	}
	free(scanner->path);
	scanner->path = folder;
	return KNOT_EOK;
}

static int scan_file(const char *path, const char *origin, uint32_t ttl, unsigned depth,
                     reading_t *reading);

/*! \brief An $INCLUDE (RFC 1035, 5.1); one that cannot be read is an error of its line. */
static void scan_include(zs_scanner_t *scanner, unsigned depth)
{
	reading_t *reading = scanner->process.data;
	int ret = KNOT_ELOOP;

	if (depth < INCLUDE_DEPTH) {
		ret = scan_file(scanner->include_filename, (const char *)scanner->buffer,
		                scanner->default_ttl, depth + 1, reading);
	}
	if (ret == KNOT_ENOMEM) {
		stop(scanner, ret);
	} else if (ret != KNOT_EOK) {
		scanner->error.code = (ret == KNOT_EACCES) ? ZS_FILE_ACCESS :
		                      (ret == KNOT_ELOOP) ? ZS_UNPROCESSED_INCLUDE : ZS_FILE_OPEN;
		take_error(scanner);
	}
}

/*! \brief Takes item after item of one file. */
static void scan_items(zs_scanner_t *scanner, unsigned depth)
{
	while (zs_parse_record(scanner) == 0) {
		switch (scanner->state) {
		case ZS_STATE_DATA:
			take_record(scanner);
			break;
		case ZS_STATE_ERROR:
			take_error(scanner);
			break;
		case ZS_STATE_INCLUDE:
			scan_include(scanner, depth);
			break;
		default:
			return;
		}
		if (scanner->state == ZS_STATE_STOP) {
			return;
		}
	}
}

static int scan_file(const char *path, const char *origin, uint32_t ttl, unsigned depth,
                     reading_t *reading)
{
	char *text = NULL;
	size_t len = 0;
	int ret = read_text(path, &text, &len);
	if (ret != KNOT_EOK) {
		return ret;
	}

	/* The scanner is a quarter of a megabyte: not for a stack. */
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	if (scanner == NULL || zs_init(scanner, origin, KNOT_CLASS_IN, ttl) != 0) {
		free(scanner);
		free(text);
		return KNOT_ENOMEM;
	}
	scanner->process.data = reading;
	ret = KNOT_ENOMEM;
	if (zs_set_input_string(scanner, text, len) == 0) {
		ret = set_place(scanner, path);
	}
	if (ret == KNOT_EOK) {
		scan_items(scanner, depth);
		ret = reading->ret;
	}
	zs_deinit(scanner);
	free(scanner);
	free(text);
	return ret;
}

int cg_file_read(const char *path, const knot_dname_t *origin, cg_zone_t **out,
                 cg_file_report_t *report)
{
	memset(report, 0, sizeof(*report));
	*out = NULL;

	knot_dname_txt_storage_t name;
	if (knot_dname_to_str(name, origin, sizeof(name)) == NULL) {
		return KNOT_EINVAL;
	}

	reading_t reading = {
		.zone = cg_zone_new(origin),
		.report = report,
		.text = malloc(4096),
		.text_max = 4096,
	};
	int ret = (reading.zone != NULL && reading.text != NULL) ?
	          scan_file(path, name, DEFAULT_TTL, 0, &reading) : KNOT_ENOMEM;
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(reading.zone);
	}
	free(reading.text);
	if (ret != KNOT_EOK) {
		cg_zone_free(reading.zone);
		return ret;
	}
	*out = reading.zone;
	return KNOT_EOK;
}
