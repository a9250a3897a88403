/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every rule of docs/rules.md, its decisions, and what the findings say. */

#define UNIT_FAIL_ALLOC
#include "unit.h"

#define NSEC3_NAME "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"
#define NSEC3 NSEC3_NAME " 1 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG\n" \
	NSEC3_NAME " 1 RRSIG NSEC3 8 3 1 20300101000000 20200101000000 1 @ AAAA\n"
#define RRSIG(owner, type) \
	owner " 1 RRSIG " type " 8 3 1 20300101000000 20200101000000 1 @ AAAA\n"

static const cg_rules_policy_t PLAIN = { .ignore = TARGET_RULES };
static const cg_rules_policy_t ALLOW_KEY = { .ignore = TARGET_RULES, .allow_key = true };

static const struct {
	const char *zone; /*!< After BASE. */
	const char *expected;
} T[] = {
	/* Nothing to be found. */
	{ "", "" },
	{ "www 300 CNAME web\nweb 300 A 192.0.2.1\nweb 300 MX 10 mail\n", "" },
	{ "www 0 CNAME web\n*.x 1 CNAME web\nx 1 MX 10 mail\n", "" },

	/* The article's case, and with more at the name. */
	{ "www 300 CNAME web\nwww 300 MX 10 mail\n", "cname-mx www.example.com. CNAME,MX\n" },
	{ "WWW 300 CNAME web\nwww 300 MX 10 mail\n", "cname-mx WWW.example.com. CNAME,MX\n" },
	{ "www 1 TXT x\nwww 300 MX 10 mail\nwww 1 CAA 0 issue \"ca\"\nwww 300 CNAME web\n",
	  "cname-mx www.example.com. CNAME,MX,TXT,CAA\n" },
	{ "www 0 CNAME web\nwww 0 MX 0 .\n", "cname-mx www.example.com. CNAME,MX\n" },

	/* Other data: each type there is. */
	{ "a 1 CNAME t\na 1 A 192.0.2.1\n", "cname-other a.example.com. A,CNAME\n" },
	{ "a 1 CNAME t\na 1 HTTPS 1 .\n", "cname-other a.example.com. CNAME,HTTPS\n" },
	{ "a 1 CNAME t\na 1 CDS 0 0 0 00\n", "cname-other a.example.com. CNAME,CDS\n" },
	{ "a 1 CNAME t\na 1 DS 1 8 2 00\n", "cname-other a.example.com. CNAME,DS\n" },
	{ "a 1 CNAME t\na 1 DNSKEY 256 3 8 AAAA\n", "cname-other a.example.com. CNAME,DNSKEY\n" },
	{ "a 1 CNAME t\na 1 TYPE30 \\# 1 00\n", "cname-other a.example.com. CNAME,TYPE30\n" },
	{ "a 1 CNAME t\na 1 TYPE65280 \\# 1 00\n",
	  "cname-other a.example.com. CNAME,TYPE65280\n" },
	{ "a 1 CNAME t\na 1 TYPE65535 \\# 0\n", "cname-other a.example.com. CNAME,TYPE65535\n" },
	{ "a 1 CNAME t\na 1 ZONEMD 1 1 1 000000000000000000000000000000000000000000000000000000000"
	  "000000000000000000000000000000000000000\n", "cname-other a.example.com. CNAME,ZONEMD\n" },
	{ "a 1 CNAME t\na 1 NSEC3PARAM 1 0 0 -\n",
	  "cname-other a.example.com. CNAME,NSEC3PARAM\n" },
	{ "a 1 CNAME t\na 1 SOA a b 1 1 1 1 1\n", "cname-other a.example.com. CNAME,SOA\n" },
	{ "a 1 CNAME t\na 1 DNAME t\n", "cname-other a.example.com. CNAME,DNAME\n" },
	{ "a 1 CNAME t\na 1 NS t\n", "cname-other a.example.com. NS,CNAME\n" },

	/* Decision 1: identical CNAMEs are one, in any letters. */
	{ "a 1 CNAME t\nA 2 CNAME T\n", "" },
	{ "a 1 CNAME t\na 2 CNAME T.Example.COM.\n", "" },
	{ "a 1 CNAME t\na 1 CNAME u\n", "cname-multiple a.example.com. CNAME\n" },
	{ "a 1 CNAME t\na 1 CNAME T\na 1 CNAME u\n", "cname-multiple a.example.com. CNAME\n" },
	{ "a 1 CNAME t\\046u\na 1 CNAME t.u\n", "cname-multiple a.example.com. CNAME\n" },
	{ "a 1 CNAME t\na 1 CNAME u\na 1 MX 1 m\n",
	  "cname-mx a.example.com. CNAME,MX\ncname-multiple a.example.com. CNAME,MX\n" },
	{ "a 1 CNAME t\na 1 CNAME u\na 1 TXT m\n",
	  "cname-other a.example.com. CNAME,TXT\ncname-multiple a.example.com. CNAME,TXT\n" },

	/* Decision 2: DNSSEC beside a CNAME. What an RRSIG covers is not there. */
	{ "a 1 CNAME t\na 1 NSEC b CNAME RRSIG NSEC\n" RRSIG("a", "CNAME") RRSIG("a", "NSEC"),
	  "" },
	{ "a 1 CNAME t\n" RRSIG("a", "MX") RRSIG("a", "A"), "" },
	{ "a 1 CNAME t\na 1 NSEC b CNAME MX A TXT\n", "" },
	{ "a 1 CNAME t\na 1 NSEC b MX\n" RRSIG("a", "CNAME") "a 1 MX 1 m\n" RRSIG("a", "MX"),
	  "cname-mx a.example.com. CNAME,MX\n" },
	{ "a 1 CNAME t\na 1 KEY 256 3 8 AAAA\n", "cname-other a.example.com. CNAME,KEY\n" },

	/* Decision 3: NSEC3 owners are a namespace of their own. */
	{ NSEC3, "" },
	{ NSEC3 "@ 1 DNAME t.example.net.\n",
	  "dname-children example.com. NS,SOA,DNAME\n" }, /* For ns1 of the base. */
	{ NSEC3_NAME " 1 CNAME t\n" NSEC3, "" },

	/* Decision 4: what is below, or looks alike, is other data of no one. */
	{ "a 1 CNAME t\nb.a 1 MX 1 m\nc.b.a 1 TXT x\n", "" },
	{ "*.w 1 CNAME t\nw 1 MX 1 m\nx.w 1 MX 1 m\n", "" },
	{ "*.w 1 CNAME t\n*.w 1 MX 1 m\n", "cname-mx *.w.example.com. CNAME,MX\n" },
	{ "a\\.b 1 CNAME t\na.b 1 MX 1 m\n", "" },
	{ "a\\.b 1 CNAME t\na\\046b 1 MX 1 m\n", "cname-mx a\\.b.example.com. CNAME,MX\n" },
	{ "a\\000b 1 CNAME t\nb.a 1 MX 1 m\n", "" },

	/* The apex: one finding for the alias. */
	{ "@ 1 CNAME t\n", "cname-apex example.com. NS,CNAME,SOA\n" },
	{ "@ 1 CNAME t\n@ 1 MX 1 m\n", "cname-apex example.com. NS,CNAME,SOA,MX\n" },
	{ "@ 1 CNAME t\n@ 1 CNAME u\n", "cname-apex example.com. NS,CNAME,SOA\n"
	                               "cname-multiple example.com. NS,CNAME,SOA\n" },
	{ "@ 1 NS b\n@ 1 DNAME t\nns1 1 TXT x\n", "dname-children example.com. NS,SOA,DNAME\n" },

	/* DNAME. */
	{ "d 1 DNAME t\nd 1 A 192.0.2.1\nd 1 MX 1 m\n", "" },
	{ "d 1 DNAME t\nd 1 DNAME T\n", "" },
	{ "d 1 DNAME t\nd 1 DNAME u\n", "dname-multiple d.example.com. DNAME\n" },
	{ "d 1 DNAME t\nd 1 NS a\n", "dname-ns d.example.com. NS,DNAME\n" },
	{ "d 1 DNAME t\nd 1 DNAME u\nd 1 NS a\nd 1 TXT x\nx.d 1 A 192.0.2.1\n",
	  "dname-multiple d.example.com. NS,TXT,DNAME\n"
	  "dname-ns d.example.com. NS,TXT,DNAME\n"
	  "dname-children d.example.com. NS,TXT,DNAME\n" },
	{ "d 1 DNAME t\nx.y.d 1 A 192.0.2.1\n", "dname-children d.example.com. DNAME\n" },
	{ "d 1 DNAME t\n*.d 1 A 192.0.2.1\n", "dname-children d.example.com. DNAME\n" },
	{ "d 1 DNAME t\nxd 1 A 192.0.2.1\nd0 1 A 192.0.2.1\nd-e 1 A 192.0.2.1\n", "" },
	{ "d 1 DNAME t\nx.d 1 DNAME u\ny.x.d 1 A 192.0.2.1\nz.d 1 A 192.0.2.1\n",
	  "dname-children d.example.com. DNAME\ndname-children x.d.example.com. DNAME occluded\n" },

	/* Decision 6: at and below a zone cut, below a DNAME. */
	{ "sub 1 NS ns.sub\nns.sub 1 A 192.0.2.1\n", "" },
	{ "sub 1 NS ns.sub\nwww.sub 1 CNAME t\nwww.sub 1 A 192.0.2.1\n",
	  "cname-other www.sub.example.com. A,CNAME occluded\n" },
	{ "sub 1 NS a\nsub 1 CNAME t\nsub 1 MX 1 m\nx.sub 1 CNAME t\nx.sub 1 CNAME u\n",
	  "cname-mx sub.example.com. NS,CNAME,MX\n"
	  "cname-multiple x.sub.example.com. CNAME occluded\n" },
	{ "sub 1 NS a\na.sub 1 NS a\nx.a.sub 1 CNAME t\nx.a.sub 1 MX 1 m\n"
	  "b.sub 1 CNAME t\nb.sub 1 MX 1 m\nsub0 1 CNAME t\nsub0 1 MX 1 m\n",
	  "cname-mx x.a.sub.example.com. CNAME,MX occluded\n"
	  "cname-mx b.sub.example.com. CNAME,MX occluded\n"
	  "cname-mx sub0.example.com. CNAME,MX\n" },
	{ "d 1 DNAME t\nx.d 1 CNAME t\nx.d 1 MX 1 m\n",
	  "dname-children d.example.com. DNAME\n"
	  "cname-mx x.d.example.com. CNAME,MX occluded\n" },

	/* Decision 9: outside the zone. */
	{ "www.example.net. 1 CNAME t\nwww.example.net. 1 MX 1 m\n", "" },
};

