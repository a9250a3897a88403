/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cnameguard/file.h"
#include "sink/store.h"

/*! \brief Octets read at a time. */
#define PIECE_SIZE	65536

static const char DAMAGED[] = "is damaged: not what was written, or of another zone";

/*! \brief Opens a regular file, never waits. -1: errno says why. */
static int open_file(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		return -1;
	}
	int error = (fstat(fd, st) != 0) ? errno : S_ISREG(st->st_mode) ? 0 : ENOTSUP;
	if (error != 0) {
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/*! \brief Reads up to \a len octets; fewer are there only at the end. -1: errno says why. */
static ssize_t read_piece(int fd, char *out, size_t len)
{
	size_t got = 0;
	while (got < len) {
		ssize_t more = read(fd, out + got, len - got);
		if (more < 0 && errno == EINTR) {
			continue;
		}
		if (more < 0) {
			return -1;
		}
		if (more == 0) {
			break;
		}
		got += more;
	}
	return got;
}

/*! \brief Reads what is behind the first lines. False: errno says why. */
static bool read_contents(int fd, size_t len, char *text, size_t *got, uint64_t *hash)
{
	static const size_t most = PIECE_SIZE;
	char own[PIECE_SIZE];
	*got = 0;
	*hash = CG_HASH;
	while (*got < len) {
		char *piece = (text != NULL) ? text + *got : own;
		ssize_t more = read_piece(fd, piece, (len - *got < most) ? len - *got : most);
		if (more <= 0) {
			return more == 0;
		}
		*hash = cg_hash(*hash, piece, more);
		*got += more;
	}
	return true;
}

/*! \brief Reads an open file of that size. False: errno says why. */
static bool read_file(int fd, size_t size, const char *zone, bool deep, cg_stored_t *stored,
                      char *text, size_t *len)
{
	char head[CG_STORE_HEAD_MAX];
	ssize_t got = pread(fd, head, sizeof(head), 0);
	if (got < 0) {
		return false;
	}
	size_t head_len = cg_store_head_read(head, got, zone, stored);
	stored->damaged = head_len == 0 || head_len + stored->octets != size;
	if (text == NULL && (stored->damaged || !deep)) {
		return true;
	}

	size_t contents;
	uint64_t hash;
	ssize_t first = read_piece(fd, head, head_len);
	if (first < 0) {
		return false;
	}
	if (text != NULL) {
		memcpy(text, head, first);
	}
	if (!read_contents(fd, size - first, (text != NULL) ? text + first : NULL, &contents, &hash)) {
		return false;
	}
	*len = first + contents;
	stored->damaged |= (size_t)first != head_len || contents != stored->octets ||
	                   hash != stored->contents;
	return true;
}

int cg_store_check(cg_stored_t *stored, const char *zone, bool deep, char **text, size_t *len)
{
	struct stat st;
	size_t unused;
	stored->damaged = true;
	int fd = open_file(stored->path, &st);
	if (fd < 0) {
		return cg_store_fail(stored->path);
	}

	char *whole = NULL;
	bool ok = text == NULL || (whole = malloc((size_t)st.st_size + 1)) != NULL;
	ok = ok && read_file(fd, st.st_size, zone, deep, stored, whole,
	                     (len != NULL) ? len : &unused);
	int ret = ok ? KNOT_EOK : cg_store_fail(stored->path);
	close(fd);
	if (ret != KNOT_EOK) {
		free(whole);
	} else if (text != NULL) {
		whole[*len] = '\0';
		*text = whole;
	}
	return ret;
}

static int say_damaged(const cg_stored_t *stored)
{
	return stored->damaged ? cg_store_malformed(stored->path, DAMAGED) : KNOT_EOK;
}

int cg_store_good(const char *state, const knot_dname_t *zone, cg_stored_t *out)
{
	char folder[PATH_MAX], draft[NAME_MAX + 1];
	cg_store_zone_t text;
	memset(out, 0, sizeof(*out));
	int ret = cg_store_zone_text(zone, text);
	if (ret == KNOT_EOK) {
		ret = cg_store_paths(state, text, CG_STORE_GOOD, folder, draft, out->name);
	}
	if (ret == KNOT_EOK) {
		ret = cg_store_join(out->path, folder, out->name);
	}
	if (ret == KNOT_EOK) {
		ret = cg_store_check(out, text, true, NULL, NULL);
	}
	if (ret == KNOT_EOK && out->kind != CG_STORE_GOOD) {
		out->damaged = true;
	}
	return (ret == KNOT_EOK) ? say_damaged(out) : ret;
}

int cg_store_text(const cg_stored_t *stored, const knot_dname_t *zone, char **text, size_t *len)
{
	cg_stored_t found = *stored;
	cg_store_zone_t zone_text;
	*text = NULL;
	int ret = cg_store_zone_text(zone, zone_text);
	if (ret == KNOT_EOK) {
		ret = cg_store_check(&found, zone_text, true, text, len);
	}
	return (ret == KNOT_EOK) ? say_damaged(&found) : ret;
}

static void keep_first(const cg_scan_error_t *error, void *ctx)
{
	bool *first = ctx;
	if (*first) {
		char reason[256];
		snprintf(reason, sizeof(reason), "line %u: %s", error->line, error->reason);
		(void)cg_store_malformed(error->file, reason);
	}
	*first = false;
}

int cg_store_read(const cg_stored_t *stored, const knot_dname_t *zone, cg_zone_t **out)
{
	char *text;
	size_t len;
	bool fine = true;
	*out = NULL;
	int ret = cg_store_text(stored, zone, &text, &len);
	if (ret == KNOT_EOK) {
		const cg_scan_t how = {
			.file = stored->path,
			.text = text,
			.len = len,
			.origin = zone,
			.include_dir = "",
			.error = keep_first,
			.ctx = &fine,
		};
		ret = cg_file_zone(&how, out, NULL);
		if (ret != KNOT_EOK) {
			errno = (ret == KNOT_ENOMEM) ? ENOMEM : EINVAL;
			ret = cg_store_fail(stored->path);
		}
	}
	free(text);
	if (!fine) {
		cg_zone_free(*out);
		*out = NULL;
		ret = (ret == KNOT_EOK) ? KNOT_EMALF : ret;
	}
	return ret;
}
