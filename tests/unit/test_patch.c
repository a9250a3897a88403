/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A zone file's text after edits: what changes, and that nothing else does. */

#define UNIT_FAIL_ALLOC
#include "fix.h"

#define FLATTEN CG_STRATEGY_FLATTEN
#define OTHER   CG_STRATEGY_KEEP_OTHER
#define CNAME   CG_STRATEGY_KEEP_CNAME

#define WEB "web 300 A 192.0.2.1\n"
#define MX  "; cnameguard cname-mx: "
#define ANY "; cnameguard cname-other: "

/* The serial stays here: it has a table of its own. */
static const struct {
	const char *text;
	cg_strategy_t strategy;
	const char *expected; /*!< NULL: the text itself. */
} T[] = {
	/* Nothing wrong, nothing done. */
	{ "", FLATTEN, NULL },
	{ "; only a comment", FLATTEN, NULL },
	{ "www CNAME web\n" WEB, FLATTEN, NULL },

	/* The article's case. */
	{ "www CNAME web\nwww MX 10 mail\n" WEB, FLATTEN,
	  MX "www CNAME web\nwww 300 A 192.0.2.1\nwww MX 10 mail\n" WEB },
	{ "www CNAME web\nwww MX 10 mail\n" WEB, OTHER, MX "www CNAME web\nwww MX 10 mail\n" WEB },
	{ "www CNAME web\nwww MX 10 mail\n" WEB, CNAME, "www CNAME web\n" MX "www MX 10 mail\n" WEB },

	/* Spelling, class, blanks and tabs as on the line that goes. */
	{ "WwW\t\tIN\tCNAME\tweb\nwww MX 10 mail\n" WEB "web 200 AAAA 2001:db8::1\n", FLATTEN,
	  MX "WwW\t\tIN\tCNAME\tweb\nWwW\t\t300\tIN\tA\t192.0.2.1\nWwW\t\t200\tIN\tAAAA\t2001:db8::1\n"
	  "www MX 10 mail\n" WEB "web 200 AAAA 2001:db8::1\n" },
	{ "www    in 600 CNAME web ; the web\nwww MX 10 mail\n" WEB, FLATTEN,
	  MX "www    in 600 CNAME web ; the web\nwww    300 in A 192.0.2.1\nwww MX 10 mail\n" WEB },
	{ "www 1h IN CNAME web\nwww MX 10 mail\n" WEB, FLATTEN,
	  MX "www 1h IN CNAME web\nwww 300 IN A 192.0.2.1\nwww MX 10 mail\n" WEB },
	{ "www.example.com. CNAME web\nwww MX 10 mail\n" WEB, FLATTEN,
	  MX "www.example.com. CNAME web\nwww.example.com. 300 A 192.0.2.1\nwww MX 10 mail\n" WEB },
	{ "@ CNAME web\n@ NS ns1\n" WEB, FLATTEN,
	  "; cnameguard cname-apex: @ CNAME web\n@ 300 A 192.0.2.1\n@ NS ns1\n" WEB },
	{ "IN IN CNAME web\nIN MX 10 mail\n" WEB, FLATTEN,
	  MX "IN IN CNAME web\nIN 300 IN A 192.0.2.1\nIN MX 10 mail\n" WEB },
	{ "CNAME CNAME web\nCNAME MX 10 mail\n" WEB, OTHER,
	  MX "CNAME CNAME web\nCNAME MX 10 mail\n" WEB },
	{ "5 5 CNAME web\n5 MX 10 mail\n" WEB, FLATTEN,
	  MX "5 5 CNAME web\n5 5 A 192.0.2.1\n5 MX 10 mail\n" WEB },
	{ "w\\119\\ w CNAME web\nww\\032w MX 10 mail\n" WEB, FLATTEN,
	  MX "w\\119\\ w CNAME web\nw\\119\\ w 300 A 192.0.2.1\nww\\032w MX 10 mail\n" WEB },
	{ "a\\;b CNAME web\na\\;b MX 10 mail\n" WEB, FLATTEN,
	  MX "a\\;b CNAME web\na\\;b 300 A 192.0.2.1\na\\;b MX 10 mail\n" WEB },
	{ "\\$TTL CNAME web\n\\$TTL MX 10 mail\n" WEB, FLATTEN,
	  MX "\\$TTL CNAME web\n\\$TTL 300 A 192.0.2.1\n\\$TTL MX 10 mail\n" WEB },
	{ "*.w CNAME web\n*.w MX 10 mail\n" WEB, FLATTEN,
	  MX "*.w CNAME web\n*.w 300 A 192.0.2.1\n*.w MX 10 mail\n" WEB },

	/* Whatever repeats the record goes too. */
	{ "www 1 CNAME web\nWWW 2 IN CNAME WEB.EXAMPLE.COM.\nwww TYPE5 \\# 17 "
	  "03776562076578616D706C6503636F6D00\nwww CNAME wEb\nwww TXT x\n" WEB, OTHER,
	  ANY "www 1 CNAME web\n" ANY "WWW 2 IN CNAME WEB.EXAMPLE.COM.\n" ANY "www TYPE5 \\# 17 "
	  "03776562076578616D706C6503636F6D00\n" ANY "www CNAME wEb\nwww TXT x\n" WEB },
	{ "www CNAME web\n" WEB "www CNAME WEB\nwww TXT x\nwww\tTXT\tx\n", CNAME,
	  "www CNAME web\n" WEB "www CNAME WEB\n" ANY "www TXT x\n" ANY "www\tTXT\tx\n" },

	/* Added once, behind the first that goes; behind all of them where they are neighbours. */
	{ "www CNAME web\nwww CNAME w2\nwww MX 10 mail\nwww CNAME web\n" WEB "w2 100 A 192.0.2.2\n",
	  FLATTEN,
	  MX "www CNAME web\n" MX "www CNAME w2\nwww 100 A 192.0.2.1\nwww 100 A 192.0.2.2\n"
	  "www MX 10 mail\n" MX "www CNAME web\n" WEB "w2 100 A 192.0.2.2\n" },
	{ "www CNAME web\n\nwww CNAME web\nwww MX 10 mail\n" WEB, FLATTEN,
	  MX "www CNAME web\nwww 300 A 192.0.2.1\n\n" MX "www CNAME web\nwww MX 10 mail\n" WEB },

	/* Heirs: what is added serves them. */
	{ "www\tCNAME web\n\tMX 10 mail\n" WEB, FLATTEN,
	  MX "www\tCNAME web\nwww\t300\tA\t192.0.2.1\n\tMX 10 mail\n" WEB },
	/* Heirs: the first is given the owner, columns stay. */
	{ "www\tCNAME web\n\tMX 10 mail\n\tTXT x\n" WEB, OTHER,
	  MX "www\tCNAME web\nwww\tMX 10 mail\n\tTXT x\n" WEB },
	{ "www     CNAME web\n        MX 10 mail ; x\n  TXT x\n" WEB, OTHER,
	  MX "www     CNAME web\nwww     MX 10 mail ; x\n  TXT x\n" WEB },
	{ "www CNAME web\n    MX 10 mail\n" WEB, OTHER, MX "www CNAME web\nwww MX 10 mail\n" WEB },
	{ "www CNAME web\n   MX 10 mail\n" WEB, OTHER, MX "www CNAME web\nwww MX 10 mail\n" WEB },
	{ "www CNAME web\n MX 10 mail\n" WEB, OTHER, MX "www CNAME web\nwww MX 10 mail\n" WEB },
	{ "longer-than CNAME web\n\t\tMX 10 mail\n" WEB, OTHER,
	  MX "longer-than CNAME web\nlonger-than\tMX 10 mail\n" WEB },
	{ "longer-than CNAME web\n \t\tMX 10 mail\n" WEB, OTHER,
	  MX "longer-than CNAME web\nlonger-than\tMX 10 mail\n" WEB },
	{ "www CNAME web\n(MX 10 mail)\n" WEB, OTHER, MX "www CNAME web\nwww (MX 10 mail)\n" WEB },
	{ "www CNAME web\n(\n MX 10 mail)\n" WEB, OTHER, MX "www CNAME web\nwww (\n MX 10 mail)\n" WEB },
	{ "www CNAME web\n ( ; x\n MX 10 mail\n )\n" WEB, OTHER,
	  MX "www CNAME web\nwww ( ; x\n MX 10 mail\n )\n" WEB },
	/* Heirs: another record of that name stands before. */
	{ "www MX 10 mail\nWWW CNAME web\n TXT x\n" WEB, OTHER,
	  "www MX 10 mail\n" MX "WWW CNAME web\n TXT x\n" WEB },
	{ "www MX 10 mail\n CNAME web\n TXT x\n" WEB, OTHER,
	  "www MX 10 mail\n" MX " CNAME web\n TXT x\n" WEB },
	{ "www MX 10 mail\n\tCNAME web\n TXT x\n" WEB, FLATTEN,
	  "www MX 10 mail\n" MX "\tCNAME web\n\t300\tA\t192.0.2.1\n TXT x\n" WEB },
	{ "www\tMX 10 mail\n(CNAME web)\n" WEB, FLATTEN,
	  "www\tMX 10 mail\n" MX "(CNAME web)\n 300 A 192.0.2.1\n" WEB },
	/* Heirs: blank lines and comments stay where they are. */
	{ WEB "www CNAME web\n\n; mail\n  \n\tMX 10 mail\n", OTHER,
	  WEB MX "www CNAME web\n\n; mail\n  \nwww\tMX 10 mail\n" },
	/* Heirs that go, their heirs, and what is added for them. */
	{ "www MX 10 mail\n TXT x\n CNAME web\nnext TXT x\n" WEB, CNAME,
	  MX "www MX 10 mail\n" MX " TXT x\nwww CNAME web\nnext TXT x\n" WEB },
	{ "www CNAME web\n CNAME w2\n CNAME WEB\n MX 10 mail\n" WEB "w2 300 A 192.0.2.2\n", OTHER,
	  MX "www CNAME web\n" MX " CNAME w2\n" MX " CNAME WEB\nwww MX 10 mail\n" WEB
	  "w2 300 A 192.0.2.2\n" },
	{ "www CNAME web\n CNAME w2\n" WEB "w2 300 A 192.0.2.2\n", FLATTEN,
	  "; cnameguard cname-multiple: www CNAME web\n; cnameguard cname-multiple:  CNAME w2\n"
	  "www 300 A 192.0.2.1\nwww 300 A 192.0.2.2\n" WEB "w2 300 A 192.0.2.2\n" },
	{ "a TXT x\nwww CNAME web\n CNAME web\n MX 10 mail\n" WEB, FLATTEN,
	  "a TXT x\n" MX "www CNAME web\n" MX " CNAME web\nwww 300 A 192.0.2.1\n MX 10 mail\n" WEB },
	/* Two names in conflict next to each other. */
	{ "a CNAME web\n MX 10 a\nb CNAME web\n MX 10 b\n" WEB, FLATTEN,
	  MX "a CNAME web\na 300 A 192.0.2.1\n MX 10 a\n" MX "b CNAME web\nb 300 A 192.0.2.1\n"
	  " MX 10 b\n" WEB },
	{ "a CNAME web\n MX 10 a\nb CNAME web\n MX 10 b\n" WEB, CNAME,
	  "a CNAME web\n" MX " MX 10 a\nb CNAME web\n" MX " MX 10 b\n" WEB },

	/* $ORIGIN: a relative name means the same, or is not used. */
	{ "$ORIGIN sub.example.com.\nwww CNAME web\n MX 10 mail\n" WEB, FLATTEN,
	  "$ORIGIN sub.example.com.\n" MX "www CNAME web\nwww 300 A 192.0.2.1\n MX 10 mail\n" WEB },
	{ "www CNAME web\n$ORIGIN sub.example.com.\n MX 10 mail\nweb.example.com. 300 A 192.0.2.1\n",
	  OTHER,
	  MX "www CNAME web\n$ORIGIN sub.example.com.\nwww.example.com. MX 10 mail\n"
	  "web.example.com. 300 A 192.0.2.1\n" },
	{ "Www CNAME web\n" WEB "www MX 10 mail\n$OrigiN sub.example.com. ; x\n MX 20 mail\n CNAME web\n"
	  "web TXT x\n", FLATTEN,
	  MX "Www CNAME web\nWww 300 A 192.0.2.1\nWww 3600 TXT \"x\"\n" WEB
	  "www MX 10 mail\n$OrigiN sub.example.com. ; x\n MX 20 mail\n" MX " CNAME web\n"
	  "web TXT x\n" },
	{ "www MX 10 mail\n" WEB "Www MX 20 mail\n$ORIGIN sub.example.com.\n CNAME web.example.com.\n"
	  "$ORIGIN example.com.\n TXT x\n", FLATTEN,
	  "www MX 10 mail\n" WEB "Www MX 20 mail\n$ORIGIN sub.example.com.\n"
	  MX " CNAME web.example.com.\n 300 A 192.0.2.1\n$ORIGIN example.com.\n TXT x\n" },
	{ "www CNAME web\n$ORIGIN sub.example.com.\n CNAME WEB.example.com.\n TXT x\n"
	  "web.example.com. 300 A 192.0.2.1\n", OTHER,
	  ANY "www CNAME web\n$ORIGIN sub.example.com.\n" ANY " CNAME WEB.example.com.\n"
	  "www.example.com. TXT x\nweb.example.com. 300 A 192.0.2.1\n" },
	{ "$ORIGIN com.\nexample.com. TXT x\n@ TXT x\n$ORIGIN example.com.\n@ CNAME web\n NS ns1\n" WEB,
	  OTHER,
	  "$ORIGIN com.\nexample.com. TXT x\n@ TXT x\n$ORIGIN example.com.\n"
	  "; cnameguard cname-apex: @ CNAME web\n@ NS ns1\n" WEB },

	/* $TTL: no TTL of what stays changes, and what is added says its own. */
	{ "$TTL 5\nwww CNAME web\n$TTL 10\n MX 10 mail\n$TTL 300\nweb A 192.0.2.1\n", FLATTEN,
	  "$TTL 5\n" MX "www CNAME web\nwww 5 A 192.0.2.1\n$TTL 10\n MX 10 mail\n$TTL 300\n"
	  "web A 192.0.2.1\n" },
	{ "www CNAME web\nwww MX 10 mail\nweb 0 A 192.0.2.1\n", FLATTEN,
	  MX "www CNAME web\nwww 0 A 192.0.2.1\nwww MX 10 mail\nweb 0 A 192.0.2.1\n" },

	/* Several lines. */
	{ "www CNAME ( ; where\n\n\tweb ; there\n ) ; end\n MX 10 mail\n" WEB, OTHER,
	  MX "www CNAME ( ; where\n" MX "\n" MX "\tweb ; there\n" MX " ) ; end\nwww MX 10 mail\n" WEB },
	{ "www ( IN\n 5 ) CNAME web\nwww MX 10 mail\n" WEB, FLATTEN,
	  MX "www ( IN\n" MX " 5 ) CNAME web\nwww 5 IN A 192.0.2.1\nwww MX 10 mail\n" WEB },
	{ "www(CNAME web)\nwww MX 10 mail\n" WEB, FLATTEN,
	  MX "www(CNAME web)\nwww 300 A 192.0.2.1\nwww MX 10 mail\n" WEB },
	{ "www TXT ( \"; no comment )\"\n \"two\nlines\" \"\\\"\" )\n CNAME web\n" WEB, CNAME,
	  ANY "www TXT ( \"; no comment )\"\n" ANY " \"two\n" ANY "lines\" \"\\\"\" )\nwww CNAME web\n"
	  WEB },

	/* What is hard to write: names, texts, and types without a name. */
	{ "www CNAME web\nwww MX 10 mail\nweb 300 TXT \"a;b\" \"c\\\"d\\\\\" \"\\200 (\"\n"
	  "web 300 TYPE65280 \\# 2 abcd\nweb 300 HTTPS 1 . alpn=\"h2,h3\"\nweb 300 A \\# 4 c0000201\n",
	  FLATTEN,
	  MX "www CNAME web\n"
	  "www 300 A 192.0.2.1\n"
	  "www 300 TXT \"a;b\" \"c\\\"d\\\\\" \"\\200 (\"\n"
	  "www 300 HTTPS 1 . alpn=" SVC_VALUE("h2,h3") "\n"
	  "www 300 TYPE65280 \\# 2 ABCD\n"
	  "www MX 10 mail\nweb 300 TXT \"a;b\" \"c\\\"d\\\\\" \"\\200 (\"\n"
	  "web 300 TYPE65280 \\# 2 abcd\nweb 300 HTTPS 1 . alpn=\"h2,h3\"\nweb 300 A \\# 4 c0000201\n" },
	{ "www CNAME a\\.b\nwww MX 10 mail\na\\.b 300 PTR \\@\\$.x\n", FLATTEN,
	  MX "www CNAME a\\.b\nwww 300 PTR \\@\\$.x.example.com.\nwww MX 10 mail\n"
	  "a\\.b 300 PTR \\@\\$.x\n" },

	/* Beginnings and ends of files, blanks at the end, CR in comments. */
	{ "\n; x \n\nwww CNAME web\t \nwww MX 10 mail  \n  ; y\n" WEB "\n\n", FLATTEN,
	  "\n; x \n\n" MX "www CNAME web\t \nwww 300 A 192.0.2.1\nwww MX 10 mail  \n  ; y\n" WEB "\n\n" },
	{ "www MX 10 mail\n" WEB "www CNAME web", FLATTEN,
	  "www MX 10 mail\n" WEB MX "www CNAME web\nwww 300 A 192.0.2.1" },
	{ "www MX 10 mail\n" WEB "www CNAME web", OTHER, "www MX 10 mail\n" WEB MX "www CNAME web" },
	{ "www MX 10 mail\n" WEB "www CNAME (\n web\n)", FLATTEN,
	  "www MX 10 mail\n" WEB MX "www CNAME (\n" MX " web\n" MX ")\nwww 300 A 192.0.2.1" },
	{ WEB "www CNAME web\n MX 10 mail", OTHER, WEB MX "www CNAME web\nwww MX 10 mail" },
	{ "; x\r\nwww CNAME web ; y\r\nwww MX 10 mail\n" WEB "; z\r", FLATTEN,
	  "; x\r\n" MX "www CNAME web ; y\r\nwww 300 A 192.0.2.1\nwww MX 10 mail\n" WEB "; z\r" },

	/* What has no repair is left, and does not keep others from theirs. */
	{ "a CNAME outside.\n MX 10 a\nb CNAME web\n MX 10 b\n" WEB, FLATTEN,
	  "a CNAME outside.\n MX 10 a\n" MX "b CNAME web\nb 300 A 192.0.2.1\n MX 10 b\n" WEB },

	/* What a run left before is a comment like any other. */
	{ MX "www CNAME web\nwww 300 A 192.0.2.1\nwww MX 10 mail\n" WEB, FLATTEN, NULL },
	{ MX "www CNAME web\nwww CNAME web\nwww MX 10 mail\n" WEB, OTHER,
	  MX "www CNAME web\n" MX "www CNAME web\nwww MX 10 mail\n" WEB },

	/* Records that are of no zone carry owners too. */
	{ "www.example.org. TXT x\n CNAME x\nwww CNAME web\n MX 10 mail\n" WEB, OTHER,
	  "www.example.org. TXT x\n CNAME x\n" MX "www CNAME web\nwww MX 10 mail\n" WEB },
};

