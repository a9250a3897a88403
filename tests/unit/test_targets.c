/* SPDX-License-Identifier: GPL-2.0-or-later */

#define UNIT_FAIL_ALLOC
#include "unit.h"

/* The rules about targets alone, info among them. */
static const cg_rules_policy_t ALL = { .ignore = ~TARGET_RULES, .info = true };

/*! \brief "rule owner: owner type data, ..." a line. */
static char *dump(const cg_findings_t *findings)
{
	unit_text_t text = { 0 };
	for (size_t i = 0; i < findings->count; i++) {
		const cg_finding_t *f = &findings->list[i];
		unit_add(&text, "%s %s:", cg_rule_info(f->rule)->name, f->spelling);
		for (size_t j = 0; j < f->rr_count; j++) {
			unit_add(&text, "%s %s %s %s", (j > 0) ? "," : "", f->rr[j].owner,
			         unit_type(f->rr[j].rr.type), f->rr[j].rr.data);
		}
		unit_add(&text, "\n");
	}
	return unit_take(&text);
}

static char *judge(const char *text, const cg_rules_policy_t *policy)
{
	cg_zone_t *zone = unit_zone(ORIGIN, text);
	cg_findings_t findings;
	assert_int_equal(cg_rules_zone(zone, policy, &findings), KNOT_EOK);
	char *result = dump(&findings);
	cg_findings_free(&findings);
	cg_zone_free(zone);
	return result;
}

#define E ".example.com."
#define HOST "h 1 A 192.0.2.1\n"

