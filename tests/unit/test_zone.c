/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The zone in memory: order, duplicates, names that are not there. */

#include <time.h>

#include "unit.h"

static void check_dump(const char *origin, const char *text, const char *expected)
{
	cg_zone_t *zone = unit_zone(origin, text);
	char *dump = unit_dump_zone(zone);
	assert_string_equal(dump, expected);
	free(dump);
	cg_zone_free(zone);
}

/* The example of RFC 4034, 6.1. */
static void test_canonical_order(void **state)
{
	(void)state;
	check_dump("example.",
	           "\\200.z 1 A 192.0.2.1\n"
	           "z 1 A 192.0.2.1\n"
	           "zABC.a 1 A 192.0.2.1\n"
	           "yljkjljk.a 1 A 192.0.2.1\n"
	           "a 1 A 192.0.2.1\n"
	           "*.z 1 A 192.0.2.1\n"
	           "\\001.z 1 A 192.0.2.1\n"
	           "Z.a 1 A 192.0.2.1\n"
	           "@ 1 A 192.0.2.1\n",
	           "example. 1 A 192.0.2.1\n"
	           "a.example. 1 A 192.0.2.1\n"
	           "yljkjljk.a.example. 1 A 192.0.2.1\n"
	           "Z.a.example. 1 A 192.0.2.1\n"
	           "zABC.a.example. 1 A 192.0.2.1\n"
	           "z.example. 1 A 192.0.2.1\n"
	           "\\001.z.example. 1 A 192.0.2.1\n"
	           "*.z.example. 1 A 192.0.2.1\n"
	           "\\200.z.example. 1 A 192.0.2.1\n");
}

/* Octets 0 and 1 in labels are neither ends of labels nor each other. */
static void test_order_of_low_octets(void **state)
{
	(void)state;
	check_dump("c.",
	           "a\\001b 1 A 192.0.2.4\n"
	           "a\\000b 1 A 192.0.2.3\n"
	           "b.a 1 A 192.0.2.2\n"
	           "a 1 A 192.0.2.1\n"
	           "\\001\\001 1 A 192.0.2.8\n"
	           "\\001 1 A 192.0.2.7\n"
	           "\\000 1 A 192.0.2.6\n"
	           "a\\002 1 A 192.0.2.5\n",
	           "\\000.c. 1 A 192.0.2.6\n"
	           "\\001.c. 1 A 192.0.2.7\n"
	           "\\001\\001.c. 1 A 192.0.2.8\n"
	           "a.c. 1 A 192.0.2.1\n"
	           "b.a.c. 1 A 192.0.2.2\n"
	           "a\\000b.c. 1 A 192.0.2.3\n"
	           "a\\001b.c. 1 A 192.0.2.4\n"
	           "a\\002.c. 1 A 192.0.2.5\n");
}

static void test_records_sorted_by_type_and_data(void **state)
{
	(void)state;
	check_dump(ORIGIN,
	           "x 5 TYPE65280 \\# 1 00\n"
	           "x 4 MX 20 b\n"
	           "x 3 MX 10 a\n"
	           "x 2 AAAA 2001:db8::1\n"
	           "x 1 A 192.0.2.1\n",
	           "x.example.com. 1 A 192.0.2.1\n"
	           "x.example.com. 3 MX 10 a.example.com.\n"
	           "x.example.com. 4 MX 20 b.example.com.\n"
	           "x.example.com. 2 AAAA 2001:db8::1\n"
	           "x.example.com. 5 TYPE65280 \\# 1 00\n");
}

/* Decision 1. Of records that are there twice, the first by line is kept. */
static void test_duplicates(void **state)
{
	(void)state;
	check_dump(ORIGIN,
	           "WWW 300 CNAME Web\n"
	           "www 200 CNAME wEB\n"
	           "d 100 DNAME T\n"
	           "D 90 DNAME t\n"
	           "txt 1 TXT \"a\"\n"
	           "txt 1 TXT \"A\"\n"
	           "txt 2 TXT \"a\"\n",
	           "d.example.com. 100 DNAME T.example.com.\n"
	           "txt.example.com. 1 TXT \"A\"\n"
	           "txt.example.com. 1 TXT \"a\"\n"
	           "WWW.example.com. 300 CNAME Web.example.com.\n");
}

