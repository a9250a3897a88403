/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts: what a hook finds, and that it may look at any moment. */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "sanitizer.h"
#include "unit.h"

#include "cnameguard/verdict.h"

/* Addresses that only are compared. */
static const char SOA_1, SOA_2, NS_1, NS_2;

static cg_verdicts_t verdicts;

static int begin(void **state)
{
	(void)state;
	verdicts = (cg_verdicts_t){ 0 };
	cg_rcu_enter_thread();
	return 0;
}

static int end(void **state)
{
	(void)state;
	cg_verdicts_free(&verdicts);
	assert_null(verdicts.table);
	cg_verdicts_free(&verdicts); /* Twice is once. */
	cg_rcu_leave_thread();
	return 0;
}

static cg_version_t version(uint32_t serial, const void *soa, const void *ns)
{
	return (cg_version_t){ .serial = serial, .soa = soa, .ns = ns };
}

static void publish(const cg_version_t *of, cg_gate_t gate, bool descent)
{
	cg_verdict_t verdict = { .version = *of, .gate = gate, .descent = descent };
	assert_int_equal(cg_verdicts_publish(&verdicts, &verdict), KNOT_EOK);
}

static void publish_serial(uint32_t serial, cg_gate_t gate)
{
	cg_version_t of = version(serial, NULL, NULL);
	publish(&of, gate, false);
}

/*! \brief Names as text, in the order given; the verdict takes them over. */
static cg_names_t names_of(const char *const *text, size_t count)
{
	cg_names_t names = { 0 };
	for (size_t i = 0; i < count; i++) {
		knot_dname_t *name = unit_name(text[i]);
		assert_int_equal(cg_names_add(&names, name), KNOT_EOK);
		knot_dname_free(name, NULL);
	}
	return names;
}

static const cg_verdict_t *find(const cg_version_t *seen)
{
	return cg_table_find(cg_verdicts_get(&verdicts), seen);
}

static bool found_serial(uint32_t serial)
{
	cg_version_t seen = version(serial, &SOA_1, &NS_1);
	return find(&seen) != NULL;
}

static bool has(const cg_names_t *names, const char *text)
{
	knot_dname_t *name = unit_name(text);
	bool found = cg_names_has(names, name);
	knot_dname_free(name, NULL);
	return found;
}

static int clear(uint32_t serial, const void *soa, const char *text)
{
	cg_version_t of = version(serial, soa, NULL);
	knot_dname_t *name = unit_name(text);
	int ret = cg_verdicts_clear_name(&verdicts, &of, name);
	knot_dname_free(name, NULL);
	return ret;
}

static bool cleared(uint32_t serial, const void *soa, const char *text)
{
	cg_version_t seen = version(serial, soa, NULL);
	knot_dname_t *name = unit_name(text);
	bool found = cg_table_cleared(cg_verdicts_get(&verdicts), &seen, name);
	knot_dname_free(name, NULL);
	return found;
}

/* --- Finding --- */

static void test_nothing(void **state)
{
	(void)state;
	const cg_table_t *table = cg_verdicts_get(&verdicts);
	assert_null(table);
	assert_false(cg_table_refuses(table));
	assert_false(found_serial(0));
	assert_false(cleared(0, NULL, "."));
	cg_verdicts_reset(&verdicts, 0);
	assert_null(cg_verdicts_get(&verdicts));
}

/*! \brief SOA data with two root names, as far as their serial. */
static const knot_rdata_t *soa_data(uint8_t *data, uint32_t serial)
{
	const uint16_t len = 2 + 5 * sizeof(uint32_t);
	memcpy(data, &len, sizeof(len));
	memset(data + sizeof(len), 0, len);
	knot_wire_write_u32(data + sizeof(len) + 2, serial);
	return (const knot_rdata_t *)data;
}

