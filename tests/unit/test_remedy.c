/* SPDX-License-Identifier: GPL-2.0-or-later */

#define UNIT_FAIL_ALLOC
#include "unit.h"

#include "cnameguard/remedy.h"

#define E ".example.com."
#define HOST "h 1 A 192.0.2.1\nh 1 TXT x\n"

static void add_list(unit_text_t *text, char sign, const cg_finding_rr_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unit_add(text, "%c %s %u %s %s\n", sign, list[i].owner, list[i].rr.ttl,
		         unit_type(list[i].rr.type), list[i].rr.data);
	}
}

static const struct {
	const char *zone;
	const char *expected; /*!< Of the first finding. */
} T[] = {
	{ "a 1 CNAME h\na 2 MX 1 h\n" HOST,
	  "- a" E " 1 CNAME h" E "\n+ a" E " 1 A 192.0.2.1\n+ a" E " 1 TXT \"x\"\n+ a" E " 2 MX 1 h" E "\n" },
	{ "a 1 CNAME www.example.net.\na 2 MX 1 h\n" HOST, "" },
	{ "a 1 CNAME h\na 1 CNAME i\ni 1 A 192.0.2.2\n" HOST,
	  "- a" E " 1 CNAME h" E "\n- a" E " 1 CNAME i" E "\n+ a" E " 1 A 192.0.2.1\n"
	  "+ a" E " 1 A 192.0.2.2\n+ a" E " 1 TXT \"x\"\n" },
	{ "a 1 MX 10 c\na 1 MX 20 h\na 1 MX 30 d\nc 1 CNAME d\nd 1 CNAME h\n" HOST,
	  "- a" E " 1 MX 10 c" E "\n+ a" E " 1 MX 10 h" E "\n- a" E " 1 MX 30 d" E "\n+ a" E " 1 MX 30 h" E "\n" },
	{ "a 1 MX 10 c\nc 1 CNAME c.example.net.\n",
	  "- a" E " 1 MX 10 c" E "\n+ a" E " 1 MX 10 c.example.net.\n" },
	{ "a 1 MX 10 z\nz 1 CNAME z\n", "" },
	{ "a 1 SRV 1 2 3 c\nc 1 CNAME h\n" HOST, "- a" E " 1 SRV 1 2 3 c" E "\n+ a" E " 1 SRV 1 2 3 h" E "\n" },
	{ "a 1 HTTPS 1 c alpn=h2\nc 1 CNAME h\n" HOST,
	  "- a" E " 1 HTTPS 1 c" E " alpn=" SVC_VALUE("h2") "\n+ a" E " 1 HTTPS 1 h" E " alpn=" SVC_VALUE("h2") "\n" },
	{ "a 1 NAPTR 1 2 \"S\" \"A B\" \"\" c\nc 1 CNAME h\n" HOST,
	  "- a" E " 1 NAPTR 1 2 \"S\" \"A B\" \"\" c" E "\n+ a" E " 1 NAPTR 1 2 \"S\" \"A B\" \"\" h" E "\n" },
	{ "a 7 CNAME b\nb 1 CNAME c\nc 1 CNAME d\nd 1 CNAME e\ne 1 CNAME f\nf 1 CNAME h\n" HOST,
	  "- a" E " 7 CNAME b" E "\n+ a" E " 7 CNAME h" E "\n" },
	{ "a 1 CNAME none\n", "" },
};

static char *remedy_text(const cg_zone_t *zone, const cg_finding_t *finding, int *ret)
{
	cg_zones_t zones = { .list = &zone, .count = 1 };
	cg_remedy_t remedy;
	*ret = cg_remedy_make(&zones, zone, finding, &remedy);
	unit_text_t text = { 0 };
#ifdef UNIT_CAN_FAIL_ALLOC
	unit_alloc_left = -1;
#endif
	for (size_t i = 0, j = 0; *ret == KNOT_EOK && (i < remedy.remove_count || j < remedy.write_count); ) {
		bool pairs = (finding->rule >= CG_RULE_MX_ALIAS);
		size_t step = pairs ? 1 : remedy.remove_count + remedy.write_count;
		size_t removes = (remedy.remove_count - i < step) ? remedy.remove_count - i : step;
		size_t writes = (remedy.write_count - j < step) ? remedy.write_count - j : step;
		add_list(&text, '-', remedy.remove + i, removes);
		add_list(&text, '+', remedy.write + j, writes);
		i += removes;
		j += writes;
	}
	cg_remedy_free(&remedy);
	return unit_take(&text);
}

static void test_table(void **state)
{
	(void)state;
	cg_rules_policy_t policy = { .info = true };
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, BASE "%s", T[i].zone);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str);
		cg_findings_t findings;
		int ret;
		assert_int_equal(cg_rules_zone(zone, &policy, &findings), KNOT_EOK);
		char *result = remedy_text(zone, &findings.list[0], &ret);
		assert_int_equal(ret, KNOT_EOK);
		assert_string_equal(result, T[i].expected);
		free(result);
		cg_findings_free(&findings);
		cg_zone_free(zone);
		free(text.str);
	}
}

#ifdef UNIT_CAN_FAIL_ALLOC
static void test_no_memory(void **state)
{
	(void)state;
	unit_alloc_or_skip();
	for (size_t i = 0; i < COUNT(T); i++) {
		unit_text_t text = { 0 };
		unit_add(&text, BASE "%s", T[i].zone);
		cg_zone_t *zone = unit_zone(ORIGIN, text.str);
		cg_findings_t findings;
		cg_rules_policy_t policy = { .info = true };
		assert_int_equal(cg_rules_zone(zone, &policy, &findings), KNOT_EOK);
		long fails = 0;
		for (bool hit = true; hit; fails++) {
			int ret;
			unit_alloc_hit = false;
			unit_alloc_left = fails;
			char *result = remedy_text(zone, &findings.list[0], &ret);
			unit_alloc_left = -1;
			hit = unit_alloc_hit;
			assert_true(ret == KNOT_EOK || (hit && ret == KNOT_ENOMEM));
			if (ret == KNOT_EOK) { /* What failed was not needed. */
				assert_string_equal(result, T[i].expected);
			}
			free(result);
		}
		cg_findings_free(&findings);
		cg_zone_free(zone);
		free(text.str);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
#ifdef UNIT_CAN_FAIL_ALLOC
		cmocka_unit_test(test_no_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
