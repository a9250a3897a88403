/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of zone files: what Knot 3.2 makes of `file` and `storage`. */

#include "unit.h"

#include "cnameguard/file.h"

#define STORAGE "/var/lib/knot"
#define IN(name) STORAGE "/" name

static const struct {
	const char *zone;
	const char *file;
	const char *expected; /*!< NULL: Knot takes no such path. */
} T[] = {
	/* No formatter; the default. */
	{ "example.com.", "db", IN("db") },
	{ "example.com.", "/etc/zones/db", "/etc/zones/db" },
	{ "example.com.", "zones/db", IN("zones/db") },
	{ "example.com.", "", IN("") },
	{ "example.com.", NULL, IN("example.com.zone") },
	{ ".", NULL, IN(".zone") },

	/* %s and %%. */
	{ "example.com.", "%s", IN("example.com") },
	{ "example.com.", "/%s/%s.db", "/example.com/example.com.db" },
	{ ".", "%s", IN("") },
	{ ".", "/%s", "/" },
	{ "example.com.", "%%", IN("%") },
	{ "example.com.", "%%s", IN("%s") },
	{ "example.com.", "100%%.%s", IN("100%.example.com") },
	{ "example.com.", "%%%s%%", IN("%example.com%") },

	/* Formatters that Knot does not know are left out. */
	{ "example.com.", "a%xb", IN("ab") },
	{ "example.com.", "a%x", IN("a") },
	{ "example.com.", "a%", IN("a") },
	{ "example.com.", "%", IN("") },
	{ "example.com.", "%S%s", IN("example.com") },
	{ "example.com.", "% s", IN("s") },

	/* %c: characters of the name, its last dot among them. */
	{ "example.com.", "%c[0]", IN("e") },
	{ "example.com.", "%c[1]/%s", IN("x/example.com") },
	{ "example.com.", "%c[0-2]", IN("exa") },
	{ "example.com.", "%c[2-2]", IN("a") },
	{ "example.com.", "%c[7]", IN(".") },
	{ "example.com.", "%c[11]", IN(".") },
	{ "example.com.", "%c[12]", IN("") },
	{ "example.com.", "%c[255]", IN("") },
	{ "example.com.", "%c[8-255]", IN("com.") },
	{ "example.com.", "%c[0-255]", IN("example.com.") },
	{ "example.com.", "%c[12-20]x", IN("x") },
	{ "example.com.", "%c[0]%c[1]%c[2]", IN("exa") },
	{ ".", "%c[0]", IN(".") },
	{ ".", "%c[1]", IN("") },
	{ ".", "%c[0-9]", IN(".") },

	/* %l: labels from the right. */
	{ "www.example.com.", "%l[0]", IN("com") },
	{ "www.example.com.", "%l[1]", IN("example") },
	{ "www.example.com.", "%l[2]", IN("www") },
	{ "www.example.com.", "%l[3]", IN("") },
	{ "www.example.com.", "%l[255]", IN("") },
	{ "www.example.com.", "%l[0]/%l[1]/%s.zone", IN("com/example/www.example.com.zone") },
	{ "com.", "%l[0]%l[1]", IN("com") },
	{ ".", "%l[0]", IN("") },
	{ ".", "%l[1]", IN("") },

	/* A slash in a name is no folder. */
	{ "0/25.2.0.192.in-addr.arpa.", "%s", IN("0_25.2.0.192.in-addr.arpa") },
	{ "0/25.2.0.192.in-addr.arpa.", "%c[0-3]", IN("0_25") },
	{ "0/25.2.0.192.in-addr.arpa.", "%l[5]", IN("0_25") },
	{ "/.", "%s", IN("_") },
	{ "/.", "/%c[0]", "/_" },

	/* Other characters stay as Knot writes them. */
	{ "a\\.b.example.", "%s", IN("a\\.b.example") },
	{ "a\\.b.example.", "%c[0-3]", IN("a\\.b") },
	{ "a\\.b.example.", "%l[1]", IN("a\\.b") },
	{ "a\\032b.example.", "%l[1]", IN("a\\032b") },
	{ "*.example.", "%s", IN("*.example") },

	/* Indexes that are none. */
	{ "example.com.", "%c", NULL },
	{ "example.com.", "%c[", NULL },
	{ "example.com.", "%c[]", NULL },
	{ "example.com.", "%c[0", NULL },
	{ "example.com.", "%c[0-", NULL },
	{ "example.com.", "%c[0-]", NULL },
	{ "example.com.", "%c[0-1", NULL },
	{ "example.com.", "%c[x]", NULL },
	{ "example.com.", "%c[0x1]", NULL },
	{ "example.com.", "%c[1 ]", NULL },
	{ "example.com.", "%c[2-1]", NULL },
	{ "example.com.", "%c[-1]", NULL },
	{ "example.com.", "%c[-3-5]", NULL },
	{ "example.com.", "%c[256]", NULL },
	{ "example.com.", "%c[0-256]", NULL },
	{ "example.com.", "%c[1000]", NULL },
	{ "example.com.", "%c0", NULL },
	{ "example.com.", "%l", NULL },
	{ "example.com.", "%l[]", NULL },
	{ "example.com.", "%l[0-1]", NULL },
	{ "example.com.", "%l[256]", NULL },
	{ "example.com.", "db%s%c[", NULL },

	/* Indexes written unusually. */
	{ "example.com.", "%c[ 1]", IN("x") },
	{ "example.com.", "%c[+1]", IN("x") },
	{ "example.com.", "%c[01]", IN("x") },
	{ "example.com.", "%c[0001]", IN("x") },
	{ "example.com.", "%c[1- 2]", IN("xa") },
	{ "example.com.", "%c[0]]", IN("e]") },
};

