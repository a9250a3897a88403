/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file of the flattened names of a zone: JSON, described in docs/architecture.md. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "cnameguard/flattened.h"
#include "sink/store.h"

/*! \brief Number of the form of the file. */
#define FORM	1
/*! \brief Octets of the largest file that is read: CG_PLAN_EDITS_MAX records take less. */
#define SIZE_MAX_READ	(256 << 20)

static const char DAMAGED[] = "is damaged: not what was written, or of another zone";

/*! \brief Where the file of a zone is. */
typedef struct {
	cg_store_zone_t zone;
	char folder[PATH_MAX];
	char path[PATH_MAX];
	char draft[PATH_MAX];
} place_t;

static int find_place(const char *state, const knot_dname_t *zone, place_t *out)
{
	char draft[NAME_MAX + 1], name[NAME_MAX + 1];
	int ret = cg_store_zone_text(zone, out->zone);
	if (ret == KNOT_EOK) {
		ret = cg_store_file_paths(state, out->zone, "flattened", ".json", out->folder,
		                          draft, name);
	}
	if (ret == KNOT_EOK) {
		ret = cg_store_join(out->path, out->folder, name);
	}
	return (ret == KNOT_EOK) ? cg_store_join(out->draft, out->folder, draft) : ret;
}

/* --- Writing --- */

/*! \brief Adds to an object; false: out of memory. Frees the value then. */
static bool put(struct json_object *object, const char *key, struct json_object *value)
{
	if (object == NULL || value == NULL || json_object_object_add(object, key, value) != 0) {
		json_object_put(value);
		return false;
	}
	return true;
}

static bool push(struct json_object *array, struct json_object *value)
{
	if (array == NULL || value == NULL || json_object_array_add(array, value) != 0) {
		json_object_put(value);
		return false;
	}
	return true;
}

/*! \brief "300 A 192.0.2.80". */
static struct json_object *record_json(const cg_rr_t *rr)
{
	char type[16], *text = NULL;
	if (knot_rrtype_to_string(rr->type, type, sizeof(type)) < 0 ||
	    asprintf(&text, "%u %s %s", rr->ttl, type, rr->data) < 0) {
		return NULL;
	}
	struct json_object *json = json_object_new_string(text);
	free(text);
	return json;
}

static bool put_records(struct json_object *object, const char *key, const cg_rrs_t *rrs)
{
	struct json_object *array = json_object_new_array();
	bool ok = put(object, key, array);
	for (size_t i = 0; i < rrs->count && ok; i++) {
		ok = push(array, record_json(&rrs->list[i]));
	}
	return ok;
}

static bool push_name(struct json_object *array, const cg_flat_name_t *name)
{
	struct json_object *object = json_object_new_object();
	return push(array, object) &&
	       put(object, "owner", json_object_new_string(name->spelling)) &&
	       put(object, "rule", json_object_new_string(cg_rule_info(name->rule)->name)) &&
	       put_records(object, "cname", &name->cnames) &&
	       put_records(object, "records", &name->put) &&
	       (name->before.count == 0 || put_records(object, "before", &name->before));
}

static bool push_zone(struct json_object *array, const cg_flat_zone_t *zone)
{
	cg_store_zone_t text;
	struct json_object *object = json_object_new_object();
	return push(array, object) && cg_store_zone_text(zone->zone, text) == KNOT_EOK &&
	       put(object, "zone", json_object_new_string(text)) &&
	       put(object, "serial", json_object_new_int64(zone->serial));
}

/*! \brief NULL: out of memory. */
static struct json_object *to_json(const char *zone, const cg_flattened_t *flattened)
{
	struct json_object *root = json_object_new_object();
	struct json_object *zones = json_object_new_array(), *names = json_object_new_array();
	bool ok = root != NULL && put(root, "cnameguard", json_object_new_int(FORM)) &&
	          put(root, "zone", json_object_new_string(zone));
	ok = put(root, "depends", zones) && ok;
	ok = put(root, "names", names) && ok;
	for (size_t i = 0; i < flattened->zones_count && ok; i++) {
		ok = push_zone(zones, &flattened->zones[i]);
	}
	for (size_t i = 0; i < flattened->names_count && ok; i++) {
		ok = push_name(names, &flattened->names[i]);
	}
	if (!ok) {
		json_object_put(root);
		return NULL;
	}
	return root;
}