static void test_table(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		const char *expected;
	} T[] = {
		/* References: each type, each way to be an alias. */
		{ "m 1 MX 10 c\nc 1 CNAME h\n" HOST,
		  "mx-alias m" E ": m" E " MX 10 c" E ", c" E " CNAME h" E "\n" },
		{ "m 1 MX 10 c\nm 1 MX 20 d\nm 1 MX 30 h\nc 1 CNAME h\nd 1 CNAME h\n" HOST,
		  "mx-alias m" E ": m" E " MX 10 c" E ", m" E " MX 20 d" E ", c" E " CNAME h" E
		  ", d" E " CNAME h" E "\n" },
		{ "m 1 MX 10 C\nc 1 CNAME h\n" HOST,
		  "mx-alias m" E ": m" E " MX 10 C" E ", c" E " CNAME h" E "\n" },
		{ "m 1 MX 10 x.w\n*.w 1 CNAME h\n" HOST,
		  "mx-alias m" E ": m" E " MX 10 x.w" E ", *.w" E " CNAME h" E "\n" },
		{ "m 1 MX 10 h.d\nd 1 DNAME n\nh.n 1 A 192.0.2.1\n",
		  "mx-alias m" E ": m" E " MX 10 h.d" E ", d" E " DNAME n" E "\n" },
		{ "d 1 NS c\nc 1 CNAME h\n" HOST, "ns-alias d" E ": d" E " NS c" E ", c" E " CNAME h" E "\n" },
		{ "@ 1 NS c\nc 1 CNAME h\n" HOST,
		  "ns-alias example.com.: example.com. NS c" E ", c" E " CNAME h" E "\n" },
		{ "_s._tcp 1 SRV 1 2 3 c\nc 1 CNAME h\n" HOST,
		  "srv-alias _s._tcp" E ": _s._tcp" E " SRV 1 2 3 c" E ", c" E " CNAME h" E "\n" },
		{ "p 1 PTR c\nc 1 CNAME h\n" HOST, "ptr-alias p" E ": p" E " PTR c" E ", c" E " CNAME h" E "\n" },
		{ "n 1 NAPTR 1 2 \"S\" \"A B\" \"\" c\nc 1 CNAME h\n" HOST,
		  "naptr-alias n" E ": n" E " NAPTR 1 2 \"S\" \"A B\" \"\" c" E ", c" E " CNAME h" E "\n" },
		{ "s 1 HTTPS 1 c alpn=h2\ns 1 SVCB 0 c\nc 1 CNAME h\n" HOST,
		  "svcb-alias s" E ": s" E " SVCB 0 c" E ", s" E " HTTPS 1 c" E " alpn=" SVC_VALUE("h2") ", c" E " CNAME h" E "\n" },
		{ "ns1 1 CNAME h\n" HOST, /* Beside the A of ns1. */
		  "ns-alias example.com.: example.com. NS ns1" E ", ns1" E " CNAME h" E "\n"
		  "soa-alias example.com.: example.com. SOA ns1" E " admin" E " 7 7200 900 1209600 300, "
		  "ns1" E " CNAME h" E "\n" },
		/* None: the root, what exists, what does not, what is elsewhere. */
		{ "m 1 MX 0 .\n_s 1 SRV 1 2 3 .\ns 1 HTTPS 1 .\n", "" },
		{ "m 1 MX 10 h\nm 1 MX 20 none\nm 1 MX 30 www.example.net.\nc 1 CNAME h\n" HOST, "" },
		{ "m 1 MX 10 x.w\nx.w 1 TXT x\n*.w 1 CNAME h\n" HOST, "" },
		{ "m 1 MX 10 x.w\ny.x.w 1 TXT x\n*.w 1 CNAME h\n" HOST, "" }, /* An empty non-terminal. */
		{ "m 1 MX 10 d\nd 1 DNAME n\nd 1 A 192.0.2.1\nn 1 TXT x\n", "" }, /* Not its own owner. */
		{ "m 1 MX 10 x.sub\nsub 1 NS ns1\nx.sub 1 CNAME h\n" HOST, "" }, /* Below a cut. */
		{ "x.sub 1 MX 10 c\nsub 1 NS ns1\nc 1 CNAME h\n" HOST, "" },
		{ "sub 1 MX 10 c\nsub 1 NS ns1\nc 1 CNAME h\n" HOST, "" }, /* At the cut. */
		{ "x.d 1 MX 10 c\nd 1 DNAME n\nc 1 CNAME h\n" HOST, "" },
		/* What ends the zone covers nothing that came before. */
		{ "m 1 MX 10 c\nc 1 CNAME h\nzz 1 NS ns.zz\nns.zz 1 A 192.0.2.1\n" HOST,
		  "mx-alias m" E ": m" E " MX 10 c" E ", c" E " CNAME h" E "\n" },
		/* Loops. */
		{ "a 1 CNAME a\n", "cname-loop a" E ": a" E " CNAME a" E "\n" },
		{ "a 1 CNAME A\n", "cname-loop a" E ": a" E " CNAME A" E "\n" },
		{ "b 1 CNAME c\nc 1 CNAME a\na 1 CNAME b\nz 1 CNAME b\n",
		  "cname-loop a" E ": a" E " CNAME b" E ", b" E " CNAME c" E ", c" E " CNAME a" E "\n" },
		{ "*.w 1 CNAME x.w\n", "cname-loop *.w" E ": *.w" E " CNAME x.w" E "\n" },
		{ "a 1 CNAME x.d\nd 1 DNAME e\nx.e 1 CNAME a\n",
		  "cname-loop a" E ": a" E " CNAME x.d" E ", d" E " DNAME e" E ", x.e" E " CNAME a" E "\n" },
		{ "d 1 DNAME x.d\n", "cname-loop d" E ": d" E " DNAME x.d" E "\n" },
		{ "d 1 DNAME d\n", "cname-loop d" E ": d" E " DNAME d" E "\n" },
		{ "d 1 DNAME e\ne 1 DNAME d\na 1 CNAME x.d\n",
		  "cname-loop d" E ": d" E " DNAME e" E ", e" E " DNAME d" E "\n" },
		{ "d 1 DNAME e\n", "" },
		{ "d 1 CNAME d\nd 1 DNAME x.d\n", /* One finding a name. */
		  "cname-loop d" E ": d" E " CNAME d" E ", d" E " DNAME x.d" E "\n" },
		{ "b 1 DNAME d\nd.d 1 DNAME d.b\nd 1 MX 10 h\nwww 1 CNAME x.a.d.b\n" HOST, "" },
		/* Chains: six links, not five; once, at the beginning. */
		{ "a 1 CNAME b\nb 1 CNAME c\nc 1 CNAME d\nd 1 CNAME e\ne 1 CNAME h\n" HOST, "" },
		{ "a 1 CNAME b\nb 1 CNAME c\nc 1 CNAME d\nd 1 CNAME e\ne 1 CNAME f\nf 1 CNAME h\n" HOST,
		  "cname-chain a" E ": a" E " CNAME b" E ", b" E " CNAME c" E ", c" E " CNAME d" E ", "
		  "d" E " CNAME e" E ", e" E " CNAME f" E ", f" E " CNAME h" E "\n" },
		{ "a 1 CNAME x.b\nb 1 DNAME c\nc 1 DNAME d\nd 1 DNAME e\ne 1 DNAME f\nf 1 DNAME h\n"
		  "x.h 1 TXT x\n",
		  "cname-chain a" E ": a" E " CNAME x.b" E ", b" E " DNAME c" E ", c" E " DNAME d" E ", "
		  "d" E " DNAME e" E ", e" E " DNAME f" E ", f" E " DNAME h" E "\n" },
		/* Dangling: at the last alias. */
		{ "a 1 CNAME b\nb 1 CNAME none\n", "cname-dangling b" E ": b" E " CNAME none" E "\n" },
		{ "a 1 CNAME x.d\nd 1 DNAME n\nn 1 TXT x\n",
		  "cname-dangling a" E ": a" E " CNAME x.d" E ", d" E " DNAME n" E "\n" },
		{ "a 1 CNAME b\nx.b 1 TXT x\n", "" },
		{ "a 1 CNAME x.b\n*.b 1 TXT x\n", "" },
		{ "a 1 CNAME x.sub\nsub 1 NS ns1\n", "" },
		{ "*.w 1 CNAME h\nx.w 1 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n"
		  "a.x.w 1 TXT x\na 1 CNAME b.x.w\nb 1 CNAME x.w\nc 1 CNAME y.w\n" HOST,
		  "cname-dangling a" E ": a" E " CNAME b.x.w" E "\n" },
		{ "a 1 CNAME none.example.net.\n", "" },
		{ "a 1 CNAME none\na 1 CNAME none2\n", "" }, /* Several: unknown. */
		{ "a.sub 1 CNAME none\nsub 1 NS ns1\n", "" },
		/* Mail. */
		{ "a 1 CNAME b\nb 1 CNAME h\nh 1 MX 5 h\n" HOST,
		  "cname-mail a" E ": a" E " CNAME b" E ", b" E " CNAME h" E ", h" E " MX 5 h" E "\n"
		  "cname-mail b" E ": b" E " CNAME h" E ", h" E " MX 5 h" E "\n" },
		{ "a 1 CNAME h\nh 1 MX 0 .\n" HOST, "" },
		{ "a 1 CNAME h\na 1 MX 1 h\nh 1 MX 5 h\n" HOST, "" },
	};
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, BASE "%s", T[i].zone);
		char *result = judge(text.str, &ALL);
		assert_string_equal(result, T[i].expected);
		free(result);
		free(text.str);
	}
}

