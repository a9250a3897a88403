/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zone files: what is read, from which line, and what is said where they cannot be read. */

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "cnameguard/file.h"

#define SOA "@ 3600 SOA ns1 admin 7 7200 900 1209600 300\n"
/*! \brief A user who owns nothing here. */
#define NOBODY	65534

static char folder[64];

static char *in_folder(const char *name)
{
	char *path;
	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static char *write_file(const char *name, const char *text)
{
	char *path = in_folder(name);
	write_bytes(path, text, strlen(text));
	return path;
}

static int read_file(const char *path, cg_zone_t **zone, cg_file_report_t *report)
{
	knot_dname_t *origin = unit_name(ORIGIN);
	int ret = cg_file_read(path, origin, zone, report);
	assert_int_equal(ret == KNOT_EOK, *zone != NULL);
	knot_dname_free(origin, NULL);
	return ret;
}

/*! \brief "owner ttl type data name-of-file:line" for each record, in canonical order. */
static int dump_name(const cg_name_t *name, void *ctx)
{
	for (size_t i = 0; i < name->count; i++) {
		const cg_rr_t *rr = &name->rr[i];
		assert_non_null(rr->file);
		assert_memory_equal(rr->file, folder, strlen(folder));
		unit_add(ctx, "%s %u %s %s %s:%u\n", name->spelling, rr->ttl, unit_type(rr->type),
		         rr->data, rr->file + strlen(folder) + 1, rr->line);
	}
	return KNOT_EOK;
}

static char *dump(const cg_zone_t *zone)
{
	unit_text_t text = { 0 };
	assert_int_equal(cg_zone_walk(zone, dump_name, &text), KNOT_EOK);
	return unit_take(&text);
}

/*! \brief Reads a file; the dump has to be \a expected, and so the first error (NULL: none). */
static void check(const char *text, const char *expected, const char *error)
{
	char *path = write_file("db", text);
	cg_zone_t *zone;
	cg_file_report_t report;
	assert_int_equal(read_file(path, &zone, &report), KNOT_EOK);

	char *found = dump(zone);
	assert_string_equal(found, expected);
	free(found);
	if ((report.errors > 0) != (error != NULL)) {
		fail_msg("%s: %s", text, report.first);
	}
	if (error != NULL) {
		char whole[512];
		snprintf(whole, sizeof(whole), "%s/%s", folder, error);
		assert_string_equal(report.first, whole);
	}
	cg_zone_free(zone);
	free(path);
}

static const struct {
	const char *text;
	const char *expected;
	const char *error; /*!< Where and why; NULL: none. */
} T[] = {
	{ "", "", NULL },
	{ "; nothing but a comment\n\n", "", NULL },
	{ SOA, "example.com. 3600 SOA ns1.example.com. admin.example.com. 7 7200 900 1209600 300 db:1\n",
	  NULL },

	/* A record that goes over several lines ends on its last. */
	{ "@ 3600 SOA ns1 admin (\n\t7 ; serial\n\t7200 900\n\t1209600 300 )\nwww 60 A 192.0.2.1\n",
	  "example.com. 3600 SOA ns1.example.com. admin.example.com. 7 7200 900 1209600 300 db:4\n"
	  "www.example.com. 60 A 192.0.2.1 db:5\n", NULL },
	{ "t 1 TXT ( \"a\"\n\n ; b\n \"c d\" )\n", "t.example.com. 1 TXT \"a\" \"c d\" db:4\n", NULL },
	{ "a 1 A 192.0.2.1\n\n\n  1 AAAA 2001:db8::1\n",
	  "a.example.com. 1 A 192.0.2.1 db:1\n"
	  "a.example.com. 1 AAAA 2001:db8::1 db:4\n", NULL },

	/* No newline at the end. */
	{ "a 1 A 192.0.2.1", "a.example.com. 1 A 192.0.2.1 db:1\n", NULL },
	/* Lines that end as on other systems: Knot takes no such file. */
	{ "a 1 A 192.0.2.1\r\nb 1 A 192.0.2.2\n",
	  "a.example.com. 1 A 192.0.2.1 db:1\nb.example.com. 1 A 192.0.2.2 db:2\n",
	  "db:1: lines of this file end as on Windows (CR LF), which Knot does not read; "
	  "convert it, by dos2unix for example" },

	/* TTLs; where the file gives none, Knot's 3600. */
	{ "a A 192.0.2.1\n", "a.example.com. 3600 A 192.0.2.1 db:1\n", NULL },
	{ "a A 192.0.2.1\n$TTL 5m\nb A 192.0.2.1\nc 7 A 192.0.2.1\nd 1h A 192.0.2.1\n",
	  "a.example.com. 3600 A 192.0.2.1 db:1\nb.example.com. 300 A 192.0.2.1 db:3\n"
	  "c.example.com. 7 A 192.0.2.1 db:4\nd.example.com. 3600 A 192.0.2.1 db:5\n", NULL },

	/* The origin of the lines may change, the zone's does not. */
	{ "$ORIGIN sub.example.com.\n@ 1 A 192.0.2.1\n$ORIGIN deep.example.com.\nx 1 A 192.0.2.2\n",
	  "x.deep.example.com. 1 A 192.0.2.2 db:4\nsub.example.com. 1 A 192.0.2.1 db:2\n", NULL },
	{ "$ORIGIN sub\nx 1 A 192.0.2.2\n", "x.example.com. 1 A 192.0.2.2 db:2\n",
	  "db:1: $ORIGIN wants an absolute name, one that ends with a dot: \"sub\"" },

	/* Other classes are left out; the scanner knows none. */
	{ "a 1 IN A 192.0.2.1\na 1 CH TXT \"x\"\nb 1 CH A 192.0.2.2\nc IN 1 A 192.0.2.3\n",
	  "a.example.com. 1 A 192.0.2.1 db:1\nc.example.com. 1 A 192.0.2.3 db:4\n",
	  "db:2: class CH: Knot reads records of class IN only" },

	/* Types that have no name yet. */
	{ "a 1 TYPE65280 \\# 2 abcd\n", "a.example.com. 1 TYPE65280 \\# 2 ABCD db:1\n", NULL },

	/* The spelling of an owner, of several that of the first line. */
	{ "WwW 1 CNAME Web\nwww 1 A 192.0.2.1\n",
	  "WwW.example.com. 1 A 192.0.2.1 db:2\nWwW.example.com. 1 CNAME Web.example.com. db:1\n",
	  NULL },
	{ "a 1 A 192.0.2.1\na 1 A 192.0.2.1\n", "a.example.com. 1 A 192.0.2.1 db:1\n", NULL },

	/* A syntax error costs its record only. */
	{ "a 1 A 192.0.2.1\nb 1 A 192.0.2\nc 1 A 192.0.2.3\n",
	  "a.example.com. 1 A 192.0.2.1 db:1\nc.example.com. 1 A 192.0.2.3 db:3\n",
	  "db:2: invalid IPv4 address: \"192.0.2\"" },
	{ "a 1 A x\nb 1 A y\nc 1 A 192.0.2.3\n", "c.example.com. 1 A 192.0.2.3 db:3\n",
	  "db:1: invalid address character: \"x\"" },
	{ "a 1 NOTYPE x\nc 1 A 192.0.2.3\n", "c.example.com. 1 A 192.0.2.3 db:2\n",
	  "db:1: \"NOTYPE\" is no record type that Knot knows" },
	{ "a 1 MX 70000 m\nc 1 A 192.0.2.3\n", "c.example.com. 1 A 192.0.2.3 db:2\n",
	  "db:1: number is bigger than 16 bits: \"70000\"" },

	/* And so does a wrong directive, at which libzscanner ends. */
	{ "b 1 A 192.0.2.2\n$BAD x\nc 1 A 192.0.2.3\n",
	  "b.example.com. 1 A 192.0.2.2 db:1\nc.example.com. 1 A 192.0.2.3 db:3\n",
	  "db:2: unknown directive $BAD; there are $ORIGIN, $TTL and $INCLUDE" },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(T); i++) {
		check(T[i].text, T[i].expected, T[i].error);
	}
}

