/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits: every strategy and fallback, where they cannot be applied, and that repairs repair. */

#define UNIT_FAIL_ALLOC
#include "unit.h"

#define FLATTEN CG_STRATEGY_FLATTEN
#define OTHER   CG_STRATEGY_KEEP_OTHER
#define CNAME   CG_STRATEGY_KEEP_CNAME
#define REFUSE  CG_STRATEGY_REFUSE

#define RRSIG(owner, type) \
	owner " 1 RRSIG " type " 8 3 1 20300101000000 20200101000000 1 @ AAAA\n"
#define CASE "www 300 CNAME web\nwww 300 MX 10 mail\n"
#define DROP "- www.example.com. 300 CNAME web.example.com.\n"

static const cg_rules_policy_t PLAIN = { .ignore = TARGET_RULES };
static const cg_rules_policy_t ALLOW_KEY = { .ignore = TARGET_RULES, .allow_key = true };

static const struct {
	const char *zone; /*!< After BASE. */
	cg_strategy_t strategy;
	cg_strategy_t fallback;
	const char *expected;
	const cg_rules_policy_t *policy; /*!< NULL: plain. */
} T[] = {
	/* Nothing wrong, nothing done. */
	{ "www 300 CNAME web\nweb 1 A 192.0.2.1\n", FLATTEN, REFUSE, "", NULL },

	/* The article's case. */
	{ CASE "web 300 A 192.0.2.1\n", FLATTEN, REFUSE,
	  DROP "+ www.example.com. 300 A 192.0.2.1\n", NULL },
	{ CASE "web 300 A 192.0.2.1\n", OTHER, REFUSE, DROP, NULL },
	{ CASE "web 300 A 192.0.2.1\n", CNAME, REFUSE,
	  "- www.example.com. 300 MX 10 mail.example.com.\n", NULL },
	{ CASE "web 300 A 192.0.2.1\n", REFUSE, REFUSE,
	  "refused 1: www.example.com.: the policy has no repair for it\n", NULL },

	/* All that the alias lent and the name lacks; nothing of what it has. */
	{ CASE "www 1 TXT own\nweb 300 A 192.0.2.2\nweb 300 A 192.0.2.1\nweb 200 AAAA 2001:db8::1\n"
	  "web 100 CAA 0 issue \"ca\"\nweb 100 TXT lent\nweb 100 MX 5 m\nweb 50 TYPE65280 \\# 0\n"
	  "web 50 HTTPS 1 .\n", FLATTEN, REFUSE,
	  DROP
	  "+ www.example.com. 300 A 192.0.2.1\n"
	  "+ www.example.com. 300 A 192.0.2.2\n"
	  "+ www.example.com. 200 AAAA 2001:db8::1\n"
	  "+ www.example.com. 50 HTTPS 1 .\n"
	  "+ www.example.com. 100 CAA 0 issue \"ca\"\n"
	  "+ www.example.com. 50 TYPE65280 \\# 0\n", NULL },

	/* A and AAAA count as one. */
	{ CASE "www 1 A 192.0.2.7\nweb 1 A 192.0.2.1\nweb 1 AAAA 2001:db8::1\nweb 1 TXT x\n",
	  FLATTEN, REFUSE, DROP "+ www.example.com. 1 TXT \"x\"\n", NULL },
	{ CASE "www 1 AAAA 2001:db8::7\nweb 1 A 192.0.2.1\n", FLATTEN, REFUSE, DROP, NULL },

	/* Never these, from a target that has them all. */
	{ "www 300 CNAME @\nwww 300 MX 10 mail\n@ 1 TXT x\n@ 1 DNSKEY 256 3 8 AAAA\n@ 1 CDS 0 0 0 00\n"
	  "@ 1 CDNSKEY 0 3 0 AA==\n@ 1 NSEC3PARAM 1 0 0 -\n@ 1 NSEC a SOA\n@ 1 KEY 256 3 8 AAAA\n"
	  "@ 1 CSYNC 1 0 NS\n@ 1 TYPE24 \\# 0\n@ 1 TYPE30 \\# 0\n@ 1 DS 1 8 2 00\n"
	  "@ 1 ZONEMD 1 1 1 000000000000000000000000000000000000000000000000000000000"
	  "000000000000000000000000000000000000000\n"
	  "@ 1 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n" RRSIG("@", "TXT"),
	  FLATTEN, REFUSE,
	  "- www.example.com. 300 CNAME example.com.\n+ www.example.com. 1 TXT \"x\"\n", NULL },
	{ CASE "web 1 DNAME t\nweb 1 A 192.0.2.1\n", FLATTEN, REFUSE,
	  DROP "+ www.example.com. 1 A 192.0.2.1\n", NULL },

	/* The smallest TTL on the way: of the CNAME itself, of a link, of the RRset. */
	{ CASE "web 400 A 192.0.2.1\n", FLATTEN, REFUSE,
	  DROP "+ www.example.com. 300 A 192.0.2.1\n", NULL },
	{ CASE "web 200 CNAME w2\nw2 250 A 192.0.2.1\nw2 50 TXT x\n", FLATTEN, REFUSE,
	  DROP "+ www.example.com. 200 A 192.0.2.1\n+ www.example.com. 50 TXT \"x\"\n", NULL },
	{ CASE "web 0 A 192.0.2.1\n", FLATTEN, REFUSE,
	  DROP "+ www.example.com. 0 A 192.0.2.1\n", NULL },
	{ CASE "web 80 A 192.0.2.1\nweb 70 A 192.0.2.2\n", FLATTEN, REFUSE,
	  DROP "+ www.example.com. 70 A 192.0.2.1\n+ www.example.com. 70 A 192.0.2.2\n", NULL },

	/* Through wildcards and DNAMEs. */
	{ "www 300 CNAME x.w\nwww 1 MX 1 m\n*.w 1 A 192.0.2.1\n", FLATTEN, REFUSE,
	  "- www.example.com. 300 CNAME x.w.example.com.\n+ www.example.com. 1 A 192.0.2.1\n", NULL },
	{ "www 300 CNAME x.d\nwww 1 MX 1 m\nd 20 DNAME t\nx.t 90 A 192.0.2.1\n", FLATTEN, REFUSE,
	  "- www.example.com. 300 CNAME x.d.example.com.\n+ www.example.com. 20 A 192.0.2.1\n", NULL },
	{ "*.w 300 CNAME web\n*.w 1 MX 1 m\nweb 1 A 192.0.2.1\n", FLATTEN, REFUSE,
	  "- *.w.example.com. 300 CNAME web.example.com.\n+ *.w.example.com. 1 A 192.0.2.1\n", NULL },

	/* The spelling of the author; both CNAMEs are one. */
	{ "WWW 300 CNAME Web\nwww 300 CNAME web\nwww 1 MX 1 m\nweb 1 A 192.0.2.1\n", FLATTEN, REFUSE,
	  "- WWW.example.com. 300 CNAME Web.example.com.\n+ WWW.example.com. 1 A 192.0.2.1\n", NULL },

	/* Several CNAMEs: the union, each record once, one TTL a type. */
	{ "www 300 CNAME a\nwww 200 CNAME b\na 100 A 192.0.2.1\na 90 A 192.0.2.2\nb 80 A 192.0.2.2\n"
	  "b 300 A 192.0.2.3\na 5 TXT x\n", FLATTEN, REFUSE,
	  "- www.example.com. 300 CNAME a.example.com.\n"
	  "- www.example.com. 200 CNAME b.example.com.\n"
	  "+ www.example.com. 80 A 192.0.2.1\n"
	  "+ www.example.com. 80 A 192.0.2.2\n"
	  "+ www.example.com. 80 A 192.0.2.3\n"
	  "+ www.example.com. 5 TXT \"x\"\n", NULL },
	{ "www 300 CNAME a\nwww 300 CNAME b\na 250 CNAME t\nb 40 CNAME t\nt 100 A 192.0.2.1\n",
	  FLATTEN, REFUSE,
	  "- www.example.com. 300 CNAME a.example.com.\n"
	  "- www.example.com. 300 CNAME b.example.com.\n"
	  "+ www.example.com. 40 A 192.0.2.1\n", NULL },
	{ "www 300 CNAME a\nwww 300 CNAME b\nwww 1 MX 1 m\na 1 A 192.0.2.1\nb 1 MX 1 m\n",
	  FLATTEN, REFUSE,
	  "- www.example.com. 300 CNAME a.example.com.\n"
	  "- www.example.com. 300 CNAME b.example.com.\n"
	  "+ www.example.com. 1 A 192.0.2.1\n", NULL },
	{ "www 300 CNAME a\nwww 300 CNAME b\na 1 A 192.0.2.1\n", FLATTEN, REFUSE,
	  "refused 1: www.example.com.: target b.example.com. does not exist\n", NULL },
	{ "www 300 CNAME a\nwww 300 CNAME b\nwww 1 MX 1 m\n", FLATTEN, REFUSE,
	  "refused 2: www.example.com.: target a.example.com. does not exist\n", NULL },
	{ "www 300 CNAME a\nwww 300 CNAME b\n", OTHER, CNAME,
	  "refused 1: www.example.com.: nothing but the CNAME is there to be kept; keep-cname: it has "
	  "several CNAMEs to choose from\n", NULL },

	{ "www 100 CNAME a\nwww 300 CNAME b\na 500 A 192.0.2.1\nb 500 A 192.0.2.2\n",
	  FLATTEN, REFUSE,
	  "- www.example.com. 100 CNAME a.example.com.\n"
	  "- www.example.com. 300 CNAME b.example.com.\n"
	  "+ www.example.com. 100 A 192.0.2.1\n"
	  "+ www.example.com. 100 A 192.0.2.2\n", NULL },

	/* The apex. */
	{ "@ 300 CNAME web\nweb 1 A 192.0.2.1\n", FLATTEN, REFUSE,
	  "- example.com. 300 CNAME web.example.com.\n+ example.com. 1 A 192.0.2.1\n", NULL },
	{ "@ 300 CNAME web\nweb 1 A 192.0.2.1\n", OTHER, REFUSE,
	  "- example.com. 300 CNAME web.example.com.\n", NULL },
	{ "@ 300 CNAME web\n", CNAME, REFUSE,
	  "refused 1: example.com.: the zone apex cannot be an alias\n", NULL },

	/* Where flattening cannot be done. */
	{ "www 300 CNAME shop.example.net.\nwww 1 MX 1 m\n", FLATTEN, REFUSE,
	  "refused 1: www.example.com.: target shop.example.net. is outside the zone\n", NULL },
	{ CASE "web 1 CNAME Shop.example.net.\n", FLATTEN, REFUSE,
	  "refused 1: www.example.com.: target web.example.com. leads to shop.example.net., which is "
	  "outside the zone\n", NULL },
	{ CASE "web 1 NS a\n", FLATTEN, REFUSE,
	  "refused 1: www.example.com.: target web.example.com. is at or below a zone cut\n", NULL },
	{ "www 300 CNAME ns.sub\nwww 1 MX 1 m\nsub 1 NS ns.sub\nns.sub 1 A 192.0.2.1\n",
	  FLATTEN, REFUSE,
	  "refused 1: www.example.com.: target ns.sub.example.com. is at or below a zone cut\n",
	  NULL },
	{ CASE, FLATTEN, REFUSE,
	  "refused 1: www.example.com.: target web.example.com. does not exist\n", NULL },
	{ CASE "web 1 CNAME www\n", FLATTEN, REFUSE,
	  "refused 1: www.example.com.: target web.example.com. leads round in a circle\n", NULL },
	{ "*.w 300 CNAME x.w\n*.w 1 MX 1 m\n", FLATTEN, REFUSE,
	  "refused 1: *.w.example.com.: target x.w.example.com. leads round in a circle\n", NULL },
	{ "a 300 CNAME www\na 1 TXT x\nwww 1 CNAME b\nwww 1 CNAME c\nb 1 A 192.0.2.1\n"
	  "c 1 A 192.0.2.2\n", FLATTEN, REFUSE,
	  "- www.example.com. 1 CNAME b.example.com.\n"
	  "- www.example.com. 1 CNAME c.example.com.\n"
	  "+ www.example.com. 1 A 192.0.2.1\n"
	  "+ www.example.com. 1 A 192.0.2.2\n"
	  "refused 1: a.example.com.: target www.example.com. has several CNAMEs\n", NULL },

	/* A target with nothing to give is a reason only where nothing would remain. */
	{ CASE "web 1 MX 1 m\n", FLATTEN, REFUSE, DROP, NULL },
	{ CASE "x.web 1 A 192.0.2.1\n", FLATTEN, REFUSE, DROP, NULL },
	{ "www 300 CNAME a\nwww 300 CNAME b\nx.a 1 TXT x\nb 1 NSEC c NSEC\n" RRSIG("www", "CNAME")
	  "www 1 NSEC x CNAME\n", FLATTEN, REFUSE,
	  "refused 1: www.example.com.: no target of its CNAMEs has data that it could take over\n",
	  NULL },

	/* Occluded, or at a zone cut: the alias stood for nothing. */
	{ "sub 1 NS a\nsub 1 CNAME web\nweb 1 A 192.0.2.1\n", FLATTEN, REFUSE,
	  "refused 1: sub.example.com.: at or below a zone cut or below a DNAME no alias is answered, "
	  "so that nothing can take its place\n", NULL },
	{ "sub 1 NS a\nx.sub 300 CNAME web\nx.sub 1 MX 1 m\nweb 1 A 192.0.2.1\n", FLATTEN, OTHER,
	  "- x.sub.example.com. 300 CNAME web.example.com.\n", NULL },
	{ "sub 1 NS a\nsub 300 CNAME web\n", CNAME, REFUSE,
	  "- sub.example.com. 1 NS a.example.com.\n", NULL },

	/* Fallbacks. */
	{ CASE, FLATTEN, OTHER, DROP, NULL },
	{ CASE, FLATTEN, CNAME, "- www.example.com. 300 MX 10 mail.example.com.\n", NULL },
	{ CASE, FLATTEN, FLATTEN,
	  "refused 1: www.example.com.: target web.example.com. does not exist\n", NULL },
	{ "@ 300 CNAME web\nweb 1 A 192.0.2.1\n", CNAME, FLATTEN,
	  "- example.com. 300 CNAME web.example.com.\n+ example.com. 1 A 192.0.2.1\n", NULL },
	{ "www 300 CNAME a\nwww 300 CNAME b\na 1 A 192.0.2.1\nb 1 A 192.0.2.1\n", OTHER, FLATTEN,
	  "- www.example.com. 300 CNAME a.example.com.\n"
	  "- www.example.com. 300 CNAME b.example.com.\n"
	  "+ www.example.com. 1 A 192.0.2.1\n", NULL },

	/* Signatures are Knot's to renew. */
	{ CASE "www 1 NSEC x CNAME MX\n" RRSIG("www", "CNAME") RRSIG("www", "MX")
	  "web 1 A 192.0.2.1\n" RRSIG("web", "A"), FLATTEN, REFUSE,
	  DROP "+ www.example.com. 1 A 192.0.2.1\n", NULL },
	{ CASE "www 1 NSEC x CNAME MX\n" RRSIG("www", "CNAME") RRSIG("www", "MX"), CNAME, REFUSE,
	  "- www.example.com. 300 MX 10 mail.example.com.\n", NULL },
	{ CASE "www 1 NSEC x CNAME MX\n" RRSIG("www", "CNAME"), OTHER, REFUSE, DROP, NULL },
	{ "www 300 CNAME a\nwww 300 CNAME b\nwww 1 NSEC x CNAME\n" RRSIG("www", "CNAME"),
	  OTHER, REFUSE,
	  "refused 1: www.example.com.: nothing but the CNAME is there to be kept\n", NULL },

	/* KEY goes only where it conflicts. */
	{ CASE "www 1 KEY 256 3 8 AAAA\n", CNAME, REFUSE,
	  "- www.example.com. 300 MX 10 mail.example.com.\n"
	  "- www.example.com. 1 KEY 256 3 8 AAAA\n", NULL },
	{ CASE "www 1 KEY 256 3 8 AAAA\n", CNAME, REFUSE,
	  "- www.example.com. 300 MX 10 mail.example.com.\n", &ALLOW_KEY },

	/* Rules that are never edited, beside one that is. */
	{ CASE "web 300 A 192.0.2.1\nd 1 DNAME t\nd 1 DNAME u\nx.d 1 TXT x\n", FLATTEN, OTHER,
	  DROP "+ www.example.com. 300 A 192.0.2.1\n"
	  "refused 2: d.example.com.: dname-multiple is never repaired by a rewrite\n", NULL },
	{ "d 300 CNAME t\nd 1 DNAME t\nd 1 NS a\nx.d 1 TXT x\n", OTHER, REFUSE,
	  "- d.example.com. 300 CNAME t.example.com.\n"
	  "refused 2: d.example.com.: dname-ns is never repaired by a rewrite\n", NULL },

	/* Names in canonical order, removals first. */
	{ "a.b 1 CNAME t\na.b 1 A 192.0.2.1\na 1 CNAME t\na 1 A 192.0.2.1\nb 1 CNAME t\n"
	  "b 1 TXT x\nt 1 A 192.0.2.9\n", FLATTEN, REFUSE,
	  "- a.example.com. 1 CNAME t.example.com.\n"
	  "- b.example.com. 1 CNAME t.example.com.\n"
	  "+ b.example.com. 1 A 192.0.2.9\n"
	  "- a.b.example.com. 1 CNAME t.example.com.\n", NULL },

	/* A target that is itself under repair: what it answers now. */
	{ "a 300 CNAME b\na 1 TXT a\nb 200 CNAME t\nb 1 TXT b\nt 100 A 192.0.2.1\nt 100 TXT t\n",
	  FLATTEN, REFUSE,
	  "- a.example.com. 300 CNAME b.example.com.\n"
	  "+ a.example.com. 100 A 192.0.2.1\n"
	  "- b.example.com. 200 CNAME t.example.com.\n"
	  "+ b.example.com. 100 A 192.0.2.1\n", NULL },
};