static void test_table(void **state)
{
	(void)state;
	size_t failed = 0;
	for (size_t i = 0; i < COUNT(T); i++) {
		fix_t fix = { .text = T[i].text, .len = strlen(T[i].text) };
		fix_make(&fix, T[i].strategy, CG_STRATEGY_REFUSE, CG_SERIAL_KEEP);
		const char *expected = (T[i].expected != NULL) ? T[i].expected : T[i].text;
		if (fix.ret != KNOT_EOK || fix.patched.left_count > 0 ||
		    strcmp(fix.patched.text, expected) != 0) {
			print_error("row %zu: %s %s\n%s\ngot\n%s\nwant\n%s", i,
			            knot_strerror(fix.ret), fix.patched.why, T[i].text,
			            fix.patched.text, expected);
			failed++;
		} else {
			assert_int_equal(fix.patched.len, strlen(expected));
			assert_false(fix.patched.has_serial);
		}
		fix_free(&fix);
	}
	assert_int_equal(failed, 0);
}

/* What each splice says of itself. */
static void test_splices(void **state)
{
	(void)state;
	const char *text = "@ SOA a b 7 1 1 1 1\n\n" WEB "www CNAME (\nweb )\n MX 10 mail\n"
	                   "v CNAME web\n TXT x\n";
	static const struct {
		cg_splice_kind_t kind;
		uint32_t line;
		const char *old;
		const char *new;
		const char *spelling;
		uint16_t type;
	} expected[] = {
		{ CG_SPLICE_SERIAL, 1, "7", "8", NULL, 0 },
		{ CG_SPLICE_REMOVE, 4, "www CNAME (\nweb )\n", MX "www CNAME (\n" MX "web )\n",
		  "www.example.com.", KNOT_RRTYPE_CNAME },
		{ CG_SPLICE_OWNER, 6, "", "www", NULL, 0 },
		{ CG_SPLICE_REMOVE, 7, "v CNAME web\n", ANY "v CNAME web\n", "v.example.com.",
		  KNOT_RRTYPE_CNAME },
		{ CG_SPLICE_OWNER, 8, "", "v", NULL, 0 },
	};

	fix_t fix = { .text = text, .len = strlen(text) };
	fix_make(&fix, OTHER, CG_STRATEGY_REFUSE, CG_SERIAL_INCREMENT);
	assert_int_equal(fix.ret, KNOT_EOK);
	assert_true(fix.patched.has_serial);
	assert_int_equal(fix.patched.serial_old, 7);
	assert_int_equal(fix.patched.serial_new, 8);
	assert_int_equal(fix.patched.splices_count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		const cg_splice_t *splice = &fix.patched.splices[i];
		assert_int_equal(splice->kind, expected[i].kind);
		assert_int_equal(splice->line, expected[i].line);
		assert_int_equal(splice->end - splice->begin, strlen(expected[i].old));
		assert_memory_equal(text + splice->begin, expected[i].old, strlen(expected[i].old));
		assert_int_equal(splice->len, strlen(expected[i].new));
		assert_memory_equal(splice->text, expected[i].new, splice->len);
		assert_int_equal(splice->edit != NULL, expected[i].spelling != NULL);
		if (splice->edit != NULL) {
			assert_string_equal(splice->edit->spelling, expected[i].spelling);
			assert_int_equal(splice->edit->rr.type, expected[i].type);
		}
	}
	fix_free(&fix);
}

