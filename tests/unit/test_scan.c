/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scanner of zone files: where records stand, how it goes on after errors, what it includes. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UNIT_FAIL_ALLOC
#include "unit.h"

#include "cnameguard/file.h"
#include "cnameguard/scan.h"

static char folder[64];

static char *in_folder(const char *name)
{
	char *path;
	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

static void write_bytes(const char *name, const void *bytes, size_t size)
{
	char *path = in_folder(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

/* --- One scan as text --- */

typedef struct {
	unit_text_t out;
	const cg_scan_t *how;
	size_t end;      /*!< Of the record before, in the main file. */
	size_t records;
	size_t errors;
	size_t octets;   /*!< At the last progress. */
	size_t steps;    /*!< Of progress. */
} dump_t;

/*! \brief What holds for the place of every record. */
static void check_place(const cg_scan_rr_t *rr, dump_t *dump)
{
	assert_true(rr->first >= 1 && rr->first <= rr->last);
	assert_true(rr->begin < rr->end);
	if (rr->depth > 0 || dump->how->text == NULL) {
		return;
	}
	const char *text = dump->how->text;
	assert_true(rr->begin >= dump->end && rr->end <= dump->how->len);
	assert_true(rr->begin == 0 || text[rr->begin - 1] == '\n');
	assert_true(rr->end == dump->how->len || text[rr->end - 1] == '\n');
	size_t lines = 1;
	for (size_t i = 0; i < rr->begin; i++) {
		lines += text[i] == '\n';
	}
	assert_int_equal(rr->first, lines);
	for (size_t i = rr->begin; i < rr->end - 1; i++) {
		lines += text[i] == '\n';
	}
	assert_int_equal(rr->last, lines);
	dump->end = rr->end;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return (slash != NULL) ? slash + 1 : path;
}

/*! \brief "www A 1-1 0-20", the owner as far as it is not the origin; "^": it is inherited. */
static int dump_record(const cg_scan_rr_t *rr, void *ctx)
{
	dump_t *dump = ctx;
	check_place(rr, dump);
	dump->records++;

	knot_dname_txt_storage_t owner;
	assert_non_null(knot_dname_to_str(owner, rr->owner, sizeof(owner)));
	char *origin = strstr(owner, "." ORIGIN);
	if (origin != NULL) {
		*origin = '\0';
	} else if (strcmp(owner, ORIGIN) == 0) {
		strcpy(owner, "@");
	}
	unit_add(&dump->out, "%s%s %s", rr->inherits ? "^" : "", owner, unit_type(rr->type));
	if (rr->ttl != 3600) {
		unit_add(&dump->out, " %u", rr->ttl);
	}
	if (rr->depth > 0) {
		unit_add(&dump->out, " %s", base_name(rr->file));
	}
	unit_add(&dump->out, " %u-%u %zu-%zu\n", rr->first, rr->last, rr->begin, rr->end);
	return KNOT_EOK;
}

/*! \brief "! 3 reason"; the folder of the test is left out. */
static void dump_error(const cg_scan_error_t *error, void *ctx)
{
	dump_t *dump = ctx;
	dump->errors++;
	assert_null(strchr(error->reason, '\n'));

	unit_add(&dump->out, "! ");
	if (error->file != dump->how->file) {
		unit_add(&dump->out, "%s:", base_name(error->file));
	}
	const char *reason = error->reason;
	size_t skip = strlen(folder);
	if (skip > 0 && strncmp(reason, folder, skip) == 0) {
		reason += skip + 1;
	}
	unit_add(&dump->out, "%u %s\n", error->line, reason);
}

static void note_progress(size_t octets, size_t total, void *ctx)
{
	dump_t *dump = ctx;
	assert_true(octets <= total);
	assert_true(octets >= dump->octets);
	dump->octets = octets;
	dump->steps++;
}

static int scan_how(cg_scan_t how, dump_t *dump)
{
	knot_dname_t *origin = unit_name(ORIGIN);
	how.origin = origin;
	how.record = (how.record != NULL) ? how.record : dump_record;
	how.error = dump_error;
	how.progress = note_progress;
	how.ctx = dump;
	*dump = (dump_t) { .how = &how };
	int ret = cg_scan(&how);
	knot_dname_free(origin, NULL);
	return ret;
}

static char *scan_text(const char *text, size_t len)
{
	dump_t dump;
	/* A copy of that size: reading behind its end shows. */
	char *copy = malloc(len > 0 ? len : 1);
	assert_non_null(copy);
	memcpy(copy, text, len);
	const cg_scan_t how = { .file = "test.zone", .text = copy, .len = len };
	assert_int_equal(scan_how(how, &dump), KNOT_EOK);
	assert_int_equal(dump.octets, len);
	assert_memory_equal(copy, text, len);
	free(copy);
	return unit_take(&dump.out);
}

static void check(const char *text, size_t len, const char *expected)
{
	char *found = scan_text(text, len);
	assert_string_equal(found, expected);
	free(found);
}

typedef struct {
	const char *text;
	const char *expected;
} row_t;

static void check_rows(const row_t *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		check(rows[i].text, strlen(rows[i].text), rows[i].expected);
	}
}

/* --- Places --- */

static const row_t PLACES[] = {
	{ "", "" },
	{ "\n", "" },
	{ "; c", "" },
	{ "a A 192.0.2.1\n", "a A 1-1 0-14\n" },
	{ "a A 192.0.2.1", "a A 1-1 0-13\n" },
	{ "a A 192.0.2.1 ; c", "a A 1-1 0-17\n" },
	{ "a A 192.0.2.1\n AAAA ::1\n\tTXT x\n",
	  "a A 1-1 0-14\n^a AAAA 2-2 14-24\n^a TXT 3-3 24-31\n" },

	/* Blank lines, comments and directives belong to no record. */
	{ "\n; c\na A 192.0.2.1 ; c\n\n;\n A 192.0.2.2\n\n \t\n  ; c\n A 192.0.2.3\n; end",
	  "a A 3-3 5-23\n^a A 6-6 26-39\n^a A 10-10 49-62\n" },
	{ "$TTL 60\n\n$ORIGIN b.example.com. ; c\na A 192.0.2.1\n$TTL 5\n$ORIGIN c.example.com.\n"
	  " A 192.0.2.2\na A 192.0.2.3\n",
	  "a.b A 60 4-4 36-50\n^a.b A 5 7-7 80-93\na.c A 5 8-8 93-107\n" },
	{ "$TTL 60", "" },
	{ "$TTL 60 ; c\n$TTL 1h30m\na A 192.0.2.1\n", "a A 5400 3-3 23-37\n" },

	/* Parentheses: the record goes to the end of the line on which they close. */
	{ "a MX ( 10\n m )\nb A 192.0.2.1\n", "a MX 1-2 0-15\nb A 3-3 15-29\n" },
	{ "@ SOA ns1 admin (\n 1\n 2\n 3\n 4 5\n)\nb A 192.0.2.1\n", "@ SOA 1-6 0-34\nb A 7-7 34-48\n" },
	{ "@ SOA ns1 admin ( 1 2 3 4 5\n ; c )\n\n ) ; c (\nb A 192.0.2.1\n",
	  "@ SOA 1-4 0-45\nb A 5-5 45-59\n" },
	{ "a A ( 192.0.2.1 ) (\n)\n A 192.0.2.2\n", "a A 1-2 0-22\n^a A 3-3 22-35\n" },
	{ "a A ( 192.0.2.1\n)", "a A 1-2 0-17\n" },
	{ "a A ( 192.0.2.1\n) ; c", "a A 1-2 0-21\n" },
	{ "a ( \n ; c\nA 192.0.2.1 )\n", "a A 1-3 0-24\n" },
	{ "a A 192.0.2.1\n( A 192.0.2.2 )\n (\n A 192.0.2.3 )\n",
	  "a A 1-1 0-14\n^a A 2-2 14-30\n^a A 3-4 30-48\n" },
	{ "a A 192.0.2.1\n(\n)\nb A 192.0.2.1\n", "a A 1-1 0-14\nb A 4-4 18-32\n" },
	{ "a A 192.0.2.1\n$TTL ( ; c\n 60\n)\n A 192.0.2.1\n$TTL 5 (\n)\n A 192.0.2.2\n",
	  "a A 1-1 0-14\n^a A 60 5-5 31-44\n^a A 5 8-8 55-68\n" },

	/* Quotes: what is in them is no comment and no parenthesis. */
	{ "a TXT \"x;y\" ; c\nb TXT \"(\"\nc TXT \")\"\n",
	  "a TXT 1-1 0-16\nb TXT 2-2 16-26\nc TXT 3-3 26-36\n" },
	{ "a TXT ( \"x\n; y\n)\" )\nb A 192.0.2.1\n", "a TXT 1-3 0-20\nb A 4-4 20-34\n" },
	{ "a TXT ( x\n\n y ; z )\n \"z\" )\n", "a TXT 1-4 0-27\n" },
	{ "a TXT \\\"\nb TXT \\; ; c\nc TXT \"\\\\\"\n", "a TXT 1-1 0-9\nb TXT 2-2 9-22\nc TXT 3-3 22-33\n" },

	/* An escaped newline is a part of a name. */
	{ "a\\\nb CNAME c\nd A 192.0.2.1\n", "a\\010b CNAME 1-2 0-13\nd A 3-3 13-27\n" },

	{ "a TYPE65280 \\# 2 abcd\na A \\# 4 c0000201\na TYPE65280 \\# 0\na TYPE65280 \\# 4 (\n ab\n cd 0102 )\n",
	  "a TYPE65280 1-1 0-22\na A 2-2 22-40\na TYPE65280 3-3 40-57\na TYPE65280 4-6 57-91\n" },
};

static void test_places(void **state)
{
	(void)state;
	check_rows(PLACES, COUNT(PLACES));
}

/* --- Errors --- */

static const row_t ERRORS[] = {
	/* Each costs its record only. */
	{ "a A x\nb A 192.0.2.1\nc A 192.0.2\n",
	  "! 1 invalid address character: \"x\"\nb A 2-2 6-20\n! 3 invalid IPv4 address: \"192.0.2\"\n" },
	{ "a A 192.0.2.1\nb A x\n A 192.0.2.2\n",
	  "a A 1-1 0-14\n! 2 invalid address character: \"x\"\n^b A 3-3 20-33\n" },

	/* Also one in a directive, which leaves all as it was. */
	{ "$TTL 60\n$ORIGIN x.example.com.\na A 192.0.2.1\n$BAD\n$TTL x\n$ORIGIN y\n$ORIGIN y. z\n"
	  " A 192.0.2.2\nb A 192.0.2.3\n",
	  "a.x A 60 3-3 31-45\n"
	  "! 4 unknown directive $BAD; there are $ORIGIN, $TTL and $INCLUDE\n"
	  "! 5 $TTL wants a time, in seconds or like 1h30m: \"x\"\n"
	  "! 6 $ORIGIN wants an absolute name, one that ends with a dot: \"y\"\n"
	  "! 7 there is more than belongs here: \"z\"\n"
	  "^a.x A 60 8-8 80-93\nb.x A 60 9-9 93-107\n" },
	{ "a A 192.0.2.1\n (\n$ORIGIN x.y\n)\nb A 192.0.2.2\n",
	  "a A 1-1 0-14\n! 2 a parenthesis that is opened here is not closed before line 3, where "
	  "another record seems to begin\n"
	  "! 3 $ORIGIN wants an absolute name, one that ends with a dot: \"x.y\"\n"
	  "! 4 a parenthesis is closed that was not opened\nb A 5-5 31-45\n" },
	{ "$GENERATE 1-9 h$ A 192.0.2.$\n$generate\na A 192.0.2.1\n",
	  "! 1 $GENERATE is a directive of BIND that Knot does not read; write out the records that "
	  "it stands for\n"
	  "! 2 $GENERATE is a directive of BIND that Knot does not read; write out the records that "
	  "it stands for\na A 3-3 39-53\n" },
	{ "$ORIGIN\n$TTL\n$\n$INCLUDE\n",
	  "! 1 $ORIGIN wants an absolute name, one that ends with a dot\n"
	  "! 2 $TTL wants a time, in seconds or like 1h30m\n"
	  "! 3 unknown directive $; there are $ORIGIN, $TTL and $INCLUDE\n"
	  "! 4 $INCLUDE wants the name of a file\n" },
	{ "$TTL 5 (\n A 192.0.2.1\n)\na A 192.0.2.2\n",
	  "! 1 the line begins with a blank, and there is no valid owner before it to go on with\n"
	  "a A 5 4-4 24-38\n" },
	{ "a A 192.0.2.1\n$TTL 5 (\n A 192.0.2.2\n)\na A 192.0.2.3\n",
	  "a A 1-1 0-14\n! 3 there is more than belongs here\na A 5 5-5 38-52\n" },

	/* Owners. Before the first one libzscanner wants one from every line that begins so. */
	{ "\n ; c\n\t\n\na A 192.0.2.1\n ; c\n",
	  "! 2 before the first record Knot does not read empty lines and comments that begin with "
	  "a blank\n"
	  "! 3 before the first record Knot does not read empty lines and comments that begin with "
	  "a blank\na A 5-5 9-23\n" },
	{ "(\n)\na A 192.0.2.1\n",
	  "! 1 the line begins with a blank, and there is no valid owner before it to go on with\n"
	  "! 2 the line begins with a blank, and there is no valid owner before it to go on with\n"
	  "a A 3-3 4-18\n" },
	{ " A 192.0.2.1\n", "! 1 the line begins with a blank, and there is no valid owner before it "
	  "to go on with\n" },
	{ "a A 192.0.2.1\n? A 192.0.2.2\n A 192.0.2.3\n",
	  "a A 1-1 0-14\n! 2 the line begins with no valid owner name: \"?\"\n"
	  "! 3 the line begins with a blank, and there is no valid owner before it to go on with\n" },
	{ "\xc3\xa4 A 192.0.2.1\n",
	  "! 1 names with characters beyond ASCII are written in Punycode (xn--...): \"??\"\n" },

	/* Types and classes. */
	{ "a ANAME b\na FOO b\na 60 IN 192.0.2.1\n b A 192.0.2.1\na\na IN ; c\na A\n",
	  "! 1 \"ANAME\" is no record type that Knot knows\n"
	  "! 2 \"FOO\" is no record type that Knot knows\n"
	  "! 3 \"192.0.2.1\" is neither a TTL nor a record type\n"
	  "! 4 \"b\" is no record type that Knot knows; a line that begins with a blank has no "
	  "owner of its own\n"
	  "! 5 the line ends without a record type\n"
	  "! 6 the line ends without a record type\n"
	  "! 7 data are missing behind \"A\"\n" },
	{ "a CH TXT x\na HS A 192.0.2.1\nb IN A 192.0.2.1\n",
	  "! 1 class CH: Knot reads records of class IN only\n"
	  "! 2 class HS: Knot reads records of class IN only\nb A 3-3 28-45\n" },

	/* Data. */
	{ "a MX 10\na TXT \"x\na TXT x\"\na TXT \"x\"y\na TXT \"\xc3\xa4\"\na A 192.0.2.1 x\n",
	  "! 1 data are missing behind \"10\"\n"
	  "! 2 a quote is opened on this line and not closed: \"\"x\"\n"
	  "! 3 a quote within a word; it is written \\\": \"x\"\"\n"
	  "! 4 a quoted text with something behind it: \"\"x\"y\"\n"
	  "! 5 characters beyond ASCII are written octet by octet, as \\ and three digits: \"\"??\"\"\n"
	  "! 6 there is more than belongs here: \"x\"\n" },
	{ "a A \\# 3 c00002\na MX \\# 1 00\na NS \\# 2 c000\na TXT \\# 2 0541\na SOA \\# 1 00\n"
	  "a NS \\# 1 00\na TYPE65280 x\na A \\# 4 00\na A \\# 5 c000020101\na NS \\# 1 01\n",
	  "! 1 what follows \\# are no data of type A\n! 2 what follows \\# are no data of type MX\n"
	  "! 3 what follows \\# are no data of type NS\n! 4 what follows \\# are no data of type TXT\n"
	  "! 5 what follows \\# are no data of type SOA\na NS 6-6 74-87\n"
	  "! 7 data of a type without a name are written as \\#, length and hexadecimal digits: \"x\"\n"
	  "! 8 the length behind \\# is not that of the data: \"00\"\n"
	  "! 9 what follows \\# are no data of type A\n! 10 what follows \\# are no data of type NS\n" },

	/* Parentheses. */
	{ "a A 192.0.2.1 )\na A 192.0.2.1 ( ( )\nb A 192.0.2.1\n",
	  "! 1 a parenthesis is closed that was not opened\n"
	  "! 2 a parenthesis is opened inside of others\nb A 3-3 36-50\n" },
	{ "a TXT ( x\n \x01 y )\nb A 192.0.2.1\n", "! 2 invalid text character: \"?\"\nb A 3-3 17-31\n" },
	{ "a TXT ( x\n \x01\n y )\nb A 192.0.2.1\n", "! 2 invalid text character: \"?\"\nb A 4-4 18-32\n" },
	{ "a TXT ( x\n \x01 y )\n A 192.0.2.1\n", "! 2 invalid text character: \"?\"\n^a A 3-3 17-30\n" },
	{ "a MX ( x\n ; )\n 10\nb A 192.0.2.1\n", "! 1 invalid number: \"x\"\nb A 4-4 18-32\n" },
	{ "a A ( 192.0.2.1\n ) b\nb A 192.0.2.1\n",
	  "! 2 there is more than belongs here: \"b\"\na A 1-2 0-21\nb A 3-3 21-35\n" },
	{ "a A ( 192.0.2.1\n ) b\n A 192.0.2.2\n",
	  "! 2 there is more than belongs here: \"b\"\na A 1-2 0-21\n^a A 3-3 21-34\n" },
	{ "a A ( 192.0.2.1\n ) )\nb A 192.0.2.1\n",
	  "! 2 there is more than belongs here\na A 1-2 0-21\nb A 3-3 21-35\n" },
	{ "a A ( 192.0.2.1\n b\n c )\nb A 192.0.2.1\n",
	  "! 2 there is more than belongs here: \"b\"\na A 1-3 0-24\nb A 4-4 24-38\n" },

	/* A parenthesis that nobody closes. */
	{ "@ SOA ns1 admin (\n 1 2 3\n 4 5\n@ NS ns1\nb A 192.0.2.1\n",
	  "! 1 a parenthesis that is opened here is not closed before line 4, where another record "
	  "seems to begin\n@ SOA 1-3 0-30\n@ NS 4-4 30-39\nb A 5-5 39-53\n" },
	{ "@ SOA ns1 admin (\n 1 2 3\n 4\n@ NS ns1\nb A 192.0.2.1\n",
	  "! 1 a parenthesis that is opened here is not closed before line 4, where another record "
	  "seems to begin\n@ NS 4-4 28-37\nb A 5-5 37-51\n" },
	{ "a A 192.0.2.1\nb TXT ( x\nc A 192.0.2.3\n\td\n",
	  "a A 1-1 0-14\n! 2 a parenthesis that is opened here is never closed\nc A 3-3 24-38\n"
	  "! 4 \"d\" is no record type that Knot knows; a line that begins with a blank has no "
	  "owner of its own\n" },
	{ "a A ( 192.0.2.1\n\n", "! 1 a parenthesis that is opened here is never closed\na A 1-1 0-16\n" },
	{ "a A ( 192.0.2.1", "! 1 a parenthesis that is opened here is never closed\n" },
	{ "a TXT ( \"x )\nb A 192.0.2.1\n",
	  "! 1 a parenthesis that is opened here is never closed\nb A 2-2 13-27\n" },
	{ "$TTL 5 (\na A 192.0.2.1\n",
	  "! 1 a parenthesis that is opened here is not closed before line 2, where another record "
	  "seems to begin\na A 2-2 9-23\n" },
	{ "$TTL 5 (\n ; c\n", "! 1 a parenthesis that is opened here is never closed\n" },
	{ "a A 192.0.2.1\n(\n", "a A 1-1 0-14\n! 2 a parenthesis that is opened here is never closed\n" },
	{ "a A 192.0.2.1\n( (\nb A 192.0.2.1\n",
	  "a A 1-1 0-14\n! 2 a parenthesis is opened inside of others\nb A 3-3 18-32\n" },

	/* Carriage returns. */
	{ "a A 192.0.2.1\rb A 192.0.2.2\rc A 192.0.2.3\n",
	  "! 1 a carriage return (CR) that ends no line\n" },
	{ "a A 192.0.2.1 ; c\r\n; c\r\nb A 192.0.2.2\n", "a A 1-1 0-19\nb A 3-3 24-38\n" },
};

static void test_errors(void **state)
{
	(void)state;
	check_rows(ERRORS, COUNT(ERRORS));
}

/*! \brief Octets that are no text. */
static void test_octets(void **state)
{
	(void)state;
	static const char NUL[] = "a A 192.0.2.1\n\0 A 192.0.2.2\nb A 192.0.2.3\0\nc A 192.0.2.4 ; \0\n";
	check(NUL, sizeof(NUL) - 1,
	      "a A 1-1 0-14\n! 2 the line begins with no valid owner name\n"
	      "! 3 invalid address character: \"192.0.2.3\"\nc A 4-4 43-61\n");

	static const char MARK[] = "\xef\xbb\xbf" "a A 192.0.2.1\n A 192.0.2.2\n";
	check(MARK, sizeof(MARK) - 1,
	      "! 1 the file begins with a byte order mark, which Knot does not read; save it as "
	      "UTF-8 without one\na A 1-1 0-17\n^a A 2-2 17-30\n");
	static const char MARK_BLANK[] = "\xef\xbb\xbf; c\n$TTL 60\na A 192.0.2.1\n";
	check(MARK_BLANK, sizeof(MARK_BLANK) - 1,
	      "! 1 the file begins with a byte order mark, which Knot does not read; save it as "
	      "UTF-8 without one\na A 60 3-3 15-29\n");
	static const char MARK_WINDOWS[] = "\xef\xbb\xbf\r\na A 192.0.2.1\r\n";
	check(MARK_WINDOWS, sizeof(MARK_WINDOWS) - 1,
	      "! 1 the file begins with a byte order mark, which Knot does not read; save it as "
	      "UTF-8 without one\n"
	      "! 1 lines of this file end as on Windows (CR LF), which Knot does not read; convert "
	      "it, by dos2unix for example\na A 2-2 5-20\n");
	check("\xef\xbb\xbf", 3,
	      "! 1 the file begins with a byte order mark, which Knot does not read; save it as "
	      "UTF-8 without one\n");
}

/*! \brief With CR LF everywhere: one error, and everything else as with LF, on the same lines. */
static void test_windows(void **state)
{
	(void)state;
	static const char ERROR[] = " lines of this file end as on Windows (CR LF), which Knot does "
		"not read; convert it, by dos2unix for example\n";
	static const struct {
		const char *text;
		const char *before; /*!< Before the error. */
		unsigned line;
		const char *behind;
	} W[] = {
		{ "a A 192.0.2.1\r\n", "", 1, "a A 1-1 0-15\n" },
		{ "a A 192.0.2.1\r\n A 192.0.2.2\r\n", "", 1, "a A 1-1 0-15\n^a A 2-2 15-29\n" },
		{ "\r\n\r\na A 192.0.2.1\r\n", "", 1, "a A 3-3 4-19\n" },
		{ "; c\r\na A 192.0.2.1\r\n", "", 2, "a A 2-2 5-20\n" },
		{ "a A 192.0.2.1\r", "", 1, "a A 1-1 0-14\n" },
		{ "a A 192.0.2.1\nb A 192.0.2.2\r\nc A 192.0.2.3\n", "a A 1-1 0-14\n", 2,
		  "b A 2-2 14-29\nc A 3-3 29-43\n" },
		{ "$TTL 60\r\n$ORIGIN b.example.com.\r\na A 192.0.2.1\r\n", "", 1, "a.b A 60 3-3 33-48\n" },
		{ "@ SOA ns1 admin (\r\n 1 2 3 4\r\n 5 )\r\nb A 192.0.2.1\r\n", "", 1,
		  "@ SOA 1-3 0-35\nb A 4-4 35-50\n" },
		{ "a MX\r\na A x\r\nb A 192.0.2.1\rx\r\nc A 192.0.2.2\r\n", "", 1,
		  "! 1 data are missing behind \"MX\"\n! 2 invalid address character: \"x\"\n"
		  "! 3 a carriage return (CR) that ends no line\nc A 4-4 30-45\n" },
	};
	for (size_t i = 0; i < COUNT(W); i++) {
		unit_text_t expected = { 0 };
		unit_add(&expected, "%s! %u%s%s", W[i].before, W[i].line, ERROR, W[i].behind);
		check(W[i].text, strlen(W[i].text), expected.str);
		free(expected.str);
	}
}

/*! \brief Many errors are counted, not told. */
static void test_many_errors(void **state)
{
	(void)state;
	unit_text_t text = { 0 };
	for (unsigned i = 0; i < 1000; i++) {
		unit_add(&text, "?\n");
	}
	unit_add(&text, "a A 192.0.2.1\n");
	dump_t dump;
	const cg_scan_t how = { .file = "test.zone", .text = text.str, .len = text.len };
	assert_int_equal(scan_how(how, &dump), KNOT_EOK);
	assert_int_equal(dump.errors, 101);
	assert_int_equal(dump.records, 1);
	const char *end = "a A 1001-1001 2000-2014\n! 0 900 more errors\n";
	assert_string_equal(dump.out.str + dump.out.len - strlen(end), end);
	free(dump.out.str);
	free(text.str);
}

static int count_records(const cg_scan_rr_t *rr, void *ctx)
{
	(void)rr;
	((dump_t *)ctx)->records++;
	return KNOT_EOK;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static double scan_repeated(const char *piece, size_t size)
{
	size_t len = strlen(piece);
	char *text = malloc(size + len);
	assert_non_null(text);
	size_t used = 0;
	while (used < size) {
		memcpy(text + used, piece, len);
		used += len;
	}
	dump_t dump;
	const cg_scan_t how = {
		.file = "test.zone", .text = text, .len = used, .record = count_records
	};
	double begin = seconds();
	assert_int_equal(scan_how(how, &dump), KNOT_EOK);
	double took = seconds() - begin;
	assert_true(dump.errors <= 101);
	free(dump.out.str);
	free(text);
	return took;
}

/*! \brief Files that are wrong all over take no longer than their size lets expect. */
static void test_linear(void **state)
{
	(void)state;
	static const char *PIECES[] = {
		"?\n", "\xff", "\r", "\r\n", "(\n", "( (\n", ")\n", "a TXT (\n", "a TXT ( \"\n", "$\n",
		"$TTL (\n", "$TTL ( \"\n", "$TTL 5 (\n ", "$INCLUDE (\n", "a A ( 192.0.2.1\n",
		"a A (192.0.2.1\n;\n", "a TXT \\", "a A x (", "\"\n", "a TXT ( \"(\" x\n", ";", " ",
		"a A x ; ", "$X ( ;\n", "a A \\# (\n", "a A ( x\n", " A ( x\n", " ( x\n", "( x\n",
		"a A \\# 3 (\n", "a\\\n", "a.\\", "$TTL \\\n", "; (\n ( ; )\n", "\t\n", "a TXT x\\\n",
	};
	for (size_t i = 0; i < COUNT(PIECES); i++) {
		double took = scan_repeated(PIECES[i], 1 << 20);
		if (took > 10) { /* Seconds, for what is done in one also by a sanitizer. */
			fail_msg("%s: %f seconds", PIECES[i], took);
		}
	}
}

/* --- Stops --- */

static int stop_at_second(const cg_scan_rr_t *rr, void *ctx)
{
	dump_record(rr, ctx);
	return (((dump_t *)ctx)->records == 2) ? KNOT_ECONN : KNOT_EOK;
}

static void test_stop(void **state)
{
	(void)state;
	static const char TEXT[] = "a A 192.0.2.1\nb A 192.0.2.1\nc A 192.0.2.1\n";
	dump_t dump;
	const cg_scan_t how = {
		.file = "test.zone", .text = TEXT, .len = strlen(TEXT), .record = stop_at_second
	};
	assert_int_equal(scan_how(how, &dump), KNOT_ECONN);
	assert_string_equal(dump.out.str, "a A 1-1 0-14\nb A 2-2 14-28\n");
	free(dump.out.str);
}

/*! \brief Progress comes every now and then, and at the end; an included file counts too. */
static void test_progress(void **state)
{
	(void)state;
	unit_text_t text = { 0 };
	for (unsigned i = 0; i < 20000; i++) {
		unit_add(&text, "a A 192.0.2.1\n");
	}
	write_file("big", text.str);
	unit_add(&text, "$INCLUDE big\n$INCLUDE big\n");
	write_file("main", text.str);

	char *path = in_folder("main");
	dump_t dump;
	assert_int_equal(scan_how((cg_scan_t) { .file = path, .record = count_records }, &dump), KNOT_EOK);
	assert_int_equal(dump.records, 60000);
	assert_int_equal(dump.octets, 3 * 280000 + 26);
	assert_true(dump.steps >= 10 && dump.steps <= 20);
	free(path);
	free(text.str);
}

/* --- Includes --- */

/*! \brief Scans a file of the folder; relative to a folder that is not the working one. */
static void check_file(const char *name, const char *include_dir, const char *expected)
{
	char *path = in_folder(name);
	dump_t dump;
	const cg_scan_t how = { .file = path, .include_dir = include_dir };
	assert_int_equal(scan_how(how, &dump), KNOT_EOK);
	char *found = unit_take(&dump.out);
	assert_string_equal(found, expected);
	free(found);
	free(path);
}

/*! \brief What the included file changes holds for it alone. */
static void test_include(void **state)
{
	(void)state;
	write_file("main", "$TTL 60\na A 192.0.2.1\n$INCLUDE one\n A 192.0.2.2\n"
	           "$INCLUDE \"one\" x.example.com. ; c\nb A 192.0.2.3\n$include ( one\n) ; c\n A 192.0.2.4\n");
	write_file("one", "c A 192.0.2.1\n$ORIGIN y.example.com.\n$TTL 5\nd A 192.0.2.2\n");
	check_file("main", NULL,
	           "a A 60 2-2 8-22\n"
	           "c A 60 one 1-1 0-14\nd.y A 5 one 4-4 44-58\n"
	           "^a A 60 4-4 35-48\n"
	           "c.x A 60 one 1-1 0-14\nd.y A 5 one 4-4 44-58\n"
	           "b A 60 6-6 82-96\n"
	           "c A 60 one 1-1 0-14\nd.y A 5 one 4-4 44-58\n"
	           "^b A 60 9-9 117-130\n");

	/* Nothing of the owner before gets in. */
	write_file("blank", " A 192.0.2.1\n");
	write_file("main", "a A 192.0.2.1\n$INCLUDE blank\n A 192.0.2.2\n");
	check_file("main", NULL, "a A 1-1 0-14\n"
	           "! blank:1 the line begins with a blank, and there is no valid owner before it to "
	           "go on with\n^a A 3-3 29-42\n");
}

/*! \brief Names are relative to the file that includes, not to the first one. */
static void test_include_folders(void **state)
{
	(void)state;
	char *sub = in_folder("sub");
	assert_int_equal(mkdir(sub, 0755), 0);
	write_file("main", "$INCLUDE sub/one\n");
	write_file("sub/one", "a A 192.0.2.1\n$INCLUDE two\n");
	write_file("sub/two", "b A 192.0.2.2\n");
	check_file("main", NULL, "a A one 1-1 0-14\nb A two 1-1 0-14\n");

	/* Through a link: to where it leads. */
	char *link = in_folder("link");
	assert_int_equal(symlink("sub/one", link), 0);
	check_file("link", NULL, "a A 1-1 0-14\nb A two 1-1 0-14\n");
	free(link);
	free(sub);
}

/*! \brief Names of included files are as short as that of the file that includes them. */
static int check_names(const cg_scan_rr_t *rr, void *ctx)
{
	unit_add(&((dump_t *)ctx)->out, "%s\n", rr->file);
	return KNOT_EOK;
}

static void test_include_names(void **state)
{
	(void)state;
	int here = open(".", O_RDONLY | O_DIRECTORY);
	assert_true(here >= 0);
	assert_int_equal(chdir(folder), 0);
	dump_t dump;
	cg_scan_t how = { .file = "main", .record = check_names };
	assert_int_equal(scan_how(how, &dump), KNOT_EOK);
	assert_string_equal(dump.out.str, "sub/one\nsub/two\n");
	free(dump.out.str);

	static const char TEXT[] = "$INCLUDE sub/two\n";
	how.file = "-";
	how.text = TEXT;
	how.len = strlen(TEXT);
	assert_int_equal(scan_how(how, &dump), KNOT_EOK);
	assert_string_equal(dump.out.str, "sub/two\n");
	free(dump.out.str);
	assert_int_equal(fchdir(here), 0);
	close(here);
}

static void test_include_errors(void **state)
{
	(void)state;
	char *fifo = in_folder("fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	write_file("broken", "?\na A 192.0.2.1\n");
	write_file("main", "$INCLUDE nowhere\n$INCLUDE sub\n$INCLUDE fifo\n$INCLUDE /dev/null\n"
	           "$INCLUDE main/x\n$INCLUDE broken x\n$INCLUDE broken\nb A 192.0.2.2\n"
	           "$INCLUDE a\\010b\\027\n");
	check_file("main", NULL,
	           "! 1 nowhere cannot be included: there is no such file\n"
	           "! 2 sub cannot be included: it is a folder\n"
	           "! 3 fifo cannot be included: it is no regular file\n"
	           "! 4 /dev/null cannot be included: it is no regular file\n"
	           "! 5 main/x cannot be included: there is no such file\n"
	           "! 6 the origin of an $INCLUDE has to be an absolute name, one that ends with a "
	           "dot: \"x\"\n"
	           "! broken:1 the line begins with no valid owner name: \"?\"\n"
	           "a A broken 2-2 2-16\n"
	           "b A 8-8 113-127\n"
	           "! 9 a?b? cannot be included: there are control characters in its name\n");
	free(fifo);
}

static void test_include_loops(void **state)
{
	(void)state;
	char *other = in_folder("other");
	assert_int_equal(symlink("loop", other), 0);
	write_file("loop", "a A 192.0.2.1\n$INCLUDE loop\n$INCLUDE other\n$INCLUDE pool\nb A 192.0.2.1\n");
	write_file("pool", "c A 192.0.2.1\n$INCLUDE loop\n");
	check_file("loop", NULL,
	           "a A 1-1 0-14\n"
	           "! 2 loop cannot be included: it would include itself\n"
	           "! 3 other cannot be included: it would include itself\n"
	           "c A pool 1-1 0-14\n"
	           "! pool:2 loop cannot be included: it would include itself\n"
	           "b A 5-5 57-71\n");
	free(other);

	/* Not a loop: the same file twice. */
	write_file("main", "$INCLUDE sub/two\n$INCLUDE sub/two\n");
	check_file("main", NULL, "b A two 1-1 0-14\nb A two 1-1 0-14\n");
}

static void test_include_depth(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= 17; i++) {
		char name[16], text[32];
		snprintf(name, sizeof(name), "deep%u", i);
		snprintf(text, sizeof(text), "$INCLUDE deep%u\na A 192.0.2.1\n", i + 1);
		write_file(name, text);
	}
	char *path = in_folder("deep0");
	dump_t dump;
	assert_int_equal(scan_how((cg_scan_t) { .file = path }, &dump), KNOT_EOK);
	assert_int_equal(dump.records, 17);
	assert_int_equal(dump.errors, 1);
	static const char FIRST[] = "! deep16:1 deep17 cannot be included: files include each other too deep\n";
	assert_memory_equal(dump.out.str, FIRST, strlen(FIRST));
	free(dump.out.str);
	free(path);
}

/*! \brief Sixteen is also the depth of libzscanner's stack, of which each $INCLUDE takes one. */
static void test_include_many(void **state)
{
	(void)state;
	unit_text_t text = { 0 };
	for (unsigned i = 0; i < 200; i++) {
		unit_add(&text, "$INCLUDE sub/two\n%s", (i >= 100) ? "?\n" : "");
	}
	write_file("main", text.str);
	free(text.str);
	char *path = in_folder("main");
	dump_t dump;
	assert_int_equal(scan_how((cg_scan_t) { .file = path }, &dump), KNOT_EOK);
	assert_int_equal(dump.records, 200);
	assert_int_equal(dump.errors, 100);
	free(dump.out.str);
	free(path);
}

/*! \brief A file that includes the next ten times: few lines, files without end. */
static void test_include_bomb(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		char name[16];
		unit_text_t text = { 0 };
		snprintf(name, sizeof(name), "bomb%u", i);
		for (unsigned j = 0; j < 10; j++) {
			unit_add(&text, "$INCLUDE bomb%u\n", i + 1);
		}
		write_file(name, text.str);
		free(text.str);
	}
	write_file("bomb10", "");
	char *path = in_folder("bomb0");
	dump_t dump;
	assert_int_equal(scan_how((cg_scan_t) { .file = path }, &dump), KNOT_EOK);
	assert_true(dump.errors > 0 && dump.errors <= 101);
	assert_non_null(strstr(dump.out.str, "too many files are included"));
	free(dump.out.str);
	free(path);
}

/*! \brief Only what is in a folder, wherever links lead. */
static void test_include_dir(void **state)
{
	(void)state;
	char *sub = in_folder("sub");
	char *link = in_folder("sub/out");
	char *dir = in_folder("sub/outside");
	char *in = in_folder("in");
	assert_int_equal(symlink("../pool", link), 0);
	assert_int_equal(symlink("..", dir), 0);
	assert_int_equal(symlink("sub/two", in), 0);
	write_file("subway", "s A 192.0.2.1\n");
	write_file("main", "$INCLUDE sub/two\n$INCLUDE sub/../sub/two\n$INCLUDE in\n$INCLUDE pool\n"
	           "$INCLUDE sub/out\n$INCLUDE sub/outside/pool\n$INCLUDE sub/nowhere\n$INCLUDE nowhere\n"
	           "$INCLUDE subway\n$INCLUDE sub\n$INCLUDE /etc/passwd\n$INCLUDE /nowhere\na A 192.0.2.1\n");
	static const char OUTSIDE[] = "cannot be included: it is outside of the folder that files may "
		"be included from";
	unit_text_t expected = { 0 };
	unit_add(&expected, "b A two 1-1 0-14\nb A two 1-1 0-14\nb A in 1-1 0-14\n"
	         "! 4 pool %s\n! 5 sub/out %s\n! 6 sub/outside/pool %s\n"
	         "! 7 sub/nowhere cannot be included: there is no such file\n! 8 nowhere %s\n"
	         "! 9 subway %s\n! 10 sub %s\n! 11 /etc/passwd %s\n! 12 /nowhere %s\n"
	         "a A 13-13 216-230\n",
	         OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE, OUTSIDE);
	check_file("main", sub, expected.str);
	free(expected.str);

	write_file("main", "$INCLUDE sub/two\na A 192.0.2.1\n");
	check_file("main", "", "! 1 sub/two cannot be included: no files are included here\n"
	           "a A 2-2 17-31\n");
	check_file("main", "/nowhere", "! 1 sub/two cannot be included: the folder that files may be "
	           "included from cannot be read\na A 2-2 17-31\n");
	check_file("main", "/", "b A two 1-1 0-14\na A 2-2 17-31\n");
	free(in);
	free(dir);
	free(link);
	free(sub);
}

/* --- Texts --- */

static void check_read(const char *path, int ret, int code, const char *expected)
{
	char *text;
	size_t len;
	errno = 0;
	assert_int_equal(cg_scan_text(path, &text, &len, NULL), ret);
	if (ret != KNOT_EOK) {
		assert_int_equal(errno, code);
		assert_null(text);
		return;
	}
	assert_int_equal(len, strlen(expected));
	assert_string_equal(text, expected); /* And a zero. */
	free(text);
}

static void test_text(void **state)
{
	(void)state;
	char *path = in_folder("text");
	write_file("text", "some text");
	check_read(path, KNOT_EOK, 0, "some text");
	write_file("text", "");
	check_read(path, KNOT_EOK, 0, "");
	check_read("/dev/null", KNOT_EOK, 0, "");
	check_read(folder, KNOT_EFILE, EISDIR, NULL);
	char *below = in_folder("text/below");
	check_read(below, KNOT_EFILE, ENOTDIR, NULL);
	free(below);
	assert_int_equal(unlink(path), 0);
	check_read(path, KNOT_ENOENT, ENOENT, NULL);
	dump_t dump;
	assert_int_equal(scan_how((cg_scan_t) { .file = path }, &dump), KNOT_ENOENT);
	assert_int_equal(errno, ENOENT);
	free(path);
}

/*! \brief A pipe with more in it than its buffer and ours hold. */
static void test_pipe(void **state)
{
	(void)state;
	enum { SIZE = 300000 };
	char *path = in_folder("pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int fd = open(path, O_WRONLY);
		free(path);
		for (size_t i = 0; i < SIZE; i++) {
			char c = 'a' + i % 26;
			if (write(fd, &c, 1) != 1) {
				_exit(1);
			}
		}
		_exit(0);
	}
	char *text;
	size_t len;
	assert_int_equal(cg_scan_text(path, &text, &len, NULL), KNOT_EOK);
	assert_int_equal(len, SIZE);
	for (size_t i = 0; i < SIZE; i++) {
		assert_int_equal(text[i], 'a' + i % 26);
	}
	assert_int_equal(text[len], '\0');
	free(text);
	free(path);
}

static void test_stdin(void **state)
{
	(void)state;
	int kept = dup(STDIN_FILENO);
	static const char *NAMES[] = { "-", "/dev/stdin" };
	for (size_t i = 0; i < COUNT(NAMES); i++) {
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], "a A 192.0.2.1\n", 14), 14);
		close(ends[1]);
		assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
		close(ends[0]);
		dump_t dump;
		assert_int_equal(scan_how((cg_scan_t) { .file = NAMES[i] }, &dump), KNOT_EOK);
		assert_string_equal(dump.out.str, "a A 1-1 0-14\n");
		free(dump.out.str);
	}
	if (kept >= 0) {
		dup2(kept, STDIN_FILENO);
		close(kept);
	}
}