static void test_policy(void **state)
{
	(void)state;
	static const char ZONE[] = BASE "a 1 CNAME b\nb 1 CNAME h\nh 1 MX 5 a\n" HOST "z 1 CNAME none\n";
	static const struct {
		cg_rules_policy_t policy;
		const char *expected;
		size_t errors;
	} T[] = {
		{ { 0 }, "mx-alias cname-dangling ", 0 },
		{ { .chain_limit = 1 }, "cname-chain mx-alias cname-dangling ", 0 },
		{ { .chain_limit = 2 }, "mx-alias cname-dangling ", 0 },
		{ { .info = true }, "cname-mail cname-mail mx-alias cname-dangling ", 0 },
		{ { .enforce = 1u << CG_RULE_CNAME_MAIL }, "cname-mail cname-mail mx-alias cname-dangling ", 2 },
		{ { .enforce = 1u << CG_RULE_MX_ALIAS, .ignore = 1u << CG_RULE_CNAME_DANGLING }, "mx-alias ", 1 },
		{ { .ignore = TARGET_RULES, .info = true }, "", 0 },
	};
	cg_zone_t *zone = unit_zone(ORIGIN, ZONE);
	for (size_t i = 0; i < COUNT(T); i++) {
		cg_findings_t findings;
		assert_int_equal(cg_rules_zone(zone, &T[i].policy, &findings), KNOT_EOK);
		unit_text_t text = { 0 };
		unit_add(&text, "%s", "");
		for (size_t j = 0; j < findings.count; j++) {
			unit_add(&text, "%s ", cg_rule_info(findings.list[j].rule)->name);
		}
		assert_string_equal(text.str, T[i].expected);
		assert_int_equal(findings.errors, T[i].errors);
		free(text.str);
		cg_findings_free(&findings);
	}
	cg_zone_free(zone);
}

