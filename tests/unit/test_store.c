/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stored versions: what is written is read again, and nothing else is. */

#define UNIT_FAIL_ALLOC

#include "unit.h"

#include "calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cnameguard/store.h"

#define CLOCK_START 1795435994 /* 2026-11-23T12:13:14Z */

/* --- Calls that fail, and a clock --- */

static time_t clock_now;

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
	clock_now = CLOCK_START;
	return 0;
}

static int remove_folder(void **unused)
{
	(void)unused;
	return unit_remove_folder(folder);
}

static size_t count_in(const char *path)
{
	size_t count = 0;
	DIR *dir = opendir(path);
	for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL; ) {
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	}
	if (dir != NULL) {
		assert_int_equal(closedir(dir), 0);
	}
	return count;
}

static bool exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

/*! \brief To be freed. */
static char *get(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	char *text = malloc(st.st_size + 1);
	assert_non_null(text);
	assert_int_equal(read(fd, text, st.st_size), st.st_size);
	assert_int_equal(close(fd), 0);
	text[st.st_size] = '\0';
	*len = st.st_size;
	return text;
}

static void put(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(close(fd), 0);
}

/* --- Zones --- */

#define SOA(serial) "@ 3600 SOA ns1 admin " #serial " 7200 900 1209600 300\n"
#define ROOT_SOA(serial) "@ 3600 SOA . . " #serial " 7200 900 1209600 300\n"
#define NS "@ 3600 NS ns1\nns1 3600 A 192.0.2.53\n"

static int store(const char *origin, const char *text, cg_store_kind_t kind, const char *reason,
                 unsigned keep, cg_stored_t *out)
{
	cg_zone_t *zone = unit_zone(origin, text);
	int ret = cg_store_zone(state, zone, kind, reason, keep, out);
	cg_zone_free(zone);
	return ret;
}

static cg_stored_t keep_text(const char *text, unsigned keep)
{
	cg_stored_t stored;
	assert_int_equal(store(ORIGIN, text, CG_STORE_ORIGINAL, "a reason", keep, &stored),
	                 KNOT_EOK);
	return stored;
}

static cg_stored_t good_text(const char *origin, const char *text)
{
	cg_stored_t stored;
	assert_int_equal(store(origin, text, CG_STORE_GOOD, "a reason", 0, &stored), KNOT_EOK);
	return stored;
}

static int find_good(const char *origin, cg_stored_t *out)
{
	knot_dname_t *name = unit_name(origin);
	int ret = cg_store_good(state, name, out);
	knot_dname_free(name, NULL);
	return ret;
}

static cg_stored_t *list_of(const char *origin, size_t *count, size_t *damaged)
{
	cg_stored_t *list;
	knot_dname_t *name = unit_name(origin);
	assert_int_equal(cg_store_list(state, name, &list, count, damaged), KNOT_EOK);
	knot_dname_free(name, NULL);
	return list;
}

/*! \brief Serials of the originals, newest first, then how many are damaged. */
static void assert_kept(const char *expected)
{
	size_t count, damaged;
	unit_text_t text = { 0 };
	cg_stored_t *list = list_of(ORIGIN, &count, &damaged);
	for (size_t i = 0; i < count; i++) {
		unit_add(&text, "%u ", list[i].serial);
		assert_false(list[i].damaged);
	}
	for (size_t i = count; i < count + damaged; i++) {
		assert_true(list[i].damaged);
	}
	unit_add(&text, "%zu", damaged);
	assert_string_equal(text.str, expected);
	free(text.str);
	free(list);
}

/* --- Round trips --- */

/*! \brief Stores a zone, reads it again, and finds the same records. */
static void round_trip(const char *origin, const char *text, cg_store_kind_t kind)
{
	cg_stored_t stored, found;
	cg_zone_t *zone = unit_zone(origin, text), *again;
	knot_dname_t *name = unit_name(origin);
	assert_int_equal(cg_store_zone(state, zone, kind, "a reason", 10, &stored), KNOT_EOK);
	if (kind == CG_STORE_GOOD) {
		assert_int_equal(cg_store_good(state, name, &found), KNOT_EOK);
	} else {
		size_t count;
		cg_stored_t *list = list_of(origin, &count, NULL);
		assert_int_equal(count, 1);
		found = list[0];
		free(list);
	}
	assert_memory_equal(&found, &stored, sizeof(found));
	assert_string_equal(found.reason, "a reason");
	assert_int_equal(found.records, cg_zone_records(zone));
	assert_int_equal(found.serial, 7);
	assert_int_equal(found.time, clock_now);
	assert_int_equal(found.kind, kind);
	assert_int_equal(cg_store_read(&found, name, &again), KNOT_EOK);

	char *before = unit_dump_zone(zone), *behind = unit_dump_zone(again);
	assert_string_equal(behind, before);
	free(before);
	free(behind);
	cg_zone_free(zone);
	cg_zone_free(again);
	knot_dname_free(name, NULL);
}

#define LABEL63 "a23456789b123456789c123456789d123456789e123456789f123456789g123"
#define LABEL61 "a23456789b123456789c123456789d123456789e123456789f123456789g1"

/*! \brief As many octets as a name may have. */
#define LONG_NAME LABEL63 "." LABEL63 "." LABEL63 "." LABEL61 "."