/*! \brief Judges and plans. The result is to be freed. */
static char *plan_text(const cg_zone_t *zone, const cg_rules_policy_t *policy,
                       cg_strategy_t strategy, cg_strategy_t fallback)
{
	cg_findings_t findings;
	cg_plan_t plan;
	assert_int_equal(cg_rules_zone(zone, policy, &findings), KNOT_EOK);
	assert_int_equal(cg_plan_make(NULL, zone, &findings, strategy, fallback, &plan), KNOT_EOK);
	char *dump = unit_dump_plan(&plan);
	cg_plan_free(&plan);
	cg_findings_free(&findings);
	return dump;
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, "%s%s", BASE, T[i].zone);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str);
		char *dump = plan_text(zone, (T[i].policy != NULL) ? T[i].policy : &PLAIN,
		                       T[i].strategy, T[i].fallback);
		if (strcmp(dump, T[i].expected) != 0) {
			fail_msg("row %zu\n%sgot\n%swant\n%s", i, text.str, dump, T[i].expected);
		}
		free(dump);
		cg_zone_free(zone);
		free(text.str);
	}
}

static void test_exempt_and_ignored(void **state)
{
	(void)state;
	const char *exempt[] = { "www", "d" };
	cg_rules_policy_t policy = { .ignore = TARGET_RULES, .exempt = exempt, .exempt_count = 2 };
	cg_zone_t *zone = unit_zone(ORIGIN, BASE CASE "d 1 DNAME t\nd 1 NS a\n"
	                            "a 1 CNAME t\na 1 TXT x\n");
	char *dump = plan_text(zone, &policy, OTHER, REFUSE);
	assert_string_equal(dump, "- a.example.com. 1 CNAME t.example.com.\n");
	free(dump);

	policy.ignore = 1u << CG_RULE_CNAME_OTHER;
	dump = plan_text(zone, &policy, OTHER, REFUSE);
	assert_string_equal(dump, "");
	free(dump);
	cg_zone_free(zone);
}