static void check(const char *origin, const char *text, const cg_rules_policy_t *policy,
                  const char *expected)
{
	cg_zone_t *zone = unit_zone(origin, text);
	cg_findings_t findings;
	assert_int_equal(cg_rules_zone(zone, policy, &findings), KNOT_EOK);
	char *dump = unit_dump_findings(&findings);
	if (strcmp(dump, expected) != 0) {
		fail_msg("in\n%sgot\n%swant\n%s", text, dump, expected);
	}
	for (size_t i = 0; i < findings.count; i++) {
		const cg_finding_t *f = &findings.list[i];
		assert_int_equal(f->level, CG_LEVEL_ERROR);
		assert_null(strchr(f->message, '\n'));
		assert_null(strchr(f->remedy, '\n'));
		if (strlen(f->message) + strlen(f->remedy) > 420) {
			fail_msg("too long for a log line: %s\n%s", f->message, f->remedy);
		}
	}
	free(dump);
	cg_findings_free(&findings);
	cg_zone_free(zone);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, "%s%s", BASE, T[i].zone);
		check(ORIGIN, text.str, &PLAIN, T[i].expected);
		free(text.str);
	}
}

static void test_allow_key(void **state)
{
	(void)state;
	check(ORIGIN, BASE "a 1 CNAME t\na 1 KEY 256 3 8 AAAA\n", &ALLOW_KEY, "");
	check(ORIGIN, BASE "a 1 CNAME t\na 1 KEY 256 3 8 AAAA\na 1 MX 1 m\n", &ALLOW_KEY,
	      "cname-mx a.example.com. CNAME,MX,KEY\n");
	check(ORIGIN, BASE "a 1 CNAME t\na 1 TYPE30 \\# 1 00\n", &ALLOW_KEY,
	      "cname-other a.example.com. CNAME,TYPE30\n");
}

static void test_apex_no_ns(void **state)
{
	(void)state;
	check(ORIGIN, "@ 1 SOA a b 1 1 1 1 1\n", &PLAIN, "apex-no-ns example.com. SOA\n");
	check(ORIGIN, "@ 1 SOA a b 1 1 1 1 1\n@ 1 CNAME t\n", &PLAIN,
	      "cname-apex example.com. CNAME,SOA\napex-no-ns example.com. CNAME,SOA\n");
	check(ORIGIN, "@ 1 TXT x\n" RRSIG("@", "NS"), &PLAIN, "apex-no-ns example.com. TXT\n");
	check(ORIGIN, "www 1 TXT x\nwww 1 NS a\n", &PLAIN, "apex-no-ns example.com. \n");
	check(ORIGIN, "www 1 CNAME a\nwww 1 MX 1 m\n", &PLAIN,
	      "apex-no-ns example.com. \ncname-mx www.example.com. CNAME,MX\n");
	check(ORIGIN, "@ 1 DNAME t.example.net.\nwww 1 TXT x\n", &PLAIN,
	      "dname-children example.com. DNAME\napex-no-ns example.com. DNAME\n");
	check(ORIGIN, "@ 1 NS a\n", &PLAIN, "");
	check(ORIGIN, "", &PLAIN, "");
	check(ORIGIN, "net. 1 TXT x\nexample.net. 1 TXT x\n", &PLAIN, "");
}

static void test_root_zone(void **state)
{
	(void)state;
	check(".", ". 1 SOA a. b. 1 1 1 1 1\n. 1 NS a.\ncom 1 NS a.\nwww.com 1 CNAME x.\n"
	      "www.com 1 MX 1 x.\nwww 1 CNAME x.\nwww 1 MX 1 x.\n. 1 CNAME x.\n", &PLAIN,
	      "cname-apex . NS,CNAME,SOA\n"
	      "cname-mx www.com. CNAME,MX occluded\n"
	      "cname-mx www. CNAME,MX\n");
}

/* Policy: ignore, enforce, exempt. */