static const char RECORDS[] =
	SOA(7) NS
	"a A 192.0.2.1\n"
	"a AAAA 2001:db8::1\n"
	"a TXT \"one\" \"two words\" \"\\\"quoted\\\" ; no comment ( \\\\ \\000\\010\\255\"\n"
	"a TXT \"\"\n"
	"a MX 10 mx\n"
	"a CAA 0 issue \"ca.example\"\n"
	"a SRV 1 2 3 srv\n"
	"a NAPTR 1 2 \"u\" \"E2U+sip\" \"!^.*$!sip:info@example.com!\" .\n"
	"a SSHFP 1 1 0123456789abcdef0123456789abcdef01234567\n"
	"a TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	"a LOC 51 30 12.748 N 0 7 39.612 W 0m 1m 10000m 10m\n"
	"a SVCB 1 svc alpn=h2,h3 port=8443\n"
	"a HTTPS 0 www\n"
	"a HINFO \"x\" \"y\"\n"
	"a URI 1 2 \"https://example.com/\"\n"
	"a TYPE65280 \\# 4 01020304\n"
	"a TYPE65281 \\# 0\n"
	"a DS 1 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	"a RRSIG A 13 3 3600 20300101000000 20200101000000 1 @ AAAA\n"
	"a NSEC b A AAAA RRSIG NSEC TYPE65280\n"
	"@ NSEC3PARAM 1 0 0 -\n"
	"@ DNSKEY 257 3 13 AAAA\n"
	"@ ZONEMD 7 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	"0123456789abcdef0123456789abcdef\n"
	"b CNAME a\n"
	"c DNAME other.example.\n"
	"*.w A 192.0.2.2\n"
	"* A 192.0.2.3\n"
	"MixedCase A 192.0.2.4\n"
	"\\@ A 192.0.2.5\n"
	"\\$origin A 192.0.2.6\n"
	"\\;x A 192.0.2.7\n"
	"x\\.y A 192.0.2.8\n"
	"x\\032y A 192.0.2.9\n"
	"\\000\\010\\255 A 192.0.2.10\n"
	"\\(\\)\\\"\\\\ A 192.0.2.11\n"
	"_dmarc TXT \"v=DMARC1\"\n";

static void test_round_trips(void **unused)
{
	(void)unused;
	static const char *const ORIGINS[] = {
		ORIGIN, ".", "com.", "Example.COM.", "a\\.b.example.", "x\\032y.\\000.\\255.",
		"\\/.example.", "\\..", "*.example.", LABEL63 "." LABEL63 "." LABEL63 ".",
	};
	for (size_t i = 0; i < COUNT(ORIGINS); i++) {
		round_trip(ORIGINS[i], RECORDS, CG_STORE_GOOD);
		if (strcmp(ORIGINS[i], "Example.COM.") != 0) { /* The first in other letters. */
			round_trip(ORIGINS[i], RECORDS, CG_STORE_ORIGINAL);
		}
	}
	assert_int_equal(count_in(in_state("good")), COUNT(ORIGINS) - 1);
	round_trip(LONG_NAME, ROOT_SOA(7) "@ NS .\n", CG_STORE_GOOD);
	round_trip(LONG_NAME, ROOT_SOA(7) "@ NS .\n", CG_STORE_ORIGINAL);
}

/* More than a buffer, also in one record. */
static void test_big(void **unused)
{
	(void)unused;
	unit_text_t text = { 0 };
	unit_add(&text, "%s", SOA(7) NS);
	for (int i = 0; i < 3000; i++) {
		unit_add(&text, "name-%05d TXT \"some text so that the line has a length\"\n", i);
	}
	unit_add(&text, "long TYPE65280 \\# 60000 ");
	for (int i = 0; i < 60000; i++) {
		unit_add(&text, "%02x", i % 251);
	}
	unit_add(&text, "\n");
	round_trip(ORIGIN, text.str, CG_STORE_GOOD);
	round_trip(ORIGIN, text.str, CG_STORE_ORIGINAL);
	free(text.str);
}

static void test_names(void **unused)
{
	(void)unused;
	static const struct {
		const char *origin;
		const char *name;
	} TABLE[] = {
		{ ".", "%2E" },
		{ "\\..", "%5C." },
		{ "Example.COM.", "example.com" },
		{ "a_b-c.9.", "a_b-c.9" },
		{ "0/25.2.0.192.in-addr.arpa.", "0%2F25.2.0.192.in-addr.arpa" },
		{ "a\\.b.example.", "a%5C.b.example" },
		{ "\\..example.", "%5C..example" },
		{ "*.example.", "%2A.example" },
		{ "\\000\\255.", "%5C000%5C255" },
		{ "\\~.", "%5C%7E" },
	};
	for (size_t i = 0; i < COUNT(TABLE); i++) {
		cg_stored_t stored;
		good_text(TABLE[i].origin, SOA(7));
		assert_true(exists(in_state("good/%s.zone", TABLE[i].name)));
		assert_int_equal(store(TABLE[i].origin, SOA(7), CG_STORE_ORIGINAL, "", 1, &stored),
		                 KNOT_EOK);
		assert_string_equal(stored.path, in_state("kept/%s/20261123T121314Z-7.zone",
		                                          TABLE[i].name));
		assert_string_equal(stored.name, "20261123T121314Z-7.zone");
	}
	assert_int_equal(count_in(in_state("good")), COUNT(TABLE));
}

