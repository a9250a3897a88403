/* SPDX-License-Identifier: GPL-2.0-or-later */

/* To be loaded before libc (LD_PRELOAD): lets calls that change files below a
 * folder fail, as a file that is shared with the test says (faults.py). */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*! \brief What is shared, octet for octet as in faults.py. */
typedef struct {
	atomic_uint first;    /*!< The call that fails, counted from 1; 0: none. */
	atomic_uint all;      /*!< Not 0: all from there on. */
	atomic_uint error;    /*!< Value of errno. */
	atomic_uint halves;   /*!< Not 0: a write writes half of its octets first. */
	atomic_uint writes;   /*!< Not 0: only writes count. */
	atomic_uint stalls;   /*!< Not 0: nothing fails, the calls wait until \a first is 0; reading a file counts too. */
	atomic_uint calls;    /*!< Counted so far. */
	atomic_uint fired;    /*!< How many of them failed. */
	char below[1024];     /*!< Path of the folder or file. */
	char what[1024];      /*!< The call that failed last, and its path. */
} faults_t;

static faults_t *faults;

__attribute__((constructor)) static void attach(void)
{
	const char *path = getenv("CNAMEGUARD_FAULTS");
	int fd = (path != NULL) ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *shared = (fd >= 0) ? mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED,
	                                fd, 0) : MAP_FAILED;
	if (shared == MAP_FAILED) {
		abort(); /* Loaded for nothing. */
	}
	close(fd);
	faults = shared;
}

static bool is_below(const char *path)
{
	size_t len = strlen(faults->below);
	return len > 0 && strncmp(path, faults->below, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/');
}

/*! \brief Counts the call; true: it has to fail, and errno is set. */
static bool fails(const char *call, const char *path)
{
	if (faults == NULL || !is_below(path) ||
	    (faults->writes && strstr(call, "write") == NULL)) {
		return false;
	}
	unsigned number = atomic_fetch_add(&faults->calls, 1) + 1, first = faults->first;
	if (first == 0 || number < first || (number > first && !faults->all)) {
		return false;
	}
	snprintf(faults->what, sizeof(faults->what), "%s %s", call, path);
	atomic_fetch_add(&faults->fired, 1);
	const struct timespec nap = { .tv_nsec = 1000000 };
	while (faults->stalls && faults->first != 0) {
		(void)nanosleep(&nap, NULL);
	}
	errno = faults->error;
	return !faults->stalls;
}

static bool fails_fd(const char *call, int fd)
{
	char link[64], path[PATH_MAX];
	int error = errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, sizeof(path) - 1);
	errno = error;
	if (len < 0) {
		return false;
	}
	path[len] = '\0';
	return fails(call, path);
}

#define REAL(name)	__typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/*! \brief The mode behind the flags, where there is one. */
#define GET_MODE(flags, mode) \
	mode_t mode = 0; \
	if ((flags) & O_CREAT) { \
		va_list args; \
		va_start(args, flags); \
		mode = va_arg(args, mode_t); \
		va_end(args); \
	}

static bool open_fails(const char *path, int flags)
{
	int counts = O_WRONLY | O_RDWR | O_CREAT | O_DIRECTORY;
	counts |= (faults != NULL && faults->stalls) ? O_NONBLOCK : 0; /* As the guard reads a zone file, and Knot does not. */
	return (flags & counts) != 0 && fails("open", path);
}

int open(const char *path, int flags, ...)
{
	REAL(open);
	GET_MODE(flags, mode);
	return open_fails(path, flags) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	REAL(open64);
	GET_MODE(flags, mode);
	return open_fails(path, flags) ? -1 : real(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	REAL(openat);
	GET_MODE(flags, mode);
	return open_fails(path, flags) ? -1 : real(dir, path, flags, mode);
}

ssize_t write(int fd, const void *data, size_t len)
{
	REAL(write);
	if (!fails_fd("write", fd)) {
		return real(fd, data, len);
	}
	return (faults->halves && len > 1) ? real(fd, data, len / 2) : -1;
}

static bool pwrite_fails(int fd, size_t *len)
{
	if (!fails_fd("pwrite", fd)) {
		return false;
	}
	*len = (faults->halves && *len > 1) ? *len / 2 : 0;
	return *len == 0;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	REAL(pwrite);
	return pwrite_fails(fd, &len) ? -1 : real(fd, data, len, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
	REAL(pwrite64);
	return pwrite_fails(fd, &len) ? -1 : real(fd, data, len, offset);
}

int fsync(int fd)
{
	REAL(fsync);
	return fails_fd("fsync", fd) ? -1 : real(fd);
}

int fdatasync(int fd)
{
	REAL(fdatasync);
	return fails_fd("fdatasync", fd) ? -1 : real(fd);
}

int ftruncate(int fd, off_t len)
{
	REAL(ftruncate);
	return fails_fd("ftruncate", fd) ? -1 : real(fd, len);
}

int rename(const char *from, const char *to)
{
	REAL(rename);
	return fails("rename", to) ? -1 : real(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	REAL(renameat);
	return fails("rename", to) ? -1 : real(from_dir, from, to_dir, to);
}

int link(const char *from, const char *to)
{
	REAL(link);
	return fails("link", to) ? -1 : real(from, to);
}

int unlink(const char *path)
{
	REAL(unlink);
	return fails("unlink", path) ? -1 : real(path);
}

int mkdir(const char *path, mode_t mode)
{
	REAL(mkdir);
	return fails("mkdir", path) ? -1 : real(path, mode);
}