/* Findings below error are not acted on. */
static void test_only_errors(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, BASE CASE "d 1 DNAME t\nd 1 NS a\n");
	cg_findings_t findings;
	cg_plan_t plan;
	assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
	assert_int_equal(findings.count, 2);
	findings.list[0].level = CG_LEVEL_WARNING;
	findings.list[1].level = CG_LEVEL_WARNING;
	assert_int_equal(cg_plan_make(NULL, zone, &findings, OTHER, REFUSE, &plan), KNOT_EOK);
	assert_int_equal(plan.count, 0);
	assert_int_equal(plan.refused, 0);
	assert_null(plan.why);
	cg_plan_free(&plan);
	cg_plan_free(&plan); /* Does no harm. */
	cg_findings_free(&findings);
	cg_zone_free(zone);
}

/* Which rule an edit is for, where removed records come from, and that added ones do not. */
static void test_edit(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, BASE CASE "www 300 CNAME w2\nweb 1 A 192.0.2.1\n"
	                            "w2 1 A 192.0.2.1\n");
	cg_findings_t findings;
	cg_plan_t plan;
	assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
	assert_int_equal(cg_plan_make(NULL, zone, &findings, FLATTEN, REFUSE, &plan), KNOT_EOK);
	assert_int_equal(plan.count, 3);
	assert_int_equal(plan.list[0].rule, CG_RULE_CNAME_MX);
	assert_int_equal(plan.list[0].rr.line, 6);
	assert_int_equal(plan.list[1].rr.line, 4);
	assert_string_equal(plan.list[1].rr.file, "test.zone");
	assert_int_equal(plan.list[2].rr.line, 0);
	assert_null(plan.list[2].rr.file);
	knot_dname_t *www = unit_name("www.example.com.");
	assert_true(knot_dname_is_equal(plan.list[2].owner, www));
	knot_dname_free(www, NULL);
	cg_plan_free(&plan);
	cg_findings_free(&findings);
	cg_zone_free(zone);
}