/*! \brief What hooks look at first: the version that was judged last, unless all of it is refused. */
static void test_newest(void **state)
{
	(void)state;
	static const char apex[] = "\x07""example";
	static uint16_t data[2][16];
	const knot_rdata_t *soa = soa_data((uint8_t *)data[0], 7);
	const knot_rdata_t *other = soa_data((uint8_t *)data[1], 7);
	const knot_rdata_t *volatile none = NULL;
	cg_version_t of = version(7, soa, &NS_1);
	of.apex = apex;
	publish(&of, CG_GATE_OPEN, false);
	const cg_table_t *table = cg_verdicts_get(&verdicts);
	assert_true(cg_table_newest(table, soa, apex));
	assert_ptr_equal(table->newest.ns, &NS_1);
	assert_false(table->by_names);
	assert_false(cg_table_newest(table, other, apex));
	assert_false(cg_table_newest(table, soa, apex + 1));
	assert_false(cg_table_newest(table, none, NULL));
	(void)soa_data((uint8_t *)data[0], 8);
	assert_false(cg_table_newest(table, soa, apex));

	of.serial = 8;
	publish(&of, CG_GATE_REFUSED, false);
	table = cg_verdicts_get(&verdicts);
	assert_true(cg_table_newest(table, soa, apex) && table->by_names);
	assert_int_equal(clear(9, &SOA_2, "www.example."), KNOT_EOK);
	table = cg_verdicts_get(&verdicts);
	assert_true(cg_table_newest(table, soa, apex) && table->by_names);

	cg_verdict_t whole = { .version = of, .gate = CG_GATE_REFUSED, .whole_zone = true };
	assert_int_equal(cg_verdicts_publish(&verdicts, &whole), KNOT_EOK);
	assert_false(cg_table_newest(cg_verdicts_get(&verdicts), soa, apex));
	publish_serial(8, CG_GATE_OPEN);
	assert_false(cg_table_newest(cg_verdicts_get(&verdicts), soa, apex));
	assert_false(cg_table_newest(cg_verdicts_get(&verdicts), none, NULL));
}

static bool always_looks(void)
{
	return cg_looks(KNOT_RRTYPE_CNAME) == CG_LOOK_ALWAYS && cg_looks(KNOT_RRTYPE_SOA) == CG_LOOK_ALWAYS &&
	       cg_looks(KNOT_RRTYPE_DNAME) == CG_LOOK_ALWAYS && cg_looks(KNOT_RRTYPE_RRSIG) == CG_LOOK_ALWAYS &&
	       cg_looks(KNOT_RRTYPE_NSEC) == CG_LOOK_ALWAYS && cg_looks(KNOT_RRTYPE_ANY) == CG_LOOK_ALWAYS;
}

static bool looks_for(uint16_t what)
{
	return cg_looks(0) == what && cg_looks(KNOT_RRTYPE_A) == what && cg_looks(KNOT_RRTYPE_MX) == what &&
	       cg_looks(254) == what && always_looks();
}

static bool alerts(const char *text)
{
	knot_dname_t *name = unit_name(text);
	bool found = cg_alerts(name, knot_dname_size(name));
	knot_dname_free(name, NULL);
	return found;
}

/*! \brief Hooks look at answers while a refused version is remembered, be it of one zone of many. */
static void test_alert(void **state)
{
	(void)state;
	cg_verdicts_t another = { 0 };
	cg_verdict_t refused = { .version = version(1, NULL, NULL), .gate = CG_GATE_REFUSED };
	assert_true(looks_for(CG_LOOK_CUT));
	assert_false(cg_alert());

	publish_serial(1, CG_GATE_REFUSED);
	assert_true(cg_alert() && looks_for(CG_LOOK_NAMES));
	assert_int_equal(cg_verdicts_publish(&another, &refused), KNOT_EOK);
	for (uint32_t serial = 2; serial < 2 + CG_VERDICTS; serial++) {
		assert_true(cg_alert());
		publish_serial(serial, CG_GATE_OPEN);
	}
	assert_true(cg_alert());
	cg_verdicts_reset(&another, 0);
	assert_true(looks_for(CG_LOOK_CUT));

	refused.whole_zone = true;
	assert_int_equal(cg_verdicts_publish(&another, &refused), KNOT_EOK);
	assert_true(cg_alert() && cg_alert_zone() && looks_for(CG_LOOK_ZONE));
	publish_serial(9, CG_GATE_REFUSED);
	assert_true(looks_for(CG_LOOK_ZONE));
	cg_verdicts_free(&another);
	assert_true(cg_alert() && looks_for(CG_LOOK_NAMES));
	cg_verdicts_reset(&verdicts, 0);
	assert_true(looks_for(CG_LOOK_CUT));
}

