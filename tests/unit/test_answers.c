/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of names that are repaired on the way out. */

#define UNIT_FAIL_ALLOC
#include "unit.h"

#include "cnameguard/answers.h"

static const cg_rules_policy_t PLAIN = { 0 };

static const struct {
	const char *zone;     /*!< After BASE. */
	cg_strategy_t strategy;
	const char *expected; /*!< Names in the order of the zone, + repaired, > leads there. */
} T[] = {
	{ "www 1 CNAME ns1\nwww 1 MX 1 ns1\n", CG_STRATEGY_FLATTEN,
	  "+ www.example.com. A 192.0.2.53\n+ www.example.com. MX 1 ns1.example.com.\n" },
	{ "WWW 1 CNAME ns1\nwww 1 TXT \"x\"\n", CG_STRATEGY_KEEP_OTHER, "+ www.example.com. TXT \"x\"\n" },
	{ "www 1 CNAME ns1\nwww 1 TXT x\n", CG_STRATEGY_KEEP_CNAME,
	  "+ www.example.com. CNAME ns1.example.com.\n" },
	/* Names that lead there, over one another; others, a circle among them, do not. */
	{ "www 1 CNAME ns1\nwww 1 TXT \"x\"\na 1 CNAME www\nb 1 CNAME A\nc 1 CNAME ns1\nd 1 CNAME d\n"
	  "e 1 CNAME out.\nf 1 CNAME no\n", CG_STRATEGY_KEEP_OTHER,
	  "> a.example.com. CNAME www.example.com.\n> b.example.com. CNAME a.example.com.\n"
	  "+ www.example.com. TXT \"x\"\n" },
	/* A name above or below a repaired one is none itself. */
	{ "x.www 1 CNAME ns1\nx.www 1 TXT \"x\"\nwww 1 CNAME x.www\n", CG_STRATEGY_KEEP_OTHER,
	  "> www.example.com. CNAME x.www.example.com.\n+ x.www.example.com. TXT \"x\"\n" },
	/* The apex with all that it has; several records of a type. */
	{ "@ 1 CNAME ns1\n@ 1 TXT \"a\"\n@ 1 TXT \"b\"\n", CG_STRATEGY_KEEP_OTHER,
	  "+ example.com. NS ns1.example.com.\n+ example.com. SOA ns1.example.com. "
	  "admin.example.com. 7 7200 900 1209600 300\n+ example.com. TXT \"a\"\n"
	  "+ example.com. TXT \"b\"\n" },
	/* What cannot be answered so: wildcards, zone cuts, DNAMEs, and what is below them. */
	{ "*.w 1 CNAME ns1\n*.w 1 TXT x\n", CG_STRATEGY_KEEP_OTHER, "" },
	{ "cut 1 NS ns1\ncut 1 CNAME ns1\n", CG_STRATEGY_KEEP_OTHER, "" },
	{ "d 1 DNAME ns1\nd 1 CNAME ns1\n", CG_STRATEGY_KEEP_OTHER, "" },
	{ "cut 1 NS ns1\nx.cut 1 CNAME ns1\nx.cut 1 TXT x\n", CG_STRATEGY_KEEP_OTHER, "" },
	/* Names that lead there and are no names to be answered. */
	{ "www 1 CNAME ns1\nwww 1 TXT \"x\"\n*.w 1 CNAME www\ncut 1 NS ns1\nx.cut 1 CNAME www\n",
	  CG_STRATEGY_KEEP_OTHER, "+ www.example.com. TXT \"x\"\n" },
};

/*! \brief Leaves the edits that can be answered. */
static void only_answerable(const cg_zone_t *zone, const cg_findings_t *findings, cg_plan_t *plan)
{
	size_t kept = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const cg_finding_t *finding = findings->list;
		while (!knot_dname_is_equal(finding->owner, plan->list[i].owner)) {
			finding++;
		}
		if (cg_answers_can(zone, finding)) {
			plan->list[kept++] = plan->list[i];
		}
	}
	plan->count = kept;
}

/*! \brief All that is answered for a name of the zone. */
static int dump_name(const cg_name_t *name, const cg_answers_t *answers, unit_text_t *text)
{
	static char data[2048];
	const cg_answers_name_t *found = cg_answers_find(answers, name->owner);
	for (size_t i = 0; found != NULL && i < found->count; i++) {
		const knot_rrset_t *rrset = &found->rrsets[i];
		assert_ptr_equal(cg_answers_rrset(found, rrset->type), rrset);
		assert_false(cg_answers_differs(answers, rrset));
		for (size_t j = 0; j < rrset->rrs.count; j++) {
			assert_true(knot_rrset_txt_dump_data(rrset, j, data, sizeof(data),
			                                     &KNOT_DUMP_STYLE_DEFAULT) >= 0);
			knot_dname_txt_storage_t owner;
			assert_non_null(knot_dname_to_str(owner, rrset->owner, sizeof(owner)));
			unit_add(text, "%c %s %s %s\n", found->repaired ? '+' : '>', owner,
			         unit_type(rrset->type), data);
		}
	}
	return KNOT_EOK;
}

