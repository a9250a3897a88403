/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an alias stands for (decision 5 and 6 of docs/rules.md). */

#include "unit.h"

static const char *const RESULTS[] = {
	[CG_TARGET_FOUND] = "found",
	[CG_TARGET_OUTSIDE] = "outside",
	[CG_TARGET_CUT] = "cut",
	[CG_TARGET_MISSING] = "missing",
	[CG_TARGET_LOOP] = "loop",
	[CG_TARGET_CONFLICT] = "conflict",
};

/*! \brief "found web.example.com. 300" or, if not found, "outside www.example.net. 300". */
static char *look(const char *origin, const char *zone_text, const char *name_text)
{
	cg_zone_t *zone = unit_zone(origin, zone_text);
	knot_dname_t *name = unit_name(name_text);
	cg_answer_t answer;
	const cg_zone_t *list[] = { zone };
	cg_zones_t alone = { .list = list, .count = 1 };
	cg_lookup(&alone, zone, name, &answer);

	unit_text_t text = { 0 };
	char *last = knot_dname_to_str_alloc(answer.last);
	assert_non_null(last);
	unit_add(&text, "%s %s ", RESULTS[answer.result],
	         (answer.result == CG_TARGET_FOUND) ? answer.name.spelling : last);
	if (answer.ttl == UINT32_MAX) {
		unit_add(&text, "-");
	} else {
		unit_add(&text, "%u", answer.ttl);
	}

	free(last);
	knot_dname_free(name, NULL);
	cg_zone_free(zone);
	return unit_take(&text);
}

