/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cnameguard/scan.h"
#include "source/text.h"

/*! \brief First buffer for what does not tell its size. */
#define BUFFER_SIZE	65536
/*! \brief What has no end, like /dev/zero, has to end somewhere. */
#define STREAM_MAX	((size_t)4 << 30)

static int map_errno(void)
{
	switch (errno) {
	case ENOENT: return KNOT_ENOENT;
	case EPERM:
	case EACCES: return KNOT_EACCES;
	case ENOMEM: return KNOT_ENOMEM;
	default:     return KNOT_EFILE;
	}
}

static int fail(int code)
{
	errno = code;
	return map_errno();
}

static int check_kind(const struct stat *st, bool any)
{
	if (S_ISREG(st->st_mode) ||
	    (any && (S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode) || S_ISCHR(st->st_mode)))) {
		return KNOT_EOK;
	}
	return fail(S_ISDIR(st->st_mode) ? EISDIR : ENOTSUP);
}

/*! \brief Makes room for one octet more at least, and the zero. */
static int grow(cg_text_t *out, size_t *max)
{
	if (out->len + 1 < *max) {
		return KNOT_EOK;
	}
	if (*max > SIZE_MAX / 2) {
		return fail(ENOMEM);
	}
	char *grown = realloc(out->text, *max * 2);
	if (grown == NULL) {
		return fail(ENOMEM);
	}
	out->text = grown;
	*max *= 2;
	return KNOT_EOK;
}

/*!
 * \brief Takes all that comes.
 *
 * The scanner would map the file, and a mapped file that somebody truncates
 * meanwhile ends the process.
 */
static int read_all(int fd, const struct stat *st, cg_text_t *out)
{
	bool regular = S_ISREG(st->st_mode);
	size_t max = regular ? (size_t)st->st_size + 2 : BUFFER_SIZE;
	out->text = malloc(max);
	if (out->text == NULL) {
		return fail(ENOMEM);
	}

	while (true) {
		ssize_t got = read(fd, out->text + out->len, max - out->len - 1);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			out->text[out->len] = '\0';
			return (got == 0) ? KNOT_EOK : map_errno();
		}
		out->len += got;
		if (!regular && out->len > STREAM_MAX) {
			return fail(EFBIG);
		}
		int ret = grow(out, &max);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
}

static int read_fd(int fd, bool any, cg_text_t *out)
{
	struct stat st;
	if (fstat(fd, &st) != 0) {
		return map_errno();
	}
	int ret = check_kind(&st, any);
	if (ret == KNOT_EOK) {
		out->device = st.st_dev;
		out->inode = st.st_ino;
		out->regular = S_ISREG(st.st_mode);
		ret = read_all(fd, &st, out);
	}
	if (ret != KNOT_EOK) {
		int kept = errno;
		free(out->text);
		out->text = NULL;
		errno = kept;
	}
	return ret;
}

int cg_text_read(const char *path, bool any, cg_text_t *out)
{
	memset(out, 0, sizeof(*out));
	if (any && strcmp(path, "-") == 0) {
		return read_fd(STDIN_FILENO, any, out);
	}

	/* A device may do something when it is opened, a pipe has to be waited for. */
	struct stat st;
	if (!any && (stat(path, &st) != 0 || check_kind(&st, any) != KNOT_EOK)) {
		return map_errno();
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (any ? 0 : O_NONBLOCK));
	if (fd < 0) {
		return map_errno();
	}
	int ret = read_fd(fd, any, out);
	int kept = errno;
	close(fd);
	errno = kept;
	return ret;
}

int cg_scan_text(const char *path, char **text, size_t *len, bool *regular)
{
	cg_text_t read;
	int ret = cg_text_read(path, true, &read);
	*text = read.text;
	*len = read.len;
	if (regular != NULL) {
		*regular = read.regular;
	}
	return ret;
}