/*! \brief By a name that is asked for it can be seen that it is not refused, without looking it up. */
static void test_alerts(void **state)
{
	(void)state;
	static const char *const names[] = { "a.", "www.example.", "mail.customer-with-a-long-name.example." };
	static const char *const wildcards[] = { "*.example." };
	cg_verdict_t verdict = {
		.version = version(1, NULL, NULL),
		.gate = CG_GATE_REFUSED,
		.refused = names_of(names, 3),
	};
	assert_int_equal(cg_verdicts_publish(&verdicts, &verdict), KNOT_EOK);
	for (uint32_t serial = 2; serial < 2 + CG_VERDICTS; serial++) {
		assert_true(alerts("a.") && alerts("www.example.") && alerts(names[2]));
		assert_false(alerts("ftp.example.") || alerts("www2.example.") || alerts("*.example."));
		assert_int_equal(clear(99, &SOA_1, "x.example."), KNOT_EOK);
		publish_serial(serial, CG_GATE_OPEN);
	}
	assert_false(alerts("a.") || alerts("www.example.") || alerts(names[2]) || cg_alert());

	/* What is made from a wildcard has another name. */
	verdict.refused = names_of(wildcards, 1);
	verdict.wildcards = names_of(wildcards, 1);
	assert_int_equal(cg_verdicts_publish(&verdicts, &verdict), KNOT_EOK);
	assert_true(looks_for(CG_LOOK_ZONE));
	cg_verdicts_reset(&verdicts, 0);
	assert_true(looks_for(CG_LOOK_CUT));
}

/*! \brief A slot needs no more of a name than the first label and what follows in nine octets. */
static void test_slot(void **state)
{
	(void)state;
	knot_dname_t *name = unit_name("mail.customer.example.");
	size_t slot = cg_name_slot(name, knot_dname_size(name));
	assert_int_equal(slot, cg_name_slot(name, 5 + 9));
	assert_int_equal(cg_name_slot(name, 4 + 7), 0);
	knot_dname_free(name, NULL);
	name = unit_name(".");
	assert_int_equal(cg_name_slot(name, 1), 0);
	knot_dname_free(name, NULL);
}

static void test_by_serial(void **state)
{
	(void)state;
	publish_serial(7, CG_GATE_OPEN);
	assert_true(found_serial(7));
	assert_false(found_serial(6));
	assert_false(found_serial(8));
	assert_false(found_serial(0));

	cg_version_t seen = version(7, &SOA_2, NULL);
	assert_non_null(find(&seen));
	assert_int_equal(find(&seen)->gate, CG_GATE_OPEN);
	assert_false(cg_table_refuses(cg_verdicts_get(&verdicts)));
}

static void test_by_address(void **state)
{
	(void)state;
	cg_version_t judged = version(7, &SOA_1, &NS_1);
	publish(&judged, CG_GATE_OPEN, false);

	cg_version_t seen = judged;
	assert_non_null(find(&seen));
	seen.ns = &NS_2;
	assert_null(find(&seen));
	seen.ns = &NS_1;
	seen.apex = &NS_2;
	assert_null(find(&seen));
	seen.apex = judged.apex;
	seen.soa = &SOA_2;
	assert_null(find(&seen));
	seen.soa = NULL;
	assert_null(find(&seen));
	seen = version(8, &SOA_1, &NS_1);
	assert_null(find(&seen));
}