/* Decision 9. */
static void test_outside(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN,
		"www 1 A 192.0.2.1\n"
		"www.example.net. 1 A 192.0.2.1\n"
		"com. 1 A 192.0.2.1\n"
		"xexample.com. 1 A 192.0.2.1\n"
		"example.com.example.org. 1 A 192.0.2.1\n");
	assert_int_equal(cg_zone_records(zone), 1);
	assert_int_equal(cg_zone_outside(zone), 4);
	cg_zone_free(zone);
}

static void test_empty(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, "");
	knot_dname_t *apex = unit_name(ORIGIN);
	cg_name_t name;
	uint32_t serial;
	assert_int_equal(cg_zone_records(zone), 0);
	assert_int_equal(cg_zone_find(zone, apex, &name), KNOT_ENONODE);
	assert_false(cg_zone_serial(zone, &serial));
	assert_true(knot_dname_is_equal(cg_zone_origin(zone), apex));
	char *dump = unit_dump_zone(zone);
	assert_string_equal(dump, "");
	free(dump);
	knot_dname_free(apex, NULL);
	cg_zone_free(zone);
}

static void test_serial(void **state)
{
	(void)state;
	static const struct {
		const char *data;
		bool has;
		uint32_t serial;
	} T[] = {
		{ "a. b. 0 1 1 1 1", true, 0 },
		{ "a. b. 4294967295 1 1 1 1", true, UINT32_MAX },
		{ "a. b\\ c. 5 1 1 1 1", false, 0 }, /* Never written so: blanks are \032. */
		{ "a. b. 4294967296 1 1 1 1", false, 0 },
		{ "a. b. -1 1 1 1 1", false, 0 },
		{ "a. b. 5x 1 1 1 1", false, 0 },
		{ "a. b.", false, 0 },
		{ "", false, 0 },
	};
	knot_dname_t *apex = unit_name(ORIGIN);
	for (size_t i = 0; i < COUNT(T); i++) {
		cg_zone_t *zone = cg_zone_new(apex);
		cg_rr_t rr = { .type = KNOT_RRTYPE_SOA, .data = T[i].data };
		uint32_t serial = 99;
		assert_int_equal(cg_zone_add(zone, apex, &rr), KNOT_EOK);
		assert_int_equal(cg_zone_finish(zone), KNOT_EOK);
		assert_int_equal(cg_zone_serial(zone, &serial), T[i].has);
		assert_int_equal(serial, T[i].has ? T[i].serial : 99);
		cg_zone_free(zone);
	}
	knot_dname_free(apex, NULL);
}

static void test_find(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int ret;
		size_t count;
		const char *spelling;
	} T[] = {
		{ "example.com.",         KNOT_EOK, 2, "example.com." },
		{ "WWW.Example.COM.",     KNOT_EOK, 1, "Www.example.com." },
		{ "c.d.example.com.",     KNOT_EOK, 0, "c.D.example.com." }, /* Empty. */
		{ "d.example.com.",       KNOT_EOK, 0, "D.example.com." },
		{ "b.c.d.example.com.",   KNOT_ENONODE, 0, NULL }, /* b\.x is one label. */
		{ "b\\.x.c.d.example.com.", KNOT_EOK, 1, "b\\.x.c.D.example.com." },
		{ "*.w.example.com.",     KNOT_EOK, 1, "*.w.example.com." },
		{ "x.w.example.com.",     KNOT_ENONODE, 0, NULL },
		{ "ww.example.com.",      KNOT_ENONODE, 0, NULL },
		{ "wwww.example.com.",    KNOT_ENONODE, 0, NULL },
		{ "com.",                 KNOT_ENONODE, 0, NULL },
		{ ".",                    KNOT_ENONODE, 0, NULL },
		{ "example.org.",         KNOT_ENONODE, 0, NULL },
		{ "zz.example.com.",      KNOT_ENONODE, 0, NULL },
	};
	cg_zone_t *zone = unit_zone(ORIGIN,
		"@ 1 SOA a b 1 2 3 4 5\n"
		"@ 1 NS a\n"
		"Www 1 A 192.0.2.1\n"
		"b\\.x.c.D 1 A 192.0.2.1\n"
		"*.w 1 A 192.0.2.1\n");
	for (size_t i = 0; i < COUNT(T); i++) {
		knot_dname_t *wire = unit_name(T[i].name);
		cg_name_t name = { 0 };
		int ret = cg_zone_find(zone, wire, &name);
		assert_int_equal(ret, T[i].ret);
		if (ret == KNOT_EOK) {
			assert_int_equal(name.count, T[i].count);
			assert_string_equal(name.spelling, T[i].spelling);
			assert_true(knot_dname_is_case_equal(name.owner, wire));
		}
		knot_dname_free(wire, NULL);
	}
	cg_zone_free(zone);
}

