/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "cli/escape.h"
#include "cli/versions.h"
#include "sink/utf8.h"

/*! \brief Room for the name of an original: time, serial and suffix. */
#define NAME_WIDTH	32

/*! \brief What a version is called in the first column; "": only by its name. */
static void format_number(const cg_versions_t *versions, const cg_stored_t *stored, char out[24])
{
	size_t at = stored - versions->list;
	if (stored == &versions->good) {
		strcpy(out, "good");
	} else if (at < versions->count) {
		snprintf(out, 24, "%zu", at + 1);
	} else {
		out[0] = '\0';
	}
}

static void print_row(const cg_versions_t *versions, const cg_stored_t *stored)
{
	char number[24], time[CG_STORE_TIME_SIZE], records[32] = "file";
	bool is_good = stored == &versions->good;
	const char *reason = stored->damaged ? "damaged: not what was written" : stored->reason;
	format_number(versions, stored, number);
	cg_store_time_text(stored->time, time);
	if (!stored->raw) {
		snprintf(records, sizeof(records), "%zu", stored->records);
	}
	printf("%-4s  %-*s  %s  %10" PRIu32 "  %8s  ", number, NAME_WIDTH,
	       is_good ? "last good version" : stored->name, time, stored->serial, records);
	cg_escape(stdout, reason, strlen(reason));
	putchar('\n');
}

static void print_head(void)
{
	printf("%-4s  %-*s  %-20s  %10s  %8s  %s\n", "", NAME_WIDTH, "NAME", "TIME (UTC)",
	       "SERIAL", "RECORDS", "REASON");
}

/*! \brief What is no UTF-8, as a folder's name may be, is none for JSON. */
static struct json_object *new_text(const char *text)
{
	char valid[PATH_MAX];
	size_t len = strlen(text), octets;
	snprintf(valid, sizeof(valid), "%s", text);
	len = (len < sizeof(valid)) ? len : sizeof(valid) - 1;
	for (size_t i = 0; i < len; i += octets) {
		octets = cg_utf8_next(valid + i, len - i, NULL);
		if (octets == 0) {
			valid[i] = '?';
			octets = 1;
		}
	}
	return json_object_new_string(valid);
}

/*! \brief One object a line. False: out of memory. */
static bool print_json(const cg_versions_t *versions, const cg_stored_t *stored)
{
	char number[24], time[CG_STORE_TIME_SIZE];
	struct json_object *object = json_object_new_object();
	if (object == NULL) {
		return false;
	}
	format_number(versions, stored, number);
	cg_store_time_text(stored->time, time);
	json_object_object_add(object, "zone", new_text(versions->zone_text));
	json_object_object_add(object, "version", new_text(number[0] != '\0' ? number : stored->name));
	json_object_object_add(object, "kind", new_text((stored == &versions->good) ? "good" :
	                       stored->raw ? "file" : "original"));
	json_object_object_add(object, "name", new_text(stored->name));
	json_object_object_add(object, "time", new_text(time));
	json_object_object_add(object, "serial", json_object_new_int64(stored->serial));
	json_object_object_add(object, "records", stored->raw ? NULL :
	                       json_object_new_int64(stored->records));
	json_object_object_add(object, "octets", json_object_new_int64(stored->octets));
	json_object_object_add(object, "reason", new_text(stored->reason));
	json_object_object_add(object, "damaged", json_object_new_boolean(stored->damaged));
	json_object_object_add(object, "path", new_text(stored->path));
	const char *line = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
	                                                  JSON_C_TO_STRING_NOSLASHESCAPE);
	bool ok = line != NULL;
	if (ok) {
		puts(line);
	}
	json_object_put(object);
	return ok;
}

static bool print_one(const cg_versions_t *versions, const cg_stored_t *stored, bool json)
{
	if (json) {
		return print_json(versions, stored);
	}
	print_row(versions, stored);
	return true;
}

bool cg_versions_print(const cg_versions_t *versions, bool json)
{
	size_t all = versions->count + versions->damaged;
	bool ok = true;
	if (!json && (all > 0 || versions->has_good)) {
		print_head();
	}
	for (size_t i = 0; i < all && ok; i++) {
		ok = print_one(versions, &versions->list[i], json);
	}
	if (versions->has_good && ok) {
		ok = print_one(versions, &versions->good, json);
	}
	return ok;
}