/* --- What is left alone --- */

static const struct {
	const char *text;
	cg_serial_t serial;
	const char *why;
} WHOLE[] = {
	{ "@ SOA a b 7 1 1 1 1\n@ SOA a b 8 1 1 1 1\nwww CNAME web\nwww TXT x\n", CG_SERIAL_INCREMENT,
	  "test.zone:2: several SOA with different serials" },
	{ "@ 5 IN SOA \\# 26 0161000162000000000700000001000000010000000100000001\n"
	  "www CNAME web\nwww TXT x\n", CG_SERIAL_INCREMENT,
	  "test.zone:1: the serial does not stand in the SOA as a number, it cannot be raised" },
	/* What Knot does not read before the first record. */
	{ "www CNAME web\n ; x\nwww TXT x\n", CG_SERIAL_KEEP,
	  "test.zone:2: before the first record Knot does not read empty lines and comments that begin "
	  "with a blank: the result would not be what is wanted, the file is left alone" },
	/* The owner is not on the line on which the record begins. */
	{ "www CNAME web\n(\nb TXT x )\nwww TXT x\n", CG_SERIAL_KEEP,
	  "test.zone:2: a parenthesis that is opened here is not closed before line 3, where another "
	  "record seems to begin: the result would not be what is wanted, the file is left alone" },
};

