/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repairs that other repairs make possible, and zones after edits. */

#define UNIT_FAIL_ALLOC
#include "unit.h"

#include "cnameguard/mend.h"

#define FLATTEN CG_STRATEGY_FLATTEN
#define OTHER   CG_STRATEGY_KEEP_OTHER
#define CNAME   CG_STRATEGY_KEEP_CNAME
#define REFUSE  CG_STRATEGY_REFUSE

static const cg_rules_policy_t PLAIN = { 0 };

static const struct {
	const char *zone; /*!< After BASE. */
	cg_strategy_t strategy;
	cg_strategy_t fallback;
	const char *expected; /*!< Edits, then what is left. */
} T[] = {
	{ "www 1 CNAME ns1\n", FLATTEN, REFUSE, "" },
	{ "www 1 CNAME ns1\nwww 1 TXT x\n", FLATTEN, REFUSE,
	  "- www.example.com. CNAME ns1.example.com.\n+ www.example.com. A 192.0.2.53\n" },
	{ "www 1 CNAME no\nwww 1 TXT x\n", FLATTEN, REFUSE,
	  "left www.example.com.: target no.example.com. does not exist\n" },

	/* What an alias of several CNAMEs stands for is known after their repair. */
	{ "a 1 CNAME www\na 1 TXT x\nwww 1 CNAME b\nwww 1 CNAME c\nb 1 A 192.0.2.1\n"
	  "c 1 A 192.0.2.2\n", FLATTEN, REFUSE,
	  "- a.example.com. CNAME www.example.com.\n"
	  "+ a.example.com. A 192.0.2.1\n+ a.example.com. A 192.0.2.2\n"
	  "- www.example.com. CNAME b.example.com.\n- www.example.com. CNAME c.example.com.\n"
	  "+ www.example.com. A 192.0.2.1\n+ www.example.com. A 192.0.2.2\n" },
	/* In the other order of names, over three of them; one is never repaired. */
	{ "c 1 CNAME b\nc 1 TXT c\nb 1 CNAME a\nb 1 CNAME ns1\na 1 CNAME ns1\na 1 CNAME w\nw 1 MX 1 m\n"
	  "x 1 CNAME out.\nx 1 TXT x\n", FLATTEN, REFUSE,
	  "- a.example.com. CNAME ns1.example.com.\n- a.example.com. CNAME w.example.com.\n"
	  "+ a.example.com. A 192.0.2.53\n+ a.example.com. MX 1 m.example.com.\n"
	  "- b.example.com. CNAME a.example.com.\n- b.example.com. CNAME ns1.example.com.\n"
	  "+ b.example.com. A 192.0.2.53\n+ b.example.com. MX 1 m.example.com.\n"
	  "- c.example.com. CNAME b.example.com.\n"
	  "+ c.example.com. A 192.0.2.53\n+ c.example.com. MX 1 m.example.com.\n"
	  "left x.example.com.: target out. is outside the zone\n" },
	/* A way that leads outside is cut by the repair of a name on it. */
	{ "a 1 CNAME out.\na 1 A 192.0.2.1\nb 1 CNAME a\nb 1 CNAME a2\na2 1 CNAME a\n", FLATTEN, OTHER,
	  "- a.example.com. CNAME out.\n"
	  "- b.example.com. CNAME a.example.com.\n- b.example.com. CNAME a2.example.com.\n"
	  "+ b.example.com. A 192.0.2.1\n" },
	/* A loop of names that are all in conflict. */
	{ "a 1 CNAME b\na 1 TXT a\nb 1 CNAME a\nb 1 TXT b\n", FLATTEN, REFUSE,
	  "left a.example.com.: target b.example.com. leads round in a circle\n"
	  "left b.example.com.: target a.example.com. leads round in a circle\n" },
	{ "d 1 DNAME t\nd 1 NS a\nd 1 CNAME t\n", OTHER, REFUSE,
	  "- d.example.com. CNAME t.example.com.\n"
	  "left d.example.com.: dname-ns is never repaired by a rewrite\n" },
	{ "www 1 CNAME ns1\nwww 1 TXT x\n", REFUSE, REFUSE,
	  "left www.example.com.: the policy has no repair for it\n" },
};

static char *dump(const cg_mend_t *mend)
{
	unit_text_t text = { 0 };
	for (size_t i = 0; i < mend->edits_count; i++) {
		const cg_edit_t *edit = &mend->edits[i];
		unit_add(&text, "%c %s %s %s\n", (edit->op == CG_EDIT_ADD) ? '+' : '-',
		         edit->spelling, unit_type(edit->rr.type), edit->rr.data);
	}
	for (size_t i = 0; i < mend->refusals_count; i++) {
		unit_add(&text, "left %s\n", mend->refusals[i].why);
	}
	return unit_take(&text);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, "%s%s", BASE, T[i].zone);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str);
		cg_mend_t mend;
		assert_int_equal(cg_mend_make(zone, &PLAIN, T[i].strategy, T[i].fallback, &mend),
		                 KNOT_EOK);
		char *got = dump(&mend);
		if (strcmp(got, T[i].expected) != 0) {
			fail_msg("row %zu\n%sgot\n%s\nwant\n%s", i, text.str, got, T[i].expected);
		}
		assert_int_equal(mend.result == zone, mend.edits_count == 0);
		free(got);
		cg_mend_free(&mend);
		cg_mend_free(&mend); /* Does no harm. */
		cg_zone_free(zone);
		free(text.str);
	}
}