static void test_error_count(void **state)
{
	(void)state;
	char *path = write_file("db", "a 1 A x\nb 1 A y\nc 1 A 192.0.2.3\nd 1 A z\n");
	cg_zone_t *zone;
	cg_file_report_t report;
	assert_int_equal(read_file(path, &zone, &report), KNOT_EOK);
	assert_int_equal(report.errors, 3);
	assert_int_equal(cg_zone_records(zone), 1);
	cg_zone_free(zone);
	free(path);
}

/*! \brief A parenthesis that is never closed: what stands before and behind it is read. */
static void test_open_end(void **state)
{
	(void)state;
	char *path = write_file("db", "a 1 A 192.0.2.1\nb 1 TXT ( \"x\"\nc 1 A 192.0.2.3\n");
	cg_zone_t *zone;
	cg_file_report_t report;
	assert_int_equal(read_file(path, &zone, &report), KNOT_EOK);
	assert_int_equal(report.errors, 1);
	assert_int_equal(cg_zone_records(zone), 2);
	cg_zone_free(zone);
	free(path);
}

static void test_include(void **state)
{
	(void)state;
	char *hosts = write_file("hosts", "\nh 1 A 192.0.2.1\n$INCLUDE deeper\n");
	char *deeper = write_file("deeper", "$TTL 9\nd A 192.0.2.9\n");
	check("$INCLUDE hosts\na 1 A 192.0.2.2\n$INCLUDE hosts sub.example.com.\nb A 192.0.2.3\n",
	      "a.example.com. 1 A 192.0.2.2 db:2\n"
	      "b.example.com. 3600 A 192.0.2.3 db:4\n"
	      "d.example.com. 9 A 192.0.2.9 deeper:2\n"
	      "h.example.com. 1 A 192.0.2.1 hosts:2\n"
	      "d.sub.example.com. 9 A 192.0.2.9 deeper:2\n"
	      "h.sub.example.com. 1 A 192.0.2.1 hosts:2\n", NULL);
	free(hosts);
	free(deeper);
}