static void test_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(WHOLE); i++) {
		fix_t fix = { .text = WHOLE[i].text, .len = strlen(WHOLE[i].text) };
		fix_make(&fix, OTHER, CG_STRATEGY_REFUSE, WHOLE[i].serial);
		assert_int_equal(fix.ret, KNOT_ENOTSUP);
		assert_string_equal(fix.patched.why, WHOLE[i].why);
		assert_null(fix.patched.text);
		assert_int_equal(fix.patched.splices_count, 0);
		fix_free(&fix);
	}
}

/* A syntax error: what cannot be read cannot be kept. */
static void test_syntax_error(void **state)
{
	(void)state;
	const char *good = "www CNAME web\nwww TXT x\n", *bad = "www CNAME web\nwww TXT x\n; x\na A x\n";
	fix_t fix = { .text = good, .len = strlen(good) };
	fix_plan(&fix, OTHER, CG_STRATEGY_REFUSE);
	cg_patch_t patch = fix_patch(&fix, CG_SERIAL_KEEP);
	patch.text = bad;
	patch.len = strlen(bad);
	assert_int_equal(cg_patch_make(&patch, &fix.patched), KNOT_ENOTSUP);
	assert_non_null(strstr(fix.patched.why, "test.zone:4: "));
	assert_non_null(strstr(fix.patched.why, ": what cannot be read cannot be kept"));
	fix_free(&fix);
}

