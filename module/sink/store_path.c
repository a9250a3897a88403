/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink/store.h"

/*! \brief Permissions: customers' data, not for everybody. */
#define FOLDER_MODE	0750

#define SUFFIX		".zone"
#define DRAFT		".draft"

/*! \brief Octets of a zone in the name of a file: what else a name has must fit too. */
#define ZONE_MAX	(NAME_MAX - 1 - (sizeof(DRAFT) - 1))
/*! \brief Octets of the hash at the end of one that was cut, with its mark. */
#define CUT_LEN		17

static _Thread_local char error_text[CG_STORE_ERROR_SIZE];

const char *cg_store_error(void)
{
	return error_text;
}

int cg_store_fail(const char *path)
{
	int error = errno;
	snprintf(error_text, sizeof(error_text), "%s: %s", path, strerror(error));
	errno = error;

	switch (error) {
	case ENOENT: return KNOT_ENOENT;
	case EPERM:
	case EROFS:
	case EACCES: return KNOT_EACCES;
	case ENOMEM: return KNOT_ENOMEM;
	default:     return KNOT_EFILE;
	}
}

int cg_store_malformed(const char *path, const char *reason)
{
	snprintf(error_text, sizeof(error_text), "%s: %s", path, reason);
	return KNOT_EMALF;
}

int cg_store_zone_text(const knot_dname_t *zone, cg_store_zone_t out)
{
	knot_dname_storage_t lower;
	knot_dname_copy_lower(lower, zone);
	if (knot_dname_to_str(out, lower, sizeof(cg_store_zone_t)) == NULL) {
		errno = EINVAL;
		return cg_store_fail("zone");
	}
	return KNOT_EOK;
}

int cg_store_join(char out[PATH_MAX], const char *folder, const char *name)
{
	int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
	if (len < 0 || len >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return cg_store_fail(folder);
	}
	return KNOT_EOK;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/*! \brief The zone as part of a file's name: equal ones are of one zone, but for the cut ones. */
static void zone_name(const char *zone, char out[NAME_MAX + 1])
{
	char whole[3 * sizeof(cg_store_zone_t)];
	size_t zone_len = strlen(zone), len = 0;
	/* The root has nothing before its dot. */
	size_t used = (zone_len > 1) ? zone_len - 1 : zone_len;
	for (size_t i = 0; i < used; i++) {
		bool plain = is_plain(zone[i]) && zone_len > 1;
		len += sprintf(whole + len, plain ? "%c" : "%%%02X", (unsigned char)zone[i]);
	}

	if (len <= ZONE_MAX) {
		memcpy(out, whole, len + 1);
		return;
	}
	uint64_t hash = cg_hash(CG_HASH, whole, len);
	snprintf(out, NAME_MAX + 1, "%.*s~%016" PRIx64, (int)(ZONE_MAX - CUT_LEN), whole, hash);
}

int cg_store_file_paths(const char *state, const char *zone, const char *below, const char *suffix,
                        char folder[PATH_MAX], char draft[NAME_MAX + 1], char name[NAME_MAX + 1])
{
	char zone_part[NAME_MAX + 1];
	zone_name(zone, zone_part);
	/* Cut to what they are by the zone's part anyway. */
	snprintf(name, NAME_MAX + 1, "%.*s%.5s", (int)ZONE_MAX, zone_part, suffix);
	snprintf(draft, NAME_MAX + 1, ".%.*s" DRAFT, (int)ZONE_MAX, zone_part);
	return cg_store_join(folder, state, below);
}

int cg_store_paths(const char *state, const char *zone, cg_store_kind_t kind,
                   char folder[PATH_MAX], char draft[NAME_MAX + 1], char name[NAME_MAX + 1])
{
	char zone_part[NAME_MAX + 1], below[NAME_MAX + 16];
	if (kind == CG_STORE_GOOD) {
		return cg_store_file_paths(state, zone, "good", SUFFIX, folder, draft, name);
	}
	zone_name(zone, zone_part);
	name[0] = '\0';
	strcpy(draft, DRAFT);
	snprintf(below, sizeof(below), "kept/%s", zone_part);
	return cg_store_join(folder, state, below);
}

int cg_store_sync(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some file systems have no such thing for folders. */
	bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
	int error = errno;
	if (fd >= 0) {
		close(fd);
	}
	errno = error;
	return ok ? KNOT_EOK : cg_store_fail(folder);
}

static int make_folder(const char *path)
{
	if (mkdir(path, FOLDER_MODE) != 0) {
		return (errno == EEXIST) ? KNOT_EOK : cg_store_fail(path);
	}
	char parent[PATH_MAX];
	int ret = cg_store_join(parent, path, "..");
	if (ret == KNOT_EOK) {
		ret = cg_store_sync(parent);
	}
	if (ret != KNOT_EOK) {
		int error = errno;
		(void)rmdir(path); /* The next time it is made, and synced, again. */
		errno = error;
	}
	return ret;
}

int cg_store_folders(const char *state, const char *folder, cg_store_kind_t kind)
{
	char kept[PATH_MAX];
	int ret = make_folder(state);
	if (ret == KNOT_EOK && kind == CG_STORE_ORIGINAL) {
		ret = cg_store_join(kept, state, "kept");
		if (ret == KNOT_EOK) {
			ret = make_folder(kept);
		}
	}
	return (ret == KNOT_EOK) ? make_folder(folder) : ret;
}