static void test_ignore(void **state)
{
	(void)state;
	static const char ZONE[] =
		"@ 1 CNAME t\n"
		"a 1 CNAME t\na 1 CNAME u\na 1 MX 1 m\n"
		"b 1 CNAME t\nb 1 TXT x\n"
		"d 1 DNAME t\nd 1 DNAME u\nd 1 NS a\nx.d 1 TXT x\n";
	static const char *const LINES[NAME_RULES] = {
		[CG_RULE_CNAME_APEX] = "cname-apex example.com. CNAME\n",
		[CG_RULE_APEX_NO_NS] = "apex-no-ns example.com. CNAME\n",
		[CG_RULE_CNAME_MX] = "cname-mx a.example.com. CNAME,MX\n",
		[CG_RULE_CNAME_MULTIPLE] = "cname-multiple a.example.com. CNAME,MX\n",
		[CG_RULE_CNAME_OTHER] = "cname-other b.example.com. CNAME,TXT\n",
		[CG_RULE_DNAME_MULTIPLE] = "dname-multiple d.example.com. NS,DNAME\n",
		[CG_RULE_DNAME_NS] = "dname-ns d.example.com. NS,DNAME\n",
		[CG_RULE_DNAME_CHILDREN] = "dname-children d.example.com. NS,DNAME\n",
	};
	static const cg_rule_t ORDER[] = {
		CG_RULE_CNAME_APEX, CG_RULE_APEX_NO_NS, CG_RULE_CNAME_MX, CG_RULE_CNAME_MULTIPLE,
		CG_RULE_CNAME_OTHER, CG_RULE_DNAME_MULTIPLE, CG_RULE_DNAME_NS,
		CG_RULE_DNAME_CHILDREN
	};
	assert_int_equal(COUNT(ORDER), NAME_RULES);

	for (uint32_t ignore = 0; ignore < (1u << NAME_RULES); ignore++) {
		cg_rules_policy_t policy = { .ignore = ignore | TARGET_RULES, .enforce = ~ignore };
		unit_text_t expected = { 0 };
		unit_add(&expected, "%s", "");
		for (size_t i = 0; i < COUNT(ORDER); i++) {
			if ((ignore & (1u << ORDER[i])) == 0) {
				unit_add(&expected, "%s", LINES[ORDER[i]]);
			}
		}
		check(ORIGIN, ZONE, &policy, expected.str);
		free(expected.str);
	}
}

static void test_exempt(void **state)
{
	(void)state;
	static const char *ZONE = BASE
		"@ 1 CNAME t\n"
		"www 1 CNAME t\nwww 1 MX 1 m\n"
		"a.b 1 CNAME t\na.b 1 MX 1 m\n"
		"c\\. 1 CNAME t\nc\\. 1 MX 1 m\n"
		"*.w 1 CNAME t\n*.w 1 MX 1 m\n";
	static const struct {
		const char *name;
		const char *expected; /*!< The one that is exempt. */
	} E[] = {
		{ "@", "example.com." },
		{ "example.com.", "example.com." },
		{ "www", "www.example.com." },
		{ "WwW", "www.example.com." },
		{ "www.example.COM.", "www.example.com." },
		{ "www.example.com", "" },
		{ "www.", "" },
		{ "a.b", "a.b.example.com." },
		{ "b", "" },
		{ "a", "" },
		{ "c\\.", "c\\..example.com." },
		{ "c\\..", "" },
		{ "c\\..example.com.", "c\\..example.com." },
		{ "*.w", "*.w.example.com." },
		{ "x.w", "" },
		{ "*", "" },
		{ "", "" },
		{ ".", "" },
		{ "..", "" },
		{ "www.example.net.", "" },
	};
	for (size_t i = 0; i < COUNT(E); i++) {
		/* Among others, so that the search has something to do. */
		const char *exempt[] = { "zzz", E[i].name, "aaa.example.net.", "..bad", "www2" };
		cg_rules_policy_t policy = { .ignore = TARGET_RULES, .exempt = exempt, .exempt_count = COUNT(exempt) };
		cg_zone_t *zone = unit_zone(ORIGIN, ZONE);
		cg_findings_t findings;
		assert_int_equal(cg_rules_zone(zone, &policy, &findings), KNOT_EOK);
		assert_int_equal(findings.count, 5);
		const char *got = "";
		for (size_t j = 0; j < findings.count; j++) {
			if (findings.list[j].exempt) {
				assert_string_equal(got, "");
				got = findings.list[j].spelling;
			}
		}
		assert_string_equal(got, E[i].expected);
		assert_int_equal(findings.errors, (*got == '\0') ? 5 : 4);
		cg_findings_free(&findings);
		cg_zone_free(zone);
	}
}

/* What of the zone the findings tell. */
static void test_facts(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		bool has_serial;
		uint32_t serial;
		bool is_signed;
		size_t names;
		size_t records;
	} F[] = {
		{ BASE, true, 7, false, 2, 3 },
		{ BASE RRSIG("@", "SOA"), true, 7, true, 2, 4 },
		{ BASE "@ 1 DNSKEY 256 3 8 AAAA\n", true, 7, true, 2, 4 },
		{ BASE RRSIG("ns1", "A"), true, 7, false, 2, 4 },
		{ "a 1 SOA a b 9 1 1 1 1\n", false, 0, false, 1, 1 },
		{ BASE NSEC3, true, 7, false, 3, 5 },
		{ BASE "a.b.c.d 1 TXT x\nexample.net. 1 TXT x\n", true, 7, false, 3, 4 },
	};
	for (size_t i = 0; i < COUNT(F); i++) {
		cg_zone_t *zone = unit_zone(ORIGIN, F[i].zone);
		cg_findings_t findings;
		assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
		assert_int_equal(findings.has_serial, F[i].has_serial);
		assert_int_equal(findings.serial, F[i].serial);
		assert_int_equal(findings.is_signed, F[i].is_signed);
		assert_int_equal(findings.names, F[i].names);
		assert_int_equal(findings.records, F[i].records);
		cg_findings_free(&findings);
		cg_zone_free(zone);
	}
}