/* Edits of another text: what they want is not here. The others are made. */
static void test_not_found(void **state)
{
	(void)state;
	const char *planned = "a CNAME web\na TXT x\nb CNAME web\nb TXT x\n" WEB;
	const char *text = "b TXT x\nb CNAME web\nA TXT y\n" WEB;
	fix_t fix = { .text = planned, .len = strlen(planned) };
	fix_plan(&fix, FLATTEN, CG_STRATEGY_REFUSE);
	cg_patch_t patch = fix_patch(&fix, CG_SERIAL_KEEP);
	patch.text = text;
	patch.len = strlen(text);
	assert_int_equal(cg_patch_make(&patch, &fix.patched), KNOT_EOK);
	assert_int_equal(fix.patched.left_count, 1);
	assert_ptr_equal(fix.patched.left[0].edit, &fix.plan.edits[0]);
	assert_string_equal(fix.patched.left[0].why, "a.example.com.: the CNAME to be taken out is "
	                    "not in the file: web.example.com.");
	assert_string_equal(fix.patched.text, "b TXT x\n" ANY "b CNAME web\nb 300 A 192.0.2.1\n"
	                    "A TXT y\n" WEB);
	fix_free(&fix);
}

/* Edits that no plan makes. */
static void test_odd_edits(void **state)
{
	(void)state;
	knot_dname_t *a = unit_name("a.example.com."), *b = unit_name("b.example.com.");
	cg_edit_t edits[] = {
		{ CG_EDIT_ADD, a, "a.example.com.",
		  { .type = KNOT_RRTYPE_A, .data = "192.0.2.1" }, CG_RULE_CNAME_MX },
		{ CG_EDIT_REMOVE, b, "b.example.com.",
		  { .type = KNOT_RRTYPE_A, .data = "192.0.2" }, CG_RULE_CNAME_MX },
	};
	const char *text = "@ SOA a b 7 1 1 1 1\na TXT x\nb A 192.0.2.1\n";
	fix_t fix = { .text = text, .len = strlen(text) };
	fix_plan(&fix, FLATTEN, CG_STRATEGY_REFUSE);
	cg_patch_t patch = fix_patch(&fix, CG_SERIAL_INCREMENT);
	patch.edits = edits;
	patch.edits_count = COUNT(edits);
	assert_int_equal(cg_patch_make(&patch, &fix.patched), KNOT_EOK);
	assert_string_equal(fix.patched.text, text);
	assert_false(fix.patched.has_serial);
	assert_int_equal(fix.patched.left_count, 2);
	assert_string_equal(fix.patched.left[0].why,
	                    "a.example.com.: nothing is taken out whose place could be taken");
	assert_string_equal(fix.patched.left[1].why, "b.example.com.: cannot be read back: 192.0.2");
	cg_patched_free(&fix.patched);

	/* A record that came is no record that stayed. */
	edits[1].rr.data = "192.0.2.1";
	assert_int_equal(cg_patch_make(&patch, &fix.patched), KNOT_EOK);
	assert_int_equal(fix.patched.left_count, 1);
	assert_string_equal(fix.patched.text, "@ SOA a b 8 1 1 1 1\na TXT x\n" MX "b A 192.0.2.1\n");
	fix_free(&fix);
	cg_patched_free(&fix.patched); /* Does no harm. */
	cg_patched_free(NULL);
	knot_dname_free(a, NULL);
	knot_dname_free(b, NULL);
}

