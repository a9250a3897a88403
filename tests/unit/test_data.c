/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data of records as text: what is written without libknot is what libknot writes. */

#include "unit.h"

#include "source/data.h"

static cg_scan_rr_t record(uint16_t type, const uint8_t *data, size_t len)
{
	return (cg_scan_rr_t){
		.owner = (const uint8_t *)"\1a", .owner_size = 3, .type = type,
		.rclass = KNOT_CLASS_IN, .rdata = data, .rdata_len = len
	};
}

/*! \brief What libknot writes; negative: these are no data of the type. */
static int by_libknot(const cg_scan_rr_t *rr, char *out, size_t size)
{
	knot_rrset_t rrset;
	knot_rrset_init(&rrset, (knot_dname_t *)rr->owner, rr->type, rr->rclass, 0);
	assert_int_equal(knot_rrset_add_rdata(&rrset, rr->rdata, rr->rdata_len, NULL), KNOT_EOK);
	int ret = knot_rrset_txt_dump_data(&rrset, 0, out, size, &KNOT_DUMP_STYLE_DEFAULT);
	knot_rdataset_clear(&rrset.rrs, NULL);
	return ret;
}

/*! \brief Compares; returns whether it was written without libknot. */
static bool compare(uint16_t type, const uint8_t *data, size_t len)
{
	char ours[CG_DATA_PLAIN_MAX], theirs[4096];
	const cg_scan_rr_t rr = record(type, data, len);
	size_t size = cg_data_plain(&rr, ours);
	if (size > 0) {
		assert_int_equal(by_libknot(&rr, theirs, sizeof(theirs)), size);
		assert_string_equal(ours, theirs);
	}
	return size > 0;
}

static void test_addresses(void **state)
{
	(void)state;
	uint64_t seed = 4711;
	size_t plain = 0;
	for (int i = 0; i < 100000; i++) {
		uint8_t address[16];
		for (size_t j = 0; j < sizeof(address); j += 2) {
			/* Groups of all lengths, and many zeros. */
			unsigned kind = unit_random(&seed) % 4;
			address[j] = (kind == 3) ? unit_random(&seed) : 0;
			address[j + 1] = (kind >= 1) ? unit_random(&seed) % ((kind == 1) ? 2 : 256) : 0;
		}
		assert_true(compare(KNOT_RRTYPE_A, address, 4));
		assert_false(compare(KNOT_RRTYPE_A, address, 5));
		plain += compare(KNOT_RRTYPE_AAAA, address, 16);
		assert_false(compare(KNOT_RRTYPE_AAAA, address, 15));
	}
	assert_true(plain >= 10000 && plain <= 99999);

	uint8_t some[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	assert_true(compare(KNOT_RRTYPE_AAAA, some, sizeof(some)));
	some[15] = 0;
	assert_true(compare(KNOT_RRTYPE_AAAA, some, sizeof(some)));
	memset(some, 0xff, sizeof(some));
	assert_true(compare(KNOT_RRTYPE_AAAA, some, sizeof(some)));
}

static void test_names(void **state)
{
	(void)state;
	static const uint16_t TYPES[] = {
		KNOT_RRTYPE_CNAME, KNOT_RRTYPE_DNAME, KNOT_RRTYPE_NS, KNOT_RRTYPE_PTR, KNOT_RRTYPE_MX
	};
	uint64_t seed = 42;
	size_t plain = 0;
	for (int i = 0; i < 50000; i++) {
		uint8_t data[2 + KNOT_DNAME_MAXLEN] = { unit_random(&seed), unit_random(&seed) };
		size_t labels = unit_random(&seed) % 5, len = 2;
		bool odd = false;
		for (; labels > 0; labels--) {
			size_t size = 1 + unit_random(&seed) % 60;
			data[len++] = size;
			for (; size > 0; size--) {
				bool any = unit_random(&seed) % 200 == 0;
				data[len++] = any ? (char)unit_random(&seed) : "aZ09-_*/"[unit_random(&seed) % 8];
				odd |= any;
			}
		}
		data[len++] = 0;
		for (size_t j = 0; j < COUNT(TYPES); j++) {
			bool mx = TYPES[j] == KNOT_RRTYPE_MX;
			const uint8_t *begin = mx ? data : data + 2;
			bool done = compare(TYPES[j], begin, data + len - begin);
			assert_true(done || odd || len == 3);
			assert_false(compare(TYPES[j], begin, data + len + 1 - begin) && len + 1 < sizeof(data));
			assert_false(compare(TYPES[j], begin, data + len - 1 - begin));
			plain += done;
		}
	}
	assert_true(plain >= 10000 && plain <= 249999);
}

/*! \brief The longest name there is, and one label more. */
static void test_longest(void **state)
{
	(void)state;
	uint8_t name[KNOT_DNAME_MAXLEN + 3] = { 0 };
	for (size_t at = 0; at + 2 < KNOT_DNAME_MAXLEN; at += 2) {
		name[at] = 1;
		name[at + 1] = 'a';
	}
	assert_true(compare(KNOT_RRTYPE_CNAME, name, KNOT_DNAME_MAXLEN));
	name[KNOT_DNAME_MAXLEN - 1] = 1;
	name[KNOT_DNAME_MAXLEN] = 'a';
	assert_false(compare(KNOT_RRTYPE_CNAME, name, KNOT_DNAME_MAXLEN + 2));
}

/*! \brief All other types are left to libknot. */
static void test_others(void **state)
{
	(void)state;
	const uint8_t text[] = { 1, 'a' };
	const cg_scan_rr_t rr = record(KNOT_RRTYPE_TXT, text, sizeof(text));
	char out[CG_DATA_PLAIN_MAX];
	assert_int_equal(cg_data_plain(&rr, out), 0);
	assert_int_equal(cg_data_text(&rr, out, sizeof(out)), KNOT_EOK);
	assert_string_equal(out, "\"a\"");
	char small[3];
	assert_int_equal(cg_data_text(&rr, small, sizeof(small)), KNOT_ESPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
