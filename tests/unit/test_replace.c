/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that is replaced while the system fails, or ends us, at any call. */

#include "unit.h"

#include "calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/replace.h"

#define OLD "what was there\n"
#define NEW "what is to be there\n"

/* --- Calls that fail --- */

CALL(int, mkostemp, (char *path, int flags), (path, flags))
CALL(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
CALL(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
CALL(int, fchmod, (int fd, mode_t mode), (fd, mode))
CALL(int, fsync, (int fd), (fd))
CALL(int, link, (const char *from, const char *to), (from, to))
CALL(int, rename, (const char *from, const char *to), (from, to))
CALL(int, fsetxattr, (int fd, const char *name, const void *value, size_t len, int flags),
     (fd, name, value, len, flags))

/* --- A folder --- */

static char folder[256];
static char file[512];

static char *in_folder(const char *name)
{
	static char path[1024];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void assert_text(const char *path, const char *text)
{
	char got[256];
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	ssize_t len = read(fd, got, sizeof(got) - 1);
	assert_true(len >= 0);
	got[len] = '\0';
	assert_int_equal(close(fd), 0);
	assert_string_equal(got, text);
}

static size_t count_files(void)
{
	size_t count = 0;
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL; ) {
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	}
	assert_int_equal(closedir(dir), 0);
	return count;
}

static int make_folder(void **state)
{
	(void)state;
	if (unit_make_folder(folder, sizeof(folder)) != 0) {
		return -1;
	}
	snprintf(file, sizeof(file), "%s/zone", folder);
	put(file, OLD);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	DIR *dir = opendir(folder);
	for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL; ) {
		(void)unlink(in_folder(entry->d_name));
	}
	closedir(dir);
	return rmdir(folder);
}

static int stderr_kept;

/*! \brief What is said goes nowhere, until speak(). */
static void hush(void)
{
	stderr_kept = dup(STDERR_FILENO);
	int nowhere = open("/dev/null", O_WRONLY);
	assert_true(stderr_kept >= 0 && nowhere >= 0);
	assert_true(dup2(nowhere, STDERR_FILENO) >= 0);
	close(nowhere);
}

static void speak(void)
{
	assert_true(dup2(stderr_kept, STDERR_FILENO) >= 0);
	close(stderr_kept);
}

static bool replace(void)
{
	cg_replace_t it;
	assert_true(cg_replace_begin(&it, file));
	bool ok = cg_replace(&it, OLD, strlen(OLD), NEW, strlen(NEW));
	assert_int_equal(it.kept != NULL, ok);
	cg_replace_free(&it);
	return ok;
}

static void test_replace(void **state)
{
	(void)state;
	struct stat before, kept, behind;
	assert_int_equal(chmod(file, 04751), 0);
	bool has_attribute = setxattr(file, "user.cnameguard", "x", 1, 0) == 0;
	bool has_owner = chown(file, 1234, 4321) == 0; /* Root may. */
	assert_int_equal(chmod(file, 0751), 0);
	assert_int_equal(stat(file, &before), 0);

	assert_true(replace());
	assert_text(file, NEW);
	assert_text(in_folder("zone.orig"), OLD);
	assert_int_equal(stat(in_folder("zone.orig"), &kept), 0);
	assert_int_equal(kept.st_ino, before.st_ino);
	assert_int_equal(stat(file, &behind), 0);
	assert_int_not_equal(behind.st_ino, before.st_ino);
	assert_int_equal(behind.st_mode, before.st_mode);
	assert_int_equal(behind.st_uid, before.st_uid);
	assert_int_equal(behind.st_gid, before.st_gid);
	if (has_owner) {
		assert_int_equal(behind.st_uid, 1234);
	}
	if (has_attribute) {
		char value;
		assert_int_equal(getxattr(file, "user.cnameguard", &value, 1), 1);
		assert_int_equal(value, 'x');
	}
	assert_int_equal(count_files(), 2);
}

/* Whichever call fails: it is told, and all is as it was. */
static void test_failures(void **state)
{
	(void)state;
	hush();
	int n = 0;
	calls_errno = ENOSPC;
	for (bool ok = false; !ok; n++) {
		calls_left = n;
		ok = replace();
		calls_left = -1;
		assert_text(file, ok ? NEW : OLD);
		assert_int_equal(count_files(), ok ? 2 : 1);
	}
	assert_true(n > 6);
	speak();
}

/* Whenever it is killed: one or the other file is there, whole, and the old one is not lost. */
static void test_kills(void **state)
{
	(void)state;
	int n = 0, status;
	calls_die = true;
	do {
		put(file, OLD);
		(void)unlink(in_folder("zone.orig"));
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			calls_left = n;
			_exit(replace() ? 0 : 1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		char got[256];
		FILE *now = fopen(file, "r");
		assert_non_null(now);
		assert_non_null(fgets(got, sizeof(got), now));
		assert_int_equal(fclose(now), 0);
		assert_true(strcmp(got, OLD) == 0 || strcmp(got, NEW) == 0);
		if (strcmp(got, NEW) == 0) {
			assert_text(in_folder("zone.orig"), OLD);
		}
		n++;
	} while (WEXITSTATUS(status) == 99);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(n > 6);
	calls_die = false;
}

/* Old files are never overwritten. */
static void test_kept(void **state)
{
	(void)state;
	put(in_folder("zone.orig"), "a");
	put(in_folder("zone.orig.1"), "b");
	assert_int_equal(symlink("nowhere", in_folder("zone.orig.2")), 0);
	assert_true(replace());
	assert_text(in_folder("zone.orig"), "a");
	assert_text(in_folder("zone.orig.1"), "b");
	assert_text(in_folder("zone.orig.3"), OLD);
	assert_text(file, NEW);
	assert_int_equal(count_files(), 5);
}

/* A file that is another one since is left alone. */
static void test_changed(void **state)
{
	(void)state;
	hush();
	cg_replace_t it;
	struct stat st;

	/* More of it. */
	assert_true(cg_replace_begin(&it, file));
	put(file, OLD OLD);
	assert_false(cg_replace(&it, OLD, strlen(OLD), NEW, strlen(NEW)));
	cg_replace_free(&it);
	assert_text(file, OLD OLD);

	/* Other text, of the same length, at the same time. */
	put(file, OLD);
	assert_true(cg_replace_begin(&it, file));
	assert_int_equal(stat(file, &st), 0);
	put(file, "What was there\n");
	struct timespec times[] = { st.st_atim, st.st_mtim };
	assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
	assert_false(cg_replace(&it, OLD, strlen(OLD), NEW, strlen(NEW)));
	cg_replace_free(&it);
	assert_text(file, "What was there\n");

	/* The same text in another file. */
	put(file, OLD);
	assert_true(cg_replace_begin(&it, file));
	put(in_folder("other"), OLD);
	assert_int_equal(rename(in_folder("other"), file), 0);
	assert_false(cg_replace(&it, OLD, strlen(OLD), NEW, strlen(NEW)));
	cg_replace_free(&it);
	assert_text(file, OLD);

	/* None. */
	assert_true(cg_replace_begin(&it, file));
	assert_int_equal(unlink(file), 0);
	assert_false(cg_replace(&it, OLD, strlen(OLD), NEW, strlen(NEW)));
	cg_replace_free(&it);
	assert_int_equal(count_files(), 0);
	speak();
}

/* Links lead to the file that is replaced. */
static void test_links(void **state)
{
	(void)state;
	cg_replace_t it;
	struct stat st;
	char link_path[512];
	snprintf(link_path, sizeof(link_path), "%s/link", folder);
	assert_int_equal(symlink("zone", link_path), 0);
	assert_true(cg_replace_begin(&it, link_path));
	assert_true(cg_replace(&it, OLD, strlen(OLD), NEW, strlen(NEW)));
	assert_non_null(strstr(it.kept, "/zone.orig"));
	cg_replace_free(&it);
	cg_replace_free(&it); /* Does no harm. */
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_text(file, NEW);
	assert_text(in_folder("zone.orig"), OLD);
	assert_int_equal(count_files(), 3);
}

/* What is no file of text cannot be replaced. */
static void test_kinds(void **state)
{
	(void)state;
	hush();
	cg_replace_t it;
	static const char *const PATHS[] = { "/dev/null", "/", "/nowhere/at/all", "" };
	for (size_t i = 0; i < COUNT(PATHS); i++) {
		assert_false(cg_replace_begin(&it, PATHS[i]));
		cg_replace_free(&it);
	}
	char pipe_path[512];
	snprintf(pipe_path, sizeof(pipe_path), "%s/pipe", folder);
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	assert_false(cg_replace_begin(&it, pipe_path));
	cg_replace_free(&it);
	speak();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replace),
		TEST(test_failures),
		TEST(test_kills),
		TEST(test_kept),
		TEST(test_changed),
		TEST(test_links),
		TEST(test_kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