/* --- Included files --- */

static char folder[256];

static void write_file(const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
	(void)state;
	return unit_make_folder(folder, sizeof(folder));
}

static int remove_folder(void **state)
{
	(void)state;
	char path[512];
	snprintf(path, sizeof(path), "%s/inc", folder);
	(void)remove(path);
	return remove(folder);
}

static const struct {
	const char *included;
	const char *text;
	cg_strategy_t strategy;
	int ret;
	const char *expected;
	const char *why; /*!< Of the first name that is left, or of all; %s: the included file. */
} INCLUDED[] = {
	/* Owners are inherited within a file, over an $INCLUDE. */
	{ "inc CNAME web\n", "www CNAME web\n$INCLUDE inc\n MX 10 mail\n" WEB, OTHER, KNOT_EOK,
	  MX "www CNAME web\n$INCLUDE inc\nwww MX 10 mail\n" WEB, NULL },
	{ "inc TXT x\n", "www MX 10 mail\n$INCLUDE inc\n CNAME web\n TXT x\n" WEB, FLATTEN, KNOT_EOK,
	  "www MX 10 mail\n$INCLUDE inc\n" MX " CNAME web\n 300 A 192.0.2.1\n TXT x\n" WEB, NULL },
	{ "$ORIGIN x.\n", "www CNAME web\n$INCLUDE inc sub.example.com. ; x\n MX 10 mail\n" WEB, OTHER,
	  KNOT_EOK,
	  MX "www CNAME web\n$INCLUDE inc sub.example.com. ; x\nwww MX 10 mail\n" WEB, NULL },
	/* Lines between which another file comes are no neighbours. */
	{ "www MX 10 mail\n", "www CNAME web\n$INCLUDE inc\nwww CNAME web\n" WEB, FLATTEN, KNOT_EOK,
	  MX "www CNAME web\nwww 300 A 192.0.2.1\n$INCLUDE inc\n" MX "www CNAME web\n" WEB, NULL },
	/* What the target of the alias is may stand elsewhere. */
	{ WEB, "$INCLUDE inc\nwww CNAME web\n MX 10 mail", FLATTEN, KNOT_EOK,
	  "$INCLUDE inc\n" MX "www CNAME web\nwww 300 A 192.0.2.1\n MX 10 mail", NULL },
	/* The record itself stands elsewhere, or there too. */
	{ "\nwww CNAME web\n", "$INCLUDE inc\nwww MX 10 mail\na CNAME web\na TXT x\n" WEB, OTHER, KNOT_EOK,
	  "$INCLUDE inc\nwww MX 10 mail\n" ANY "a CNAME web\na TXT x\n" WEB,
	  "www.example.com.: the CNAME to be taken out stands in the included file %s, line 2" },
	{ "www 5 CNAME (\n WEB )\n", "www CNAME web\n$INCLUDE inc\n MX 10 mail\n" WEB, OTHER, KNOT_EOK,
	  "www CNAME web\n$INCLUDE inc\n MX 10 mail\n" WEB,
	  "www.example.com.: the CNAME to be taken out stands in the included file %s, line 1" },
	{ "www CNAME web\n", "www MX 10 mail\n$INCLUDE inc\n" WEB, CNAME, KNOT_EOK,
	  MX "www MX 10 mail\n$INCLUDE inc\n" WEB, NULL },
	/* The SOA stands elsewhere. */
	{ "; x\n@ SOA a b 7 1 1 1 1\n", "$INCLUDE inc\nwww CNAME web\n MX 10 mail\n" WEB, OTHER,
	  KNOT_ENOTSUP, NULL,
	  "%s:2: the SOA stands in an included file, its serial cannot be raised" },
	{ "@ SOA a b 7 1 1 1 1\n", "$INCLUDE inc\nwww CNAME web\n" WEB, OTHER, KNOT_EOK,
	  "$INCLUDE inc\nwww CNAME web\n" WEB, NULL },
	{ "@ SOA a b 7 1 1 1 1\n", "@ SOA a b 7 1 1 1 1\nwww CNAME web\n MX 10 mail\n$INCLUDE inc\n" WEB,
	  OTHER, KNOT_ENOTSUP, NULL,
	  "%s:1: the SOA stands in an included file, its serial cannot be raised" },
};

static void test_included(void **state)
{
	(void)state;
	char path[512], inc[512], why[1024];
	snprintf(path, sizeof(path), "%s/main", folder);
	snprintf(inc, sizeof(inc), "%s/inc", folder);
	for (size_t i = 0; i < COUNT(INCLUDED); i++) {
		write_file("inc", INCLUDED[i].included);
		fix_t fix = {
			.text = INCLUDED[i].text, .len = strlen(INCLUDED[i].text), .file = path,
			.include_dir = folder
		};
		fix_make(&fix, INCLUDED[i].strategy, CG_STRATEGY_REFUSE, CG_SERIAL_INCREMENT);
		assert_int_equal(fix.ret, INCLUDED[i].ret);
		const char *said = (fix.patched.left_count > 0) ? fix.patched.left[0].why
		                                                : fix.patched.why;
		if (INCLUDED[i].why != NULL) {
			const char *gap = strstr(INCLUDED[i].why, "%s");
			snprintf(why, sizeof(why), "%.*s%s%s", (int)(gap - INCLUDED[i].why),
			         INCLUDED[i].why, inc, gap + 2);
			assert_non_null(said);
			assert_string_equal(said, why);
		} else {
			assert_null(said);
		}
		if (INCLUDED[i].expected != NULL) {
			assert_string_equal(fix.patched.text, INCLUDED[i].expected);
		} else {
			assert_null(fix.patched.text);
		}
		fix_free(&fix);
	}
}