/* Every name that stays broken says why, each for itself. */
static void test_refusals(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, BASE "a 1 CNAME out.\na 1 MX 1 m\na 1 CNAME b\n"
	                            "b 1 CNAME no\nb 1 TXT b\nc 1 CNAME ns1\nc 1 TXT c\n"
	                            "d 1 DNAME t\nd 1 DNAME u\nd 1 NS a\nd 1 CNAME ns1\n");
	static const struct {
		size_t count;
		cg_rule_t rule;
		const char *why;
	} expected[] = {
		{ 2, CG_RULE_CNAME_MX, "a.example.com.: target b.example.com. leads to "
		                       "no.example.com., which does not exist" },
		{ 1, CG_RULE_CNAME_OTHER, "b.example.com.: target no.example.com. does not exist" },
		{ 1, CG_RULE_CNAME_OTHER, "d.example.com.: at or below a zone cut or below a DNAME "
		                          "no alias is answered, so that nothing can take its place" },
		{ 1, CG_RULE_DNAME_MULTIPLE, "d.example.com.: dname-multiple is never repaired by a "
		                             "rewrite" },
		{ 1, CG_RULE_DNAME_NS, "d.example.com.: dname-ns is never repaired by a rewrite" },
	};

	cg_findings_t findings;
	cg_plan_t plan;
	assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
	assert_int_equal(cg_plan_make(NULL, zone, &findings, FLATTEN, REFUSE, &plan), KNOT_EOK);
	assert_int_equal(plan.refused, 6);
	assert_int_equal(plan.refusals_count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_int_equal(plan.refusals[i].count, expected[i].count);
		assert_int_equal(plan.refusals[i].findings[0].rule, expected[i].rule);
		assert_string_equal(plan.refusals[i].why, expected[i].why);
	}
	assert_string_equal(plan.why, plan.refusals[0].why);
	cg_plan_free(&plan);
	cg_findings_free(&findings);
	cg_zone_free(zone);
}