/* What stands in one zone is known to the others, in whatever order they come. */
static void test_zones(void **state)
{
	(void)state;
	static const char *const ORIGINS[] = { "example.com.", "sub.example.com.", "example.net." };
	static const char *const ZONES[] = {
		BASE "m 1 MX 1 c.example.net.\nsub 1 NS ns1\ns 1 CNAME none.sub\nt 1 CNAME x.sub\nl 1 CNAME l.example.net.\n",
		"@ 1 NS ns1.example.com.\nx 1 TXT x\n",
		"@ 1 NS ns1.example.com.\nc 1 CNAME h\nh 1 A 192.0.2.1\nd 1 CNAME none\nl 1 CNAME l.example.com.\n",
	};
	static const char *const EXPECTED[] = {
		"cname-loop l" E ": l" E " CNAME l.example.net., l.example.net. CNAME l" E "\n"
		"mx-alias m" E ": m" E " MX 1 c.example.net., c.example.net. CNAME h.example.net.\n"
		"cname-dangling s" E ": s" E " CNAME none.sub" E "\n",
		"",
		"cname-dangling d.example.net.: d.example.net. CNAME none.example.net.\n",
	};
	static const size_t ORDERS[][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 }
	};
	for (size_t i = 0; i < COUNT(ORDERS); i++) {
		const cg_zone_t *list[3];
		cg_findings_t findings[3];
		for (size_t j = 0; j < 3; j++) {
			list[j] = unit_zone(ORIGINS[ORDERS[i][j]], ZONES[ORDERS[i][j]]);
		}
		cg_zones_t zones = { .list = list, .count = 3 };
		assert_int_equal(cg_rules_zones(&zones, &ALL, NULL, findings), KNOT_EOK);
		for (size_t j = 0; j < 3; j++) {
			char *result = dump(&findings[j]);
			assert_string_equal(result, EXPECTED[ORDERS[i][j]]);
			free(result);
			cg_findings_free(&findings[j]);
		}
		for (size_t j = 0; j < 3; j++) {
			cg_zone_free((cg_zone_t *)list[j]);
		}
	}
}