/* Which records are listed, and as what. */
static void test_records(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		const char *expected;
	} R[] = {
		{ "WWW 300 CNAME Web\nwww 200 MX 10 mail\nwww 100 TXT x\n"
		  "www 1 NSEC x CNAME\n" RRSIG("www", "MX"),
		  "WWW.example.com. 300 CNAME Web.example.com. :4\n"
		  "WWW.example.com. 200 MX 10 mail.example.com. :5\n"
		  "WWW.example.com. 100 TXT \"x\" :6\n" },
		{ "@ 5 CNAME t\n",
		  "example.com. 3600 NS ns1.example.com. :2\n"
		  "example.com. 5 CNAME t.example.com. :4\n"
		  "example.com. 3600 SOA ns1.example.com. admin.example.com. 7 7200 900 1209600 300 "
		  ":1\n" },
		{ "a 5 CNAME u\na 5 CNAME t\na 6 CNAME T\n",
		  "a.example.com. 5 CNAME t.example.com. :5\n"
		  "a.example.com. 5 CNAME u.example.com. :4\n" },
		{ "d 5 DNAME u\nd 5 DNAME t\nd 5 TXT x\n",
		  "d.example.com. 5 DNAME t.example.com. :5\n"
		  "d.example.com. 5 DNAME u.example.com. :4\n" },
		{ "d 5 DNAME u\nd 6 NS t\nd 5 TXT x\n",
		  "d.example.com. 6 NS t.example.com. :5\n"
		  "d.example.com. 5 DNAME u.example.com. :4\n" },
		{ "d 5 DNAME u\nd 5 TXT x\nB.a.d 5 TXT b\nB.a.d 5 TXT a\na.d 5 TXT c\n"
		  "a.d 5 NSEC b TXT\n" RRSIG("a.d", "TXT"),
		  "d.example.com. 5 DNAME u.example.com. :4\n"
		  "a.d.example.com. 5 TXT \"c\" :8\n"
		  "B.a.d.example.com. 5 TXT \"a\" :7\n"
		  "B.a.d.example.com. 5 TXT \"b\" :6\n" },
	};
	for (size_t i = 0; i < COUNT(R); i++) {
		unit_text_t text = { 0 }, got = { 0 };
		unit_add(&text, "%s%s", BASE, R[i].zone);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str);
		cg_findings_t findings;
		assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
		cg_zone_free(zone); /* The findings hold copies. */
		assert_int_equal(findings.count, 1);
		for (size_t j = 0; j < findings.list[0].rr_count; j++) {
			const cg_finding_rr_t *rr = &findings.list[0].rr[j];
			assert_string_equal(rr->rr.file, "test.zone");
			unit_add(&got, "%s %u %s %s :%u\n", rr->owner, rr->rr.ttl,
			         unit_type(rr->rr.type), rr->rr.data, rr->rr.line);
		}
		assert_string_equal(got.str, R[i].expected);
		cg_findings_free(&findings);
		free(text.str);
		free(got.str);
	}
}

/* KEY that may stand is in the types, but not involved. */
static void test_records_allow_key(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, BASE
		"a 1 CNAME t\na 1 KEY 256 3 8 AAAA\na 1 MX 1 m\n");
	cg_findings_t findings;
	assert_int_equal(cg_rules_zone(zone, &ALLOW_KEY, &findings), KNOT_EOK);
	assert_int_equal(findings.list[0].rr_count, 2);
	assert_int_equal(findings.list[0].rr[1].rr.type, KNOT_RRTYPE_MX);
	cg_findings_free(&findings);
	assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
	assert_int_equal(findings.list[0].rr_count, 3);
	cg_findings_free(&findings);
	cg_zone_free(zone);
}

/* Twenty of the records below a DNAME are listed, all are counted. */
static void test_many_children(void **state)
{
	(void)state;
	unit_text_t text = { 0 };
	unit_add(&text, BASE "d 1 DNAME t\n");
	for (int i = 0; i < 30; i++) {
		unit_add(&text, "x%02d.d 1 TXT a\nx%02d.d 1 TXT b\nx%02d.d 1 TXT c\n", i, i, i);
	}
	cg_zone_t *zone = unit_zone(ORIGIN, text.str);
	cg_findings_t findings;
	assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.list[0].rr_count, 21);
	assert_string_equal(findings.list[0].rr[20].owner, "x06.d.example.com.");
	assert_string_equal(findings.list[0].rr[20].rr.data, "\"b\"");
	assert_non_null(strstr(findings.list[0].message, "90 records at 30 names"));
	cg_findings_free(&findings);
	cg_zone_free(zone);
	free(text.str);
}

/* What is said. */

#define WHO "www.example.com."
#define WEB "web.example.com."
#define MX_MESSAGE "CNAME beside MX: the alias makes senders and resolvers overlook the MX, " \
	"mail for that name can bounce"
#define MX_END " and keep the MX; or keep the alias and move the mail to another name"
#define CASE "www 1 CNAME web\nwww 1 MX 10 mail\n"