static void test_root_zone(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(".", "com. 1 A 192.0.2.1\n. 1 TXT x\na.b.org. 1 TXT x\n");
	knot_dname_t *root = unit_name("."), *org = unit_name("org.");
	cg_name_t name;
	assert_int_equal(cg_zone_records(zone), 3);
	assert_int_equal(cg_zone_find(zone, root, &name), KNOT_EOK);
	assert_int_equal(name.count, 1);
	assert_string_equal(name.spelling, ".");
	assert_int_equal(cg_zone_find(zone, org, &name), KNOT_EOK);
	assert_int_equal(name.count, 0);
	assert_string_equal(name.spelling, "org.");
	knot_dname_free(root, NULL);
	knot_dname_free(org, NULL);
	cg_zone_free(zone);
}

/* An empty apex of the root zone is found as well. */
static void test_root_empty_apex(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(".", "com. 1 A 192.0.2.1\n");
	knot_dname_t *root = unit_name(".");
	cg_name_t name;
	assert_int_equal(cg_zone_find(zone, root, &name), KNOT_EOK);
	assert_int_equal(name.count, 0);
	assert_string_equal(name.spelling, ".");
	knot_dname_free(root, NULL);
	cg_zone_free(zone);
}

/* Labels of 63 octets, a name of 255, every one of them in need of an escape. */
static void test_longest_name(void **state)
{
	(void)state;
	knot_dname_storage_t longest;
	uint8_t *pos = longest;
	const uint8_t lengths[] = { 63, 63, 63, 61 };
	for (size_t i = 0; i < COUNT(lengths); i++) {
		*pos++ = lengths[i];
		memset(pos, (int)i, lengths[i]); /* 0 to 3: two of them escaped in keys. */
		pos += lengths[i];
	}
	*pos++ = 0;
	assert_int_equal(pos - longest, KNOT_DNAME_MAXLEN);

	const knot_dname_t *root = (const knot_dname_t *)"";
	cg_zone_t *zone = cg_zone_new(root);
	cg_rr_t rr = { .type = KNOT_RRTYPE_A, .data = "192.0.2.1" };
	assert_int_equal(cg_zone_add(zone, longest, &rr), KNOT_EOK);
	assert_int_equal(cg_zone_add(zone, longest, &rr), KNOT_EOK);
	assert_int_equal(cg_zone_finish(zone), KNOT_EOK);

	cg_name_t name;
	assert_int_equal(cg_zone_find(zone, longest, &name), KNOT_EOK);
	assert_int_equal(name.count, 1);
	assert_int_equal(strlen(name.spelling), 4 * (63 + 63 + 63 + 61) + 4);
	assert_int_equal(cg_zone_find(zone, longest + 64, &name), KNOT_EOK);
	assert_int_equal(name.count, 0);
	assert_int_equal(strlen(name.spelling), 4 * (63 + 63 + 61) + 3);
	cg_zone_free(zone);
}

/* 127 labels, each a name with a record. */
static void test_deepest_name(void **state)
{
	(void)state;
	knot_dname_storage_t deep;
	for (size_t i = 0; i < 127; i++) {
		memcpy(deep + 2 * i, "\001a", 2);
	}
	deep[254] = 0;
	const knot_dname_t *root = (const knot_dname_t *)"";
	cg_zone_t *zone = cg_zone_new(root);
	cg_rr_t rr = { .type = KNOT_RRTYPE_A, .data = "192.0.2.1" };
	for (size_t i = 0; i < 127; i++) {
		assert_int_equal(cg_zone_add(zone, deep + 2 * i, &rr), KNOT_EOK);
	}
	assert_int_equal(cg_zone_finish(zone), KNOT_EOK);
	assert_int_equal(cg_zone_records(zone), 127);
	for (size_t i = 0; i < 127; i++) {
		cg_name_t name;
		assert_int_equal(cg_zone_find(zone, deep + 2 * i, &name), KNOT_EOK);
		assert_int_equal(name.count, 1);
	}
	cg_zone_free(zone);
}