/* Many zones take the way through the index; two of one origin keep to themselves. */
static void test_many_zones(void **state)
{
	(void)state;
	enum { MANY = 50 };
	const cg_zone_t *list[MANY + 1];
	cg_findings_t findings[MANY + 1];
	for (size_t i = 0; i <= MANY; i++) {
		char origin[32], text[200];
		snprintf(origin, sizeof(origin), "z%zu.example.", i % MANY);
		snprintf(text, sizeof(text), "@ 1 NS ns.example.\nm 1 MX 1 c.z%zu.example.\nn 1 MX 1 c\n"
		         "c 1 CNAME t%zu\nt%zu 1 A 192.0.2.1\n", (i + 1) % MANY, i, i);
		list[i] = unit_zone(origin, text);
	}
	cg_zones_t zones = { .list = list, .count = MANY + 1 };
	assert_int_equal(cg_rules_zones(&zones, &ALL, NULL, findings), KNOT_EOK);
	for (size_t i = 0; i <= MANY; i++) {
		char expected[400];
		size_t own = i % MANY, next = (i + 1) % MANY;
		snprintf(expected, sizeof(expected),
		         "mx-alias m.z%zu.example.: m.z%zu.example. MX 1 c.z%zu.example., "
		         "c.z%zu.example. CNAME t%zu.z%zu.example.\n"
		         "mx-alias n.z%zu.example.: n.z%zu.example. MX 1 c.z%zu.example., "
		         "c.z%zu.example. CNAME t%zu.z%zu.example.\n",
		         own, own, next, next, next, next, own, own, own, own, i, own);
		char *result = dump(&findings[i]);
		assert_string_equal(result, expected);
		free(result);
		cg_findings_free(&findings[i]);
		cg_zone_free((cg_zone_t *)list[i]);
	}
}

static void test_sentences(void **state)
{
	(void)state;
	static const struct {
		const char *zone, *message, *remedy;
	} T[] = {
		{ "m 1 MX 10 c\nc 1 CNAME h\n" HOST,
		  "MX exchange c" E " is an alias: senders can refuse to deliver to it or send mail "
		  "round in a circle, mail for m" E " is delayed or lost",
		  "write h" E ", which the alias leads to, instead of c" E "; or give c" E
		  " addresses instead of its CNAME" },
		{ "m 1 MX 10 c\nm 1 MX 20 e\nc 1 CNAME h\ne 1 CNAME h\n" HOST,
		  "MX exchange c" E " (and 1 more) is an alias: senders can refuse to deliver to it or "
		  "send mail round in a circle, mail for m" E " is delayed or lost",
		  "write h" E ", which the alias leads to, instead of c" E "; or give c" E
		  " addresses instead of its CNAME; and so for the others" },
		{ "a 1 CNAME c\nc 1 CNAME a\n",
		  "the alias leads back to itself (a" E ", c" E "): resolvers give up, and nothing at "
		  "these names can be reached",
		  "let one of them lead to a name that has addresses, or give a" E " addresses instead "
		  "of its CNAME" },
		{ "m 1 MX 10 c\nc 1 CNAME h\nzz 1 NS ns.zz\nns.zz 1 A 192.0.2.1\n" HOST,
		  "MX exchange c" E " is an alias: senders can refuse to deliver to it or send mail "
		  "round in a circle, mail for m" E " is delayed or lost",
		  "write h" E ", which the alias leads to, instead of c" E "; or give c" E
		  " addresses instead of its CNAME" },
		{ "m 1 MX 10 h.d\nd 1 DNAME n\nh.n 1 A 192.0.2.1\n",
		  "MX exchange h.d" E " is an alias: senders can refuse to deliver to it or send mail "
		  "round in a circle, mail for m" E " is delayed or lost",
		  "write h.n" E ", which the DNAME at d" E " makes of it, instead of h.d" E },
		{ "a 1 CNAME www.example.net\n",
		  "the target www.example.net" E " does not exist: whoever asks for a" E " is told "
		  "that there is no such name",
		  "write www.example.net" E " with its addresses, name another target, or remove the "
		  "CNAME; if www.example.net. was meant, the dot at its end is missing" },
	};
	cg_rules_policy_t policy = { 0 };
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, BASE "%s", T[i].zone);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str);
		cg_findings_t findings;
		assert_int_equal(cg_rules_zone(zone, &policy, &findings), KNOT_EOK);
		assert_int_equal(findings.count, 1);
		assert_false(findings.list[0].occluded);
		assert_string_equal(findings.list[0].message, T[i].message);
		assert_string_equal(findings.list[0].remedy, T[i].remedy);
		cg_findings_free(&findings);
		cg_zone_free(zone);
		free(text.str);
	}
}

