/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sink/store.h"

/*! \brief Of the last line but its newline, with the checksum of the lines before it. */
#define LAST_LINE	"; checksum "

#define TIME_FORMAT	"%Y-%m-%dT%H:%M:%SZ"
/*! \brief The last second that the format has room for: the end of the year 9999. */
#define TIME_MAX	INT64_C(253402300799)

/*! \brief What the first line says. */
static const char *const KINDS[] = { "good", "original", "file" };

#define KINDS_COUNT (sizeof(KINDS) / sizeof(KINDS[0]))

static const char *kind_text(const cg_stored_t *stored)
{
	return stored->raw ? "file" : KINDS[stored->kind];
}

int64_t cg_store_time(int64_t now)
{
	return (now < 0) ? 0 : (now > TIME_MAX) ? TIME_MAX : now;
}

void cg_store_time_text(int64_t time, char out[CG_STORE_TIME_SIZE])
{
	time_t seconds = cg_store_time(time);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	strftime(out, CG_STORE_TIME_SIZE, TIME_FORMAT, &tm);
}

size_t cg_store_head(const cg_stored_t *stored, const char *zone, char out[CG_STORE_HEAD_MAX])
{
	char time[CG_STORE_TIME_SIZE];
	cg_store_time_text(stored->time, time);
	int len = snprintf(out, CG_STORE_HEAD_MAX,
	                   "; cnameguard 1 %-8s\n"
	                   "; zone %s\n"
	                   "; serial %-10" PRIu32 "\n"
	                   "; time %s\n"
	                   "; reason %-*s\n"
	                   "; records %-20zu\n"
	                   "; digest %016" PRIx64 "\n"
	                   "; order %-20" PRIu64 "\n"
	                   "; octets %-20zu\n"
	                   "; contents %016" PRIx64 "\n",
	                   kind_text(stored), zone, stored->serial, time,
	                   CG_STORE_REASON_SIZE - 1, stored->reason, stored->records,
	                   stored->digest, stored->order, stored->octets, stored->contents);
	uint64_t hash = cg_hash(CG_HASH, out, len);

	return len + snprintf(out + len, CG_STORE_HEAD_MAX - len, LAST_LINE "%016" PRIx64 "\n",
	                      hash);
}

/*! \brief Takes the value of the next line, which must have that key. NULL: it has not. */
static char *next_value(char **at, const char *key)
{
	size_t key_len = strlen(key);
	char *end = strchr(*at, '\n');
	if (end == NULL || strncmp(*at, "; ", 2) != 0 || strncmp(*at + 2, key, key_len) != 0 ||
	    (*at)[2 + key_len] != ' ') {
		return NULL;
	}
	char *value = *at + 2 + key_len + 1;
	*at = end + 1;
	for (*end = '\0'; end > value && end[-1] == ' '; ) {
		*--end = '\0';
	}
	return value;
}

static bool next_number(char **at, const char *key, int base, uint64_t *out)
{
	const char *value = next_value(at, key);
	*out = (value != NULL) ? strtoumax(value, NULL, base) : 0;
	return value != NULL;
}

static bool read_kind(const char *value, cg_stored_t *out)
{
	for (size_t i = 0; value != NULL && i < KINDS_COUNT; i++) {
		if (strcmp(value, KINDS[i]) == 0) {
			out->kind = (i == 0) ? CG_STORE_GOOD : CG_STORE_ORIGINAL;
			out->raw = (i == 2);
			return true;
		}
	}
	return false;
}

static bool read_time(const char *value, cg_stored_t *out)
{
	struct tm tm = { 0 };
	const char *end = (value != NULL) ? strptime(value, TIME_FORMAT, &tm) : NULL;
	out->time = (end != NULL) ? timegm(&tm) : 0;
	return end != NULL;
}

static bool read_reason(const char *value, cg_stored_t *out)
{
	if (value == NULL || strlen(value) >= sizeof(out->reason)) {
		return false;
	}
	memset(out->reason, 0, sizeof(out->reason));
	memcpy(out->reason, value, strlen(value));
	return true;
}

/*! \brief Reads the lines, whatever they are worth. */
static bool read_lines(char *at, const char *zone, cg_stored_t *out)
{
	uint64_t serial, records, octets;
	const char *text;
	if (!read_kind(next_value(&at, "cnameguard 1"), out) ||
	    (text = next_value(&at, "zone")) == NULL || strcmp(text, zone) != 0 ||
	    !next_number(&at, "serial", 10, &serial) ||
	    !read_time(next_value(&at, "time"), out) ||
	    !read_reason(next_value(&at, "reason"), out) ||
	    !next_number(&at, "records", 10, &records) ||
	    !next_number(&at, "digest", 16, &out->digest) ||
	    !next_number(&at, "order", 10, &out->order) ||
	    !next_number(&at, "octets", 10, &octets) ||
	    !next_number(&at, "contents", 16, &out->contents)) {
		return false;
	}
	out->serial = serial;
	out->records = records;
	out->octets = octets;
	return true;
}

size_t cg_store_head_read(const char *text, size_t len, const char *zone, cg_stored_t *stored)
{
	char lines[CG_STORE_HEAD_MAX + 1], again[CG_STORE_HEAD_MAX];
	len = (len < CG_STORE_HEAD_MAX) ? len : CG_STORE_HEAD_MAX;
	memcpy(lines, text, len);
	lines[len] = '\0';

	/* Written again they are the same octets, checksum included, or they were not written so. */
	cg_stored_t read = *stored;
	if (!read_lines(lines, zone, &read)) {
		return 0;
	}
	size_t head = cg_store_head(&read, zone, again);
	if (head > len || memcmp(text, again, head) != 0) {
		return 0;
	}
	*stored = read;
	return head;
}