static const struct {
	const char *zone; /*!< After BASE. */
	const char *message;
	const char *remedy;
} S[] = {
	/* The article's case, and all that the target can be. */
	{ CASE "web 1 A 192.0.2.1\n", MX_MESSAGE,
	  "give " WHO " the addresses of " WEB " (A 192.0.2.1) instead of the CNAME" MX_END },
	{ CASE "web 1 A 192.0.2.1\nweb 1 A 192.0.2.2\nweb 1 AAAA 2001:db8::1\nweb 1 CAA 0 issue "
	  "\"ca\"\nweb 1 TXT x\nweb 1 TXT y\nweb 1 MX 5 z\n" RRSIG("web", "A"), MX_MESSAGE,
	  "give " WHO " the addresses of " WEB " (A 192.0.2.1, 192.0.2.2, AAAA 2001:db8::1; and its "
	  "TXT, CAA) instead of the CNAME" MX_END },
	{ CASE "web 1 A 192.0.2.1\nweb 1 A 192.0.2.2\nweb 1 A 192.0.2.3\nweb 1 A 192.0.2.4\n"
	  "web 1 A 192.0.2.5\nweb 1 AAAA 2001:db8::1\n", MX_MESSAGE,
	  "give " WHO " the addresses of " WEB " (A 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4 and 2 "
	  "more) instead of the CNAME" MX_END },
	{ CASE "web 1 TXT x\n", MX_MESSAGE,
	  "give the TXT of " WEB " to " WHO " instead of the CNAME" MX_END },
	{ CASE "web 1 MX 1 m\n", MX_MESSAGE,
	  "remove the CNAME to " WEB " (it has nothing that " WHO " lacks)" MX_END },
	{ CASE "x.web 1 MX 1 m\n", MX_MESSAGE,
	  "remove the CNAME to " WEB " (it has nothing that " WHO " lacks)" MX_END },
	{ CASE, MX_MESSAGE,
	  "remove the CNAME (its target " WEB " does not exist)" MX_END },
	{ CASE "web 1 CNAME www\n", MX_MESSAGE,
	  "remove the CNAME (its target " WEB " leads round in a circle)" MX_END },
	{ CASE "web 1 NS a\n", MX_MESSAGE,
	  "give " WHO " the addresses of " WEB " (below a zone cut: look them up there) "
	  "instead of the CNAME" MX_END },
	{ CASE "web 1 CNAME shop.example.net.\n", MX_MESSAGE,
	  "give " WHO " the addresses of " WEB " (which leads to shop.example.net., outside this "
	  "zone: look them up there) instead of the CNAME" MX_END },
	{ "www 1 MX 10 mail\nwww 1 CNAME Shop.example.net.\n", MX_MESSAGE,
	  "give " WHO " the addresses of Shop.example.net. (outside this zone: look them up there) "
	  "instead of the CNAME" MX_END },
	{ CASE "web 1 CNAME w2\nw2 1 A 192.0.2.1\n", MX_MESSAGE,
	  "give " WHO " the addresses of " WEB " (A 192.0.2.1) instead of the CNAME" MX_END },

	/* The spelling of the author. */
	{ "WWW 1 CNAME Web\nwww 1 MX 10 mail\nweb 1 A 192.0.2.1\n", MX_MESSAGE,
	  "give WWW.example.com. the addresses of Web.example.com. (A 192.0.2.1) instead of the "
	  "CNAME" MX_END },

	/* More at the name. */
	{ CASE "www 1 TXT x\nwww 1 A 192.0.2.7\nweb 1 A 192.0.2.1\nweb 1 TXT y\nweb 1 CAA 0 issue "
	  "\"ca\"\n", "CNAME beside A, MX, TXT: the alias makes senders and resolvers overlook the "
	  "MX, mail for that name can bounce",
	  "remove the CNAME to " WEB " (" WHO " has addresses of its own; add the CAA of the "
	  "target where wanted) and keep the MX; or keep the alias and move the mail and the other "
	  "data to another name" },
	{ "www 1 CNAME shop.example.net.\nwww 1 AAAA 2001:db8::7\n",
	  "CNAME beside AAAA: the alias makes resolvers overlook the other data, what they answer "
	  "depends on what they were asked before",
	  "remove the CNAME to shop.example.net. (" WHO " has addresses of its own) and keep the AAAA; "
	  "or keep the alias and move the other data to another name" },
	{ "www 1 CNAME web\nwww 1 TXT x\nweb 1 A 192.0.2.1\n",
	  "CNAME beside TXT: the alias makes resolvers overlook the other data, what they answer "
	  "depends on what they were asked before",
	  "give " WHO " the addresses of " WEB " (A 192.0.2.1) instead of the CNAME and keep the TXT; "
	  "or keep the alias and move the other data to another name" },
	{ "www 1 CNAME web\nwww 1 NS a\n",
	  "CNAME beside NS: the alias and the delegation exclude each other, names in the delegated "
	  "zone can get lost",
	  "remove the CNAME to " WEB " and keep the NS, the delegated zone holds the addresses of "
	  WHO " itself; or remove the delegation and keep the alias" },
	{ "www 1 CNAME web\nwww 1 TYPE65281 \\# 0\nwww 1 TYPE65282 \\# 0\nwww 1 TYPE65283 \\# 0\n"
	  "www 1 TYPE65284 \\# 0\nwww 1 TYPE65285 \\# 0\nwww 1 TYPE65286 \\# 0\n"
	  "www 1 TYPE65287 \\# 0\nwww 1 MX 1 m\nweb 1 A 192.0.2.1\n",
	  "CNAME beside MX, TYPE65281, TYPE65282, TYPE65283, TYPE65284, TYPE65285 and 2 more types: "
	  "the alias makes senders and resolvers overlook the MX, mail for that name can bounce",
	  "give " WHO " the addresses of " WEB " (A 192.0.2.1) instead of the CNAME and keep the MX; "
	  "or keep the alias and move the mail and the other data to another name" },

	/* Apex. */
	{ "@ 1 CNAME web\n@ 1 MX 1 m\nweb 1 A 192.0.2.1\n",
	  "CNAME at the zone apex, beside NS, SOA, MX: the alias covers all else at the name, "
	  "resolvers can lose its mail and the zone, and servers refuse it",
	  "give example.com. the addresses of " WEB " (A 192.0.2.1) instead of the CNAME; aliases "
	  "stand only at names that hold nothing else, such as www.example.com." },

	/* Several. */
	{ "www 1 CNAME b\nwww 1 CNAME a\nwww 1 CNAME A\n",
	  "2 different CNAMEs: a name can be an alias of one name only, resolvers take either or "
	  "fail, and servers refuse the zone",
	  "keep one CNAME of a.example.com., b.example.com. at " WHO "; or give it the addresses of "
	  "all of them instead" },
	{ "www 1 CNAME b\nwww 1 CNAME a\nwww 1 CNAME c\nwww 1 CNAME d\nwww 1 CNAME e\n",
	  "5 different CNAMEs: a name can be an alias of one name only, resolvers take either or "
	  "fail, and servers refuse the zone",
	  "keep one CNAME of a.example.com., b.example.com., c.example.com. and 2 more at " WHO "; "
	  "or give it the addresses of all of them instead" },
	{ "www 1 DNAME b\nwww 1 DNAME a\n",
	  "2 different DNAMEs: the names below would be renamed in several ways, resolvers take "
	  "either or fail, and servers refuse the zone",
	  "keep one DNAME of a.example.com., b.example.com. at " WHO },

	/* DNAME. */
	{ "d 1 DNAME t\nd 1 NS a\n",
	  "DNAME beside NS: the names below are both renamed and delegated, resolvers get the one or "
	  "the other",
	  "remove the NS and keep the DNAME to t.example.com.; or keep the delegation and write the "
	  "DNAME at the apex of the zone d.example.com." },
	{ "d 1 DNAME t.example.net.\nA.d 1 TXT x\nA.d 1 NSEC d TXT\n" RRSIG("A.d", "TXT"),
	  "1 record at 1 name below the DNAME, which renames everything below d.example.com.: servers "
	  "answer these names in different ways, and resolvers that know the DNAME never ask for "
	  "them",
	  "move them below t.example.net. (A.d.example.com. to a.t.example.net.); or remove the "
	  "DNAME at d.example.com." },

	/* Occluded. */
	{ "sub 1 NS a\nWww.sub 1 CNAME t\nwww.sub 1 MX 1 m\n",
	  MX_MESSAGE " (occluded by the zone cut at sub.example.com.: no answer shows it, but servers "
	  "refuse the zone for it)",
	  "remove Www.sub.example.com. here and keep it in the zone sub.example.com., which it is "
	  "delegated to, there without this conflict" },
};

static void test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(S); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, "%s%s", BASE, S[i].zone);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str);
		cg_findings_t findings;
		assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
		assert_int_equal(findings.count, 1);
		assert_string_equal(findings.list[0].message, S[i].message);
		assert_string_equal(findings.list[0].remedy, S[i].remedy);
		cg_findings_free(&findings);
		cg_zone_free(zone);
		free(text.str);
	}
}

static void check_remedy(const char *text, size_t which, bool look_up, const char *expected)
{
	cg_zone_t *zone = unit_zone(ORIGIN, text);
	const cg_zone_t *list[] = { zone };
	cg_zones_t zones = { .list = list, .count = 1 };
	cg_rules_t *rules = cg_rules_begin(cg_zone_origin(zone), &PLAIN);
	assert_non_null(rules);
	assert_int_equal(cg_zone_walk(zone, cg_rules_name, rules), KNOT_EOK);
	cg_findings_t findings;
	assert_int_equal(cg_rules_end(rules, look_up ? &zones : NULL, &findings), KNOT_EOK);
	assert_true(which < findings.count);
	assert_string_equal(findings.list[which].remedy, expected);
	cg_findings_free(&findings);
	cg_zone_free(zone);
}

static void test_remedies(void **state)
{
	(void)state;
	/* Without a zone to look the target up in. */
	check_remedy(BASE CASE "web 1 A 192.0.2.1\n", 0, false,
	             "give " WHO " the addresses of " WEB " instead of the CNAME" MX_END);
	check_remedy(BASE CASE "www 1 A 192.0.2.7\n", 0, false,
	             "remove the CNAME to " WEB " (" WHO " has addresses of its own) and keep the MX; "
	             "or keep the alias and move the mail and the other data to another name");
	/* Several targets, below another finding. */
	check_remedy(BASE CASE "www 1 CNAME w2\n", 0, true,
	             "give " WHO " the addresses of w2.example.com., " WEB " instead of the CNAMEs"
	             MX_END);
	check_remedy(BASE CASE "web 1 CNAME a\nweb 1 CNAME b\n", 1, true,
	             "give " WHO " the addresses of " WEB " instead of the CNAME, once the several "
	             "CNAMEs behind that are repaired" MX_END);
	/* Below a DNAME. */
	check_remedy(BASE "d 1 DNAME t\nx.d 1 CNAME t\nx.d 1 MX 1 m\n", 1, true,
	             "remove x.d.example.com. here, since the DNAME at d.example.com. stands for all "
	             "below it; or remove that DNAME and one side of this conflict");
	/* Missing NS, with and without a primary to name. */
	check_remedy("@ 1 SOA ns1 a 1 1 1 1 1\n", 0, true,
	             "write one NS at example.com. for each of its servers, such as example.com. NS "
	             "ns1.example.com., the primary in its SOA");
	check_remedy("@ 1 SOA . a 1 1 1 1 1\n", 0, true,
	             "write one NS at example.com. for each of its servers");
	check_remedy("a 1 TXT x\n", 0, true,
	             "write one NS at example.com. for each of its servers");
}