/* A chain of any length takes one finding, and no deep stack. */
static void test_long_chain(void **state)
{
	(void)state;
	enum { LINKS = 100000 };
	knot_dname_t *apex = unit_name(ORIGIN);
	for (int loops = 0; loops < 2; loops++) {
		cg_zone_t *zone = cg_zone_new(apex);
		for (size_t i = 0; i < LINKS; i++) {
			char owner[40], data[40];
			snprintf(owner, sizeof(owner), "c%zu" E, i);
			snprintf(data, sizeof(data), "c%zu" E, (loops && i == LINKS - 1) ? 0 : i + 1);
			knot_dname_t *name = unit_name(owner);
			cg_rr_t rr = { .type = KNOT_RRTYPE_CNAME, .ttl = 1, .data = data };
			assert_int_equal(cg_zone_add(zone, name, &rr), KNOT_EOK);
			knot_dname_free(name, NULL);
		}
		assert_int_equal(cg_zone_finish(zone), KNOT_EOK);
		cg_findings_t findings;
		assert_int_equal(cg_rules_zone(zone, &ALL, &findings), KNOT_EOK);
		assert_int_equal(findings.count, loops ? 1 : 2);
		assert_int_equal(findings.list[0].rule, loops ? CG_RULE_CNAME_LOOP : CG_RULE_CNAME_CHAIN);
		assert_int_equal(findings.list[0].rr_count, 20);
		assert_non_null(strstr(findings.list[0].message, loops ? "and 99995 more" : "of 100000 aliases"));
		cg_findings_free(&findings);
		cg_zone_free(zone);
	}
	knot_dname_free(apex, NULL);
}

/* --- Pieces --- */

/*! \brief Does the last piece first, as threads may. */
static int backwards(size_t count, int (*piece)(size_t at, void *work), void *work)
{
	int ret = KNOT_EOK;
	while (count > 0 && ret == KNOT_EOK) {
		ret = piece(--count, work);
	}
	return ret;
}

/*! \brief Findings in full, and what is counted. */
static char *judge_all(const cg_zone_t *zone, cg_each_t each)
{
	unit_text_t out = { 0 };
	const cg_zones_t zones = { .list = &zone, .count = 1 };
	const cg_rules_policy_t every = { .info = true };
	cg_findings_t found;
	assert_int_equal(cg_rules_zones(&zones, &every, each, &found), KNOT_EOK);
	unit_add(&out, "%zu %zu %zu %u\n", found.names, found.records, found.aliases, found.serial);
	for (size_t i = 0; i < found.count; i++) {
		const cg_finding_t *finding = &found.list[i];
		unit_add(&out, "%s %s %zu: %s; %s\n", cg_rule_info(finding->rule)->name,
		         finding->spelling, finding->rr_count, finding->message, finding->remedy);
	}
	cg_findings_free(&found);
	return out.str;
}