/*! \brief A serial that comes again with other contents has the later verdict only. */
static void test_same_serial(void **state)
{
	(void)state;
	cg_version_t first = version(7, &SOA_1, NULL);
	cg_version_t second = version(7, &SOA_2, NULL);
	publish(&first, CG_GATE_OPEN, false);
	publish(&second, CG_GATE_REFUSED, false);
	assert_null(find(&first));
	assert_int_equal(find(&second)->gate, CG_GATE_REFUSED);
	assert_int_equal(cg_verdicts_get(&verdicts)->count, 1);
	assert_true(cg_table_refuses(cg_verdicts_get(&verdicts)));

	publish(&first, CG_GATE_OPEN, false);
	assert_int_equal(find(&first)->gate, CG_GATE_OPEN);
	assert_null(find(&second));
	assert_false(cg_table_refuses(cg_verdicts_get(&verdicts)));
}

/*! \brief Older versions stay for a while: transfers of them go on. */
static void test_superseded(void **state)
{
	(void)state;
	for (uint32_t serial = 1; serial <= 10; serial++) {
		publish_serial(serial, (serial == 6) ? CG_GATE_REFUSED : CG_GATE_OPEN);
		for (uint32_t old = 1; old <= 11; old++) {
			bool kept = (old <= serial && old + CG_VERDICTS > serial);
			assert_int_equal(found_serial(old), kept);
		}
		bool refuses = (serial >= 6 && serial < 6 + CG_VERDICTS);
		assert_int_equal(cg_table_refuses(cg_verdicts_get(&verdicts)), refuses);
	}
}

static void test_reset(void **state)
{
	(void)state;
	publish_serial(1, CG_GATE_OPEN);
	assert_int_equal(clear(2, NULL, "a.example."), KNOT_EOK);
	cg_verdicts_reset(&verdicts, 0);
	assert_null(cg_verdicts_get(&verdicts));
	assert_false(found_serial(1));
	assert_false(cleared(2, NULL, "a.example."));
	publish_serial(1, CG_GATE_REFUSED);
	assert_true(found_serial(1));
}

/* --- Steps --- */

typedef struct {
	uint32_t serial;
	bool open;
	uint32_t clean_since;
} step_t;

/*! \brief One row is one life of a zone. */
static const struct {
	const char *what;
	step_t steps[6];
} STEPS[] = {
	{ "each follows the last", { { 5, true, 5 }, { 6, true, 5 }, { 7, true, 5 }, { 8, true, 5 } } },
	{ "a gap", { { 5, true, 5 }, { 6, true, 5 }, { 8, true, 8 }, { 9, true, 8 } } },
	{ "a date as serial", { { 2024010101, true, 2024010101 }, { 2024020101, true, 2024020101 } } },
	{ "over the end of numbers", { { 4294967294, true, 4294967294 }, { 4294967295, true, 4294967294 },
	                               { 0, true, 4294967294 }, { 1, true, 4294967294 } } },
	{ "a gap over the end", { { 4294967295, true, 4294967295 }, { 1, true, 1 } } },
	{ "a conflict in between", { { 5, true, 5 }, { 6, false, 0 }, { 7, true, 7 }, { 8, true, 7 } } },
	{ "a conflict at first", { { 5, false, 0 }, { 6, true, 6 }, { 7, true, 6 } } },
	{ "judged again", { { 5, true, 5 }, { 6, true, 5 }, { 6, true, 5 }, { 7, true, 5 } } },
	{ "judged again, and worse", { { 5, true, 5 }, { 6, true, 5 }, { 6, false, 0 }, { 6, true, 6 },
	                               { 7, true, 6 } } },
	{ "backwards", { { 5, true, 5 }, { 6, true, 5 }, { 5, true, 5 } } },
	{ "half the numbers further", { { 5, true, 5 }, { 2147483653u, true, 2147483653u } } },
	{ "more than are remembered", { { 1, true, 1 }, { 2, true, 1 }, { 3, true, 1 }, { 4, true, 1 },
	                                { 5, true, 1 }, { 6, true, 1 } } },
};