static const struct {
	const char *zone;
	const char *name;
	const char *expected;
} T[] = {
	/* The name itself. */
	{ "web 1 A 192.0.2.1\n", "web.example.com.", "found web.example.com. -" },
	{ "Web 1 A 192.0.2.1\n", "wEB.example.com.", "found Web.example.com. -" },
	{ "web 1 A 192.0.2.1\n", "example.com.", "found example.com. -" },
	{ "web 1 A 192.0.2.1\n", "wex.example.com.", "missing wex.example.com. -" },
	{ "web 1 A 192.0.2.1\n", "www.example.net.", "outside www.example.net. -" },
	{ "web 1 A 192.0.2.1\n", "com.", "outside com. -" },
	{ "web 1 A 192.0.2.1\n", ".", "outside . -" },

	/* Chains. */
	{ "a 30 CNAME b\nb 20 CNAME C\nC 1 A 192.0.2.1\n", "a.example.com.",
	  "found C.example.com. 20" },
	{ "a 20 CNAME b\nb 30 CNAME c\nc 1 A 192.0.2.1\n", "a.example.com.",
	  "found c.example.com. 20" },
	{ "a 0 CNAME b\nb 1 A 192.0.2.1\n", "a.example.com.", "found b.example.com. 0" },
	{ "a 30 CNAME b\nb 20 CNAME www.example.net.\n", "a.example.com.",
	  "outside www.example.net. 20" },
	{ "a 30 CNAME b\n", "a.example.com.", "missing b.example.com. 30" },
	{ "a 30 CNAME b\nb 30 CNAME a\n", "a.example.com.", "loop b.example.com. 30" },
	{ "a 30 CNAME a\n", "a.example.com.", "loop a.example.com. 30" },
	{ "a 30 CNAME A\n", "a.example.com.", "loop a.example.com. 30" },
	{ "a 30 CNAME @\n", "a.example.com.", "found example.com. 30" },

	/* What stands beside the CNAME is hidden by it. */
	{ "a 30 CNAME b\na 30 A 192.0.2.7\nb 1 A 192.0.2.1\n", "a.example.com.",
	  "found b.example.com. 30" },

	/* Several CNAMEs: unless they are one. */
	{ "a 30 CNAME b\na 30 CNAME c\nb 1 A 192.0.2.1\n", "a.example.com.",
	  "conflict a.example.com. -" },
	{ "x 30 CNAME a\na 30 CNAME b\na 30 CNAME c\nb 1 A 192.0.2.1\n", "x.example.com.",
	  "conflict a.example.com. 30" },
	{ "a 30 CNAME b\na 30 CNAME B\nb 1 A 192.0.2.1\n", "a.example.com.",
	  "found b.example.com. 30" },

	/* Empty non-terminals exist. */
	{ "a.b 1 A 192.0.2.1\n", "b.example.com.", "found b.example.com. -" },
	{ "a.b 1 A 192.0.2.1\n", "c.b.example.com.", "missing c.b.example.com. -" },

	/* Wildcards (RFC 4592). */
	{ "*.w 1 A 192.0.2.1\n", "x.w.example.com.", "found *.w.example.com. -" },
	{ "*.w 1 A 192.0.2.1\n", "y.x.w.example.com.", "found *.w.example.com. -" },
	{ "*.w 1 A 192.0.2.1\n", "w.example.com.", "found w.example.com. -" },
	{ "*.w 1 A 192.0.2.1\n", "*.w.example.com.", "found *.w.example.com. -" },
	{ "*.w 1 A 192.0.2.1\n", "x.*.w.example.com.", "missing x.*.w.example.com. -" },
	{ "*.w 1 A 192.0.2.1\nx.w 1 TXT x\n", "x.w.example.com.", "found x.w.example.com. -" },
	{ "*.w 1 A 192.0.2.1\nx.w 1 TXT x\n", "y.x.w.example.com.",
	  "missing y.x.w.example.com. -" },
	{ "*.w 1 A 192.0.2.1\nz.x.w 1 TXT x\n", "x.w.example.com.", /* Empty. */
	  "found x.w.example.com. -" },
	{ "*.w 1 A 192.0.2.1\nz.x.w 1 TXT x\n", "y.x.w.example.com.",
	  "missing y.x.w.example.com. -" },
	{ "* 1 A 192.0.2.1\nx.w 1 TXT x\n", "y.w.example.com.", "missing y.w.example.com. -" },
	{ "* 1 A 192.0.2.1\n", "y.v.example.com.", "found *.example.com. -" },
	{ "a.*.w 1 TXT x\n", "x.w.example.com.", "found *.w.example.com. -" }, /* Empty. */
	{ "*.w 30 CNAME t\nt 1 A 192.0.2.1\n", "x.w.example.com.", "found t.example.com. 30" },
	{ "*.w 30 CNAME x.w\n", "x.w.example.com.", "loop x.w.example.com. 30" },
	{ "*.w 30 CNAME a\n*.w 30 CNAME b\n", "x.w.example.com.",
	  "conflict x.w.example.com. -" },

	/* Zone cuts: at, below, by way of an alias and through a wildcard. */
	{ "sub 1 NS ns.sub\nns.sub 1 A 192.0.2.1\n", "sub.example.com.",
	  "cut sub.example.com. -" },
	{ "sub 1 NS ns.sub\nns.sub 1 A 192.0.2.1\n", "ns.sub.example.com.",
	  "cut ns.sub.example.com. -" },
	{ "sub 1 NS ns.sub\nns.sub 1 A 192.0.2.1\n", "a.b.sub.example.com.",
	  "cut a.b.sub.example.com. -" },
	{ "a 30 CNAME x.sub\nsub 1 NS ns.sub\n", "a.example.com.", "cut x.sub.example.com. 30" },
	{ "sub 1 NS a\nsub 1 DNAME t\nx.t 1 A 192.0.2.1\n", "x.sub.example.com.",
	  "cut x.sub.example.com. -" },
	{ "sub 1 NS a\nsub 1 CNAME t\nt 1 A 192.0.2.1\n", "sub.example.com.",
	  "cut sub.example.com. -" },
	{ "*.w 1 NS a\n", "x.w.example.com.", "cut x.w.example.com. -" },

	/* DNAMEs (RFC 6672): not for their own owner. */
	{ "d 20 DNAME t\nx.t 1 A 192.0.2.1\n", "x.d.example.com.", "found x.t.example.com. 20" },
	{ "d 20 DNAME t\nx.y.t 1 A 192.0.2.1\n", "x.y.d.example.com.",
	  "found x.y.t.example.com. 20" },
	{ "d 20 DNAME t\nd 1 A 192.0.2.1\n", "d.example.com.", "found d.example.com. -" },
	{ "d 20 DNAME t\nx.d 1 A 192.0.2.7\nx.t 1 A 192.0.2.1\n", "x.d.example.com.",
	  "found x.t.example.com. 20" }, /* Data below a DNAME is hidden. */
	{ "d 20 DNAME example.net.\n", "x.d.example.com.", "outside x.example.net. 20" },
	{ "d 20 DNAME t\n", "x.d.example.com.", "missing x.t.example.com. 20" },
	{ "d 20 DNAME d\n", "x.d.example.com.", "loop x.d.example.com. 20" },
	{ "d 20 DNAME x.d\n", "a.d.example.com.",
	  "loop a.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.d.example.com. 20" },
	{ "d 20 DNAME t\nd 20 DNAME u\n", "x.d.example.com.", "conflict x.d.example.com. -" },
	{ "@ 20 DNAME example.net.\n", "x.example.com.", "outside x.example.net. 20" },
	{ "@ 20 DNAME example.net.\n", "example.com.", "found example.com. -" },
	{ "d 20 DNAME t\nx.t 10 CNAME y\ny 1 A 192.0.2.1\n", "x.d.example.com.",
	  "found y.example.com. 10" },

	/* NSEC3 owners are no names of the zone. */
	{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom 1 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n"
	  "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom 1 RRSIG NSEC3 8 3 1 20300101000000 20200101000000 1 "
	  "example.com. AAAA\n",
	  "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.com.",
	  "missing 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.com. -" },
	{ "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom 1 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n"
	  "* 1 A 192.0.2.1\n",
	  "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.com.", "found *.example.com. -" },

	/* Escapes: a dot within a label. */
	{ "a\\.b 1 A 192.0.2.1\n", "a\\.b.example.com.", "found a\\.b.example.com. -" },
	{ "a\\.b 1 A 192.0.2.1\n", "a.b.example.com.", "missing a.b.example.com. -" },
	{ "x 5 CNAME a\\.b\na\\.b 1 A 192.0.2.1\n", "x.example.com.",
	  "found a\\.b.example.com. 5" },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t zone = { 0 };
		unit_add(&zone, "%s%s", BASE, T[i].zone);
		char *result = look(ORIGIN, zone.str, T[i].name);
		if (strcmp(result, T[i].expected) != 0) {
			fail_msg("row %zu, %s in\n%sgot  %s\nwant %s", i, T[i].name, T[i].zone,
			         result, T[i].expected);
		}
		free(result);
		free(zone.str);
	}
}