/* Findings of another version: nothing is made up. */
static void test_other_zone(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, BASE CASE), *other = unit_zone(ORIGIN, BASE);
	cg_findings_t findings;
	cg_plan_t plan;
	assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
	assert_int_equal(cg_plan_make(NULL, other, &findings, OTHER, CNAME, &plan), KNOT_EOK);
	char *dump = unit_dump_plan(&plan);
	assert_string_equal(dump, "refused 1: www.example.com.: not in the zone that is to be "
	                          "repaired\n");
	free(dump);
	cg_plan_free(&plan);
	cg_findings_free(&findings);
	cg_zone_free(zone);
	cg_zone_free(other);
}

/* Targets in other zones, on ways through several of them, and a zone that is not one of them itself. */
static void test_several_zones(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		const char *expected;
	} R[] = {
		{ "web.other.", "- www.example.com. 300 CNAME web.other.\n"
		                "+ www.example.com. 60 A 192.0.2.1\n" },
		{ "far.other.", "- www.example.com. 300 CNAME far.other.\n"
		                "+ www.example.com. 20 A 192.0.2.2\n" },
		{ "back.other.", "- www.example.com. 300 CNAME back.other.\n"
		                 "+ www.example.com. 50 A 192.0.2.53\n" },
		{ "round.other.", "refused 1: www.example.com.: target round.other. leads round in a circle\n" },
		{ "none.other.", "refused 1: www.example.com.: target none.other. does not exist\n" },
		{ "x.elsewhere.", "refused 1: www.example.com.: target x.elsewhere. is outside the zone\n" },
		{ "gone.other.", "refused 1: www.example.com.: target gone.other. leads to x.elsewhere., "
		                 "which is outside the zone\n" },
	};
	cg_zone_t *other = unit_zone("other.", "web 60 A 192.0.2.1\nfar 20 CNAME a.third.\n"
	                             "back 50 CNAME ns1.example.com.\nround 1 CNAME www.example.com.\n"
	                             "gone 1 CNAME x.elsewhere.\n");
	cg_zone_t *third = unit_zone("third.", "a 90 A 192.0.2.2\n");
	for (size_t i = 0; i < COUNT(R); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, "%swww 300 CNAME %s\nwww 300 MX 1 m\n", BASE, R[i].target);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str), *same = unit_zone(ORIGIN, text.str);
		for (int apart = 0; apart <= 1; apart++) {
			const cg_zone_t *list[] = { third, apart ? same : zone, other };
			cg_zones_t zones = { .list = list, .count = 3 };
			cg_findings_t findings;
			cg_plan_t plan;
			assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
			assert_int_equal(cg_plan_make(&zones, zone, &findings, FLATTEN, REFUSE,
			                              &plan), KNOT_EOK);
			char *dump = unit_dump_plan(&plan);
			assert_string_equal(dump, R[i].expected);
			free(dump);
			cg_plan_free(&plan);
			cg_findings_free(&findings);
		}
		cg_zone_free(zone);
		cg_zone_free(same);
		free(text.str);
	}
	cg_zone_free(other);
	cg_zone_free(third);
}