/* Names of every length give sentences, of one line each. */
static void test_long_names(void **state)
{
	(void)state;
	char label[63 * 4 + 1];
	unit_text_t text = { 0 };
	for (size_t i = 0; i < 63; i++) {
		memcpy(label + 4 * i, (i % 2) ? "\\010" : "\\255", 5);
	}
	unit_add(&text, BASE "%s.%s.%s 1 CNAME x.%s.%s.%s\n%s.%s.%s 1 MX 1 m\n"
	         "x.%s.%s.%s 1 A 192.0.2.1\n", label, label, label, label, label, label,
	         label, label, label, label, label, label);
	cg_zone_t *zone = unit_zone(ORIGIN, text.str);
	cg_findings_t findings;
	assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
	assert_int_equal(findings.count, 1);
	assert_null(strchr(findings.list[0].remedy, '\n'));
	assert_non_null(strstr(findings.list[0].remedy, label));
	assert_true(strlen(findings.list[0].remedy) > 1500);
	cg_findings_free(&findings);
	cg_zone_free(zone);
	free(text.str);
}

/* The stream itself. */

static void feed(cg_rules_t *rules, const char *owner, const char *spelling,
                 const cg_rr_t *rr, size_t count)
{
	knot_dname_t *wire = unit_lower(owner);
	cg_name_t name = { .owner = wire, .spelling = spelling, .rr = rr, .count = count };
	assert_int_equal(cg_rules_name(&name, rules), KNOT_EOK);
	knot_dname_free(wire, NULL);
}

/* NSEC3 owners in a second run, empty names, names outside, records in any order, twice. */
static void test_stream(void **state)
{
	(void)state;
	const cg_rr_t apex[] = {
		{ .type = KNOT_RRTYPE_NS, .data = "ns.example.net." },
		{ .type = KNOT_RRTYPE_SOA, .data = "a. b. 5 1 1 1 1" },
		{ .type = KNOT_RRTYPE_DNAME, .data = "example.net." },
	};
	const cg_rr_t www[] = {
		{ .type = KNOT_RRTYPE_TXT, .data = "\"x\"" },
		{ .type = KNOT_RRTYPE_MX, .data = "10 mail." },
		{ .type = KNOT_RRTYPE_CNAME, .data = "Web.example.com." },
		{ .type = KNOT_RRTYPE_MX, .data = "10 mail." },
		{ .type = KNOT_RRTYPE_CNAME, .data = "\\119eb.example.com." }, /* w. */
	};
	const cg_rr_t nsec3[] = {
		{ .type = KNOT_RRTYPE_NSEC3, .data = "1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A" },
	};
	knot_dname_t *origin = unit_name("Example.COM.");
	cg_rules_t *rules = cg_rules_begin(origin, &PLAIN);
	assert_non_null(rules);
	feed(rules, "example.com.", "example.com.", apex, COUNT(apex));
	feed(rules, "ent.example.com.", "ent.example.com.", NULL, 0);
	feed(rules, "www.example.com.", "Www.example.com.", www, COUNT(www));
	feed(rules, "www.example.net.", "www.example.net.", www, COUNT(www));
	feed(rules, NSEC3_NAME ".example.com.", NSEC3_NAME ".example.com.", nsec3, COUNT(nsec3));

	cg_findings_t findings;
	assert_int_equal(cg_rules_end(rules, NULL, &findings), KNOT_EOK);
	char *dump = unit_dump_findings(&findings);
	assert_string_equal(dump, "dname-children example.com. NS,SOA,DNAME\n"
	                          "cname-mx Www.example.com. CNAME,MX,TXT occluded\n");
	assert_non_null(strstr(findings.list[0].message, "at 1 name "));
	assert_int_equal(findings.names, 3);
	assert_int_equal(findings.serial, 5);
	free(dump);
	cg_findings_free(&findings);
	knot_dname_free(origin, NULL);
}

/* Data is not trusted to be one line. */
static void test_one_line(void **state)
{
	(void)state;
	const cg_rr_t www[] = {
		{ .type = KNOT_RRTYPE_CNAME, .data = "web\nwarning: all is well\x1b[2J." },
		{ .type = KNOT_RRTYPE_MX, .data = "10 mail." },
	};
	cg_rules_policy_t policy = { .ignore = TARGET_RULES | 1u << CG_RULE_APEX_NO_NS };
	knot_dname_t *origin = unit_name(ORIGIN);
	cg_rules_t *rules = cg_rules_begin(origin, &policy);
	assert_non_null(rules);
	feed(rules, "www.example.com.", "www.example.com.", www, COUNT(www));
	cg_findings_t findings;
	assert_int_equal(cg_rules_end(rules, NULL, &findings), KNOT_EOK);
	assert_non_null(strstr(findings.list[0].remedy, "web?warning: all is well?[2J."));
	cg_findings_free(&findings);
	knot_dname_free(origin, NULL);
}

/* A run can be given up. */
static void test_give_up(void **state)
{
	(void)state;
	knot_dname_t *origin = unit_name(ORIGIN);
	cg_findings_t findings;
	assert_int_equal(cg_rules_end(cg_rules_begin(origin, &PLAIN), NULL, &findings), KNOT_EOK);
	assert_int_equal(findings.count, 0);
	assert_int_equal(findings.names, 0);
	cg_findings_free(&findings);
	cg_findings_free(&findings); /* Does no harm. */
	knot_dname_free(origin, NULL);
}

/* 127 labels, a DNAME at each: every finding counts all below it. */
static void test_deep_dnames(void **state)
{
	(void)state;
	knot_dname_storage_t deep;
	for (size_t i = 0; i < 127; i++) {
		memcpy(deep + 2 * i, "\001a", 2);
	}
	deep[254] = 0;
	const cg_rr_t rr[] = { { .type = KNOT_RRTYPE_DNAME, .data = "t." } };
	cg_rules_t *rules = cg_rules_begin((const knot_dname_t *)"", &PLAIN);
	assert_non_null(rules);
	for (size_t i = 0; i <= 127; i++) {
		char *spelling = knot_dname_to_str_alloc(deep + 254 - 2 * i);
		cg_name_t name = { deep + 254 - 2 * i, spelling, rr, COUNT(rr) };
		assert_int_equal(cg_rules_name(&name, rules), KNOT_EOK);
		free(spelling);
	}
	cg_findings_t findings;
	assert_int_equal(cg_rules_end(rules, NULL, &findings), KNOT_EOK);
	assert_int_equal(findings.count, 127 + 1); /* All but the last, and the missing NS. */
	size_t children = 0;
	for (size_t i = 0; i < findings.count; i++) {
		if (findings.list[i].rule == CG_RULE_DNAME_CHILDREN) {
			char expected[64];
			size_t below = 127 - children++;
			snprintf(expected, sizeof(expected), "%zu record%s at %zu name%s below", below,
			         (below == 1) ? "" : "s", below, (below == 1) ? "" : "s");
			assert_memory_equal(findings.list[i].message, expected, strlen(expected));
			assert_int_equal(findings.list[i].rr_count, 1 + ((below < 20) ? below : 20));
		}
	}
	assert_int_equal(children, 127);
	cg_findings_free(&findings);
}