/*! \brief n0 CNAME n1, n1 CNAME n2, ... : as many links as asked for. */
static char *look_along(size_t links)
{
	unit_text_t zone = { 0 };
	for (size_t i = 0; i < links; i++) {
		unit_add(&zone, "n%zu 9 CNAME n%zu\n", i, i + 1);
	}
	unit_add(&zone, "n%zu 9 A 192.0.2.1\n", links);
	char *result = look(ORIGIN, zone.str, "n0.example.com.");
	free(zone.str);
	return result;
}

static void test_longest_chain(void **state)
{
	(void)state;
	char *result = look_along(CG_CHAIN_MAX);
	assert_string_equal(result, "found n16.example.com. 9");
	free(result);
	result = look_along(CG_CHAIN_MAX + 1);
	assert_string_equal(result, "loop n17.example.com. 9");
	free(result);
}

static void test_root_zone(void **state)
{
	(void)state;
	char *result = look(".", "www 5 CNAME com\n*.com 1 A 192.0.2.1\ncom 1 TXT x\n", "www.");
	assert_string_equal(result, "found com. 5");
	free(result);
	result = look(".", "* 5 A 192.0.2.1\n", "a.b.c.");
	assert_string_equal(result, "found *. -");
	free(result);
	result = look(".", "", "a.");
	assert_string_equal(result, "missing a. -");
	free(result);
}

/* A DNAME that would make a name longer than 255 octets leads nowhere. */
static void test_too_long(void **state)
{
	(void)state;
	static const char LABEL[] = "0123456789012345678901234567890123456789"; /* 40. */
	unit_text_t zone = { 0 }, name = { 0 };
	unit_add(&zone, "d 5 DNAME %s.%s.%s.t\n", LABEL, LABEL, LABEL);
	unit_add(&name, "%s.%s.%s.d.example.com.", LABEL, LABEL, LABEL);
	char *result = look(ORIGIN, zone.str, name.str);
	assert_memory_equal(result, "missing ", 8);
	free(result);

	/* Just room for a wildcard: an encloser of 253 octets. */
	unit_text_t origin = { 0 };
	for (int i = 0; i < 3; i++) {
		unit_add(&origin, "%s%s.", LABEL, "01234567890123456789012"); /* 63. */
	}
	unit_add(&origin, "%s0123456789012345678.", LABEL); /* 59: 253 octets. */
	name.len = 0;
	unit_add(&name, "a.%s", origin.str);
	result = look(origin.str, "@ 5 A 192.0.2.1\n", name.str);
	assert_memory_equal(result, "missing ", 8);
	free(result);
	free(origin.str);
	free(zone.str);
	free(name.str);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_longest_chain),
		cmocka_unit_test(test_root_zone),
		cmocka_unit_test(test_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