/* More data than an answer takes is not copied; 4,096 records are. */
static void test_too_many_records(void **state)
{
	(void)state;
	for (int more = 0; more <= 1; more++) {
		knot_dname_t *origin = unit_name(ORIGIN), *www = unit_name("www.example.com."),
		             *web = unit_name("web.example.com.");
		cg_zone_t *zone = cg_zone_new(origin);
		for (int i = 0; i < 4096 + more; i++) {
			char data[32];
			snprintf(data, sizeof(data), "192.0.%d.%d", i / 256, i % 256);
			cg_rr_t rr = { .type = KNOT_RRTYPE_A, .data = data };
			assert_int_equal(cg_zone_add(zone, web, &rr), KNOT_EOK);
		}
		cg_rr_t cname = { .type = KNOT_RRTYPE_CNAME, .data = "web.example.com." };
		cg_rr_t mx = { .type = KNOT_RRTYPE_MX, .data = "10 mail." };
		assert_int_equal(cg_zone_add(zone, www, &cname), KNOT_EOK);
		assert_int_equal(cg_zone_add(zone, www, &mx), KNOT_EOK);
		assert_int_equal(cg_zone_finish(zone), KNOT_EOK);

		cg_rules_policy_t policy = { .ignore = TARGET_RULES | 1u << CG_RULE_APEX_NO_NS };
		cg_findings_t findings;
		cg_plan_t plan;
		assert_int_equal(cg_rules_zone(zone, &policy, &findings), KNOT_EOK);
		assert_int_equal(cg_plan_make(NULL, zone, &findings, FLATTEN, REFUSE, &plan), KNOT_EOK);
		assert_int_equal(plan.count, more ? 0 : 4097);
		assert_int_equal(plan.refused, more);
		cg_plan_free(&plan);
		cg_findings_free(&findings);
		cg_zone_free(zone);
		knot_dname_free(origin, NULL);
		knot_dname_free(www, NULL);
		knot_dname_free(web, NULL);
	}
}

/* 20,000 CNAMEs at one name, all by a wildcard to one target of 1,000 records. */
static void test_many_cnames(void **state)
{
	(void)state;
	knot_dname_t *origin = unit_name(ORIGIN), *www = unit_name("www.example.com."),
	             *wild = unit_name("*.w.example.com.");
	cg_zone_t *zone = cg_zone_new(origin);
	for (int i = 0; i < 20000; i++) {
		char data[64];
		snprintf(data, sizeof(data), "x%d.w.example.com.", i);
		cg_rr_t cname = { .type = KNOT_RRTYPE_CNAME, .ttl = 9, .data = data };
		assert_int_equal(cg_zone_add(zone, www, &cname), KNOT_EOK);
		if (i < 1000) {
			snprintf(data, sizeof(data), "\"%d\"", i);
			cg_rr_t txt = { .type = KNOT_RRTYPE_TXT, .ttl = 10, .data = data };
			assert_int_equal(cg_zone_add(zone, wild, &txt), KNOT_EOK);
		}
	}
	assert_int_equal(cg_zone_finish(zone), KNOT_EOK);

	cg_rules_policy_t policy = { .ignore = TARGET_RULES | 1u << CG_RULE_APEX_NO_NS };
	cg_findings_t findings;
	cg_plan_t plan;
	assert_int_equal(cg_rules_zone(zone, &policy, &findings), KNOT_EOK);
	assert_int_equal(cg_plan_make(NULL, zone, &findings, FLATTEN, REFUSE, &plan), KNOT_EOK);
	assert_int_equal(plan.count, 21000);
	assert_int_equal(plan.list[20000].op, CG_EDIT_ADD);
	assert_int_equal(plan.list[20000].rr.ttl, 9);
	cg_plan_free(&plan);
	cg_findings_free(&findings);
	cg_zone_free(zone);
	knot_dname_free(origin, NULL);
	knot_dname_free(www, NULL);
	knot_dname_free(wild, NULL);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(cg_strategy_name(CG_STRATEGY_REFUSE), "refuse");
	assert_string_equal(cg_strategy_name(CG_STRATEGY_FLATTEN), "flatten");
	assert_string_equal(cg_strategy_name(CG_STRATEGY_KEEP_OTHER), "keep-other");
	assert_string_equal(cg_strategy_name(CG_STRATEGY_KEEP_CNAME), "keep-cname");
}