/* All is copied: what was given may go, files and lines stay. */
static void test_owns_its_data(void **state)
{
	(void)state;
	char data[] = "192.0.2.1", file[] = "a.zone";
	knot_dname_t *apex = unit_name(ORIGIN), *www = unit_name("WWW.example.com.");
	cg_zone_t *zone = cg_zone_new(apex);
	cg_rr_t rr = { .type = KNOT_RRTYPE_A, .ttl = 7, .line = 12, .file = file, .data = data };
	assert_int_equal(cg_zone_add(zone, www, &rr), KNOT_EOK);
	strcpy(file, "b.zone");
	strcpy(data, "192.0.2.2");
	assert_int_equal(cg_zone_add(zone, www, &rr), KNOT_EOK);
	memset(file, 'x', sizeof(file) - 1);
	memset(data, 'x', sizeof(data) - 1);
	memset(apex, 0, knot_dname_size(apex));
	assert_int_equal(cg_zone_finish(zone), KNOT_EOK);

	cg_name_t name;
	knot_dname_to_lower(www);
	assert_int_equal(cg_zone_find(zone, www, &name), KNOT_EOK);
	assert_true(knot_dname_is_equal(name.owner, www));
	assert_int_equal(name.count, 2);
	assert_string_equal(name.rr[0].data, "192.0.2.1");
	assert_string_equal(name.rr[0].file, "a.zone");
	assert_string_equal(name.rr[1].file, "b.zone");
	assert_int_equal(name.rr[1].line, 12);
	assert_int_equal(name.rr[1].ttl, 7);

	knot_dname_free(www, NULL);
	knot_dname_free(apex, NULL);
	cg_zone_free(zone);
}

static int stop_at_second(const cg_name_t *name, void *ctx)
{
	(void)name;
	return (++*(int *)ctx == 2) ? KNOT_ECONN : KNOT_EOK;
}

static void test_walk_stops(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, "a 1 TXT x\nb 1 TXT x\nc 1 TXT x\n");
	int calls = 0;
	assert_int_equal(cg_zone_walk(zone, stop_at_second, &calls), KNOT_ECONN);
	assert_int_equal(calls, 2);
	cg_zone_free(zone);
}

static void test_shuffles(void **state)
{
	(void)state;
	unit_records_t records = unit_parse(ORIGIN,
		BASE
		"WWW 300 CNAME Web\nwww 300 CNAME wEB\nwww 300 MX 10 a\nwwW 300 MX 10 b\n"
		"a.b.c 1 TXT x\n*.b.c 1 TXT x\nb.c 1 TXT y\nB.c 2 TXT y\nB.C 1 TXT z\n");
	cg_zone_t *zone = unit_build(ORIGIN, &records);
	char *expected = unit_dump_zone(zone);
	cg_zone_free(zone);

	uint64_t seed = 1;
	for (int i = 0; i < 200; i++) {
		unit_shuffle(&records, &seed);
		zone = unit_build(ORIGIN, &records);
		char *dump = unit_dump_zone(zone);
		assert_string_equal(dump, expected);
		free(dump);
		cg_zone_free(zone);
	}
	free(expected);
	unit_records_free(&records);
}

/* Several threads may each have read a share. */
static void test_join(void **state)
{
	(void)state;
	unit_records_t records = unit_parse(ORIGIN,
		BASE
		"WWW 300 CNAME Web\nwww 300 CNAME wEB\nwww 300 MX 10 a\nwwW 300 MX 10 b\n"
		"a.b.c 1 TXT x\n*.b.c 1 TXT x\nb.c 1 TXT y\nB.c 2 TXT y\nB.C 1 TXT z\n"
		"aaaaaaaab 1 TXT x\naaaaaaaa 1 TXT x\naaaaaaaac 1 TXT x\naaaaaaa 1 TXT x\n");
	cg_zone_t *zone = unit_build(ORIGIN, &records);
	char *expected = unit_dump_zone(zone);
	cg_zone_free(zone);

	knot_dname_t *apex = unit_name(ORIGIN);
	uint64_t seed = 1;
	for (size_t i = 0; i < 100; i++) {
		unit_shuffle(&records, &seed);
		cg_zone_t *parts[] = { cg_zone_new(apex), cg_zone_new(apex), cg_zone_new(apex) };
		for (size_t j = 0; j < records.count; j++) {
			assert_int_equal(cg_zone_add(parts[(i + j * j) % 3], records.list[j].owner,
			                             &records.list[j].rr), KNOT_EOK);
		}
		for (size_t j = 0; j < 3; j++) {
			if (i % 2 == 0 || j != i % 3) {
				cg_zone_sort(parts[j]);
			}
		}
		assert_int_equal(cg_zone_join(parts[0], parts[1]), KNOT_EOK);
		assert_int_equal(cg_zone_join(parts[0], parts[2]), KNOT_EOK);
		assert_int_equal(cg_zone_finish(parts[0]), KNOT_EOK);
		char *dump = unit_dump_zone(parts[0]);
		assert_string_equal(dump, expected);
		free(dump);
		cg_zone_free(parts[0]);
	}
	knot_dname_free(apex, NULL);
	free(expected);
	unit_records_free(&records);
}