static void test_clean_since(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(STEPS); i++) {
		cg_verdicts_reset(&verdicts, 0);
		for (size_t j = 0; j < COUNT(STEPS[i].steps); j++) {
			const step_t *step = &STEPS[i].steps[j];
			if (step->serial == 0 && step->clean_since == 0) {
				break; /* The end of the row. */
			}
			publish_serial(step->serial, step->open ? CG_GATE_OPEN : CG_GATE_REFUSED);
			cg_version_t seen = version(step->serial, &SOA_1, NULL);
			if (step->open && find(&seen)->clean_since != step->clean_since) {
				fail_msg("%s: %u clean since %u, expected %u", STEPS[i].what,
				         step->serial, find(&seen)->clean_since,
				         step->clean_since);
			}
		}
	}
}

/*! \brief A name that is cleared in between does not break the chain. */
static void test_clean_since_and_names(void **state)
{
	(void)state;
	publish_serial(5, CG_GATE_OPEN);
	assert_int_equal(clear(6, NULL, "a.example."), KNOT_EOK);
	publish_serial(6, CG_GATE_OPEN);
	cg_version_t seen = version(6, &SOA_1, NULL);
	assert_int_equal(find(&seen)->clean_since, 5);
}

/* --- Descent --- */

static void test_descent(void **state)
{
	(void)state;
	cg_version_t base = version(4294967290, &SOA_1, &NS_1);
	publish(&base, CG_GATE_OPEN, true);

	static const struct {
		uint32_t serial;
		const void *ns;
		bool found;
	} D[] = {
		{ 4294967291, &NS_1, true },
		{ 4294967295, &NS_1, true },
		{ 0, &NS_1, true },                  /* Greater in the sense of RFC 1982. */
		{ 1000, &NS_1, true },
		{ 2147483641, &NS_1, true },         /* Just less than half the numbers further. */
		{ 2147483643, &NS_1, false },
		{ 4294967289, &NS_1, false },        /* Older. */
		{ 4294967290, &NS_1, false },        /* The same serial at another address. */
		{ 4294967291, &NS_2, false },        /* Loaded anew. */
		{ 4294967291, NULL, false },
	};
	for (size_t i = 0; i < COUNT(D); i++) {
		cg_version_t seen = version(D[i].serial, &SOA_2, D[i].ns);
		if ((find(&seen) != NULL) != D[i].found) {
			fail_msg("serial %u", D[i].serial);
		}
	}
	cg_version_t seen = base;
	assert_non_null(find(&seen));
}

static void test_no_descent(void **state)
{
	(void)state;
	cg_version_t next = version(8, &SOA_2, &NS_1);

	cg_version_t base = version(7, &SOA_1, &NS_1);
	publish(&base, CG_GATE_OPEN, false);
	assert_null(find(&next));
	publish(&base, CG_GATE_REFUSED, true); /* What is refused has no clean descendants. */
	assert_null(find(&next));

	base.ns = NULL;
	cg_version_t unknown = version(8, &SOA_2, NULL);
	publish(&base, CG_GATE_OPEN, true);
	assert_null(find(&next));
	assert_null(find(&unknown));
}

/*! \brief Only the newest verdict has descendants; one that is found has the steps of its base. */
static void test_descent_newest(void **state)
{
	(void)state;
	cg_version_t base = version(7, &SOA_1, &NS_1);
	publish(&base, CG_GATE_OPEN, true);
	cg_version_t later = version(20, &SOA_2, &NS_1);
	publish(&later, CG_GATE_OPEN, true);
	cg_version_t seen = version(20, &SOA_2, &NS_1);
	assert_int_equal(find(&seen)->clean_since, 7); /* By updates, all of which Knot checked. */

	cg_version_t loaded = version(30, &SOA_1, &NS_2);
	publish(&loaded, CG_GATE_OPEN, true);
	assert_int_equal(find(&loaded)->clean_since, 30);
	seen = version(25, &SOA_2, &NS_1);
	assert_null(find(&seen));
	seen = version(31, &SOA_2, &NS_2);
	assert_non_null(find(&seen));
}