/* --- Origins --- */

#define REST " SOA ns1 admin 1 2 3 4 5\n"

static void test_origin(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		const char *text;
		const char *expected; /*!< NULL: unknown. */
	} O[] = {
		/* By the SOA. */
		{ "x", "example.com." REST, "example.com." },
		{ "x", "Example.COM." REST, "example.com." },
		{ "x", "$ORIGIN example.com.\n@" REST, "example.com." },
		{ "x", "$ORIGIN com.\nexample" REST, "example.com." },
		{ "x", "$TTL 60\n; c\nexample.com. IN" REST, "example.com." },
		{ "x", "a.example.com. A 192.0.2.1\nexample.com." REST, "example.com." },
		{ "x", "." REST, "." },
		{ "x.zone", "example.com." REST, "example.com." },
		{ "x", "?\n$BAD\nexample.com." REST, "example.com." },
		{ "x", "example.com. SOA ns1 admin 1 2 3 4 5\r\n", "example.com." },
		{ "x", "example.com." REST "example.net." REST, "example.com." },

		/* By the name, if the SOA does not tell. */
		{ "x", "@" REST, NULL },
		{ "x", "", NULL },
		{ "-", "@" REST, NULL },
		{ "example.com.zone", "@" REST, "example.com." },
		{ "example.com.zone", "", "example.com." },
		{ "/a/b.c/Example.com.ZONE", "@" REST, "example.com." },
		{ "example.com.db", "@" REST, "example.com." },
		{ "db.example.com", "@" REST, "example.com." },
		{ "dir/db.example.com", "@" REST, "example.com." },
		{ "2.0.192.in-addr.arpa.zone", "@" REST, "2.0.192.in-addr.arpa." },
		{ "db.example.com/x", "@" REST, NULL },
		{ "example.com", "@" REST, NULL },
		{ "example.com.txt", "@" REST, NULL },
		{ ".zone", "@" REST, NULL },
		{ "db.", "@" REST, NULL },
		{ "db", "@" REST, NULL },
		{ "exa..mple.zone", "@" REST, NULL },
		{ "cz.zone", "@" REST, "cz." },
		/* The root: the name that everybody gives it, and the one that Knot does. */
		{ "root.zone", "@" REST, "." },
		{ "db.root", "@" REST, "." },
		{ "..zone", "@" REST, "." },
	};
	for (size_t i = 0; i < COUNT(O); i++) {
		knot_dname_storage_t origin;
		int ret = cg_scan_origin(O[i].file, O[i].text, strlen(O[i].text), NULL, origin);
		if (ret != ((O[i].expected != NULL) ? KNOT_EOK : KNOT_ENOENT)) {
			fail_msg("%s, %s: %s", O[i].file, O[i].text, knot_strerror(ret));
		}
		if (ret == KNOT_EOK && O[i].expected != NULL) {
			knot_dname_txt_storage_t name;
			assert_non_null(knot_dname_to_str(name, origin, sizeof(name)));
			assert_string_equal(name, O[i].expected);
		}
	}
}