/*! \brief Adds a record of the zone of chance. */
static void add_chance(cg_zone_t *zone, size_t i, uint64_t *seed)
{
	static const struct {
		uint16_t type;
		const char *format;
	} KINDS[] = {
		{ KNOT_RRTYPE_A, "192.0.2.%zu" }, { KNOT_RRTYPE_MX, "5 n%zu" E },
		{ KNOT_RRTYPE_CNAME, "n%zu" E }, { KNOT_RRTYPE_CNAME, "n%zu" E },
		{ KNOT_RRTYPE_DNAME, "n%zu" E }, { KNOT_RRTYPE_NS, "n%zu" E },
	};
	/* Cuts and DNAMEs are few, and have thousands of names below them. */
	size_t kind = unit_random(seed) % ((i % 1500 == 0) ? 6 : 4);
	char owner[40], data[40];
	snprintf(owner, sizeof(owner), (i % 5 == 4) ? "x.n%zu" E : "n%zu" E, i - i % 1500 % 5);
	if (i >= 4000 && i < 7000) {
		snprintf(owner, sizeof(owner), "d%zu.n3000" E, i);
	}
	snprintf(data, sizeof(data), KINDS[kind].format,
	         (size_t)unit_random(seed) % (KINDS[kind].type == KNOT_RRTYPE_A ? 256 : 12000));
	knot_dname_t *name = unit_name(owner);
	const cg_rr_t rr = { .type = KINDS[kind].type, .ttl = 1, .data = data };
	assert_int_equal(cg_zone_add(zone, name, &rr), KNOT_EOK);
	knot_dname_free(name, NULL);
}

/* A zone that is made and judged in pieces, in any order, is what it is as a whole. */
static void test_pieces(void **state)
{
	(void)state;
	enum { RECORDS = 12000 };
	char *expected = NULL;
	knot_dname_t *apex = unit_name(ORIGIN);
	for (int shared = 0; shared < 2; shared++) {
		cg_each_t each = shared ? backwards : NULL;
		cg_zone_t *zone = cg_zone_new(apex);
		const cg_rr_t soa = { .type = KNOT_RRTYPE_SOA, .data = "a. b. 7 1 1 1 1" };
		const cg_rr_t dname = { .type = KNOT_RRTYPE_DNAME, .data = "n1" E };
		knot_dname_t *above = unit_name("n3000" E);
		uint64_t seed = 3;
		assert_int_equal(cg_zone_add(zone, apex, &soa), KNOT_EOK);
		assert_int_equal(cg_zone_add(zone, above, &dname), KNOT_EOK);
		for (size_t i = 0; i < RECORDS; i++) {
			add_chance(zone, i, &seed);
		}
		assert_int_equal(cg_zone_finish_shared(zone, each), KNOT_EOK);
		char *found = judge_all(zone, each);
		if (shared) {
			assert_string_equal(found, expected);
			assert_non_null(strstr(found, "dname-children n3000" E));
			free(found);
		} else {
			expected = found;
		}
		knot_dname_free(above, NULL);
		cg_zone_free(zone);
	}
	assert_non_null(strstr(expected, "cname-mx "));
	free(expected);
	knot_dname_free(apex, NULL);
}

/* Whatever allocation fails: an error, nothing lost, and else the same result. */
#ifdef UNIT_CAN_FAIL_ALLOC
static void test_no_memory(void **state)
{
	(void)state;
	unit_alloc_or_skip();
	static const char ZONE[] = BASE "a 1 CNAME b\nb 1 CNAME h\nh 1 MX 5 a\n" HOST
	                           "z 1 CNAME none\nl 1 CNAME l\nx 1 CNAME x.d\nd 1 DNAME h\n";
	cg_zone_t *zone = unit_zone(ORIGIN, ZONE);
	long fails = 0;
	for (bool hit = true; hit; fails++) {
		cg_findings_t findings;
		unit_alloc_hit = false;
		unit_alloc_left = fails;
		int ret = cg_rules_zone(zone, &ALL, &findings);
		unit_alloc_left = -1;
		hit = unit_alloc_hit;
		assert_int_equal(ret, hit ? KNOT_ENOMEM : KNOT_EOK);
		cg_findings_free(&findings);
	}
	assert_true(fails > 10);
	cg_zone_free(zone);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_many_zones),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_pieces),
#ifdef UNIT_CAN_FAIL_ALLOC
		cmocka_unit_test(test_no_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