/* --- Names --- */

static void test_refused_names(void **state)
{
	(void)state;
	static const char *const NAMES[] = {
		"www.example.com.", "*.example.com.", "a.b.example.com.", "example.com.",
		"xn--bcher-kva.example.com.", "a\\.b.example.com.", "b.example.com.",
	};
	cg_verdict_t verdict = {
		.version = version(7, NULL, NULL),
		.gate = CG_GATE_REFUSED,
		.whole_zone = true,
		.refused = names_of(NAMES, COUNT(NAMES)),
	};
	assert_int_equal(cg_verdicts_publish(&verdicts, &verdict), KNOT_EOK);

	/* Also after newer verdicts, with a copy of the names. */
	for (uint32_t serial = 8; serial <= 10; serial++) {
		cg_version_t seen = version(7, &SOA_1, NULL);
		const cg_verdict_t *found = find(&seen);
		assert_int_equal(found->gate, CG_GATE_REFUSED);
		assert_true(found->whole_zone);
		assert_int_equal(found->refused.count, COUNT(NAMES));
		for (size_t i = 0; i < COUNT(NAMES); i++) {
			assert_true(has(&found->refused, NAMES[i]));
		}
		assert_false(has(&found->refused, "."));
		assert_false(has(&found->refused, "com."));
		assert_false(has(&found->refused, "ww.example.com."));
		assert_false(has(&found->refused, "www.www.example.com."));
		assert_false(has(&found->refused, "a.example.com."));
		assert_false(has(&found->refused, "z.example.com."));
		publish_serial(serial, CG_GATE_OPEN);
	}
}

/*! \brief Any number of names, in an order of chance: what is in is found, nothing else. */
static void test_names_search(void **state)
{
	(void)state;
	uint64_t seed = 3;
	for (unsigned count = 0; count < 40; count++) {
		cg_names_t names = { 0 };
		for (unsigned i = 0; i < count; i++) {
			char text[32];
			snprintf(text, sizeof(text), "n%02u.example.", 2 * i + 1);
			knot_dname_t *name = unit_name(text);
			assert_int_equal(cg_names_add(&names, name), KNOT_EOK);
			knot_dname_free(name, NULL);
		}
		for (unsigned i = count; i > 1; i--) {
			unsigned j = unit_random(&seed) % i;
			knot_dname_t *swap = names.list[i - 1];
			names.list[i - 1] = names.list[j];
			names.list[j] = swap;
		}
		cg_verdict_t verdict = { .version = version(count, NULL, NULL), .refused = names };
		assert_int_equal(cg_verdicts_publish(&verdicts, &verdict), KNOT_EOK);

		const cg_names_t *published = &cg_verdicts_get(&verdicts)->list[0].refused;
		for (unsigned i = 0; i <= 2 * count; i++) {
			char text[32];
			snprintf(text, sizeof(text), "n%02u.example.", i);
			assert_int_equal(has(published, text), i % 2 == 1);
		}
	}
}

