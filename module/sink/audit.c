/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "cnameguard/audit.h"
#include "sink/utf8.h"

/*! \brief Permissions of a new log: customers' data, not for everybody. */
#define LOG_MODE	0640

bool cg_audit_open(cg_audit_t *audit, const char *path)
{
	*audit = (cg_audit_t){ .fd = -1 };
	if (path == NULL) {
		return true;
	}
	audit->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
	                 LOG_MODE);
	if (audit->fd < 0) {
		audit->error = errno;
	}
	return audit->fd >= 0;
}

bool cg_audit_close(cg_audit_t *audit)
{
	if (audit->fd >= 0 && close(audit->fd) != 0 && audit->error == 0) {
		audit->error = errno;
	}
	audit->fd = -1;
	return audit->error == 0;
}

/*! \brief RFC 3339, UTC, with milliseconds. */
static void format_time(char *out, size_t size)
{
	struct timespec now;
	struct tm tm;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	size_t len = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, size - len, ".%03ldZ", now.tv_nsec / 1000000);
}

static struct json_object *new_event(const char *event, const char *zone, uint32_t serial)
{
	struct json_object *object = json_object_new_object();
	if (object == NULL) {
		return NULL;
	}
	char time[40];
	format_time(time, sizeof(time));
	json_object_object_add(object, "time", json_object_new_string(time));
	json_object_object_add(object, "event", json_object_new_string(event));
	json_object_object_add(object, "zone", json_object_new_string(zone));
	json_object_object_add(object, "serial", json_object_new_int64(serial));
	return object;
}

/*! \brief What is no UTF-8, as a file's name may be, is none for JSON: U+FFFD in its place. */
static struct json_object *replace_octets(const char *text, size_t len)
{
	static const char REPLACEMENT[] = "\xEF\xBF\xBD";
	char *valid = malloc(len * (sizeof(REPLACEMENT) - 1) + 1);
	if (valid == NULL) {
		return NULL;
	}
	size_t used = 0;
	for (size_t i = 0; i < len; ) {
		size_t octets = cg_utf8_next(text + i, len - i, NULL);
		const char *from = (octets > 0) ? text + i : REPLACEMENT;
		size_t size = (octets > 0) ? octets : sizeof(REPLACEMENT) - 1;
		memcpy(valid + used, from, size);
		used += size;
		i += (octets > 0) ? octets : 1;
	}
	struct json_object *object = json_object_new_string_len(valid, used);
	free(valid);
	return object;
}

static struct json_object *new_text(const char *text)
{
	size_t len = strlen(text);
	size_t at = 0, octets;
	while ((octets = cg_utf8_next(text + at, len - at, NULL)) > 0) {
		at += octets;
	}
	return (at == len) ? json_object_new_string(text) : replace_octets(text, len);
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, new_text(text));
}

/*! \brief One write a line; half a line (full disk) is taken back. */
static void write_line(cg_audit_t *audit, const char *json)
{
	char *line = NULL;
	int len = asprintf(&line, "%s\n", json);
	if (len < 0) {
		audit->error = ENOMEM;
		return;
	}

	struct stat before;
	bool known = (fstat(audit->fd, &before) == 0);
	ssize_t written = write(audit->fd, line, len);
	if (written != len && audit->error == 0) {
		audit->error = (written < 0) ? errno : ENOSPC;
	}
	if (written > 0 && written != len && known && ftruncate(audit->fd, before.st_size) != 0) {
		audit->error = errno;
	}
	free(line);
}

/*! \brief Lives as long as the object. NULL: out of memory. */
static const char *to_line(struct json_object *object)
{
	return json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
	                                      JSON_C_TO_STRING_NOSLASHESCAPE);
}

/*! \brief Writes the object and frees it. */
static void write_event(cg_audit_t *audit, struct json_object *object)
{
	const char *json = to_line(object);
	if (json == NULL) {
		audit->error = ENOMEM;
	} else {
		write_line(audit, json);
	}
	json_object_put(object);
}

/*! \brief A record as a line of a zone file. */
static struct json_object *record_text(const char *owner, const cg_rr_t *rr)
{
	char type[16] = "";
	char *text = NULL;
	if (knot_rrtype_to_string(rr->type, type, sizeof(type)) < 0 ||
	    asprintf(&text, "%s %u %s %s", owner, rr->ttl, type, rr->data) < 0) {
		return NULL;
	}
	struct json_object *object = json_object_new_string(text);
	free(text);
	return object;
}

static struct json_object *types_array(const cg_finding_t *finding)
{
	struct json_object *types = json_object_new_array();
	for (size_t i = 0; types != NULL && i < finding->types_count; i++) {
		char type[16] = "";
		(void)knot_rrtype_to_string(finding->types[i], type, sizeof(type));
		json_object_array_add(types, json_object_new_string(type));
	}
	return types;
}

/*! \brief Each record with where it came from, where that is known. */
static struct json_object *records_array(const cg_finding_t *finding)
{
	struct json_object *records = json_object_new_array();
	for (size_t i = 0; records != NULL && i < finding->rr_count; i++) {
		const cg_finding_rr_t *rr = &finding->rr[i];
		json_object_array_add(records, record_text(rr->owner, &rr->rr));
	}
	return records;
}

static bool is_any(const cg_finding_t *finding, const cg_finding_rr_t *rr)
{
	(void)finding;
	(void)rr;
	return true;
}

static bool is_own(const cg_finding_t *finding, const cg_finding_rr_t *rr)
{
	return strcmp(rr->owner, finding->spelling) == 0;
}