/* So many names that they have an index; all are found, and none that is not there. */
static void test_find_many(void **state)
{
	(void)state;
	knot_dname_t *apex = unit_name(ORIGIN);
	cg_zone_t *zone = cg_zone_new(apex);
	char text[64];
	for (int i = 0; i < 1000; i++) {
		cg_rr_t rr = { .type = (i % 10 == 0) ? KNOT_RRTYPE_NSEC3 : KNOT_RRTYPE_TXT, .data = "x" };
		snprintf(text, sizeof(text), "X%d.e%d.example.com.", i, i % 7);
		knot_dname_t *name = unit_name(text);
		assert_int_equal(cg_zone_add(zone, name, &rr), KNOT_EOK);
		knot_dname_free(name, NULL);
	}
	assert_int_equal(cg_zone_finish(zone), KNOT_EOK);
	for (int i = 0; i < 1010; i++) {
		snprintf(text, sizeof(text), "x%d.e%d.example.com.", i, i % 7);
		knot_dname_t *name = unit_name(text);
		cg_name_t found;
		int ret = cg_zone_find(zone, name, &found);
		assert_int_equal(ret, (i < 1000) ? KNOT_EOK : KNOT_ENONODE);
		if (ret == KNOT_EOK) {
			text[0] = 'X';
			assert_string_equal(found.spelling, text);
		}
		knot_dname_free(name, NULL);
	}
	cg_zone_free(zone);
	knot_dname_free(apex, NULL);
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/*! \brief Time to build a zone of \a count records, in a bad order, at one name or at many. */
static double build_time(size_t count, bool one_name)
{
	knot_dname_t *apex = unit_name(ORIGIN);
	double start = seconds();
	cg_zone_t *zone = cg_zone_new(apex);
	for (size_t i = 0; i < count; i++) {
		char owner[64], data[32];
		size_t k = (i * 7919) % count;
		snprintf(owner, sizeof(owner), one_name ? "x.example.com." : "x%zu.example.com.", k);
		snprintf(data, sizeof(data), "\"%zu\"", k);
		knot_dname_t *name = unit_name(owner);
		cg_rr_t rr = { .type = KNOT_RRTYPE_TXT, .data = data };
		assert_int_equal(cg_zone_add(zone, name, &rr), KNOT_EOK);
		knot_dname_free(name, NULL);
	}
	assert_int_equal(cg_zone_finish(zone), KNOT_EOK);
	double end = seconds();
	assert_int_equal(cg_zone_records(zone), count);
	cg_zone_free(zone);
	knot_dname_free(apex, NULL);
	return end - start;
}

/* Four times the records must not take near sixteen times as long. */
static void test_many_records(void **state)
{
	(void)state;
	for (int one_name = 0; one_name <= 1; one_name++) {
		double small = build_time(25000, one_name);
		double big = build_time(100000, one_name);
		if (big > 0.5) { /* Less is quick enough, and too short to compare. */
			assert_true(big < small * 10);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canonical_order),
		cmocka_unit_test(test_order_of_low_octets),
		cmocka_unit_test(test_records_sorted_by_type_and_data),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_root_zone),
		cmocka_unit_test(test_root_empty_apex),
		cmocka_unit_test(test_longest_name),
		cmocka_unit_test(test_deepest_name),
		cmocka_unit_test(test_owns_its_data),
		cmocka_unit_test(test_walk_stops),
		cmocka_unit_test(test_shuffles),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_find_many),
		cmocka_unit_test(test_many_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