static void test_cleared_names(void **state)
{
	(void)state;
	assert_int_equal(clear(7, &SOA_1, "b.example."), KNOT_EOK);
	assert_int_equal(clear(7, &SOA_1, "a.example."), KNOT_EOK);
	assert_int_equal(clear(7, &SOA_1, "b.example."), KNOT_EOK);
	assert_int_equal(cg_verdicts_get(&verdicts)->cleared.count, 2);
	assert_true(cleared(7, &SOA_1, "a.example."));
	assert_true(cleared(7, &SOA_1, "b.example."));
	assert_false(cleared(7, &SOA_1, "c.example."));
	assert_false(cleared(7, &SOA_1, "x.a.example."));
	assert_false(cleared(7, &SOA_2, "a.example."));
	assert_false(cleared(8, &SOA_1, "a.example."));
	assert_false(found_serial(7));

	/* Another version: a new set. */
	assert_int_equal(clear(8, NULL, "c.example."), KNOT_EOK);
	assert_false(cleared(7, &SOA_1, "a.example."));
	assert_false(cleared(8, &SOA_1, "a.example."));
	assert_true(cleared(8, &SOA_1, "c.example."));
	assert_true(cleared(8, &SOA_2, "c.example."));

	/* The verdict of the zone ends it; after that a name is not needed. */
	publish_serial(8, CG_GATE_OPEN);
	assert_false(cleared(8, &SOA_1, "c.example."));
	const cg_table_t *table = cg_verdicts_get(&verdicts);
	assert_int_equal(clear(8, NULL, "d.example."), KNOT_EOK);
	assert_ptr_equal(cg_verdicts_get(&verdicts), table);
}

/*! \brief Verdicts stay when a name is cleared, refusals too. */
static void test_cleared_keeps_verdicts(void **state)
{
	(void)state;
	static const char *const NAMES[] = { "www.example." };
	cg_verdict_t verdict = {
		.version = version(7, NULL, NULL),
		.gate = CG_GATE_REFUSED,
		.refused = names_of(NAMES, 1),
	};
	assert_int_equal(cg_verdicts_publish(&verdicts, &verdict), KNOT_EOK);
	assert_int_equal(clear(8, NULL, "a.example."), KNOT_EOK);
	const cg_table_t *table = cg_verdicts_get(&verdicts);
	assert_true(cg_table_refuses(table));
	assert_int_equal(table->count, 1);
	assert_true(has(&table->list[0].refused, "www.example."));
	assert_true(cleared(8, NULL, "a.example."));
}

static void test_cleared_limit(void **state)
{
	(void)state;
	char text[32];
	for (unsigned i = 0; i < 3 * CG_CLEARED; i++) {
		snprintf(text, sizeof(text), "n%03u.example.", (i * 37) % 1000);
		assert_int_equal(clear(7, NULL, text), KNOT_EOK);
		assert_true(cleared(7, NULL, text)); /* The newest is always among them. */

		const cg_names_t *names = &cg_verdicts_get(&verdicts)->cleared;
		assert_int_equal(names->count, (i < CG_CLEARED) ? i + 1 : CG_CLEARED);
	}
}

/* --- At the same time --- */

#define READERS		3
#define VERSIONS	4000
/*! \brief A slow machine (or valgrind) ends earlier. */
#define LONGEST_MS	1000

static atomic_bool done;
static atomic_uint broken;
static atomic_uint looks;

/*! \brief Everything about a version follows from its serial. */
static bool is_refused(uint32_t serial)
{
	return serial % 3 == 0;
}

static size_t names_count(uint32_t serial)
{
	return is_refused(serial) ? 1 + serial % 5 : 0;
}

static void name_of(uint32_t serial, unsigned number, knot_dname_storage_t out)
{
	char text[32];
	snprintf(text, sizeof(text), "n%u.v%u.example.", number, serial);
	(void)knot_dname_from_str(out, text, sizeof(knot_dname_storage_t));
}

static bool verdict_holds(const cg_verdict_t *verdict)
{
	uint32_t serial = verdict->version.serial;
	bool holds = verdict->gate == (is_refused(serial) ? CG_GATE_REFUSED : CG_GATE_OPEN) &&
	             verdict->refused.count == names_count(serial);
	for (unsigned i = 0; holds && i < verdict->refused.count; i++) {
		knot_dname_storage_t name;
		name_of(serial, i, name);
		holds = cg_names_has(&verdict->refused, name);
	}
	return holds;
}