/* --- The serial --- */

#define INCREMENT CG_SERIAL_INCREMENT
#define UNIXTIME  CG_SERIAL_UNIXTIME
#define DATE      CG_SERIAL_DATESERIAL

static void test_serial_next(void **state)
{
	(void)state;
	static const struct {
		uint32_t present;
		cg_serial_t scheme;
		int64_t now;
		uint32_t next;
	} rows[] = {
		{ 7, CG_SERIAL_KEEP, FIX_NOW, 7 },
		{ 0, INCREMENT, FIX_NOW, 1 },
		{ 1, INCREMENT, FIX_NOW, 2 },
		{ 0x7fffffff, INCREMENT, FIX_NOW, 0x80000000 },
		{ 0xfffffffe, INCREMENT, FIX_NOW, 0xffffffff },
		{ 0xffffffff, INCREMENT, FIX_NOW, 1 },

		{ 0, UNIXTIME, FIX_NOW, FIX_NOW },
		{ FIX_NOW - 1, UNIXTIME, FIX_NOW, FIX_NOW },
		{ FIX_NOW, UNIXTIME, FIX_NOW, FIX_NOW + 1 },
		{ FIX_NOW + 5, UNIXTIME, FIX_NOW, FIX_NOW + 6 },
		{ 2025061500, UNIXTIME, FIX_NOW, 2025061501 },
		{ 0xffffffff, UNIXTIME, FIX_NOW, FIX_NOW },      /* Ahead, round the end. */
		{ FIX_NOW + 0x80000000, UNIXTIME, FIX_NOW, FIX_NOW + 0x80000001 }, /* Neither. */
		{ FIX_NOW + 0x80000001, UNIXTIME, FIX_NOW, FIX_NOW },
		{ FIX_NOW + 0x7fffffffu, UNIXTIME, FIX_NOW, 3897483648 },
		{ 0xfffffff0, UNIXTIME, INT64_C(0x100000000), 0xfffffff1 }, /* Not zero. */
		{ 0xffffffff, UNIXTIME, INT64_C(0x100000000), 1 },
		{ 7, UNIXTIME, INT64_C(0x100000008), 8 },

		{ 0, DATE, FIX_NOW, 2025061500 },
		{ 2025061499, DATE, FIX_NOW, 2025061500 },
		{ 2025061500, DATE, FIX_NOW, 2025061501 },
		{ 2025061599, DATE, FIX_NOW, 2025061600 },
		{ 2025070100, DATE, FIX_NOW, 2025070101 },
		{ FIX_NOW, DATE, FIX_NOW, 2025061500 },
		{ 4294967295, DATE, FIX_NOW, 2025061500 },
		{ 4172545148, DATE, FIX_NOW, 4172545149 },
		{ 7, DATE, INT64_MAX, 8 },
		{ 7, DATE, 0, 1970010100 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t next = cg_serial_next(rows[i].present, rows[i].scheme, rows[i].now);
		if (next != rows[i].next) {
			fail_msg("row %zu: got %u, want %u", i, next, rows[i].next);
		}
	}
}

/* Whatever it is: never zero, always what a secondary takes for newer. */
static void test_serial_ahead(void **state)
{
	(void)state;
	uint64_t seed = 1;
	for (int i = 0; i < 200000; i++) {
		uint32_t present = unit_random(&seed) * 2 + (unit_random(&seed) & 1);
		int64_t now = (int64_t)unit_random(&seed) * ((i % 3) + 1);
		cg_serial_t scheme = CG_SERIAL_INCREMENT + i % 3;
		uint32_t next = cg_serial_next(present, scheme, now);
		assert_true(next != 0 && next - present != 0 && next - present < 0x80000000);
	}
}

static void test_serial_names(void **state)
{
	(void)state;
	assert_string_equal(cg_serial_name(CG_SERIAL_KEEP), "keep");
	assert_string_equal(cg_serial_name(CG_SERIAL_INCREMENT), "increment");
	assert_string_equal(cg_serial_name(CG_SERIAL_UNIXTIME), "unixtime");
	assert_string_equal(cg_serial_name(CG_SERIAL_DATESERIAL), "dateserial");
	assert_null(cg_serial_name(CG_SERIAL_DATESERIAL + 1));
}

/* %s: the serial. */
static const char *const SOAS[] = {
	"@ SOA ns1 admin %s 7200 900 1209600 300\n",
	"@ 3600 IN SOA ns1 admin %s 7 7 7 7 ; 7\n",
	"@ IN 3600 SOA ns1 admin %s 7 7 7 7\n",
	"\t7 IN SOA ns1 7 %s 7 7 7 7\n",
	"@ IN SOA 7 7.7.7. %s 7 7 7 7\n",
	"@\tIN\tSOA\tns1 hostmaster\\.x (\n\t\t%s\t; serial 7\n\t\t7200 ; 7\n\t\t7\n\t\t7\n\t\t7 ; x\n\t)\n",
	"@ SOA ( ns1 ; 7\nadmin ; 7\n\n%s 7 7 7 7 )\n",
	"@ ( 1w ) SOA ns1 admin(%s)7 7 7 7\n",
	"@ soa ns1 admin (%s\n7 7 7 7)\n",
	"@ TYPE6 ns1 admin %s 7 7 7 7\n",
	"example.com. SOA SOA IN %s 7 7 7 7\n",
	"@ SOA a\\ 7 a\\(b %s 7 7 7 7\n",
	"$ORIGIN com.\nexample SOA ns1 admin %s 7 7 7 7\n$ORIGIN example.com.\n",
	"@ SOA ns1 admin %s 7 7 7 7\n" WEB "@ SOA ns1 admin %s 7 7 7 7\n", /* As by dig. */
	"@ SOA ns1 admin %s 7 7 7 7",
};

static void test_soa(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		const char *behind;
		cg_serial_t scheme;
	} serials[] = {
		{ "7", "8", INCREMENT },
		{ "9", "10", INCREMENT },
		{ "0", "1", INCREMENT },
		{ "007", "8", INCREMENT },
		{ "4294967295", "1", INCREMENT },
		{ "7", "1750000000", UNIXTIME },
		{ "7", "2025061500", DATE },
		{ "2025061500", "2025061501", DATE },
		{ "7", "7", CG_SERIAL_KEEP },
	};
	for (size_t i = 0; i < COUNT(SOAS) * COUNT(serials); i++) {
		const char *format = SOAS[i / COUNT(serials)];
		const char *before = serials[i % COUNT(serials)].before;
		const char *behind = serials[i % COUNT(serials)].behind;
		unit_text_t text = { 0 }, expected = { 0 };
		unit_add(&text, "@ NS ns1\nwww CNAME web\n" "www MX 10 mail\n@ TXT \"7\"\n");
		unit_add(&expected, "@ NS ns1\n" MX "www CNAME web\nwww MX 10 mail\n@ TXT \"7\"\n");
		for (const char *at = format; *at != '\0'; at++) {
			if (*at == '%') {
				unit_add(&text, "%s", before);
				unit_add(&expected, "%s", behind);
				at++;
				continue;
			}
			unit_add(&text, "%c", *at);
			unit_add(&expected, "%c", *at);
		}
		fix_t fix = { .text = text.str, .len = text.len };
		fix_make(&fix, OTHER, CG_STRATEGY_REFUSE, serials[i % COUNT(serials)].scheme);
		if (fix.ret != KNOT_EOK || strcmp(fix.patched.text, expected.str) != 0) {
			fail_msg("%s\n%s %s\ngot\n%s\nwant\n%s", text.str, knot_strerror(fix.ret),
			         fix.patched.why, fix.patched.text, expected.str);
		}
		fix_free(&fix);
		free(text.str);
		free(expected.str);
	}
}