typedef struct {
	const cg_answers_t *answers;
	unit_text_t text;
} dump_t;

static int dump_next(const cg_name_t *name, void *ctx)
{
	dump_t *dump = ctx;
	return dump_name(name, dump->answers, &dump->text);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, "%s%s", BASE, T[i].zone);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str);
		cg_findings_t findings;
		cg_plan_t plan;
		cg_answers_t *answers = NULL;
		assert_int_equal(cg_rules_zone(zone, &PLAIN, &findings), KNOT_EOK);
		assert_int_equal(cg_plan_make(NULL, zone, &findings, T[i].strategy, CG_STRATEGY_REFUSE, &plan),
		                 KNOT_EOK);
		only_answerable(zone, &findings, &plan);
		assert_int_equal(cg_answers_make(zone, plan.list, plan.count, &answers), KNOT_EOK);
		dump_t dump = { .answers = answers };
		assert_int_equal(cg_zone_walk(zone, dump_next, &dump), KNOT_EOK);
		char *got = unit_take(&dump.text);
		if (strcmp(got, T[i].expected) != 0) {
			fail_msg("row %zu\n%sgot\n%s\nwant\n%s", i, text.str, got, T[i].expected);
		}
		free(got);
		assert_ptr_equal(cg_answers_ref(answers), answers);
		cg_answers_unref(answers);
		cg_answers_unref(answers);
		cg_plan_free(&plan);
		cg_findings_free(&findings);
		cg_zone_free(zone);
		free(text.str);
	}
	cg_answers_unref(NULL);
	assert_null(cg_answers_ref(NULL));
	assert_null(cg_answers_find(NULL, (const knot_dname_t *)""));
}

/*! \brief The zone's own data at a repaired name are told from those of the answers. */
static void test_differs(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, BASE "www 1 CNAME ns1\nwww 1 TXT x\n");
	knot_dname_t *www = unit_name("www.example.com."), *ns1 = unit_name("ns1.example.com.");
	cg_edit_t edit = {
		CG_EDIT_REMOVE, www, "www.example.com.",
		{ .type = KNOT_RRTYPE_CNAME, .data = "ns1.example.com." }, CG_RULE_CNAME_OTHER,
	};
	cg_answers_t *answers;
	assert_int_equal(cg_answers_make(zone, &edit, 1, &answers), KNOT_EOK);
	knot_rdata_t rdata = { .len = 0 };
	knot_rrset_t rrset;
	knot_rrset_init(&rrset, www, KNOT_RRTYPE_TXT, KNOT_CLASS_IN, 1);
	rrset.rrs = (knot_rdataset_t){ .count = 1, .size = knot_rdata_size(0), .rdata = &rdata };
	assert_true(cg_answers_differs(answers, &rrset));
	rrset.type = KNOT_RRTYPE_CNAME;
	assert_true(cg_answers_differs(answers, &rrset));
	rrset.owner = ns1;
	assert_false(cg_answers_differs(answers, &rrset));
	cg_answers_unref(answers);
	knot_dname_free(www, NULL);
	knot_dname_free(ns1, NULL);
	cg_zone_free(zone);
}

/*! \brief Whatever allocation fails: an error, and nothing is lost. */
static void test_memory(void **state)
{
	(void)state;
#ifdef UNIT_CAN_FAIL_ALLOC
	unit_alloc_or_skip();
	cg_zone_t *zone = unit_zone(ORIGIN, BASE "www 1 CNAME ns1\nwww 1 TXT x\na 1 CNAME www\n");
	knot_dname_t *www = unit_name("www.example.com.");
	cg_edit_t edit = {
		CG_EDIT_REMOVE, www, "www.example.com.",
		{ .type = KNOT_RRTYPE_CNAME, .data = "ns1.example.com." }, CG_RULE_CNAME_OTHER,
	};
	int ret = KNOT_ENOMEM;
	for (long left = 0; ret != KNOT_EOK; left++) {
		cg_answers_t *answers = NULL;
		unit_alloc_hit = false;
		unit_alloc_left = left;
		ret = cg_answers_make(zone, &edit, 1, &answers);
		unit_alloc_left = -1;
		if (!unit_alloc_hit) {
			assert_int_equal(ret, KNOT_EOK);
		} else if (ret != KNOT_EOK) {
			assert_int_equal(ret, KNOT_ENOMEM);
			assert_null(answers);
		}
		cg_answers_unref(answers);
		assert_true(left < 1000);
	}
	knot_dname_free(www, NULL);
	cg_zone_free(zone);
#else
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_differs),
		cmocka_unit_test(test_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