static bool table_holds(const cg_table_t *table)
{
	bool refuses = false;
	for (size_t i = 0; i < table->count; i++) {
		const cg_verdict_t *verdict = &table->list[i];
		cg_version_t seen = version(verdict->version.serial, &SOA_1, NULL);
		refuses |= (verdict->gate == CG_GATE_REFUSED);
		if (!verdict_holds(verdict) || cg_table_find(table, &seen) != verdict ||
		    (i > 0 && verdict->version.serial >= table->list[i - 1].version.serial)) {
			return false;
		}
	}
	for (size_t i = 0; i < table->cleared.count; i++) {
		if (!cg_table_cleared(table, &table->cleared_version, table->cleared.list[i])) {
			return false;
		}
	}
	return table->count <= CG_VERDICTS && refuses == table->refuses;
}

static void *read_all_the_time(void *arg)
{
	uint32_t newest = 0;
	cg_rcu_enter_thread();
	while (!atomic_load(&done)) {
		cg_rcu_pin(); /* What knotd does around each query. */
		const cg_table_t *table = cg_verdicts_get(arg);
		if (table != NULL) {
			uint32_t now = (table->count > 0) ? table->list[0].version.serial : newest;
			if (!table_holds(table) || now < newest) {
				atomic_fetch_add(&broken, 1);
			}
			newest = now;
		}
		cg_rcu_unpin();
		atomic_fetch_add_explicit(&looks, 1, memory_order_relaxed);
		sched_yield();
	}
	cg_rcu_leave_thread();
	return NULL;
}

static void write_version(uint32_t serial)
{
	knot_dname_storage_t name;
	cg_version_t of = version(serial, NULL, NULL);
	if (serial % 7 == 0) {
		name_of(serial, 0, name);
		assert_int_equal(cg_verdicts_clear_name(&verdicts, &of, name), KNOT_EOK);
	}
	if (serial % 101 == 0) {
		cg_verdicts_reset(&verdicts, 0);
	}

	cg_verdict_t verdict = {
		.version = of,
		.gate = is_refused(serial) ? CG_GATE_REFUSED : CG_GATE_OPEN,
	};
	for (unsigned i = names_count(serial); i > 0; i--) {
		name_of(serial, i - 1, name);
		assert_int_equal(cg_names_add(&verdict.refused, name), KNOT_EOK);
	}
	assert_int_equal(cg_verdicts_publish(&verdicts, &verdict), KNOT_EOK);
}

/*! \brief Leaves the processor to the readers, and has them all begin before the writing does. */
static void let_read(unsigned least)
{
	do {
		sched_yield();
	} while (atomic_load(&looks) < least);
}

static int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void test_readers(void **state)
{
	(void)state;
	pthread_t threads[READERS];
	for (size_t i = 0; i < READERS; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, &verdicts), 0);
	}

	let_read(READERS);
	int64_t deadline = now_ms() + LONGEST_MS;
	uint32_t serial = 0;
	while (serial < 100 || ((serial < VERSIONS || atomic_load(&looks) < VERSIONS) &&
	                        now_ms() < deadline)) {
		write_version(++serial);
		let_read(0);
	}
	atomic_store(&done, true);
	for (size_t i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
	}
	assert_int_equal(broken, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing),
		TEST(test_newest),
		TEST(test_alert),
		TEST(test_alerts),
		TEST(test_slot),
		TEST(test_by_serial),
		TEST(test_by_address),
		TEST(test_same_serial),
		TEST(test_superseded),
		TEST(test_reset),
		TEST(test_clean_since),
		TEST(test_clean_since_and_names),
		TEST(test_descent),
		TEST(test_no_descent),
		TEST(test_descent_newest),
		TEST(test_refused_names),
		TEST(test_names_search),
		TEST(test_cleared_names),
		TEST(test_cleared_keeps_verdicts),
		TEST(test_cleared_limit),
		TEST(test_readers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
