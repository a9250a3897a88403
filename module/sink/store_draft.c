/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sink/store.h"

/*! \brief Permissions: customers' data, not for everybody. */
#define FILE_MODE	0640

int cg_store_draft_open(const char *path, int *fd)
{
	*fd = -1;
	if (unlink(path) != 0 && errno != ENOENT) {
		return cg_store_fail(path);
	}
	*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	return (*fd >= 0) ? KNOT_EOK : cg_store_fail(path);
}

int cg_store_draft_write(int fd, const char *path, const char *data, size_t len, off_t offset)
{
	while (len > 0) {
		ssize_t done = pwrite(fd, data, len, offset);
		if (done < 0 && errno == EINTR) {
			continue;
		}
		if (done <= 0) {
			errno = (done == 0) ? ENOSPC : errno;
			return cg_store_fail(path);
		}
		data += done;
		len -= done;
		offset += done;
	}
	return KNOT_EOK;
}

int cg_store_draft_close(int *fd, const char *path)
{
	if (fsync(*fd) != 0) {
		return cg_store_fail(path);
	}
	int own = *fd;
	*fd = -1;
	return (close(own) == 0) ? KNOT_EOK : cg_store_fail(path);
}
