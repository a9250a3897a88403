/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was flattened: what is written is read again, and nothing else is. */

#define UNIT_FAIL_ALLOC

#include "unit.h"

#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "cnameguard/flattened.h"
#include "cnameguard/store.h"

/* --- Calls that fail --- */

CALL(ssize_t, pwrite, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at))
CALL(int, fsync, (int fd), (fd))
CALL(int, rename, (const char *from, const char *to), (from, to))
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode))

/* --- A folder of the test's own --- */

static char folder[512];
static char state[600];

static int make_folder(void **unused)
{
	(void)unused;
	calls_left = -1;
	if (unit_make_folder(folder, sizeof(folder)) != 0) {
		return -1;
	}
	snprintf(state, sizeof(state), "%s/state", folder);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_folder(void **unused)
{
	(void)unused;
	calls_left = -1;
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *in_state(const char *name)
{
	static char path[1024];
	snprintf(path, sizeof(path), "%s/flattened/%s", state, name);
	return path;
}

/* --- Names --- */

static void add_rr(cg_rrs_t *rrs, uint16_t type, uint32_t ttl, const char *data)
{
	cg_rr_t rr = { .type = type, .ttl = ttl, .data = data };
	assert_int_equal(cg_rrs_add(rrs, &rr), KNOT_EOK);
}

static cg_flat_name_t *add_name(cg_flattened_t *flat, const char *owner, const char *address)
{
	knot_dname_t *name = unit_lower(owner);
	cg_flat_name_t *out = cg_flattened_add(flat, name, owner, CG_RULE_CNAME_MX);
	assert_non_null(out);
	add_rr(&out->cnames, KNOT_RRTYPE_CNAME, 600, "web.other.example.");
	add_rr(&out->put, KNOT_RRTYPE_TXT, 30, "\"\\\"a / b\\195\\164\"");
	add_rr(&out->put, KNOT_RRTYPE_A, 60, address);
	knot_dname_free(name, NULL);
	return out;
}

static cg_flattened_t two_names(void)
{
	cg_flattened_t flat = { 0 };
	(void)add_name(&flat, "Www.example.com.", "192.0.2.1");
	cg_flat_name_t *name = add_name(&flat, "*.b\\032c.example.com.", "192.0.2.2");
	add_rr(&name->before, KNOT_RRTYPE_AAAA, 0, "2001:db8::1");
	knot_dname_t *zone = unit_lower("other.example.");
	cg_flat_zone_t *other = cg_flattened_zone(&flat, zone);
	assert_non_null(other);
	other->serial = UINT32_MAX;
	assert_ptr_equal(cg_flattened_zone(&flat, zone), other);
	knot_dname_free(zone, NULL);
	return flat;
}

static void dump_rrs(unit_text_t *text, const char *what, const cg_rrs_t *rrs)
{
	for (size_t i = 0; i < rrs->count; i++) {
		unit_add(text, " %s %u %s %s\n", what, rrs->list[i].ttl, unit_type(rrs->list[i].type),
		         rrs->list[i].data);
	}
}

static char *dump(const cg_flattened_t *flat)
{
	unit_text_t text = { 0 };
	for (size_t i = 0; i < flat->names_count; i++) {
		const cg_flat_name_t *name = &flat->names[i];
		unit_add(&text, "%s %s\n", name->spelling, cg_rule_info(name->rule)->name);
		dump_rrs(&text, "cname", &name->cnames);
		dump_rrs(&text, "put", &name->put);
		dump_rrs(&text, "before", &name->before);
	}
	for (size_t i = 0; i < flat->zones_count; i++) {
		knot_dname_txt_storage_t zone;
		assert_non_null(knot_dname_to_str(zone, flat->zones[i].zone, sizeof(zone)));
		unit_add(&text, "%s %u\n", zone, flat->zones[i].serial);
	}
	return unit_take(&text);
}

static void assert_same(const cg_flattened_t *a, const cg_flattened_t *b)
{
	char *dump_a = dump(a), *dump_b = dump(b);
	assert_string_equal(dump_a, dump_b);
	free(dump_a);
	free(dump_b);
}

/* --- Tests --- */

static void test_round_trip(void **unused)
{
	(void)unused;
	static const char *const ZONES[] = { "example.com.", "." };
	for (size_t i = 0; i < COUNT(ZONES); i++) {
		cg_flattened_t flat = two_names(), again, none = { 0 };
		knot_dname_t *zone = unit_name(ZONES[i]);
		assert_int_equal(cg_flattened_read(state, zone, &again), KNOT_ENOENT);
		assert_int_equal(cg_flattened_write(state, zone, &flat), KNOT_EOK);
		assert_int_equal(cg_flattened_read(state, zone, &again), KNOT_EOK);
		assert_same(&again, &flat);
		assert_string_equal(again.names[0].put.list[0].data, "192.0.2.1"); /* Sorted. */
		cg_flattened_clear(&again);

		assert_int_equal(cg_flattened_write(state, zone, &none), KNOT_EOK);
		assert_int_equal(cg_flattened_read(state, zone, &again), KNOT_ENOENT);
		assert_int_equal(cg_flattened_write(state, zone, &none), KNOT_EOK);
		cg_flattened_clear(&flat);
		knot_dname_free(zone, NULL);
	}
}

static void test_names(void **unused)
{
	(void)unused;
	cg_flattened_t flat = two_names();
	knot_dname_t *www = unit_lower("www.example.com."), *none = unit_lower("none.example.com.");
	assert_non_null(cg_flattened_find(&flat, www));
	assert_null(cg_flattened_find(&flat, none));
	cg_flat_name_t *name = cg_flattened_add(&flat, www, "www.example.com.", CG_RULE_CNAME_APEX);
	assert_int_equal(flat.names_count, 2);
	assert_int_equal(name->put.count + name->cnames.count, 0);
	assert_int_equal(name->rule, CG_RULE_CNAME_APEX);
	cg_flattened_remove(&flat, name);
	assert_null(cg_flattened_find(&flat, www));
	cg_flattened_remove(&flat, &flat.names[0]);
	assert_int_equal(flat.names_count, 0);
	cg_flattened_clear(&flat);
	cg_flattened_clear(&flat); /* Does no harm. */
	knot_dname_free(www, NULL);
	knot_dname_free(none, NULL);
}

static void test_records(void **unused)
{
	(void)unused;
	cg_rrs_t a = { 0 }, b = { 0 };
	assert_true(cg_rrs_same(&a, &b));
	for (int i = 0; i < 9; i++) {
		char data[2][16];
		snprintf(data[0], sizeof(data[0]), "192.0.2.%d", i);
		snprintf(data[1], sizeof(data[1]), "192.0.2.%d", 8 - i);
		add_rr(&a, KNOT_RRTYPE_A, 60, data[0]);
		add_rr(&b, KNOT_RRTYPE_A, 60, data[1]);
		assert_int_equal(cg_rrs_same(&a, &b), i == 8);
	}
	cg_rr_t rr = { .type = KNOT_RRTYPE_A, .ttl = 60, .data = "192.0.2.4" };
	assert_true(cg_rrs_has(&a, &rr));
	rr.ttl = 61;
	assert_false(cg_rrs_has(&a, &rr));
	cg_rrs_clear(&b);
	assert_false(cg_rrs_has(&b, &rr));
	assert_false(cg_rrs_same(&a, &b));
	cg_rrs_clear(&a);
}

static void put_file(const char *text)
{
	FILE *file = fopen(in_state("example.com.json"), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

#define HEAD "{\"cnameguard\":1,\"zone\":\"example.com.\",\"depends\":[],\"names\":["
#define NAME "{\"owner\":\"www.example.com.\",\"rule\":\"cname-mx\",\"cname\":[\"1 CNAME t.\"],"

static void test_damaged(void **unused)
{
	(void)unused;
	static const char *const BAD[] = {
		"", "{", "[]", "null", "{}", "\"x\"",
		"{\"cnameguard\":2,\"zone\":\"example.com.\",\"depends\":[],\"names\":[]}",
		"{\"cnameguard\":1,\"zone\":\"example.org.\",\"depends\":[],\"names\":[]}",
		"{\"cnameguard\":1,\"zone\":\"example.com.\",\"names\":[]}",
		"{\"cnameguard\":1,\"zone\":\"example.com.\",\"depends\":[{\"zone\":1}],\"names\":[]}",
		HEAD "1]}", HEAD "{}]}", HEAD "null]}",
		HEAD NAME "\"records\":[]}]}",
		HEAD NAME "\"records\":\"1 A 192.0.2.1\"}]}",
		HEAD NAME "\"records\":[\"1 A\"]}]}", HEAD NAME "\"records\":[\"A 192.0.2.1\"]}]}",
		HEAD NAME "\"records\":[\"1 WHAT 192.0.2.1\"]}]}", HEAD NAME "\"records\":[7]}]}",
		HEAD "{\"owner\":\"www.example.org.\",\"rule\":\"cname-mx\",\"cname\":[\"1 CNAME t.\"],"
		"\"records\":[\"1 A 192.0.2.1\"]}]}",
		HEAD "{\"owner\":\"www.example.com.\",\"rule\":\"none\",\"cname\":[\"1 CNAME t.\"],"
		"\"records\":[\"1 A 192.0.2.1\"]}]}",
	};
	cg_flattened_t flat = two_names(), again;
	knot_dname_t *zone = unit_name("example.com.");
	assert_int_equal(cg_flattened_write(state, zone, &flat), KNOT_EOK);
	for (size_t i = 0; i < COUNT(BAD); i++) {
		put_file(BAD[i]);
		if (cg_flattened_read(state, zone, &again) != KNOT_EMALF) {
			fail_msg("row %zu: %s", i, BAD[i]);
		}
		assert_int_equal(again.names_count + again.zones_count, 0);
		assert_non_null(strstr(cg_store_error(), "example.com.json: is damaged"));
	}
	put_file(HEAD NAME "\"records\":[\"1 A 192.0.2.1\"]}]}");
	assert_int_equal(cg_flattened_read(state, zone, &again), KNOT_EOK);
	cg_flattened_clear(&again);
	cg_flattened_clear(&flat);
	knot_dname_free(zone, NULL);
}

/* Cut anywhere, a file is not used; whole, it is. */
static void test_torn(void **unused)
{
	(void)unused;
	cg_flattened_t flat = two_names(), again;
	knot_dname_t *zone = unit_name("example.com.");
	assert_int_equal(cg_flattened_write(state, zone, &flat), KNOT_EOK);
	struct stat st;
	assert_int_equal(stat(in_state("example.com.json"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	for (off_t size = st.st_size - 1; size >= 0; size--) {
		assert_int_equal(truncate(in_state("example.com.json"), size), 0);
		assert_int_equal(cg_flattened_read(state, zone, &again), KNOT_EMALF);
	}
	cg_flattened_clear(&flat);
	knot_dname_free(zone, NULL);
}

/* Whatever call fails: the old file is there, or the new one, and no draft. */
static void test_failures(void **unused)
{
	(void)unused;
	cg_flattened_t flat = two_names(), more = two_names(), again;
	(void)add_name(&more, "third.example.com.", "192.0.2.3");
	knot_dname_t *zone = unit_name("example.com.");
	int failures = 0;
	bool failed = true;
	for (int call = 0; failed; call++) {
		assert_int_equal(cg_flattened_write(state, zone, &flat), KNOT_EOK);
		calls_left = call;
		failed = cg_flattened_write(state, zone, &more) != KNOT_EOK;
		calls_left = -1;
		failures += failed;
		assert_int_equal(access(in_state(".example.com.draft"), F_OK), -1);
		assert_int_equal(cg_flattened_read(state, zone, &again), KNOT_EOK);
		assert_true(again.names_count == 3 || (failed && again.names_count == 2));
		cg_flattened_clear(&again);
	}
	assert_true(failures >= 4);
	cg_flattened_clear(&flat);
	cg_flattened_clear(&more);
	knot_dname_free(zone, NULL);
}

#ifdef UNIT_CAN_FAIL_ALLOC
static void test_no_memory(void **unused)
{
	(void)unused;
	unit_alloc_or_skip();
	cg_flattened_t flat = two_names(), again;
	knot_dname_t *zone = unit_name("example.com.");
	assert_int_equal(cg_flattened_write(state, zone, &flat), KNOT_EOK);
	for (long left = 0, hit = 1; hit; left++) {
		unit_alloc_left = left;
		unit_alloc_hit = false;
		int ret = cg_flattened_read(state, zone, &again);
		unit_alloc_left = -1;
		hit = unit_alloc_hit;
		assert_true(hit ? ret != KNOT_EOK || again.names_count == 2 : ret == KNOT_EOK);
		cg_flattened_clear(&again);
	}
	for (long left = 0, hit = 1; hit; left++) {
		unit_alloc_left = left;
		unit_alloc_hit = false;
		(void)cg_flattened_write(state, zone, &flat);
		unit_alloc_left = -1;
		hit = unit_alloc_hit;
		assert_int_equal(cg_flattened_read(state, zone, &again), KNOT_EOK);
		assert_same(&again, &flat);
		cg_flattened_clear(&again);
	}
	cg_flattened_clear(&flat);
	knot_dname_free(zone, NULL);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_names),
		TEST(test_records),
		TEST(test_damaged),
		TEST(test_torn),
		TEST(test_failures),
#ifdef UNIT_CAN_FAIL_ALLOC
		TEST(test_no_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
