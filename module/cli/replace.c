/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/attributes.h"
#include "cli/replace.h"
#include "cli/say.h"

/*! \brief Old files that may be kept beside each other. */
#define KEPT_MAX 10000

/*! \brief The new file on its way. */
typedef struct {
	cg_replace_t *replace;
	char *temp;        /*!< Path of the new file. */
	char *kept;        /*!< Path of the old one's second name. */
	bool has_temp;
	bool has_kept;
	int fd;            /*!< Of the new file. */
	const char *what;  /*!< What failed; errno says why. */
	bool is_in_place;  /*!< It failed when the new file was there. */
} work_t;

static bool failed(work_t *work, const char *what)
{
	work->what = what;
	return false;
}

bool cg_replace_begin(cg_replace_t *replace, const char *file)
{
	memset(replace, 0, sizeof(*replace));
	replace->file = file;
	replace->path = realpath(file, NULL);
	if (replace->path == NULL) {
		cg_say_at(file, 0, "error", "cannot be read (%m)");
		return false;
	}
	cg_file_identify(replace->path, &replace->id);
	if (!replace->id.exists) {
		cg_say_at(file, 0, "error", "is not a regular file, it cannot be replaced");
		return false;
	}
	if (access(replace->path, W_OK) != 0) {
		cg_say_at(file, 0, "error", "is protected against writing (%m)");
		return false;
	}
	return true;
}

/*! \brief The name of the old file as people would write it. */
static char *shown(const cg_replace_t *replace, const char *kept)
{
	const char *file = replace->file;
	struct stat st;
	char *name = NULL;
	if (lstat(file, &st) != 0 || S_ISLNK(st.st_mode)) {
		return strdup(kept);
	}
	return (asprintf(&name, "%s%s", file, kept + strlen(replace->path)) >= 0) ? name : NULL;
}

void cg_replace_free(cg_replace_t *replace)
{
	free(replace->path);
	free(replace->kept);
	memset(replace, 0, sizeof(*replace));
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, text, len);
		if (done < 0 && errno == EINTR) {
			continue;
		}
		if (done <= 0) {
			errno = (done == 0) ? ENOSPC : errno;
			return false;
		}
		text += done;
		len -= done;
	}
	return true;
}

/*! \brief Writes the new file beside the old one. */
static bool write_temp(work_t *work, const char *text, size_t len)
{
	const char *path = work->replace->path;
	int folder_len = strrchr(path, '/') + 1 - path;
	if (asprintf(&work->temp, "%.*s.cnameguard-XXXXXX", folder_len, path) < 0) {
		work->temp = NULL;
		errno = ENOMEM;
		return failed(work, "no new file can be made");
	}
	work->fd = mkostemp(work->temp, O_CLOEXEC);
	if (work->fd < 0) {
		return failed(work, "no new file can be made beside it");
	}
	work->has_temp = true;
	if (!write_all(work->fd, text, len)) {
		return failed(work, "the new file cannot be written");
	}
	if (!cg_attributes_copy(path, work->fd)) {
		return failed(work, "the new file cannot be given its owner, mode and attributes");
	}
	int fd = work->fd;
	if (fsync(fd) != 0) {
		return failed(work, "the new file cannot be written");
	}
	work->fd = -1;
	if (close(fd) != 0) {
		return failed(work, "the new file cannot be written");
	}
	return true;
}

/*! \brief Gives the old file a second name, the first that is free. */
static bool keep_old(work_t *work)
{
	const char *path = work->replace->path;
	for (unsigned i = 0; i < KEPT_MAX; i++) {
		char number[16] = "";
		if (i > 0) {
			snprintf(number, sizeof(number), ".%u", i);
		}
		free(work->kept);
		if (asprintf(&work->kept, "%s.orig%s", path, number) < 0) {
			work->kept = NULL;
			errno = ENOMEM;
			break;
		}
		if (link(path, work->kept) == 0) {
			work->has_kept = true;
			return true;
		}
		if (errno != EEXIST) {
			break;
		}
	}
	return failed(work, "the old file cannot be kept beside it");
}

/*! \brief Whether it is still the file, and the text, that was read. */
static bool is_unchanged(work_t *work, const char *old, size_t old_len)
{
	cg_file_id_t id;
	char *text = NULL;
	size_t len;
	cg_file_identify(work->replace->path, &id);
	bool same = cg_file_same(&id, &work->replace->id) &&
	            cg_scan_text(work->replace->path, &text, &len, NULL) == KNOT_EOK &&
	            len == old_len && memcmp(text, old, len) == 0;
	free(text);
	if (!same) {
		errno = 0;
		return failed(work, "somebody has changed it since it was read");
	}
	return true;
}

static bool sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = (copy != NULL) ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	/* Some file systems have no such thing for folders. */
	bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
	int error = errno;
	if (fd >= 0) {
		close(fd);
	}
	free(copy);
	errno = error;

	return ok;
}

static bool put_in_place(work_t *work)
{
	const char *path = work->replace->path;
	if (rename(work->temp, path) != 0) {
		return failed(work, "the new file cannot be put in its place");
	}
	work->has_temp = false;
	if (!sync_folder(path)) {
		int error = errno;
		work->is_in_place = rename(work->kept, path) != 0;
		work->has_kept = false; /* Not to be taken away in either case. */
		errno = error;
		return failed(work, "the new file cannot be put in its place for good");
	}
	return true;
}

/*! \brief Says what failed, and takes back what was done. */
static void take_back(work_t *work)
{
	int error = errno;
	if (work->fd >= 0) {
		close(work->fd);
	}
	if (work->has_temp) {
		unlink(work->temp);
	}
	if (work->has_kept) {
		unlink(work->kept);
	}
	cg_say_at(work->replace->file, 0, "error", "%s%s%s%s%s%s", work->what,
	          (error != 0) ? " (" : "", (error != 0) ? strerror(error) : "",
	          (error != 0) ? ")" : "", work->is_in_place ? "; the old file is " :
	          "; it is left as it was", work->is_in_place ? work->kept : "");
}

bool cg_replace(cg_replace_t *replace, const char *old, size_t old_len, const char *text,
                size_t len)
{
	/* Nobody who wants to end us leaves half of it behind; a limit is an error like others. */
	sigset_t ends, before;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ends, &before);
	void (*limit)(int) = signal(SIGXFSZ, SIG_IGN);

	work_t work = { .replace = replace, .fd = -1 };
	bool ok = write_temp(&work, text, len) && keep_old(&work) &&
	          is_unchanged(&work, old, old_len) && put_in_place(&work);
	if (ok) {
		replace->kept = shown(replace, work.kept);
	} else {
		take_back(&work);
	}
	free(work.temp);
	free(work.kept);

	signal(SIGXFSZ, limit);
	sigprocmask(SIG_SETMASK, &before, NULL);

	return ok;
}