/* 100,000 records beside a CNAME are one finding that lists them all. */
static void test_many_records(void **state)
{
	(void)state;
	knot_dname_t *origin = unit_name(ORIGIN), *www = unit_name("www.example.com.");
	cg_zone_t *zone = cg_zone_new(origin);
	for (int i = 0; i < 100000; i++) {
		char data[32];
		snprintf(data, sizeof(data), "\"%d\"", (i * 7919) % 100000);
		cg_rr_t rr = { .type = KNOT_RRTYPE_TXT, .data = data };
		assert_int_equal(cg_zone_add(zone, www, &rr), KNOT_EOK);
	}
	for (int i = 0; i < 1000; i++) {
		char data[32];
		snprintf(data, sizeof(data), "t%d.", i);
		cg_rr_t rr = { .type = KNOT_RRTYPE_CNAME, .data = data };
		assert_int_equal(cg_zone_add(zone, www, &rr), KNOT_EOK);
	}
	assert_int_equal(cg_zone_finish(zone), KNOT_EOK);

	cg_rules_policy_t policy = { .ignore = TARGET_RULES | 1u << CG_RULE_APEX_NO_NS };
	cg_findings_t findings;
	assert_int_equal(cg_rules_zone(zone, &policy, &findings), KNOT_EOK);
	assert_int_equal(findings.count, 2);
	assert_int_equal(findings.list[0].rr_count, 101000);
	assert_int_equal(findings.list[0].types_count, 2);
	assert_int_equal(findings.list[1].rr_count, 1000);
	assert_non_null(strstr(findings.list[1].message, "1000 different CNAMEs"));
	cg_findings_free(&findings);
	cg_zone_free(zone);
	knot_dname_free(www, NULL);
	knot_dname_free(origin, NULL);
}

/* The table of rules. */
static void test_info(void **state)
{
	(void)state;
	static const char *const NAMES[] = {
		"cname-apex", "cname-mx", "cname-other", "cname-multiple",
		"dname-multiple", "dname-ns", "dname-children", "apex-no-ns",
		"mx-alias", "ns-alias", "srv-alias", "ptr-alias",
		"cname-loop", "cname-chain", "cname-dangling",
		"soa-alias", "naptr-alias", "svcb-alias", "cname-mail",
	};
	assert_int_equal(COUNT(NAMES), CG_RULE__COUNT);
	for (cg_rule_t rule = 0; rule < CG_RULE__COUNT; rule++) {
		const cg_rule_info_t *info = cg_rule_info(rule);
		assert_string_equal(info->name, NAMES[rule]);
		assert_int_equal(cg_rule_by_name(NAMES[rule]), rule);
		assert_int_equal(info->level, (rule < NAME_RULES) ? CG_LEVEL_ERROR :
		                 (rule < CG_RULE_SOA_ALIAS) ? CG_LEVEL_WARNING : CG_LEVEL_INFO);
		assert_int_equal(info->editable, rule <= CG_RULE_CNAME_MULTIPLE);
		assert_true(strlen(info->summary) > 10);
		assert_memory_equal(info->source, "RFC ", 4);
	}
	assert_int_equal(cg_rule_by_name("cname"), CG_RULE__COUNT);
	assert_int_equal(cg_rule_by_name(""), CG_RULE__COUNT);
	assert_null(cg_rule_info(CG_RULE__COUNT));
	assert_string_equal(cg_level_name(CG_LEVEL_INFO), "info");
	assert_string_equal(cg_level_name(CG_LEVEL_WARNING), "warning");
	assert_string_equal(cg_level_name(CG_LEVEL_ERROR), "error");
}

/* Properties. */

/*! \brief A zone by chance, from few names and types, so that they meet. */
static char *chance(uint64_t *seed)
{
	static const char *const NAMES[] = {
		"@", "a", "A", "b", "a.b", "*.b", "x.a.b", "c", "a.c", "b.a.c", "d", "D", "a.d"
	};
	static const char *const DATA[] = {
		"A 192.0.2.1", "A 192.0.2.2", "AAAA 2001:db8::1", "CNAME a", "CNAME A", "CNAME b",
		"CNAME x.y.example.net.", "MX 10 a", "TXT x", "NS a", "DNAME d", "DNAME b.example.net.",
		"KEY 256 3 8 AAAA", "RRSIG MX 8 3 1 20300101000000 20200101000000 1 @ AAAA",
		"NSEC b MX", "TYPE65280 \\# 0", "CAA 0 issue \"ca\"", "CNAME c", "CNAME @"
	};
	unit_text_t text = { 0 };
	if (unit_random(seed) % 4 > 0) {
		unit_add(&text, BASE);
	}
	size_t count = 1 + unit_random(seed) % 24;
	for (size_t i = 0; i < count; i++) {
		uint32_t name = unit_random(seed), ttl = unit_random(seed), data = unit_random(seed);
		unit_add(&text, "%s %u %s\n", NAMES[name % COUNT(NAMES)], ttl % 4,
		         DATA[data % COUNT(DATA)]);
	}
	return text.str;
}

/* The same findings, to the last bit, from records in any order. */
static void test_shuffles(void **state)
{
	(void)state;
	uint64_t seed = 2;
	for (int i = 0; i < 300; i++) {
		char *text = chance(&seed);
		unit_records_t records = unit_parse(ORIGIN, text);
		char *first = NULL;
		for (int j = 0; j < 4; j++) {
			cg_zone_t *zone = unit_build(ORIGIN, &records);
			cg_findings_t findings;
			assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
			char *dump = unit_dump_all(&findings);
			if (first == NULL) {
				first = dump;
			} else {
				assert_string_equal(dump, first);
				free(dump);
			}
			cg_findings_free(&findings);
			cg_zone_free(zone);
			unit_shuffle(&records, &seed);
		}
		free(first);
		free(text);
		unit_records_free(&records);
	}
}

static bool has(const unit_records_t *records, const knot_dname_t *owner, uint16_t type)
{
	for (size_t i = 0; i < records->count; i++) {
		if (records->list[i].rr.type == type &&
		    knot_dname_is_case_equal(records->list[i].owner, owner)) {
			return true;
		}
	}
	return false;
}

/*! \brief Whether another record of the name conflicts with this one, a CNAME. */
static bool conflicts(const unit_records_t *records, const unit_rr_t *cname)
{
	for (size_t i = 0; i < records->count; i++) {
		uint16_t type = records->list[i].rr.type;
		if (knot_dname_is_case_equal(records->list[i].owner, cname->owner) &&
		    type != KNOT_RRTYPE_CNAME && type != KNOT_RRTYPE_RRSIG &&
		    type != KNOT_RRTYPE_NSEC) {
			return true;
		}
	}
	return false;
}

/*! \brief Whether a rule is found at a name. */
static bool found(const cg_findings_t *findings, const knot_dname_t *owner, cg_rule_t rule)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->list[i].rule == rule &&
		    knot_dname_is_case_equal(findings->list[i].owner, owner)) {
			return true;
		}
	}
	return false;
}