/* Names that are cut differ in their hash. */
static void test_long_names(void **unused)
{
	(void)unused;
	char other[] = LONG_NAME;
	other[sizeof(other) - 3] = 'x';
	cg_stored_t first = good_text(LONG_NAME, ROOT_SOA(7));
	cg_stored_t second = good_text(other, ROOT_SOA(8)), found;
	assert_true(strlen(first.name) <= NAME_MAX);
	assert_string_not_equal(first.name, second.name);
	assert_int_equal(find_good(LONG_NAME, &found), KNOT_EOK);
	assert_int_equal(found.serial, 7);
	assert_int_equal(find_good(other, &found), KNOT_EOK);
	assert_int_equal(found.serial, 8);
}

static void test_permissions(void **unused)
{
	(void)unused;
	struct stat st;
	mode_t mask = umask(0);
	cg_stored_t good = good_text(ORIGIN, BASE), kept = keep_text(BASE, 1);
	umask(mask);
	const char *const FOLDERS[] = { state, in_state("good"), in_state("kept"),
	                                in_state("kept/example.com") };
	for (size_t i = 0; i < COUNT(FOLDERS); i++) {
		assert_int_equal(stat(FOLDERS[i], &st), 0);
		assert_int_equal(st.st_mode, S_IFDIR | 0750);
	}
	assert_int_equal(stat(good.path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_int_equal(stat(kept.path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
}

static void test_head(void **unused)
{
	(void)unused;
	static const char EXPECTED[] =
		"; cnameguard 1 original\n"
		"; zone example.com.\n"
		"; serial 7         \n"
		"; time 2026-11-23T12:13:14Z\n"
		"; reason a reason";
	cg_stored_t stored = keep_text(BASE, 1);
	size_t len;
	char *text = get(stored.path, &len);
	assert_memory_equal(text, EXPECTED, sizeof(EXPECTED) - 1);
	assert_non_null(strstr(text, "\nexample.com. 3600 IN SOA ns1.example.com. "));
	free(text);
}

static void assert_reason(const char *reason, const char *expected)
{
	cg_stored_t stored, found;
	assert_int_equal(store(ORIGIN, BASE, CG_STORE_GOOD, reason, 0, &stored), KNOT_EOK);
	assert_string_equal(stored.reason, expected);
	assert_int_equal(find_good(ORIGIN, &found), KNOT_EOK);
	assert_string_equal(found.reason, expected);
}

static void test_reasons(void **unused)
{
	(void)unused;
	char reason[400], expected[CG_STORE_REASON_SIZE];
	assert_reason("", "");
	assert_reason("  blanks ", "  blanks");
	assert_reason("a\nb\rc\td\x7f\x01", "a\\010b\\013c\\009d\\127\\001");
	assert_reason("\xff\xc3", "\\255\\195");
	assert_reason("na\xc3\xafve", "na\xc3\xafve");

	memset(reason, 'x', sizeof(reason));
	reason[sizeof(reason) - 1] = '\0';
	memcpy(expected, reason, sizeof(expected));
	expected[sizeof(expected) - 1] = '\0';
	assert_reason(reason, expected);
	memcpy(reason + 158, "\xc3\xaf", 2); /* A character that would be cut in two. */
	expected[158] = '\0';
	assert_reason(reason, expected);
	memcpy(reason + 157, "\n", 1);
	expected[157] = '\0';
	assert_reason(reason, expected);
}

/* --- Files that are not whole --- */

static void assert_damaged(const char *path)
{
	cg_stored_t found;
	cg_zone_t *zone;
	knot_dname_t *name = unit_name(ORIGIN);
	assert_int_equal(find_good(ORIGIN, &found), KNOT_EMALF);
	assert_true(found.damaged);
	assert_string_equal(found.path, path);
	assert_ptr_equal(strstr(cg_store_error(), path), cg_store_error());
	assert_int_equal(cg_store_read(&found, name, &zone), KNOT_EMALF);
	assert_null(zone);
	knot_dname_free(name, NULL);
}

static void test_torn(void **unused)
{
	(void)unused;
	size_t len;
	cg_stored_t stored = good_text(ORIGIN, BASE);
	char *text = get(stored.path, &len);
	for (size_t cut = 0; cut < len; cut++) {
		put(stored.path, text, cut);
		assert_damaged(stored.path);
	}
	put(stored.path, text, len);
	assert_int_equal(find_good(ORIGIN, &stored), KNOT_EOK);
	free(text);
}

/* What a file system leaves when the power fails: zeros from somewhere on; and what is longer. */
static void test_altered(void **unused)
{
	(void)unused;
	size_t len;
	cg_stored_t stored = good_text(ORIGIN, BASE);
	char *text = get(stored.path, &len);
	for (size_t at = 0; at < len; at++) {
		static const char DIFFERENCES[] = { 1, 0x10, 0x20 };
		for (size_t i = 0; i < COUNT(DIFFERENCES); i++) {
			text[at] ^= DIFFERENCES[i];
			put(stored.path, text, len);
			assert_damaged(stored.path);
			text[at] ^= DIFFERENCES[i];
		}
	}
	char *zeros = malloc(len + 1);
	assert_non_null(zeros);
	for (size_t at = 0; at < len; at++) {
		memcpy(zeros, text, len + 1);
		memset(zeros + at, 0, len - at);
		put(stored.path, zeros, len);
		assert_damaged(stored.path);
	}
	put(stored.path, text, len + 1);
	assert_damaged(stored.path);
	put(stored.path, text, len);
	assert_int_equal(find_good(ORIGIN, &stored), KNOT_EOK);
	free(zeros);
	free(text);
}

/* A good file in a place where it does not belong. */
static void test_foreign(void **unused)
{
	(void)unused;
	cg_stored_t other = good_text("example.net.", BASE), found;
	assert_int_equal(rename(other.path, in_state("good/example.com.zone")), 0);
	assert_damaged(in_state("good/example.com.zone"));
	assert_int_equal(find_good("example.net.", &found), KNOT_ENOENT);

	cg_stored_t kept = keep_text(BASE, 1);
	assert_int_equal(rename(kept.path, in_state("good/example.com.zone")), 0);
	assert_int_equal(find_good(ORIGIN, &found), KNOT_EMALF);

	cg_stored_t good = good_text(ORIGIN, BASE);
	assert_int_equal(rename(good.path, kept.path), 0);
	assert_kept("1");
}

/* What is no regular file is not read, and nobody waits for it. */
static void test_kinds(void **unused)
{
	(void)unused;
	cg_stored_t stored = good_text(ORIGIN, BASE), found;
	assert_int_equal(rename(stored.path, in_state("good/there")), 0);
	assert_int_equal(symlink("there", stored.path), 0);
	assert_int_equal(find_good(ORIGIN, &found), KNOT_EFILE);
	assert_int_equal(unlink(stored.path), 0);
	assert_int_equal(mkfifo(stored.path, 0600), 0);
	assert_int_equal(find_good(ORIGIN, &found), KNOT_EFILE);
	assert_int_equal(unlink(stored.path), 0);
	assert_int_equal(mkdir(stored.path, 0700), 0);
	assert_int_equal(find_good(ORIGIN, &found), KNOT_EFILE);
}

/* A damaged original is listed as such, and can be read as it is. */
static void test_damaged(void **unused)
{
	(void)unused;
	size_t len, count, damaged;
	char *text, *read;
	knot_dname_t *name = unit_name(ORIGIN);
	keep_text(SOA(1) NS "a A 192.0.2.1\n", 9);
	cg_stored_t second = keep_text(SOA(2) NS "a A 192.0.2.2\n", 9);
	cg_stored_t third = keep_text(SOA(3) NS "a A 192.0.2.3\n", 9);
	keep_text(SOA(4) NS "a A 192.0.2.4\n", 9);
	text = get(third.path, &len);
	text[len - 2] = '9';
	put(third.path, text, len);
	put(second.path, "what is this\n", 13);
	assert_kept("4 1 2");

	cg_stored_t *list = list_of(ORIGIN, &count, &damaged);
	assert_int_equal(list[2].serial, 3);
	assert_string_equal(list[2].reason, "a reason");
	assert_int_equal(list[3].serial, 2); /* By its name. */
	assert_int_equal(list[3].time, clock_now);
	assert_int_equal(cg_store_text(&list[2], name, &read, &len), KNOT_EMALF);
	assert_string_equal(read, text);
	free(read);
	assert_int_equal(cg_store_text(&list[3], name, &read, &len), KNOT_EMALF);
	assert_string_equal(read, "what is this\n");
	free(read);
	assert_int_equal(unlink(second.path), 0);
	assert_int_equal(cg_store_text(&list[3], name, &read, &len), KNOT_ENOENT);
	assert_null(read);
	free(text);
	free(list);

	/* The one that cannot be read any more goes first, then the oldest. */
	put(third.path, "", 0);
	keep_text(SOA(5) NS "a A 192.0.2.5\n", 3);
	assert_kept("5 4 1 0");
	knot_dname_free(name, NULL);
}

/* --- Originals --- */

static void test_prune(void **unused)
{
	(void)unused;
	char text[128];
	for (unsigned i = 1; i <= 12; i++) {
		snprintf(text, sizeof(text), "@ SOA ns1 admin %u 1 1 1 1\na A 192.0.2.%u\n", i, i);
		cg_stored_t stored = keep_text(text, 10);
		assert_int_equal(stored.serial, i);
		clock_now += i % 2; /* Sometimes two in a second. */
	}
	put(in_state("kept/example.com/notes"), "mine", 4);
	put(in_state("kept/example.com/20200101T000000Z-1.zone.bak"), "mine", 4);
	put(in_state("kept/example.com/20200101T000000Z-.zone"), "mine", 4);
	put(in_state("kept/example.com/20200101T000000Z-1..zone"), "mine", 4);
	put(in_state("kept/example.com/20200101T000000Z-99999999999.zone"), "mine", 4);
	assert_kept("12 11 10 9 8 7 6 5 4 3 0");
	keep_text(SOA(13) "a A 192.0.2.13\n", 2);
	assert_kept("13 12 0");
	keep_text(SOA(14) "a A 192.0.2.14\n", 1);
	assert_kept("14 0");
	keep_text(SOA(15) "a A 192.0.2.15\n", 0); /* The new one stays. */
	assert_kept("15 0");
	assert_int_equal(count_in(in_state("kept/example.com")), 6);
}

/* The order is that of storing, whatever the clock says, and the serial. */
static void test_clock(void **unused)
{
	(void)unused;
	static const time_t TIMES[] = { CLOCK_START, 4000000000, 1000, -5, 253402300800, CLOCK_START - 4 };
	char text[128];
	for (unsigned i = 0; i < COUNT(TIMES); i++) {
		clock_now = TIMES[i];
		snprintf(text, sizeof(text), "@ SOA ns1 admin %u 1 1 1 1\na A 192.0.2.%u\n",
		         9 - i, i);
		keep_text(text, 4);
	}
	assert_kept("4 5 6 7 0");
	keep_text(SOA(1) "b A 192.0.2.1\n", 1);
	assert_kept("1 0");
}

/* Of one second and serial. */
static void test_same_name(void **unused)
{
	(void)unused;
	static const char *const TEXTS[] = {
		SOA(7) "a A 192.0.2.1\n", SOA(7) "a A 192.0.2.2\n", SOA(7) "a A 192.0.2.3\n"
	};
	static const char *const NAMES[] = {
		"20261123T121314Z-7.zone", "20261123T121314Z-7.1.zone", "20261123T121314Z-7.2.zone"
	};
	for (size_t i = 0; i < COUNT(TEXTS); i++) {
		cg_stored_t stored = keep_text(TEXTS[i], 9);
		assert_string_equal(stored.name, NAMES[i]);
	}
	assert_kept("7 7 7 0");
}

/* What is kept already is not kept twice. */
static void test_same_contents(void **unused)
{
	(void)unused;
	cg_stored_t first = keep_text(SOA(1) NS "a A 192.0.2.1\nb A 192.0.2.1\n", 2);
	clock_now++;
	cg_stored_t again = keep_text(SOA(2) NS "b A 192.0.2.1\na A 192.0.2.1\n"
	                              "a RRSIG A 13 3 3600 20300101000000 20200101000000 1 @ AAAA\n"
	                              "a NSEC b A RRSIG NSEC\n", 2);
	assert_memory_equal(&again, &first, sizeof(first));
	assert_kept("1 0");

	first = keep_text(SOA(3) NS "a A 192.0.2.1\n", 2);
	clock_now++;
	again = keep_text(SOA(4) NS "a A 192.0.2.1\n", 2);
	assert_memory_equal(&again, &first, sizeof(first));
	assert_kept("3 1 0");
	assert_int_equal(count_in(in_state("kept/example.com")), 2);

	/* Other data, another TTL, another owner. */
	keep_text(SOA(5) NS "a A 192.0.2.2\n", 9);
	keep_text(SOA(6) NS "a 7 A 192.0.2.1\n", 9);
	keep_text(SOA(7) NS "b A 192.0.2.1\n", 9);
	assert_kept("7 6 5 3 1 0");

	/* An older one that comes back counts as new: it is not the next to go. */
	keep_text(SOA(8) NS "a A 192.0.2.1\n", 9);
	assert_kept("8 7 6 5 1 0");

	/* One that is damaged does not stand in for another. */
	cg_stored_t newest = keep_text(SOA(9) NS "x A 192.0.2.1\n", 9);
	assert_int_equal(truncate(newest.path, 700), 0);
	keep_text(SOA(9) NS "x A 192.0.2.1\n", 9);
	assert_kept("9 8 7 6 5 1 1");
}

/* --- Zone files as they are --- */

static int keep_file(const char *path, cg_stored_t *out)
{
	knot_dname_t *name = unit_name(ORIGIN);
	int ret = cg_store_file(state, name, path, 12, "not taken", 9, out);
	knot_dname_free(name, NULL);
	return ret;
}

static void assert_raw(const char *data, size_t len)
{
	char path[300], *text;
	size_t text_len;
	cg_stored_t stored;
	knot_dname_t *name = unit_name(ORIGIN);
	snprintf(path, sizeof(path), "%s/zone", folder);
	put(path, data, len);
	assert_int_equal(keep_file(path, &stored), KNOT_EOK);
	assert_true(stored.raw);
	assert_int_equal(stored.serial, 12);
	assert_int_equal(stored.octets, len);
	assert_int_equal(cg_store_text(&stored, name, &text, &text_len), KNOT_EOK);
	assert_true(text_len > len);
	assert_memory_equal(text + text_len - len, data, len);
	free(text);

	cg_stored_t again;
	clock_now++;
	assert_int_equal(keep_file(path, &again), KNOT_EOK);
	assert_memory_equal(&again, &stored, sizeof(again));
	knot_dname_free(name, NULL);
}

static void test_raw(void **unused)
{
	(void)unused;
	static const char OCTETS[] = "; mine\r\n@ SOA\0\xff\xfe ( ; no end";
	assert_raw("", 0);
	assert_raw(OCTETS, sizeof(OCTETS) - 1);
	assert_raw(BASE, sizeof(BASE) - 1);
	assert_raw("\n", 1);
	char *big = malloc(200000);
	assert_non_null(big);
	for (size_t i = 0; i < 200000; i++) {
		big[i] = i % 251;
	}
	assert_raw(big, 200000);
	free(big);
	assert_kept("12 12 12 12 12 0");

	/* The same records in the other form are another original. */
	keep_text(BASE, 9);
	assert_kept("7 12 12 12 12 12 0");
}

static void test_raw_read(void **unused)
{
	(void)unused;
	cg_stored_t stored;
	cg_zone_t *zone;
	knot_dname_t *name = unit_name(ORIGIN);
	char path[300];
	snprintf(path, sizeof(path), "%s/zone", folder);
	put(path, BASE "; a comment\n", sizeof(BASE) + 11);
	assert_int_equal(keep_file(path, &stored), KNOT_EOK);
	assert_int_equal(cg_store_read(&stored, name, &zone), KNOT_EOK);
	assert_int_equal(cg_zone_records(zone), 3);
	cg_zone_free(zone);

	put(path, BASE "$INCLUDE /etc/passwd\n", sizeof(BASE) + 20);
	assert_int_equal(keep_file(path, &stored), KNOT_EOK);
	assert_int_equal(cg_store_read(&stored, name, &zone), KNOT_EMALF);
	assert_null(zone);
	assert_ptr_equal(strstr(cg_store_error(), stored.path), cg_store_error());
	assert_non_null(strstr(cg_store_error(), "line 15"));
	knot_dname_free(name, NULL);
}

static char changing[300];

static void change(void)
{
	int fd = open(changing, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "more", 4), 4);
	assert_int_equal(close(fd), 0);
}

static void test_raw_unreadable(void **unused)
{
	(void)unused;
	cg_stored_t stored;
	assert_int_equal(keep_file("/nowhere/zone", &stored), KNOT_ENOENT);
	assert_string_equal(cg_store_error(), "/nowhere/zone: No such file or directory");
	assert_int_equal(keep_file("/dev/null", &stored), KNOT_EFILE);
	assert_int_equal(keep_file(folder, &stored), KNOT_EFILE);

	char *big = calloc(1, 100000);
	snprintf(changing, sizeof(changing), "%s/zone", folder);
	put(changing, big, 100000);
	free(big);
	on_call = change;
	int ret = keep_file(changing, &stored);
	on_call = NULL;
	assert_int_equal(ret, KNOT_EAGAIN);
	assert_int_equal(count_in(in_state("kept/example.com")), 0);
}

/* --- Drafts --- */

static void test_drafts(void **unused)
{
	(void)unused;
	cg_stored_t stored;
	knot_dname_t *name = unit_name(ORIGIN);
	cg_store_writer_t *good, *kept;
	good_text(ORIGIN, BASE);
	keep_text(BASE, 9);
	assert_int_equal(cg_store_begin(state, name, CG_STORE_GOOD, &good), KNOT_EOK);
	assert_int_equal(cg_store_begin(state, name, CG_STORE_ORIGINAL, &kept), KNOT_EOK);
	assert_true(exists(in_state("good/.example.com.draft")));
	assert_true(exists(in_state("kept/example.com/.draft")));
	assert_kept("7 0");
	assert_int_equal(find_good(ORIGIN, &stored), KNOT_EOK);
	cg_store_cancel(good);
	cg_store_cancel(kept);
	cg_store_cancel(NULL);
	assert_int_equal(count_in(in_state("good")), 1);
	assert_int_equal(count_in(in_state("kept/example.com")), 1);

	/* Without an SOA it is no zone. */
	assert_int_equal(cg_store_begin(state, name, CG_STORE_GOOD, &good), KNOT_EOK);
	assert_int_equal(cg_store_end(good, "", 1, NULL), KNOT_EMALF);
	assert_int_equal(count_in(in_state("good")), 1);
	knot_dname_free(name, NULL);
}

/* A draft that somebody else has put there is removed, not written to. */
static void test_stale_drafts(void **unused)
{
	(void)unused;
	char victim[300], *text;
	size_t len;
	snprintf(victim, sizeof(victim), "%s/victim", folder);
	put(victim, "mine", 4);
	good_text(ORIGIN, BASE);
	keep_text(BASE, 9);
	put(in_state("good/.example.com.draft"), "torn", 4);
	put(in_state("good/.example.net.draft"), "torn", 4);
	assert_int_equal(symlink(victim, in_state("kept/example.com/.draft")), 0);
	good_text(ORIGIN, SOA(8));
	keep_text(SOA(8), 9);
	text = get(victim, &len);
	assert_string_equal(text, "mine");
	free(text);
	assert_false(exists(in_state("good/.example.com.draft")));
	assert_true(exists(in_state("good/.example.net.draft"))); /* Not ours to judge. */
	assert_false(exists(in_state("kept/example.com/.draft")));
	assert_kept("8 7 0");
}

static void test_forget(void **unused)
{
	(void)unused;
	cg_stored_t found;
	knot_dname_t *name = unit_name(ORIGIN);
	assert_int_equal(cg_store_forget(state, name), KNOT_EOK);
	good_text(ORIGIN, BASE);
	keep_text(BASE, 9);
	assert_int_equal(cg_store_forget(state, name), KNOT_EOK);
	assert_int_equal(find_good(ORIGIN, &found), KNOT_ENOENT);
	assert_int_equal(count_in(in_state("good")), 0);
	assert_kept("7 0");
	assert_int_equal(cg_store_forget(state, name), KNOT_EOK);
	knot_dname_free(name, NULL);
}

static void test_digest(void **unused)
{
	(void)unused;
	cg_store_digest_t digest = { 0 };
	cg_zone_t *zone = unit_zone(ORIGIN, RECORDS);
	assert_int_equal(cg_zone_walk(zone, cg_store_digest, &digest), KNOT_EOK);
	cg_zone_free(zone);
	cg_stored_t stored = good_text(ORIGIN, RECORDS);
	assert_true(digest.sum == stored.digest);
	assert_int_equal(digest.records, stored.records);

	/* Equal: other serials, and what a server makes. */
	cg_stored_t other = good_text(ORIGIN, "a RRSIG A 13 3 1 20300101000000 20200101000000 1 @ AA==\n"
	                              "a NSEC b A\n@ NSEC3PARAM 1 0 0 -\n" SOA(4294967295) NS);
	assert_true(other.digest == good_text(ORIGIN, NS SOA(0)).digest);
	/* Not equal: the other fields of the SOA. */
	assert_true(good_text(ORIGIN, "@ SOA a b 1 2 3 4 5\n").digest !=
	            good_text(ORIGIN, "@ SOA a b 1 2 3 4 6\n").digest);
	assert_true(good_text(ORIGIN, "@ SOA a b 1 2 3 4 5\n").digest !=
	            good_text(ORIGIN, "@ SOA a c 1 2 3 4 5\n").digest);
}

/* --- Failures --- */

static void test_no_state(void **unused)
{
	(void)unused;
	cg_stored_t stored, *list;
	size_t count;
	assert_int_equal(find_good(ORIGIN, &stored), KNOT_ENOENT);
	list = list_of(ORIGIN, &count, NULL);
	assert_int_equal(count, 0);
	free(list);

	/* Only the last folder of a path is made. */
	snprintf(state, sizeof(state), "%s/a/b", folder);
	assert_int_equal(store(ORIGIN, BASE, CG_STORE_GOOD, "", 1, NULL), KNOT_ENOENT);
	char expected[600];
	snprintf(expected, sizeof(expected), "%s: No such file or directory", state);
	assert_string_equal(cg_store_error(), expected);

	snprintf(state, sizeof(state), "%s/file", folder);
	put(state, "", 0);
	assert_int_equal(store(ORIGIN, BASE, CG_STORE_GOOD, "", 1, NULL), KNOT_EFILE);
	assert_int_equal(store(ORIGIN, BASE, CG_STORE_ORIGINAL, "", 1, NULL), KNOT_EFILE);

	memset(state, 'x', sizeof(state));
	state[0] = '/';
	state[sizeof(state) - 1] = '\0';
	assert_int_equal(store(ORIGIN, BASE, CG_STORE_GOOD, "", 1, NULL), KNOT_EFILE);
}

#define OLD SOA(7) NS "a A 192.0.2.1\n"
#define NEW SOA(8) NS "a A 192.0.2.2\n"

static bool is_good(uint32_t serial)
{
	cg_stored_t found;
	return find_good(ORIGIN, &found) == KNOT_EOK && found.serial == serial;
}

/* Whichever call fails: it is told, and all is as it was. */
static void test_failures(void **unused)
{
	(void)unused;
	static const int ERRORS[] = { ENOSPC, EACCES, EROFS, EIO, EDQUOT };
	for (size_t i = 0; i < COUNT(ERRORS); i++) {
		int kinds[] = { 0, 0 };
		calls_errno = ERRORS[i];
		for (int kind = CG_STORE_GOOD; kind <= CG_STORE_ORIGINAL; kind++) {
			int ret = KNOT_ERROR;
			good_text(ORIGIN, OLD);
			keep_text(OLD, 1);
			for (int n = 0; ret != KNOT_EOK; n++) {
				bool last = false;
				calls_left = n;
				ret = store(ORIGIN, NEW, kind, "", 1, NULL);
				if (ret != KNOT_EOK) {
					assert_int_equal(errno, ERRORS[i]);
					assert_non_null(strstr(cg_store_error(), strerror(ERRORS[i])));
					assert_ptr_equal(strstr(cg_store_error(), state), cg_store_error());
					kinds[kind]++;
					/* The sync behind the renaming of the last good one. */
					last = kind == CG_STORE_GOOD && is_good(8);
				}
				calls_left = -1;
				assert_true(is_good((kind == CG_STORE_GOOD && (ret == KNOT_EOK || last)) ? 8 : 7));
				assert_kept((kind == CG_STORE_ORIGINAL && ret == KNOT_EOK) ? "8 0" : "7 0");
				assert_int_equal(count_in(in_state("good")), 1);
				assert_int_equal(count_in(in_state("kept/example.com")), 1);
				if (last) {
					good_text(ORIGIN, OLD);
				}
			}
		}
		assert_true(kinds[0] >= 6 && kinds[1] >= 6);
	}
}

/* The same from the first folder on. */
static void test_first_failures(void **unused)
{
	(void)unused;
	calls_errno = ENOSPC;
	for (int kind = CG_STORE_GOOD; kind <= CG_STORE_ORIGINAL; kind++) {
		int ret = KNOT_ERROR;
		for (int n = 0; ret != KNOT_EOK; n++) {
			remove_folder(NULL);
			assert_int_equal(mkdir(folder, 0700), 0);
			calls_left = n;
			ret = store(ORIGIN, BASE, kind, "", 1, NULL);
			assert_int_equal(calls_left < 0, ret != KNOT_EOK);
			calls_left = -1;
			if (ret != KNOT_EOK) {
				assert_int_equal(ret, KNOT_EFILE);
				assert_kept("0");
			}
		}
	}
	assert_kept("7 0");
}

/* Whenever it is killed: the old or the new one is there, and whole. */
static void test_kills(void **unused)
{
	(void)unused;
	for (int kind = CG_STORE_GOOD; kind <= CG_STORE_ORIGINAL; kind++) {
		int n = 0, status;
		calls_die = true;
		do {
			good_text(ORIGIN, OLD);
			keep_text(OLD, 2);
			pid_t child = fork();
			assert_true(child >= 0);
			if (child == 0) {
				calls_left = n;
				_exit(store(ORIGIN, NEW, kind, "", 2, NULL) == KNOT_EOK ? 0 : 1);
			}
			assert_int_equal(waitpid(child, &status, 0), child);
			assert_true(WIFEXITED(status));
			cg_stored_t found;
			size_t count, damaged;
			assert_int_equal(find_good(ORIGIN, &found), KNOT_EOK);
			assert_true(kind == CG_STORE_GOOD || found.serial == 7);
			cg_stored_t *list = list_of(ORIGIN, &count, &damaged);
			assert_true(count >= 1 && count <= 2);
			assert_int_equal(damaged, 0);
			free(list);
			n++;
		} while (WEXITSTATUS(status) == 99);
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_true(n >= 6);
		calls_die = false;
	}
	assert_true(is_good(7));
	assert_kept("8 7 0");
	good_text(ORIGIN, OLD);
	keep_text(OLD, 2);
	assert_int_equal(count_in(in_state("good")), 1); /* No draft stays. */
	assert_int_equal(count_in(in_state("kept/example.com")), 2);
}

/* A disk without room, for real: no file may be longer. */
static void test_limit(void **unused)
{
	(void)unused;
	struct rlimit before, limit;
	good_text(ORIGIN, OLD);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	limit = before;
	int ret = KNOT_EFILE;
	for (limit.rlim_cur = 0; ret != KNOT_EOK; limit.rlim_cur += 50) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		ret = store(ORIGIN, NEW, CG_STORE_GOOD, "", 1, NULL);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(ret, (ret == KNOT_EOK) ? KNOT_EOK : KNOT_EFILE);
		assert_true(is_good((ret == KNOT_EOK) ? 8 : 7));
		assert_int_equal(count_in(in_state("good")), 1);
	}
	assert_true(limit.rlim_cur > 500);
	signal(SIGXFSZ, handler);
}

/* With too few descriptors nothing is known of the originals that are there: none is removed. */
static void test_descriptors(void **unused)
{
	(void)unused;
	struct rlimit before, limit;
	keep_text(OLD, 9);
	keep_text(SOA(3) NS, 9);
	cg_zone_t *zone = unit_zone(ORIGIN, NEW);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	int lowest = open("/", O_RDONLY);
	assert_true(lowest >= 0);
	close(lowest);
	limit = before;
	limit.rlim_cur = lowest;
	int ret = KNOT_EFILE;
	for (; ret != KNOT_EOK; limit.rlim_cur++) {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		ret = cg_store_zone(state, zone, CG_STORE_ORIGINAL, "", 2, NULL);
		int error = errno;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		if (ret != KNOT_EOK) {
			assert_int_equal(ret, KNOT_EFILE);
			assert_int_equal(error, EMFILE);
		}
		assert_kept((ret == KNOT_EOK) ? "8 3 0" : "3 7 0");
		assert_int_equal(count_in(in_state("kept/example.com")), 2);
	}
	assert_true(limit.rlim_cur >= (rlim_t)lowest + 3);
	cg_zone_free(zone);
}

#ifdef UNIT_CAN_FAIL_ALLOC
static void test_memory(void **unused)
{
	(void)unused;
	unit_alloc_or_skip();
	good_text(ORIGIN, OLD);
	keep_text(OLD, 9);
	cg_zone_t *zone = unit_zone(ORIGIN, NEW), *read;
	knot_dname_t *name = unit_name(ORIGIN);
	long n = 0;
	for (int ret = KNOT_ENOMEM; ret != KNOT_EOK; n++) {
		cg_stored_t found, *list = NULL;
		size_t count;
		unit_alloc_left = n;
		unit_alloc_hit = false;
		ret = cg_store_zone(state, zone, CG_STORE_ORIGINAL, "", 9, NULL);
		ret = (ret == KNOT_EOK) ? cg_store_list(state, name, &list, &count, NULL) : ret;
		ret = (ret == KNOT_EOK) ? cg_store_good(state, name, &found) : ret;
		if (ret == KNOT_EOK) {
			ret = cg_store_read(&found, name, &read);
			assert_int_equal(read != NULL, ret == KNOT_EOK);
			cg_zone_free(read);
		}
		unit_alloc_left = -1;
		assert_int_equal(ret, unit_alloc_hit ? KNOT_ENOMEM : KNOT_EOK);
		free(list);
	}
	assert_true(n > 8);
	assert_kept("8 7 0");
	cg_zone_free(zone);
	knot_dname_free(name, NULL);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trips),
		TEST(test_big),
		TEST(test_names),
		TEST(test_long_names),
		TEST(test_permissions),
		TEST(test_head),
		TEST(test_reasons),
		TEST(test_torn),
		TEST(test_altered),
		TEST(test_foreign),
		TEST(test_kinds),
		TEST(test_damaged),
		TEST(test_prune),
		TEST(test_clock),
		TEST(test_same_name),
		TEST(test_same_contents),
		TEST(test_raw),
		TEST(test_raw_read),
		TEST(test_raw_unreadable),
		TEST(test_drafts),
		TEST(test_stale_drafts),
		TEST(test_forget),
		TEST(test_digest),
		TEST(test_no_state),
		TEST(test_failures),
		TEST(test_first_failures),
		TEST(test_kills),
		TEST(test_limit),
		TEST(test_descriptors),
#ifdef UNIT_CAN_FAIL_ALLOC
		TEST(test_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