/* Properties. */

static char *chance(uint64_t *seed)
{
	static const char *const NAMES[] = {
		"@", "a", "A", "b", "a.b", "*.b", "c", "x.c", "d", "e", "f", "g", "sub", "x.sub"
	};
	static const char *const DATA[] = {
		"A 192.0.2.1", "A 192.0.2.2", "AAAA 2001:db8::1", "CNAME a", "CNAME b", "CNAME x.b",
		"CNAME c", "CNAME d", "CNAME e", "CNAME f", "CNAME g", "CNAME example.net.", "CNAME @",
		"MX 10 a", "TXT x", "TXT y", "KEY 256 3 8 AAAA", "CAA 0 issue \"ca\"",
		"RRSIG MX 8 3 1 20300101000000 20200101000000 1 @ AAAA", "NSEC b MX", "NS a", "DNAME g"
	};
	unit_text_t text = { 0 };
	unit_add(&text, BASE);
	size_t count = 4 + unit_random(seed) % 30;
	for (size_t i = 0; i < count; i++) {
		uint32_t name = unit_random(seed), ttl = unit_random(seed), data = unit_random(seed);
		/* NS and DNAME are rare: they keep the others from being repaired. */
		size_t kinds = COUNT(DATA) - ((ttl % 16 == 0) ? 0 : 2);
		unit_add(&text, "%s %u %s\n", NAMES[name % COUNT(NAMES)], ttl % 9, DATA[data % kinds]);
	}
	return text.str;
}

/* The same plan from records in any order. */
static void test_shuffles(void **state)
{
	(void)state;
	uint64_t seed = 5;
	for (int i = 0; i < 300; i++) {
		char *text = chance(&seed);
		unit_records_t records = unit_parse(ORIGIN, text);
		cg_strategy_t strategy = unit_random(&seed) % 4, fallback = unit_random(&seed) % 4;
		char *first = NULL;
		for (int j = 0; j < 4; j++) {
			cg_zone_t *zone = unit_build(ORIGIN, &records);
			char *dump = plan_text(zone, &PLAIN, strategy, fallback);
			if (first == NULL) {
				first = dump;
			} else {
				assert_string_equal(dump, first);
				free(dump);
			}
			cg_zone_free(zone);
			unit_shuffle(&records, &seed);
		}
		free(first);
		free(text);
		unit_records_free(&records);
	}
}

/*! \brief Enforced findings of rules that a rewrite may repair. */
static size_t editable(const cg_findings_t *findings)
{
	size_t count = 0;
	for (size_t i = 0; i < findings->count; i++) {
		count += cg_rule_info(findings->list[i].rule)->editable;
	}
	return count;
}

/*! \brief Whether a plan has edits for a name. */
static bool is_edited(const cg_plan_t *plan, const knot_dname_t *owner)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (knot_dname_is_equal(plan->list[i].owner, owner)) {
			return true;
		}
	}
	return false;
}

/*! \brief Whether what was asked of a broken name is still answered after the repair. */
static void check_nothing_lost(const cg_zone_t *before, const cg_zone_t *after,
                               const cg_edit_t *edit, const char *text)
{
	if (edit->op != CG_EDIT_REMOVE || edit->rr.type != KNOT_RRTYPE_CNAME) {
		return;
	}
	knot_dname_t *target = unit_lower(edit->rr.data);
	cg_answer_t answer;
	const cg_zone_t *list[] = { before };
	cg_zones_t alone = { .list = list, .count = 1 };
	cg_lookup(&alone, before, target, &answer);
	assert_int_equal(answer.result, CG_TARGET_FOUND);

	cg_name_t own, now;
	assert_int_equal(cg_zone_find(before, edit->owner, &own), KNOT_EOK);
	assert_int_equal(cg_zone_find(after, edit->owner, &now), KNOT_EOK);
	for (size_t i = 0; i < answer.name.count; i++) {
		uint16_t type = answer.name.rr[i].type;
		bool has = false, had_address = false, had = false;
		for (size_t j = 0; j < own.count; j++) {
			had |= own.rr[j].type == type;
			had_address |= own.rr[j].type == KNOT_RRTYPE_A ||
			               own.rr[j].type == KNOT_RRTYPE_AAAA;
		}
		for (size_t j = 0; j < now.count; j++) {
			has |= now.rr[j].type == type &&
			       strcmp(now.rr[j].data, answer.name.rr[i].data) == 0;
		}
		bool wanted = type == KNOT_RRTYPE_MX || type == KNOT_RRTYPE_TXT ||
		              type == KNOT_RRTYPE_CAA ||
		              ((type == KNOT_RRTYPE_A || type == KNOT_RRTYPE_AAAA) && !had_address);
		if (wanted && !had && !has) {
			fail_msg("%s lost %s %s in\n%s", edit->spelling, unit_type(type),
			         answer.name.rr[i].data, text);
		}
	}
	knot_dname_free(target, NULL);
}