/* Against the rules written down once more, without a stream, record by record. */
static void test_oracle(void **state)
{
	(void)state;
	knot_dname_t *apex = unit_name(ORIGIN);
	size_t seen[NAME_RULES] = { 0 }, occluded = 0;
	uint64_t seed = 3;
	for (int round = 0; round < 2000; round++) {
		char *text = chance(&seed);
		unit_records_t records = unit_parse(ORIGIN, text);
		cg_zone_t *zone = unit_build(ORIGIN, &records);
		cg_findings_t findings;
		assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);

		for (size_t i = 0; i < records.count; i++) {
			const unit_rr_t *rr = &records.list[i];
			bool want[NAME_RULES] = { 0 };
			bool top = knot_dname_is_case_equal(rr->owner, apex), below = false;
			bool mx = has(&records, rr->owner, KNOT_RRTYPE_MX);
			bool cname = has(&records, rr->owner, KNOT_RRTYPE_CNAME);
			bool dname = has(&records, rr->owner, KNOT_RRTYPE_DNAME);
			bool ns = has(&records, rr->owner, KNOT_RRTYPE_NS);
			bool conflict = cname && conflicts(&records, rr);
			want[CG_RULE_CNAME_APEX] = top && cname;
			want[CG_RULE_CNAME_MX] = !top && conflict && mx;
			want[CG_RULE_CNAME_OTHER] = !top && conflict && !mx;
			want[CG_RULE_DNAME_NS] = !top && dname && ns;
			want[CG_RULE_APEX_NO_NS] = top && !ns;

			for (size_t j = 0; j < records.count; j++) {
				const unit_rr_t *other = &records.list[j];
				knot_dname_storage_t low, high;
				knot_dname_copy_lower(low, rr->owner);
				knot_dname_copy_lower(high, other->owner);
				if (knot_dname_is_equal(low, high) && other->rr.type == rr->rr.type &&
				    strcasecmp(other->data, rr->data) != 0) {
					want[CG_RULE_CNAME_MULTIPLE] |=
						rr->rr.type == KNOT_RRTYPE_CNAME;
					want[CG_RULE_DNAME_MULTIPLE] |=
						rr->rr.type == KNOT_RRTYPE_DNAME;
				}
				if (dname && knot_dname_in_bailiwick(high, low) > 0) {
					want[CG_RULE_DNAME_CHILDREN] = true;
				}
				if (knot_dname_in_bailiwick(low, high) > 0 &&
				    (other->rr.type == KNOT_RRTYPE_DNAME ||
				     (other->rr.type == KNOT_RRTYPE_NS &&
				      !knot_dname_is_case_equal(high, apex)))) {
					below = true;
				}
			}
			for (cg_rule_t rule = 0; rule < NAME_RULES; rule++) {
				/* Several of a type show only at one of their own records. */
				bool several = (rule == CG_RULE_CNAME_MULTIPLE &&
				                rr->rr.type != KNOT_RRTYPE_CNAME) ||
				               (rule == CG_RULE_DNAME_MULTIPLE &&
				                rr->rr.type != KNOT_RRTYPE_DNAME);
				if (!several && found(&findings, rr->owner, rule) != want[rule]) {
					fail_msg("%s %d in\n%s", cg_rule_info(rule)->name,
					         want[rule], text);
				}
				seen[rule] += want[rule];
			}
			for (size_t j = 0; j < findings.count; j++) {
				if (knot_dname_is_case_equal(findings.list[j].owner, rr->owner)) {
					assert_int_equal(findings.list[j].occluded, below);
					occluded += below;
				}
			}
		}
		cg_findings_free(&findings);
		cg_zone_free(zone);
		unit_records_free(&records);
		free(text);
	}
	for (cg_rule_t rule = 0; rule < NAME_RULES; rule++) {
		assert_true(seen[rule] > 50); /* Chance did meet every rule. */
	}
	assert_true(occluded > 50);
	knot_dname_free(apex, NULL);
}

#ifdef UNIT_CAN_FAIL_ALLOC
/*! \brief All steps with one allocation that fails: no memory, or the whole result. */
static int attempt(const unit_records_t *records, const knot_dname_t *origin,
                   const cg_rules_policy_t *policy, char **dump)
{
	*dump = NULL;
	cg_zone_t *zone = cg_zone_new(origin);
	if (zone == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = KNOT_EOK;
	for (size_t i = 0; i < records->count && ret == KNOT_EOK; i++) {
		ret = cg_zone_add(zone, records->list[i].owner, &records->list[i].rr);
	}
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(zone);
	}
	cg_findings_t findings = { 0 };
	if (ret == KNOT_EOK) {
		ret = cg_rules_zone(zone, policy, &findings);
	}
	unit_alloc_left = -1;
	if (ret == KNOT_EOK) {
		*dump = unit_dump_all(&findings);
	} else {
		assert_null(findings.pool);
	}
	cg_findings_free(&findings);
	cg_zone_free(zone);
	return ret;
}

static void test_out_of_memory(void **state)
{
	(void)state;
	unit_alloc_or_skip();
	unit_text_t text = { 0 };
	unit_add(&text, BASE "@ 1 CNAME t\na 1 CNAME t\na 1 CNAME u\na 1 MX 1 m\nd 1 DNAME t\n"
	         "d 1 NS a\nd 1 DNAME u\nt 1 A 192.0.2.1\n");
	for (int i = 0; i < 200; i++) { /* Enough for more than the first pieces of memory. */
		unit_add(&text, "x%d.d 1 DNAME u\nx%d.d 1 CNAME t\nx%d.d 1 TXT x\n", i, i, i);
	}
	const char *exempt[] = { "a", "b" };
	cg_rules_policy_t policy = { .ignore = TARGET_RULES, .exempt = exempt, .exempt_count = COUNT(exempt) };
	knot_dname_t *origin = unit_name(ORIGIN);
	unit_records_t records = unit_parse(ORIGIN, text.str);
	uint64_t seed = 4;
	unit_shuffle(&records, &seed);

	char *expected, *dump;
	assert_int_equal(attempt(&records, origin, &policy, &expected), KNOT_EOK);
	long n = 0;
	do {
		unit_alloc_hit = false;
		unit_alloc_left = n;
		int ret = attempt(&records, origin, &policy, &dump);
		if (ret == KNOT_EOK) { /* The sort does with less, or none failed. */
			assert_string_equal(dump, expected);
		} else {
			assert_int_equal(ret, KNOT_ENOMEM);
			assert_true(unit_alloc_hit);
		}
		free(dump);
		n++;
	} while (unit_alloc_hit);
	assert_true(n > 20);

	free(expected);
	free(text.str);
	unit_records_free(&records);
	knot_dname_free(origin, NULL);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_allow_key),
		cmocka_unit_test(test_apex_no_ns),
		cmocka_unit_test(test_root_zone),
		cmocka_unit_test(test_ignore),
		cmocka_unit_test(test_exempt),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_records_allow_key),
		cmocka_unit_test(test_many_children),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_remedies),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_give_up),
		cmocka_unit_test(test_deep_dnames),
		cmocka_unit_test(test_many_records),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_shuffles),
		cmocka_unit_test(test_oracle),
#ifdef UNIT_CAN_FAIL_ALLOC
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
