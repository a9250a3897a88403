/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libknot/libknot.h>

#include "source/include.h"

static bool same_folder(const char *a, const char *b)
{
	struct stat sa, sb;
	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

char *cg_include_base(const char *file)
{
	char *named = strdup(file);
	char *real = realpath(file, NULL);
	char *base = NULL;

	if (named != NULL) {
		base = dirname(named);
		if (real != NULL) {
			char *folder = dirname(real);
			base = same_folder(base, folder) ? base : folder;
		}
		base = strdup(base);
	}
	free(real);
	free(named);
	return base;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);
	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || (len > 0 && folder[len - 1] == '/'));
}

/*! \brief Whether the folder that a path leads to is inside of another. Both exist, or false. */
static bool folder_is_inside(const char *path, const char *dir)
{
	char *copy = strdup(path);
	char *folder = (copy != NULL) ? realpath(dirname(copy), NULL) : NULL;
	bool inside = folder != NULL && (strcmp(folder, dir) == 0 || is_below(folder, dir));
	free(folder);
	free(copy);
	return inside;
}

static const char *reason(int code)
{
	switch (code) {
	case ENOENT:
	case ENOTDIR: return "there is no such file";
	case EACCES:
	case EPERM:   return "it may not be read";
	case EISDIR:  return "it is a folder";
	case ENOTSUP: return "it is no regular file";
	case ELOOP:   return "its links lead round in a loop";
	default:      return strerror(code);
	}
}

static int read_regular(const char *path, cg_text_t *out, const char **why)
{
	int ret = cg_text_read(path, false, out);
	if (ret == KNOT_ENOMEM) {
		return ret;
	}
	*why = (ret != KNOT_EOK) ? reason(errno) : NULL;
	return KNOT_EOK;
}

/*! \brief Reads what the path leads to, if that is below a folder (a real path). */
static int read_below(const char *path, const char *dir, cg_text_t *out, const char **why)
{
	char *real = realpath(path, NULL);
	int code = errno;
	int ret = KNOT_EOK;

	if (real != NULL && is_below(real, dir)) {
		ret = read_regular(real, out, why);
	} else if (real == NULL && code == ENOMEM) {
		ret = KNOT_ENOMEM;
	} else if (real == NULL && folder_is_inside(path, dir)) {
		*why = reason(code);
	} else { /* Whether it exists is nobody's business. */
		*why = "it is outside of the folder that files may be included from";
	}
	free(real);
	return ret;
}

int cg_include_read(const char *path, const char *dir, cg_text_t *out, const char **why)
{
	memset(out, 0, sizeof(*out));
	*why = NULL;

	if (dir == NULL) {
		return read_regular(path, out, why);
	}
	if (*dir == '\0') {
		*why = "no files are included here";
		return KNOT_EOK;
	}
	char *real = realpath(dir, NULL);
	if (real == NULL) {
		*why = "the folder that files may be included from cannot be read";
		return (errno == ENOMEM) ? KNOT_ENOMEM : KNOT_EOK;
	}
	int ret = read_below(path, real, out, why);
	free(real);
	return ret;
}