/* The zone after the edits: what was edited is clean, the rest as bad as it was counted. */
static void test_repairs(void **state)
{
	(void)state;
	uint64_t seed = 6;
	size_t repaired = 0, refused = 0;
	for (int round = 0; round < 2000; round++) {
		char *text = chance(&seed);
		cg_zone_t *zone = unit_zone(ORIGIN, text);
		cg_strategy_t strategy = 1 + unit_random(&seed) % 3, fallback = unit_random(&seed) % 4;
		cg_findings_t findings, again;
		cg_plan_t plan, second;
		assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
		assert_int_equal(cg_plan_make(NULL, zone, &findings, strategy, fallback, &plan), KNOT_EOK);
		cg_zone_t *after = unit_apply(ORIGIN, zone, &plan);
		assert_int_equal(cg_rules_zone(after, &PLAIN, &again), KNOT_EOK);

		size_t other = findings.count - editable(&findings);
		assert_true(plan.refused >= other);
		if (editable(&again) != plan.refused - other) {
			fail_msg("%zu findings remain, not %zu, in\n%s", editable(&again),
			         plan.refused - other, text);
		}
		for (size_t i = 0; i < again.count; i++) {
			if (cg_rule_info(again.list[i].rule)->editable) {
				assert_false(is_edited(&plan, again.list[i].owner));
			}
		}
		for (size_t i = 0; i < plan.count; i++) {
			assert_true(plan.list[i].rr.type != KNOT_RRTYPE_RRSIG &&
			            plan.list[i].rr.type != KNOT_RRTYPE_NSEC);
			if (strategy == FLATTEN && fallback == REFUSE) {
				check_nothing_lost(zone, after, &plan.list[i], text);
			}
		}

		/* With nothing refused, a second run has nothing to do. */
		assert_int_equal(cg_plan_make(NULL, after, &again, strategy, fallback, &second), KNOT_EOK);
		if (plan.refused == 0) {
			assert_int_equal(second.count, 0);
			assert_int_equal(again.errors, 0);
			repaired += plan.count > 0;
		} else {
			refused++;
		}

		cg_plan_free(&second);
		cg_plan_free(&plan);
		cg_findings_free(&again);
		cg_findings_free(&findings);
		cg_zone_free(after);
		cg_zone_free(zone);
		free(text);
	}
	assert_true(repaired > 200 && refused > 200); /* Chance did meet both. */
}

#ifdef UNIT_CAN_FAIL_ALLOC
static void test_out_of_memory(void **state)
{
	(void)state;
	unit_alloc_or_skip();
	unit_text_t text = { 0 };
	unit_add(&text, BASE "d 1 DNAME t\nd 1 NS a\nout 1 CNAME x.example.net.\nout 1 MX 1 m\n");
	for (int i = 0; i < 60; i++) {
		unit_add(&text, "t 1 A 192.0.2.%d\nx%d 1 CNAME t\nx%d 1 MX 1 m\n", i, i, i);
	}
	cg_zone_t *zone = unit_zone(ORIGIN, text.str);
	cg_findings_t findings;
	assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
	char *expected = plan_text(zone, &PLAIN, FLATTEN, REFUSE);

	long n = 0;
	do {
		cg_plan_t plan;
		unit_alloc_hit = false;
		unit_alloc_left = n++;
		int ret = cg_plan_make(NULL, zone, &findings, FLATTEN, REFUSE, &plan);
		unit_alloc_left = -1;
		if (ret == KNOT_EOK) {
			char *dump = unit_dump_plan(&plan);
			assert_string_equal(dump, expected);
			free(dump);
		} else {
			assert_int_equal(ret, KNOT_ENOMEM);
			assert_true(unit_alloc_hit);
			assert_null(plan.list);
			assert_null(plan.pool);
		}
		cg_plan_free(&plan);
	} while (unit_alloc_hit);
	assert_true(n > 100);

	free(expected);
	free(text.str);
	cg_findings_free(&findings);
	cg_zone_free(zone);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_exempt_and_ignored),
		cmocka_unit_test(test_only_errors),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_other_zone),
		cmocka_unit_test(test_several_zones),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_too_many_records),
		cmocka_unit_test(test_many_cnames),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_shuffles),
		cmocka_unit_test(test_repairs),
#ifdef UNIT_CAN_FAIL_ALLOC
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
