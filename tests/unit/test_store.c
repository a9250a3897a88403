/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stored versions: what is written is read again, and nothing else is. */

#define UNIT_FAIL_ALLOC

#include "unit.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cnameguard/store.h"

/* --- Calls that fail, and a clock --- */

static int calls_left = -1;  /*!< That many are made, the next fails; -1: all are made. */
static bool calls_die;       /*!< The next is the last of the process. */
static int calls_errno;
static time_t clock_now = 1795435994; /*!< 2026-11-23T12:13:14Z */

static bool call_fails(void)
{
	if (calls_left < 0 || calls_left-- > 0) {
		return false;
	}
	if (calls_die) {
		_exit(99);
	}
	errno = calls_errno;
	return true;
}

/*! \brief A call of the C library that can be made to fail. */
#define CALL(type, name, params, args) \
	type name params; \
	type name params \
	{ \
		static type (*real) params; \
		if (real == NULL) { \
			real = (type (*) params)dlsym(RTLD_NEXT, #name); \
		} \
		return call_fails() ? -1 : real args; \
	}

CALL(ssize_t, pwrite, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at))
CALL(int, fsync, (int fd), (fd))
CALL(int, rename, (const char *from, const char *to), (from, to))
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode))

time_t time(time_t *out)
{
	if (out != NULL) {
		*out = clock_now;
	}
	return clock_now;
}

/* --- A folder --- */

static char folder[256];
static char state[512];

static const char *in_state(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *in_state(const char *format, ...)
{
	static char path[4][1024];
	static unsigned next;
	char *out = path[next++ % 4];
	int len = snprintf(out, sizeof(path[0]), "%s/", state);
	va_list args;
	va_start(args, format);
	vsnprintf(out + len, sizeof(path[0]) - len, format, args);
	va_end(args);
	return out;
}

static int make_folder(void **unused)
{
	(void)unused;
	if (unit_make_folder(folder, sizeof(folder)) != 0) {
		return -1;
	}
	snprintf(state, sizeof(state), "%s/state", folder);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	return remove(path);
}

static int remove_folder(void **unused)
{
	(void)unused;
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- Round trips --- */

static knot_dname_t *name_of(const char *text)
{
	return unit_name(text);
}

/*! \brief Stores a zone, reads it again, and finds the same records. */
static void round_trip(const char *origin, const char *text, cg_store_kind_t kind)
{
	cg_stored_t stored, found;
	cg_zone_t *zone = unit_zone(origin, text), *again;
	knot_dname_t *name = name_of(origin);
	assert_int_equal(cg_store_zone(state, zone, kind, "a reason", 10, &stored), KNOT_EOK);
	if (kind == CG_STORE_GOOD) {
		assert_int_equal(cg_store_good(state, name, &found), KNOT_EOK);
	} else {
		cg_stored_t *list;
		size_t count, damaged;
		assert_int_equal(cg_store_list(state, name, &list, &count, &damaged), KNOT_EOK);
		assert_int_equal(count, 1);
		assert_int_equal(damaged, 0);
		found = list[0];
		free(list);
	}
	assert_memory_equal(&found, &stored, sizeof(found));
	assert_string_equal(found.reason, "a reason");
	assert_int_equal(found.records, cg_zone_records(zone));
	assert_int_equal(found.time, clock_now);
	assert_int_equal(cg_store_read(&found, name, &again), KNOT_EOK);

	char *before = unit_dump_zone(zone), *behind = unit_dump_zone(again);
	assert_string_equal(behind, before);
	free(before);
	free(behind);
	cg_zone_free(zone);
	cg_zone_free(again);
	knot_dname_free(name, NULL);
}

static void test_round_trip(void **unused)
{
	(void)unused;
	round_trip(ORIGIN, BASE, CG_STORE_GOOD);
	round_trip(ORIGIN, BASE, CG_STORE_ORIGINAL);
	struct stat st;
	assert_int_equal(stat(in_state("kept/example.com"), &st), 0);
	assert_int_equal(stat(in_state("good/example.com.zone"), &st), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