static int write_draft(const place_t *place, const char *text, size_t len)
{
	int fd;
	int ret = cg_store_draft_open(place->draft, &fd);
	if (ret == KNOT_EOK) {
		ret = cg_store_draft_write(fd, place->draft, text, len, 0);
	}
	if (ret == KNOT_EOK) {
		ret = cg_store_draft_close(&fd, place->draft);
	}
	if (ret == KNOT_EOK && rename(place->draft, place->path) != 0) {
		ret = cg_store_fail(place->path);
	}
	if (ret != KNOT_EOK) {
		int error = errno;
		if (fd >= 0) {
			close(fd);
		}
		(void)unlink(place->draft);
		errno = error;
		return ret;
	}
	return cg_store_sync(place->folder);
}

static int remove_file(const place_t *place)
{
	if (unlink(place->path) != 0) {
		return (errno == ENOENT || errno == ENOTDIR) ? KNOT_EOK : cg_store_fail(place->path);
	}
	return cg_store_sync(place->folder);
}

int cg_flattened_write(const char *state, const knot_dname_t *zone, const cg_flattened_t *flattened)
{
	place_t place;
	int ret = find_place(state, zone, &place);
	if (ret != KNOT_EOK || flattened->names_count == 0) {
		return (ret != KNOT_EOK) ? ret : remove_file(&place);
	}
	ret = cg_store_folders(state, place.folder, CG_STORE_GOOD);
	if (ret != KNOT_EOK) {
		return ret;
	}
	struct json_object *root = to_json(place.zone, flattened);
	size_t len = 0;
	const char *text = (root == NULL) ? NULL : json_object_to_json_string_length(
	                   root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (text == NULL) {
		errno = ENOMEM;
		ret = cg_store_fail(place.path);
	} else {
		ret = write_draft(&place, text, len);
	}
	json_object_put(root);
	return ret;
}

/* --- Reading --- */

/*! \brief The member of an object; NULL: not there, or of another type. */
static struct json_object *get(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value;
	return (json_object_is_type(object, json_type_object) &&
	        json_object_object_get_ex(object, key, &value) &&
	        json_object_is_type(value, type)) ? value : NULL;
}

static const char *get_text(struct json_object *object, const char *key)
{
	struct json_object *value = get(object, key, json_type_string);
	return (value != NULL) ? json_object_get_string(value) : NULL;
}

static bool get_name(struct json_object *object, const char *key, knot_dname_storage_t out)
{
	const char *text = get_text(object, key);
	if (text == NULL || knot_dname_from_str(out, text, sizeof(knot_dname_storage_t)) == NULL) {
		return false;
	}
	knot_dname_to_lower(out);
	return true;
}

/*! \brief Reads "300 A 192.0.2.80". */
static int add_record(struct json_object *json, cg_rrs_t *out)
{
	const char *text = json_object_is_type(json, json_type_string) ?
	                   json_object_get_string(json) : "";
	unsigned ttl;
	char type[16];
	int used = 0;
	cg_rr_t rr = { 0 };
	if (sscanf(text, "%u %15s %n", &ttl, type, &used) < 2 || used == 0 || text[used] == '\0' ||
	    knot_rrtype_from_string(type, &rr.type) != 0) {
		return KNOT_EMALF;
	}
	rr.ttl = ttl;
	rr.data = text + used;
	return cg_rrs_add(out, &rr);
}

static int get_records(struct json_object *object, const char *key, cg_rrs_t *out)
{
	struct json_object *array = get(object, key, json_type_array);
	size_t count = (array != NULL) ? json_object_array_length(array) : 0;
	int ret = KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = add_record(json_object_array_get_idx(array, i), out);
	}
	return ret;
}

