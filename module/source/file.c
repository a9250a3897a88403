/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libzscanner/scanner.h>

#include "cnameguard/file.h"

/*! \brief TTL of a record where the file gives none, as in Knot. */
#define DEFAULT_TTL	3600

void cg_file_identify(const char *path, cg_file_id_t *id)
{
	struct stat st;

	memset(id, 0, sizeof(*id));
	if (path == NULL || stat(path, &st) != 0) {
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

static int scan(const char *path, const char *origin, reading_t *reading)
{
	/* The scanner is a quarter of a megabyte: not for a stack. */
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	if (scanner == NULL) {
		return KNOT_ENOMEM;
	}
	if (zs_init(scanner, origin, KNOT_CLASS_IN, DEFAULT_TTL) != 0) {
		free(scanner);
		return KNOT_ENOMEM;
	}

	int ret = KNOT_EOK;
	if (zs_set_input_file(scanner, path) != 0) {
		ret = (scanner->error.code == ZS_FILE_INVALID) ? KNOT_EFILE : map_errno();
	} else if (zs_set_processing(scanner, take_record, take_error, reading) != 0) {
		ret = KNOT_ENOMEM;
	} else if (zs_parse_all(scanner) != 0 && reading->report->errors == 0) {
		take_error(scanner);
	}
	zs_deinit(scanner);
	free(scanner);
	return (reading->ret != KNOT_EOK) ? reading->ret : ret;
}

int cg_file_read(const char *path, const knot_dname_t *origin, cg_zone_t **out,
                 cg_file_report_t *report)
{
	memset(report, 0, sizeof(*report));
	*out = NULL;

	if (access(path, R_OK) != 0) {
		return map_errno();
	}
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
	          scan(path, name, &reading) : KNOT_ENOMEM;
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