static void check(const char *zone, const char *file, const char *expected)
{
	knot_dname_t *name = unit_name(zone);
	char *path = cg_file_path(name, file, STORAGE);
	if (expected == NULL) {
		if (path != NULL) {
			fail_msg("%s %s: %s, expected none", zone, file, path);
		}
	} else if (path == NULL || strcmp(path, expected) != 0) {
		fail_msg("%s %s: %s, expected %s", zone, file, path, expected);
	}
	free(path);
	knot_dname_free(name, NULL);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(T); i++) {
		check(T[i].zone, T[i].file, T[i].expected);
	}
}

static void test_storage(void **state)
{
	(void)state;
	knot_dname_t *name = unit_name("example.com.");
	static const struct {
		const char *file;
		const char *storage;
		const char *expected;
	} S[] = {
		{ "%s", "/", "//example.com" },
		{ "%s", "/srv/100%s", "/srv/100%s/example.com" }, /* No formatters in storage. */
		{ "/%s", "/srv", "/example.com" },
		{ "%s", NULL, "example.com" },
	};
	for (size_t i = 0; i < COUNT(S); i++) {
		char *path = cg_file_path(name, S[i].file, S[i].storage);
		assert_string_equal(path, S[i].expected);
		free(path);
	}
	knot_dname_free(name, NULL);
}

/*! \brief Knot composes up to 1,023 characters, the storage aside. */
static void test_long(void **state)
{
	(void)state;
	char file[1100];
	char expected[1200];
	memset(file, 'x', sizeof(file));

	file[1023] = '\0';
	snprintf(expected, sizeof(expected), "%s/%s", STORAGE, file);
	check("example.com.", file, expected);

	strcpy(file + 1023, "x");
	check("example.com.", file, NULL);
	strcpy(file + 1023, "%");
	snprintf(expected, sizeof(expected), "%s/%.1023s", STORAGE, file);
	check("example.com.", file, expected);

	strcpy(file + 1012, "%s");
	snprintf(expected, sizeof(expected), "%s/%.1012sexample.com", STORAGE, file);
	check("example.com.", file, expected);
	memcpy(file + 1012, "x%s", sizeof("x%s"));
	check("example.com.", file, NULL);
	memcpy(file + 1012, "%%%s", sizeof("%%%s"));
	check("example.com.", file, NULL);
}

/*! \brief Knot has room for 511 characters of a name; where that is not enough: no path. */
static void test_long_name(void **state)
{
	(void)state;
	/* Three labels of 63 bytes that are written as four characters each. */
	knot_dname_storage_t name = { 0 };
	for (size_t label = 0; label < 3; label++) {
		name[label * 64] = 63;
		memset(name + label * 64 + 1, 1, 63);
	}
	assert_null(cg_file_path(name, "%s", STORAGE));
	assert_null(cg_file_path(name, "%c[0]", STORAGE));
	char *path = cg_file_path(name, "/%l[2]", STORAGE);
	assert_int_equal(strlen(path), 1 + 4 * 63);
	free(path);

	/* Two of them and four letters: 511 with all dots, the last of which goes; five are too many. */
	memset(name + 128, 0, 64);
	memcpy(name + 128, "\4xxxx", 5);
	path = cg_file_path(name, "/%s", STORAGE);
	assert_non_null(path);
	assert_int_equal(strlen(path), 1 + 510);
	free(path);
	memcpy(name + 128, "\5xxxxx", 6);
	assert_null(cg_file_path(name, "/%s", STORAGE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_storage),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_long_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
