/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/attributes.h"

/*! \brief What the system or its administrator sets by itself need not be there. */
static bool is_dispensable(const char *name)
{
	return strncmp(name, "security.", 9) == 0 || strncmp(name, "trusted.", 8) == 0;
}

static bool copy_attribute(const char *from, int to, const char *name)
{
	ssize_t len = getxattr(from, name, NULL, 0);
	if (len < 0) {
		return errno == ENODATA || is_dispensable(name);
	}
	char *value = malloc(len + 1);
	if (value == NULL) {
		errno = ENOMEM;
		return false;
	}
	len = getxattr(from, name, value, len);
	bool ok = (len >= 0 && fsetxattr(to, name, value, len, 0) == 0) || is_dispensable(name);
	int error = errno;
	free(value);
	errno = error;

	return ok;
}

static bool copy_attributes(const char *from, int to)
{
	ssize_t len = listxattr(from, NULL, 0);
	if (len <= 0) {
		return len == 0 || errno == ENOTSUP;
	}
	char *names = malloc(len + 1);
	if (names == NULL) {
		errno = ENOMEM;
		return false;
	}
	len = listxattr(from, names, len);
	bool ok = len >= 0;
	for (ssize_t at = 0; ok && at < len; at += strlen(names + at) + 1) {
		ok = copy_attribute(from, to, names + at);
	}
	int error = errno;
	free(names);
	errno = error;

	return ok;
}

bool cg_attributes_copy(const char *from, int to)
{
	struct stat old, new;
	if (stat(from, &old) != 0 || fstat(to, &new) != 0) {
		return false;
	}
	if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) &&
	    fchown(to, old.st_uid, old.st_gid) != 0) {
		return false;
	}
	/* The mode comes last: a list of access changes it. */
	return copy_attributes(from, to) && fchmod(to, old.st_mode & 07777) == 0;
}