/*! \brief An error is reported where it is, a file that is not there where it is named. */
static void test_include_errors(void **state)
{
	(void)state;
	char *hosts = write_file("hosts", "h 1 A 192.0.2.1\ni 1 A x\nj 1 A 192.0.2.2\n");
	check("a 1 A 192.0.2.2\n$INCLUDE hosts\n",
	      "a.example.com. 1 A 192.0.2.2 db:1\nh.example.com. 1 A 192.0.2.1 hosts:1\n"
	      "j.example.com. 1 A 192.0.2.2 hosts:3\n", "hosts:2: invalid address character: \"x\"");
	free(hosts);

	char *nowhere = in_folder("nowhere");
	char *why;
	assert_true(asprintf(&why, "db:2: %s cannot be included: there is no such file", nowhere) > 0);
	check("a 1 A 192.0.2.2\n$INCLUDE nowhere\nb 1 A 192.0.2.3\n",
	      "a.example.com. 1 A 192.0.2.2 db:1\nb.example.com. 1 A 192.0.2.3 db:3\n", why);
	free(why);
	free(nowhere);
}

/*! \brief A file does not include itself. */
static void test_include_loop(void **state)
{
	(void)state;
	char *loop = write_file("loop", "l 1 A 192.0.2.1\n$INCLUDE loop\nm 1 A 192.0.2.2\n");
	cg_zone_t *zone;
	cg_file_report_t report;

	assert_int_equal(read_file(loop, &zone, &report), KNOT_EOK);
	assert_int_equal(report.errors, 1);
	assert_int_equal(cg_zone_records(zone), 2);
	cg_zone_free(zone);
	free(loop);
}

static void test_outside(void **state)
{
	(void)state;
	char *path = write_file("db", "a 1 A 192.0.2.1\nb.example.net. 1 A 192.0.2.2\n"
	                        "com. 1 A 192.0.2.3\n. 1 A 192.0.2.4\nxexample.com. 1 A 192.0.2.5\n");
	cg_zone_t *zone;
	cg_file_report_t report;
	assert_int_equal(read_file(path, &zone, &report), KNOT_EOK);
	assert_int_equal(report.errors, 0);
	assert_int_equal(cg_zone_records(zone), 1);
	assert_int_equal(cg_zone_outside(zone), 4);
	cg_zone_free(zone);
	free(path);
}