/* An owner and a serial on one line, and no edits: no serial. */
static void test_soa_inherits(void **state)
{
	(void)state;
	const char *text = "@ CNAME web\n    SOA ns1 admin 7 7 7 7 7\n" WEB;
	fix_t fix = { .text = text, .len = strlen(text) };
	fix_make(&fix, OTHER, CG_STRATEGY_REFUSE, INCREMENT);
	assert_int_equal(fix.ret, KNOT_EOK);
	assert_string_equal(fix.patched.text, "; cnameguard cname-apex: @ CNAME web\n"
	                    "@   SOA ns1 admin 8 7 7 7 7\n" WEB);
	fix_free(&fix);

	text = "@ SOA ns1 admin 7 7 7 7 7\nwww CNAME outside.\nwww MX 10 mail\n";
	fix = (fix_t) { .text = text, .len = strlen(text) };
	fix_make(&fix, FLATTEN, CG_STRATEGY_REFUSE, INCREMENT);
	assert_int_equal(fix.ret, KNOT_EOK);
	assert_string_equal(fix.patched.text, text);
	fix_free(&fix);
}

#ifdef UNIT_CAN_FAIL_ALLOC
static void test_out_of_memory(void **state)
{
	(void)state;
	unit_alloc_or_skip();
	write_file("inc", "inc CNAME web\ninc TXT x\n");
	char path[512];
	snprintf(path, sizeof(path), "%s/main", folder);
	unit_text_t text = { 0 };
	unit_add(&text, "@ SOA ns1 admin 7 7 7 7 7\n$INCLUDE inc\n" WEB);
	for (int i = 0; i < 40; i++) {
		unit_add(&text, "x%d CNAME web\n MX 10 mail\n TXT x\n", i);
	}
	fix_t fix = { .text = text.str, .len = text.len, .file = path, .include_dir = folder };
	fix_make(&fix, OTHER, CG_STRATEGY_REFUSE, INCREMENT);
	assert_int_equal(fix.ret, KNOT_EOK);
	assert_int_equal(fix.patched.left_count, 1);

	cg_patch_t patch = fix_patch(&fix, INCREMENT);
	long n = 0;
	do {
		cg_patched_t patched;
		unit_alloc_hit = false;
		unit_alloc_left = n++;
		int ret = cg_patch_make(&patch, &patched);
		unit_alloc_left = -1;
		if (ret == KNOT_EOK) {
			assert_string_equal(patched.text, fix.patched.text);
			assert_int_equal(patched.left_count, 1);
		} else {
			assert_true(unit_alloc_hit);
			assert_int_equal(ret, KNOT_ENOMEM);
			assert_null(patched.text);
		}
		cg_patched_free(&patched);
	} while (unit_alloc_hit);
	assert_true(n > 30);
	fix_free(&fix);
	free(text.str);
}
#endif

#define WITH_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_splices),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_syntax_error),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_odd_edits),
		WITH_FOLDER(test_included),
		cmocka_unit_test(test_serial_next),
		cmocka_unit_test(test_serial_ahead),
		cmocka_unit_test(test_serial_names),
		cmocka_unit_test(test_soa),
		cmocka_unit_test(test_soa_inherits),
#ifdef UNIT_CAN_FAIL_ALLOC
		WITH_FOLDER(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