/* --- Zones --- */

static void test_zone(void **state)
{
	(void)state;
	static const char TEXT[] = "@ SOA ns1 admin (\n1 2 3\n4 5\n)\nb A 192.0.2.1\n?\n";
	knot_dname_t *origin = unit_name(ORIGIN);
	dump_t dump = { 0 };
	const cg_scan_t how = {
		.file = "test.zone", .text = TEXT, .len = strlen(TEXT), .origin = origin,
		.error = dump_error, .record = dump_record, .ctx = &dump,
	};
	dump.how = &how;
	cg_zone_t *zone;
	size_t left_out = 9;
	assert_int_equal(cg_file_zone(&how, &zone, &left_out), KNOT_EOK);
	assert_int_equal(left_out, 0);
	assert_int_equal(dump.errors, 1);
	assert_int_equal(dump.records, 2);
	free(dump.out.str);

	cg_name_t name;
	assert_int_equal(cg_zone_find(zone, origin, &name), KNOT_EOK);
	assert_int_equal(name.rr[0].line, 4);
	assert_int_equal(name.rr[0].more, 3);
	assert_string_equal(name.rr[0].file, "test.zone");
	cg_zone_free(zone);
	knot_dname_free(origin, NULL);
}

#ifdef UNIT_CAN_FAIL_ALLOC
/*! \brief An allocation that fails ends the scan, or costs an include, and leaves nothing behind. */
static void test_out_of_memory(void **state)
{
	(void)state;
	unit_alloc_or_skip();
	write_file("main", "@ SOA ns1 admin 1 2 3 4 5\r\n$INCLUDE sub/two\na A \\# 4 c0000201\nb A x\n");
	char *path = in_folder("main");
	char *sub = in_folder("sub");
	knot_dname_t *origin = unit_name(ORIGIN);
	size_t failures = 0;
	int ret;
	do {
		const cg_scan_t how = { .file = path, .origin = origin, .include_dir = sub };
		cg_zone_t *zone;
		unit_alloc_hit = false;
		unit_alloc_left = failures++;
		ret = cg_file_zone(&how, &zone, NULL);
		unit_alloc_left = -1;
		assert_true(ret == KNOT_ENOMEM || ret == KNOT_EOK);
		assert_int_equal(ret == KNOT_EOK, zone != NULL);
		cg_zone_free(zone);
	} while (unit_alloc_hit);
	assert_int_equal(ret, KNOT_EOK);
	assert_true(failures > 10);
	knot_dname_free(origin, NULL);
	free(sub);
	free(path);
}
#endif

static int make_folder(void **state)
{
	(void)state;
	return unit_make_folder(folder, sizeof(folder));
}

static int remove_folder(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_many_errors),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_include_folders),
		cmocka_unit_test(test_include_names),
		cmocka_unit_test(test_include_errors),
		cmocka_unit_test(test_include_loops),
		cmocka_unit_test(test_include_depth),
		cmocka_unit_test(test_include_many),
		cmocka_unit_test(test_include_bomb),
		cmocka_unit_test(test_include_dir),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_stdin),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_zone),
#ifdef UNIT_CAN_FAIL_ALLOC
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