/*! \brief Data that is larger than the buffer that the reader begins with. */
static void test_large_data(void **state)
{
	(void)state;
	unit_text_t text = { 0 };
	unit_add(&text, "t 1 TXT");
	for (unsigned i = 0; i < 230; i++) {
		unit_add(&text, " \"%0250u\"", i);
	}
	unit_add(&text, "\na 1 A 192.0.2.1\n");
	char *path = write_file("db", unit_take(&text));
	free(text.str);

	cg_zone_t *zone;
	cg_file_report_t report;
	assert_int_equal(read_file(path, &zone, &report), KNOT_EOK);
	assert_int_equal(report.errors, 0);
	knot_dname_t *owner = unit_name("t.example.com.");
	cg_name_t name;
	assert_int_equal(cg_zone_find(zone, owner, &name), KNOT_EOK);
	assert_int_equal(name.count, 1);
	assert_int_equal(strlen(name.rr[0].data), 230 * 253 - 1);
	knot_dname_free(owner, NULL);
	cg_zone_free(zone);
	free(path);
}

static void test_not_readable(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int expected;
	} R[] = {
		{ "nowhere", KNOT_ENOENT },
		{ "nowhere/db", KNOT_ENOENT },
		{ "", KNOT_EFILE },      /* A folder. */
		{ "db/db", KNOT_EFILE }, /* Below a file. */
		{ "loop1", KNOT_EFILE },
	};
	free(write_file("db", SOA));
	char *loop = in_folder("loop1");
	assert_int_equal(symlink("loop1", loop), 0);
	free(loop);

	for (size_t i = 0; i < COUNT(R); i++) {
		char *path = in_folder(R[i].name);
		cg_zone_t *zone;
		cg_file_report_t report;
		assert_int_equal(read_file(path, &zone, &report), R[i].expected);
		assert_int_equal(report.errors, 0);
		free(path);
	}
}

/*! \brief Reads as somebody else; the exit status is 0 when both files answer as they should. */
static void read_as_nobody(const char *open, const char *closed)
{
	knot_dname_t *origin = knot_dname_from_str_alloc(ORIGIN);
	cg_zone_t *zone = NULL;
	cg_file_report_t report;
	if (getuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) {
		_exit(2);
	}
	int ret = cg_file_read(open, origin, &zone, &report);
	if (ret != KNOT_EOK || zone == NULL) {
		_exit(3);
	}
	cg_zone_free(zone);
	ret = cg_file_read(closed, origin, &zone, &report);
	knot_dname_free(origin, NULL);
	_exit(ret == KNOT_EACCES && zone == NULL ? 0 : 4);
}

/*! \brief For root all files are readable: tried in a child that is somebody else. */
static void test_permissions(void **state)
{
	(void)state;
	char *open = write_file("open", SOA);
	char *closed = write_file("closed", SOA);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(open, 0644), 0);
	assert_int_equal(chmod(closed, 0000), 0);

	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		read_as_nobody(open, closed);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	free(open);
	free(closed);
}

static void test_garbage(void **state)
{
	(void)state;
	char *path = in_folder("db");
	uint64_t seed = 1;
	for (unsigned round = 0; round < 50; round++) {
		unsigned char bytes[4096];
		size_t size = 2 + unit_random(&seed) % (sizeof(bytes) - 2);
		for (size_t i = 0; i < size; i++) {
			bytes[i] = unit_random(&seed);
		}
		memcpy(bytes, "\x07\n", 2); /* No owner begins so. */
		write_bytes(path, bytes, size);

		cg_zone_t *zone;
		cg_file_report_t report;
		assert_int_equal(read_file(path, &zone, &report), KNOT_EOK);
		assert_true(report.errors > 0);
		assert_memory_equal(report.first, path, strlen(path));
		cg_zone_free(zone);
	}
	free(path);
}