static bool is_own_alias(const cg_finding_t *finding, const cg_finding_rr_t *rr)
{
	return is_own(finding, rr) &&
	       (rr->rr.type == KNOT_RRTYPE_CNAME || rr->rr.type == KNOT_RRTYPE_DNAME);
}

/*! \brief First line of the records that count, in the file of the first of them. */
static bool find_place(const cg_finding_t *finding,
                       bool (*counts)(const cg_finding_t *finding, const cg_finding_rr_t *rr),
                       const char **file, uint32_t *line)
{
	*file = NULL;
	for (size_t i = 0; i < finding->rr_count; i++) {
		const cg_rr_t *rr = &finding->rr[i].rr;
		if (rr->file == NULL || !counts(finding, &finding->rr[i])) {
			continue;
		}
		uint32_t first = rr->line - rr->more;
		if (*file == NULL || (first < *line && strcmp(rr->file, *file) == 0)) {
			*file = rr->file;
			*line = first;
		}
	}
	return *file != NULL;
}

bool cg_audit_place(const cg_finding_t *finding, const char **file, uint32_t *line)
{
	return find_place(finding, is_own_alias, file, line) ||
	       find_place(finding, is_own, file, line) ||
	       find_place(finding, is_any, file, line);
}

static void add_place(struct json_object *object, const cg_finding_t *finding)
{
	const char *file;
	uint32_t line;
	if (cg_audit_place(finding, &file, &line)) {
		add_text(object, "file", file);
		json_object_object_add(object, "line", json_object_new_int64(line));
	}
}

static struct json_object *finding_event(const char *zone, uint32_t serial,
                                         const cg_finding_t *finding)
{
	struct json_object *object = new_event("finding", zone, serial);
	if (object == NULL) {
		return NULL;
	}
	add_text(object, "rule", cg_rule_info(finding->rule)->name);
	add_text(object, "level", cg_level_name(finding->level));
	add_text(object, "owner", finding->spelling);
	json_object_object_add(object, "types", types_array(finding));
	json_object_object_add(object, "records", records_array(finding));
	add_place(object, finding);
	add_text(object, "message", finding->message);
	add_text(object, "remedy", finding->remedy);
	json_object_object_add(object, "exempt", json_object_new_boolean(finding->exempt));
	return object;
}

void cg_audit_finding(cg_audit_t *audit, const char *zone, uint32_t serial,
                      const cg_finding_t *finding)
{
	if (audit->fd < 0) {
		return;
	}
	struct json_object *object = finding_event(zone, serial, finding);
	if (object == NULL) {
		audit->error = ENOMEM;
		return;
	}
	write_event(audit, object);
}

char *cg_audit_finding_line(const char *zone, uint32_t serial, const cg_finding_t *finding)
{
	struct json_object *object = finding_event(zone, serial, finding);
	const char *json = (object != NULL) ? to_line(object) : NULL;
	char *line = (json != NULL) ? strdup(json) : NULL;
	json_object_put(object);
	return line;
}

void cg_audit_edit(cg_audit_t *audit, const char *zone, uint32_t serial, const cg_edit_t *edit)
{
	if (audit->fd < 0) {
		return;
	}
	struct json_object *object = new_event("edit", zone, serial);
	if (object == NULL) {
		audit->error = ENOMEM;
		return;
	}
	add_text(object, "op", edit->op == CG_EDIT_ADD ? "add" : "remove");
	json_object_object_add(object, "record", record_text(edit->spelling, &edit->rr));
	add_text(object, "rule", cg_rule_info(edit->rule)->name);
	write_event(audit, object);
}

void cg_audit_verdict(cg_audit_t *audit, const cg_audit_verdict_t *verdict)
{
	if (audit->fd < 0) {
		return;
	}
	struct json_object *object = new_event("verdict", verdict->zone, verdict->serial);
	if (object == NULL) {
		audit->error = ENOMEM;
		return;
	}
	char ms[32];
	snprintf(ms, sizeof(ms), "%.1f", verdict->ms);
	add_text(object, "mode", verdict->mode);
	add_text(object, "action", verdict->action);
	add_text(object, "judged", verdict->judged);
	json_object_object_add(object, "findings", json_object_new_int64(verdict->findings));
	json_object_object_add(object, "ms", json_object_new_double_s(verdict->ms, ms));
	json_object_object_add(object, "records", json_object_new_int64(verdict->records));
	if (verdict->why != NULL) {
		add_text(object, "why", verdict->why);
	}
	write_event(audit, object);
}

void cg_audit_dropped(cg_audit_t *audit, const cg_audit_dropped_t *dropped)
{
	if (audit->fd < 0) {
		return;
	}
	struct json_object *object = new_event("dropped-update", dropped->zone, dropped->serial);
	struct json_object *records = json_object_new_array();
	if (object == NULL || records == NULL) {
		json_object_put(object);
		json_object_put(records);
		audit->error = ENOMEM;
		return;
	}
	for (size_t i = 0; i < dropped->count; i++) {
		json_object_array_add(records, json_object_new_string(dropped->records[i]));
	}
	add_text(object, "client", dropped->client);
	json_object_object_add(object, "key",
	                       dropped->key != NULL ? json_object_new_string(dropped->key) : NULL);
	json_object_object_add(object, "records", records);
	add_text(object, "message", dropped->message);
	add_text(object, "remedy", dropped->remedy);
	write_event(audit, object);
}