static int add_name(struct json_object *object, const knot_dname_t *zone, cg_flattened_t *out)
{
	knot_dname_storage_t owner;
	const char *rule_name = get_text(object, "rule");
	cg_rule_t rule = (rule_name != NULL) ? cg_rule_by_name(rule_name) : CG_RULE__COUNT;
	if (!get_name(object, "owner", owner) || rule == CG_RULE__COUNT ||
	    knot_dname_in_bailiwick(owner, zone) < 0) {
		return KNOT_EMALF;
	}
	cg_flat_name_t *name = cg_flattened_add(out, owner, get_text(object, "owner"), rule);
	int ret = (name != NULL) ? get_records(object, "cname", &name->cnames) : KNOT_ENOMEM;
	if (ret == KNOT_EOK) {
		ret = get_records(object, "records", &name->put);
	}
	if (ret == KNOT_EOK) {
		ret = get_records(object, "before", &name->before);
	}
	bool whole = ret != KNOT_EOK || (name->cnames.count > 0 && name->put.count > 0);
	return whole ? ret : KNOT_EMALF;
}

static int add_zone(struct json_object *object, cg_flattened_t *out)
{
	knot_dname_storage_t name;
	struct json_object *serial = get(object, "serial", json_type_int);
	if (!get_name(object, "zone", name) || serial == NULL) {
		return KNOT_EMALF;
	}
	cg_flat_zone_t *zone = cg_flattened_zone(out, name);
	if (zone != NULL) {
		zone->serial = json_object_get_int64(serial);
	}
	return (zone != NULL) ? KNOT_EOK : KNOT_ENOMEM;
}

static int from_json(struct json_object *root, const place_t *place, const knot_dname_t *zone,
                     cg_flattened_t *out)
{
	struct json_object *version = get(root, "cnameguard", json_type_int);
	struct json_object *zones = get(root, "depends", json_type_array);
	struct json_object *names = get(root, "names", json_type_array);
	const char *text = get_text(root, "zone");
	if (version == NULL || json_object_get_int(version) != FORM || zones == NULL ||
	    names == NULL || text == NULL || strcmp(text, place->zone) != 0) {
		return KNOT_EMALF;
	}
	int ret = KNOT_EOK;
	for (size_t i = 0; i < json_object_array_length(zones) && ret == KNOT_EOK; i++) {
		ret = add_zone(json_object_array_get_idx(zones, i), out);
	}
	for (size_t i = 0; i < json_object_array_length(names) && ret == KNOT_EOK; i++) {
		ret = add_name(json_object_array_get_idx(names, i), zone, out);
	}
	return ret;
}

/*! \brief Reads all of a regular file; to be freed. */
static int read_text(const char *path, char **text)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		return (errno == ENOTDIR) ? KNOT_ENOENT : cg_store_fail(path);
	}
	int ret = KNOT_EOK;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SIZE_MAX_READ) {
		errno = EFBIG;
		ret = cg_store_fail(path);
	} else if ((*text = calloc(1, st.st_size + 1)) == NULL) {
		ret = cg_store_fail(path);
	} else if (pread(fd, *text, st.st_size, 0) != st.st_size) {
		ret = cg_store_malformed(path, "could not be read whole");
	}
	close(fd);
	return ret;
}

int cg_flattened_read(const char *state, const knot_dname_t *zone, cg_flattened_t *out)
{
	place_t place;
	char *text = NULL;
	*out = (cg_flattened_t){ 0 };
	int ret = find_place(state, zone, &place);
	if (ret == KNOT_EOK) {
		ret = read_text(place.path, &text);
	}
	if (ret == KNOT_EOK) {
		struct json_object *root = json_tokener_parse(text);
		ret = from_json(root, &place, zone, out);
		json_object_put(root);
		if (ret == KNOT_EMALF) {
			(void)cg_store_malformed(place.path, DAMAGED);
		} else if (ret == KNOT_ENOMEM) {
			errno = ENOMEM;
			(void)cg_store_fail(place.path);
		}
	}
	free(text);
	if (ret != KNOT_EOK) {
		cg_flattened_clear(out);
	}
	return ret;
}