/*! \brief Valid lines with a byte changed each: nothing worse than an error comes of it. */
static void test_bit_rot(void **state)
{
	(void)state;
	static const char TEXT[] =
		"$TTL 300\n" SOA "@ NS ns1\nns1 A 192.0.2.53\nwww CNAME web\nwww MX 10 mail\n"
		"t TXT ( \"a;b\" \\\"c )\n_sip._tcp SRV 0 5 5060 sip\n";
	char *path = in_folder("db");
	uint64_t seed = 2;
	for (unsigned round = 0; round < 300; round++) {
		char bytes[sizeof(TEXT)];
		memcpy(bytes, TEXT, sizeof(TEXT));
		bytes[unit_random(&seed) % (sizeof(TEXT) - 1)] = unit_random(&seed);
		write_bytes(path, bytes, sizeof(TEXT) - 1);

		cg_zone_t *zone;
		cg_file_report_t report;
		assert_int_equal(read_file(path, &zone, &report), KNOT_EOK);
		assert_int_equal(report.errors > 0, report.first[0] != '\0');
		cg_zone_free(zone);
	}
	free(path);
}

/* --- Identity --- */

static cg_file_id_t identify(const char *path)
{
	cg_file_id_t id;
	memset(&id, 0xff, sizeof(id));
	cg_file_identify(path, &id);
	return id;
}

static void set_mtime(const char *path, time_t seconds, long nanoseconds)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { seconds, nanoseconds } };
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_identity(void **state)
{
	(void)state;
	char *path = write_file("db", "one");
	set_mtime(path, 1000, 5);
	cg_file_id_t first = identify(path);
	assert_true(first.exists);
	assert_int_equal(first.size, 3);
	assert_int_equal(first.mtime_s, 1000);
	assert_int_equal(first.mtime_ns, 5);

	/* Looked at again, also after it was read. */
	cg_file_id_t other = identify(path);
	assert_true(cg_file_same(&first, &other));

	/* Other contents of the same size and time cannot be told; of another time they can. */
	write_bytes(path, "two", 3);
	set_mtime(path, 1000, 6);
	other = identify(path);
	assert_false(cg_file_same(&first, &other));
	set_mtime(path, 1001, 5);
	other = identify(path);
	assert_false(cg_file_same(&first, &other));

	/* Another size under the same time. */
	write_bytes(path, "three", 5);
	set_mtime(path, 1000, 5);
	other = identify(path);
	assert_false(cg_file_same(&first, &other));

	/* Another file moved into its place, of the same size and time. */
	write_bytes(path, "one", 3);
	set_mtime(path, 1000, 5);
	other = identify(path);
	assert_true(cg_file_same(&first, &other));
	char *next = write_file("next", "one");
	set_mtime(next, 1000, 5);
	assert_int_equal(rename(next, path), 0);
	other = identify(path);
	assert_false(cg_file_same(&first, &other));

	/* Gone, and not there are the same. */
	assert_int_equal(unlink(path), 0);
	cg_file_id_t gone = identify(path);
	cg_file_id_t none = identify(NULL);
	assert_false(gone.exists);
	assert_false(cg_file_same(&first, &gone));
	assert_true(cg_file_same(&gone, &none));
	free(next);
	free(path);
}

/* --- The folder --- */

static int make_folder(void **state)
{
	(void)state;
	return unit_make_folder(folder, sizeof(folder));
}

static int remove_folder(void **state)
{
	(void)state;
	static const char *const FILES[] = {
		"db", "hosts", "deeper", "loop", "loop1", "open", "closed", "next"
	};
	for (size_t i = 0; i < COUNT(FILES); i++) {
		char *path = in_folder(FILES[i]);
		(void)unlink(path);
		free(path);
	}
	return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_table),
		TEST(test_error_count),
		TEST(test_open_end),
		TEST(test_include),
		TEST(test_include_errors),
		TEST(test_include_loop),
		TEST(test_outside),
		TEST(test_large_data),
		TEST(test_not_readable),
		TEST(test_permissions),
		TEST(test_garbage),
		TEST(test_bit_rot),
		TEST(test_identity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