/* More names in a row than plans are made: those at the end stay. */
static void test_rounds(void **state)
{
	(void)state;
	unit_text_t text = { 0 };
	unit_add(&text, "%s", BASE "n0 1 CNAME ns1\nn0 1 CNAME ns2\nns2 1 A 192.0.2.1\n");
	for (int i = 1; i < 40; i++) {
		unit_add(&text, "n%d 1 CNAME n%d\nn%d 1 CNAME ns1\n", i, i - 1, i);
	}
	cg_zone_t *zone = unit_zone(ORIGIN, text.str);
	cg_mend_t mend;
	assert_int_equal(cg_mend_make(zone, &PLAIN, FLATTEN, REFUSE, &mend), KNOT_EOK);
	assert_int_equal(mend.findings->errors, 40);
	assert_int_equal(mend.edits_count, 4 * (CG_MEND_ROUNDS - 1));
	assert_int_equal(mend.left->errors, 40 - (CG_MEND_ROUNDS - 1));
	assert_int_equal(mend.refusals_count, mend.left->errors);
	cg_mend_free(&mend);
	cg_mend_free(NULL);
	cg_zone_free(zone);
	free(text.str);
}

/* Records, spellings and places as they were, but for the edits. */
static void test_apply(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, BASE "WwW 1 CNAME Web\nwww 1 MX 1 Mail\nb 1 TXT x\n");
	cg_edit_t edits[] = {
		{ CG_EDIT_REMOVE, unit_lower("www.example.com."), "WwW.example.com.",
		  { .type = KNOT_RRTYPE_CNAME, .data = "wEB.example.com." }, CG_RULE_CNAME_MX },
		{ CG_EDIT_REMOVE, unit_lower("b.example.com."), "b.example.com.",
		  { .type = KNOT_RRTYPE_TXT, .data = "\"y\"" }, CG_RULE_CNAME_MX },
		{ CG_EDIT_ADD, unit_lower("c.example.com."), "C.example.com.",
		  { .type = KNOT_RRTYPE_A, .data = "192.0.2.1", .ttl = 5 }, CG_RULE_CNAME_MX },
	};
	cg_zone_t *out;
	assert_int_equal(cg_mend_apply(zone, edits, COUNT(edits), &out), KNOT_EOK);
	char *got = unit_dump_zone(out);
	assert_string_equal(got, "example.com. 3600 NS ns1.example.com.\n"
	                    "example.com. 3600 SOA ns1.example.com. admin.example.com. 7 7200 900 "
	                    "1209600 300\n"
	                    "b.example.com. 1 TXT \"x\"\n"
	                    "C.example.com. 5 A 192.0.2.1\n"
	                    "ns1.example.com. 3600 A 192.0.2.53\n"
	                    "WwW.example.com. 1 MX 1 Mail.example.com.\n");
	free(got);
	cg_name_t www;
	assert_int_equal(cg_zone_find(out, edits[0].owner, &www), KNOT_EOK);
	assert_int_equal(www.rr[0].line, 5);
	assert_string_equal(www.rr[0].file, "test.zone");
	cg_zone_free(out);

	assert_int_equal(cg_mend_apply(zone, NULL, 0, &out), KNOT_EOK);
	assert_int_equal(cg_zone_records(out), cg_zone_records(zone));
	cg_zone_free(out);
	cg_zone_free(zone);
	for (size_t i = 0; i < COUNT(edits); i++) {
		free((void *)edits[i].owner);
	}
}

#ifdef UNIT_CAN_FAIL_ALLOC
static void test_out_of_memory(void **state)
{
	(void)state;
	unit_alloc_or_skip();
	unit_text_t text = { 0 };
	unit_add(&text, "%s%s", BASE, T[4].zone);
	cg_zone_t *zone = unit_zone(ORIGIN, text.str);
	long n = 0;
	do {
		cg_mend_t mend;
		unit_alloc_hit = false;
		unit_alloc_left = n++;
		int ret = cg_mend_make(zone, &PLAIN, FLATTEN, REFUSE, &mend);
		unit_alloc_left = -1;
		if (ret == KNOT_EOK) {
			char *got = dump(&mend);
			assert_string_equal(got, T[4].expected);
			free(got);
		} else {
			assert_int_equal(ret, KNOT_ENOMEM);
			assert_true(unit_alloc_hit);
			assert_null(mend.rounds);
			assert_null(mend.edits);
		}
		cg_mend_free(&mend);
	} while (unit_alloc_hit);
	assert_true(n > 40);
	cg_zone_free(zone);
	free(text.str);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_apply),
#ifdef UNIT_CAN_FAIL_ALLOC
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
