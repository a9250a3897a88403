/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts put together piece by piece. */

#include "rules/text.h"
#include "unit.h"

static void test_sentences(void **state)
{
	(void)state;
	cg_text_t text = { 0 };
	cg_text_add(&text, "%s has %u of %zu%s", "www.example.com.", 4294967295u, SIZE_MAX, "");
	assert_string_equal(text.str, "www.example.com. has 4294967295 of 18446744073709551615");
	text.len = 0;
	cg_text_add(&text, "%.*s%.*s%u.", 3, "abcdef", 9, "gh", 0u);
	assert_string_equal(text.str, "abcgh0.");
	cg_text_free(&text);
}

/* What would begin a line is none of it, wherever it stands; all else stays. */
static void test_one_line(void **state)
{
	(void)state;
	for (size_t at = 0; at < 40; at++) {
		for (int octet = 1; octet < 256; octet++) {
			char piece[41] = "0123456789abcdefghijABCDEFGHIJ0123456789";
			piece[at] = octet;
			cg_text_t text = { 0 };
			cg_text_add(&text, "%s", piece);
			piece[at] = (octet < ' ') ? '?' : octet;
			assert_string_equal(text.str, piece);
			cg_text_free(&text);
		}
	}
}

static void test_plain(void **state)
{
	(void)state;
	for (size_t at = 0; at < 20; at++) {
		for (int octet = 0; octet < 256; octet++) {
			char str[] = "~ 0123456789abcdef~ ";
			str[at] = octet;
			bool plain = octet >= ' ' && octet <= '~';
			assert_int_equal(cg_text_plain(str, 20), plain ? 20 : at);
			assert_int_equal(cg_text_plain(str, at), at);
		}
	}
}

/* As it is, and as long as it gets. */
static void test_pieces(void **state)
{
	(void)state;
	cg_text_t text = { 0 };
	for (unsigned i = 0; i < 1000; i++) {
		cg_text_put(&text, "\n\0x", 3);
		cg_text_blanks(&text, 2);
		cg_text_number(&text, i % 10);
	}
	assert_false(text.failed);
	assert_int_equal(text.len, 6000);
	for (unsigned i = 0; i < 1000; i++) {
		const char expected[] = { '\n', '\0', 'x', ' ', ' ', '0' + i % 10 };
		assert_memory_equal(text.str + i * 6, expected, 6);
	}
	text.len = 0;
	cg_text_type(&text, KNOT_RRTYPE_MX);
	cg_text_str(&text, " ");
	cg_text_type(&text, 65280);
	assert_string_equal(text.str, "MX TYPE65280");
	cg_text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
