/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A zone file's text after edits: what changes, and that nothing else does. */

#define UNIT_FAIL_ALLOC
#include "unit.h"

#include "cnameguard/file.h"
#include "cnameguard/patch.h"

#define FLATTEN CG_STRATEGY_FLATTEN
#define OTHER   CG_STRATEGY_KEEP_OTHER
#define CNAME   CG_STRATEGY_KEEP_CNAME

#define FILE_NAME "test.zone"
#define NOW       1750000000 /* 2025-06-15 15:06:40 UTC */

static const cg_rules_policy_t PLAIN = { .ignore = 1u << CG_RULE_APEX_NO_NS };

/*! \brief One text on its way. */
typedef struct {
	const char *text;
	size_t len;
	const char *include_dir;
	const char *file;
	knot_dname_t *origin;
	cg_zone_t *zone;
	cg_findings_t findings;
	cg_plan_t plan;
	cg_patched_t patched;
	int ret;
} fix_t;

static void fix_error(const cg_scan_error_t *error, void *ctx)
{
	(void)ctx;
	fail_msg("%s:%u: %s", error->file, error->line, error->reason);
}

static cg_scan_t fix_scan(const fix_t *fix)
{
	return (cg_scan_t) {
		.file = fix->file, .text = fix->text, .len = fix->len, .origin = fix->origin,
		.include_dir = fix->include_dir, .error = fix_error
	};
}

static cg_patch_t fix_patch(const fix_t *fix, cg_serial_t serial)
{
	return (cg_patch_t) {
		.file = fix->file, .text = fix->text, .len = fix->len, .origin = fix->origin,
		.include_dir = fix->include_dir, .edits = fix->plan.list,
		.edits_count = fix->plan.count, .serial = serial, .now = NOW
	};
}

/*! \brief Judges and plans. */
static void fix_plan(fix_t *fix, cg_strategy_t strategy, cg_strategy_t fallback)
{
	if (fix->file == NULL) {
		fix->file = FILE_NAME;
	}
	if (fix->include_dir == NULL) {
		fix->include_dir = "";
	}
	fix->origin = unit_name(ORIGIN);
	cg_scan_t scan = fix_scan(fix);
	assert_int_equal(cg_file_zone(&scan, &fix->zone, NULL), KNOT_EOK);
	assert_int_equal(cg_rules_zone(fix->zone, &PLAIN, &fix->findings), KNOT_EOK);
	assert_int_equal(cg_plan_make(fix->zone, &fix->findings, strategy, fallback, &fix->plan),
	                 KNOT_EOK);
}

static void fix_make(fix_t *fix, cg_strategy_t strategy, cg_strategy_t fallback, cg_serial_t serial)
{
	fix_plan(fix, strategy, fallback);
	cg_patch_t patch = fix_patch(fix, serial);
	fix->ret = cg_patch_make(&patch, &fix->patched);
}

static void fix_free(fix_t *fix)
{
	cg_patched_free(&fix->patched);
	cg_plan_free(&fix->plan);
	cg_findings_free(&fix->findings);
	cg_zone_free(fix->zone);
	knot_dname_free(fix->origin, NULL);
}

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
	{ "www CNAME web\n\n; mail\n  \n\tMX 10 mail\n" WEB, OTHER,
	  MX "www CNAME web\n\n; mail\n  \nwww\tMX 10 mail\n" WEB },
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
	  "www 300 HTTPS 1 . alpn=h2,h3\n"
	  "www 300 TYPE65280 \\# 2 ABCD\n"
	  "www MX 10 mail\nweb 300 TXT \"a;b\" \"c\\\"d\\\\\" \"\\200 (\"\n"
	  "web 300 TYPE65280 \\# 2 abcd\nweb 300 HTTPS 1 . alpn=\"h2,h3\"\nweb 300 A \\# 4 c0000201\n" },
	{ "www CNAME a\\.b\nwww MX 10 mail\na\\.b 300 PTR \\@\\$.x\n", FLATTEN,
	  MX "www CNAME a\\.b\nwww 300 PTR \\@\\$.x.example.com.\nwww MX 10 mail\n"
	  "a\\.b 300 PTR \\@\\$.x\n" },

	/* Beginnings and ends of files, blanks at the end, CR in comments. */
	{ "  \n\n; x \n\nwww CNAME web\t \nwww MX 10 mail  \n  ; y\n" WEB "\n\n", FLATTEN,
	  "  \n\n; x \n\n" MX "www CNAME web\t \nwww 300 A 192.0.2.1\nwww MX 10 mail  \n  ; y\n" WEB "\n\n" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
