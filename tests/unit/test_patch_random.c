/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zone files of chance in any layout: what a repair changes, and that nothing else does. */

#include "fix.h"

#include <strings.h>

#define ROUNDS 10000

/* --- Files of chance --- */

typedef struct {
	unit_text_t text;
	uint64_t seed;
	unsigned origin;    /*!< Of ORIGINS. */
	const char *carried; /*!< Owner that a line would inherit; NULL: none. */
} writer_t;

static const char *const ORIGINS[] = { "example.com.", "sub.example.com.", "com." };

/* Few names, so that they meet; a.sub and a are two under two origins. */
static const char *const NAMES[] = {
	"www.example.com.", "web.example.com.", "a.example.com.", "a.sub.example.com.",
	"sub.example.com.", "*.example.com.", "cname.example.com.", "7.example.com.",
	"example.com.", "b\\.c.example.com.", "other.org."
};

#define WEB NAMES[1] /* Never an alias. */

static uint32_t chance(writer_t *w, uint32_t of)
{
	return unit_random(&w->seed) % of;
}

/*! \brief A letter now and then in the other case. */
static void put_name(writer_t *w, const char *name, size_t len)
{
	bool change = chance(w, 4) == 0;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		if (change && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) &&
		    chance(w, 2) == 0) {
			c ^= 0x20;
		}
		unit_add(&w->text, "%c", c);
	}
}

/*! \brief A name as it may be spelled under the origin. */
static void put_spelled(writer_t *w, const char *name)
{
	const char *origin = ORIGINS[w->origin];
	size_t len = strlen(name), tail = strlen(origin);
	if (chance(w, 4) > 0 && strcmp(name, origin) == 0) {
		unit_add(&w->text, "@");
	} else if (chance(w, 4) > 0 && len > tail && strcmp(name + len - tail, origin) == 0 &&
	           name[len - tail - 1] == '.') {
		put_name(w, name, len - tail - 1);
	} else {
		put_name(w, name, len);
	}
}

static void put_blanks(writer_t *w)
{
	static const char *const BLANKS[] = { " ", "  ", "\t", "\t\t", "        ", " \t", "    " };
	unit_add(&w->text, "%s", BLANKS[chance(w, COUNT(BLANKS))]);
}

/*! \brief Between two words; in parentheses also lines. */
static void put_between(writer_t *w, bool open)
{
	static const char *const LINES[] = { " ; x (\n ", "\n\t", "\n\n ", " ; \"\n\t", "\n ; CNAME\n " };
	put_blanks(w);
	if (open && chance(w, 3) == 0) {
		unit_add(&w->text, "%s", LINES[chance(w, COUNT(LINES))]);
	}
}

static void put_data(writer_t *w, unsigned type, bool open)
{
	static const char *const TEXTS[] = {
		"x", "\"; no comment\"", "\"a (\"", "\"\\\"\" y", "a\\;b", "\"two words\"", "\\# 2 0178"
	};
	switch (type) {
	case 0:
	case 1:
	case 2:
		unit_add(&w->text, (chance(w, 5) == 0) ? "cname" : "CNAME");
		put_between(w, open);
		put_spelled(w, (chance(w, 3) > 0) ? WEB : NAMES[chance(w, COUNT(NAMES))]);
		break;
	case 3:
		unit_add(&w->text, "MX");
		put_between(w, open);
		unit_add(&w->text, "%u", chance(w, 2));
		put_between(w, open);
		put_spelled(w, NAMES[chance(w, COUNT(NAMES))]);
		break;
	case 4:
	case 5:
		unit_add(&w->text, "A");
		put_between(w, open);
		unit_add(&w->text, "192.0.2.%u", chance(w, 3));
		break;
	case 6:
		unit_add(&w->text, "AAAA");
		put_between(w, open);
		unit_add(&w->text, "2001:db8::%u", chance(w, 3));
		break;
	case 10:
		unit_add(&w->text, (chance(w, 2) == 0) ? "NS" : "DNAME");
		put_between(w, open);
		put_spelled(w, NAMES[chance(w, COUNT(NAMES))]);
		break;
	default:
		unit_add(&w->text, "TXT");
		put_between(w, open);
		unit_add(&w->text, "%s", TEXTS[chance(w, COUNT(TEXTS))]);
		break;
	}
}

/*! \brief TTL and class, both, in any order. */
static void put_head(writer_t *w, bool open)
{
	static const char *const TTLS[] = { "300", "1h", "0", "1H30m", "86400" };
	bool ttl = chance(w, 2) == 0, class_first = chance(w, 2) == 0, rclass = chance(w, 2) == 0;
	if (rclass && class_first) {
		unit_add(&w->text, "%s", (chance(w, 3) == 0) ? "in" : "IN");
		put_between(w, open);
	}
	if (ttl) {
		unit_add(&w->text, "%s", TTLS[chance(w, COUNT(TTLS))]);
		put_between(w, open);
	}
	if (rclass && !class_first) {
		unit_add(&w->text, "IN");
		put_between(w, open);
	}
}

static void put_record(writer_t *w)
{
	const char *owner = NAMES[chance(w, COUNT(NAMES))];
	if (w->carried != NULL && chance(w, 2) == 0) {
		owner = w->carried;
	}
	if (owner == w->carried && chance(w, 3) > 0) {
		put_blanks(w);
	} else {
		put_spelled(w, owner);
		put_blanks(w);
	}
	w->carried = owner;

	bool open = chance(w, 5) == 0;
	if (open) {
		unit_add(&w->text, "( ");
	}
	put_head(w, open);
	unsigned type = chance(w, 30) % 11;
	put_data(w, (type < 3 && w->carried == WEB) ? 4 : type, open);
	if (open) {
		put_between(w, open);
		unit_add(&w->text, ")");
	}
	static const char *const ENDS[] = { "\n", "\n", "\n", " \t\n", " ; x\n", ";\r\n", "\n\n" };
	unit_add(&w->text, "%s", ENDS[chance(w, COUNT(ENDS))]);
}

static void put_line(writer_t *w)
{
	static const char *const COMMENTS[] = {
		"; www CNAME web\n", " ; $ORIGIN x.\n", "\n", "\t\n", "; cname-mx (\r\n"
	};
	switch (chance(w, 14)) {
	case 0:
		unit_add(&w->text, "%s", COMMENTS[chance(w, COUNT(COMMENTS))]);
		break;
	case 1:
		w->origin = chance(w, COUNT(ORIGINS));
		unit_add(&w->text, "%s %s%s\n", (chance(w, 3) == 0) ? "$origin" : "$ORIGIN",
		         ORIGINS[w->origin], (chance(w, 3) == 0) ? " ; x" : "");
		break;
	case 2:
		if (chance(w, 3) == 0) {
			unit_add(&w->text, "$TTL %u\n", chance(w, 3) * 100);
		}
		break;
	default:
		put_record(w);
		break;
	}
}

static unit_text_t random_file(uint64_t seed)
{
	writer_t w = { .seed = seed };
	unit_add(&w.text, "@ SOA ns1 admin 7 1 1 1 1\nweb 300 A 192.0.2.1\n@ NS ns1\n");
	w.carried = "example.com.";
	for (uint32_t lines = 2 + chance(&w, 30); lines > 0; lines--) {
		put_line(&w);
	}
	if (chance(&w, 4) == 0 && w.text.str[w.text.len - 1] == '\n') {
		w.text.str[--w.text.len] = '\0';
	}
	return w.text;
}

/* --- What has to hold --- */

/*! \brief Length of a marker; zero: there is none. */
static size_t marker_len(const char *line)
{
	static const char MARKER[] = "; cnameguard cname-";
	if (strncmp(line, MARKER, strlen(MARKER)) != 0) {
		return 0;
	}
	return strchr(strstr(line, ": "), ' ') + 1 - line;
}

static size_t line_len(const char *line)
{
	return strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n');
}

/*! \brief Whether a line is the old one with an owner in front. */
static bool with_owner(const char *line, size_t len, const char *old, size_t old_len)
{
	if (old[0] != ' ' && old[0] != '\t' && old[0] != '(') {
		return false;
	}
	size_t word = 0;
	while (word < len && strchr(" \t(", line[word]) == NULL) {
		word += (line[word] == '\\') ? 2 : 1;
	}
	word += strspn(line + word, " \t");
	size_t blanks = strspn(old, " \t");
	return word > 0 && len - word == old_len - blanks &&
	       memcmp(line + word, old + blanks, len - word) == 0;
}

/*! \brief Every old line is there, in its place, as it was but for marker or owner. */
static void check_lines(const char *old, const char *new, size_t added)
{
	while (*new != '\0') {
		size_t len = line_len(new), old_len = line_len(old), marker = marker_len(new);
		/* The last line may have got a newline behind it. */
		bool grown = old[old_len] == '\0' && old_len > 0 && old[old_len - 1] != '\n' &&
		             new[len - 1] == '\n';
		if (len - marker - grown == old_len && memcmp(new + marker, old, old_len) == 0) {
			old += old_len;
		} else if (with_owner(new, len, old, old_len)) {
			old += old_len;
		} else {
			assert_true(added > 0); /* Else a line has changed. */
			added--;
		}
		new += len;
	}
	assert_int_equal(*old, '\0');
	assert_int_equal(added, 0);
}

static size_t count_added(const cg_mend_t *plan)
{
	size_t added = 0;
	for (size_t i = 0; i < plan->edits_count; i++) {
		added += plan->edits[i].op == CG_EDIT_ADD;
	}
	return added;
}

/*! \brief The zone that the result holds, by another reader, is the one that was planned. */
static void check_zone(const fix_t *fix)
{
	cg_zone_t *result = unit_zone(ORIGIN, fix->patched.text);
	char *a = unit_dump_zone(fix->plan.result), *b = unit_dump_zone(result);
	/* Names are spelled as on their first line, which may be one that is gone. */
	if (strcasecmp(a, b) != 0) {
		fail_msg("%s\nbecame\n%s\nwhich is\n%s\nnot\n%s", fix->text, fix->patched.text, b, a);
	}
	free(a);
	free(b);
	cg_zone_free(result);
}

/*! \brief A second time there is nothing to do, and only what was refused is left. */
static void check_again(const fix_t *fix, cg_strategy_t strategy, cg_strategy_t fallback)
{
	fix_t again = { .text = fix->patched.text, .len = fix->patched.len };
	fix_make(&again, strategy, fallback, CG_SERIAL_INCREMENT);
	assert_int_equal(again.ret, KNOT_EOK);
	assert_int_equal(again.plan.edits_count, 0);
	assert_string_equal(again.patched.text, fix->patched.text);
	assert_int_equal(again.plan.refusals_count, fix->plan.refusals_count);
	for (size_t i = 0; i < again.plan.refusals_count; i++) {
		assert_int_equal(strcasecmp(again.plan.refusals[i].why, fix->plan.refusals[i].why), 0);
	}
	fix_free(&again);
}

static void test_random(void **state)
{
	(void)state;
	size_t edits = 0, owners = 0, added = 0;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		unit_text_t text = random_file(seed);
		cg_strategy_t strategy = CG_STRATEGY_FLATTEN + seed % 3;
		cg_strategy_t fallback = CG_STRATEGY_REFUSE + (seed / 3) % 4;
		fix_t fix = { .text = text.str, .len = text.len };
		fix_make(&fix, strategy, fallback, CG_SERIAL_KEEP);
		if (fix.ret != KNOT_EOK || fix.patched.left_count > 0) {
			fail_msg("seed %u: %s\n%s", (unsigned)seed, fix.patched.why, text.str);
		}
		check_lines(text.str, fix.patched.text, count_added(&fix.plan));
		check_zone(&fix);
		check_again(&fix, strategy, fallback);
		edits += fix.plan.edits_count;
		added += count_added(&fix.plan);
		for (size_t i = 0; i < fix.patched.splices_count; i++) {
			owners += fix.patched.splices[i].kind == CG_SPLICE_OWNER;
		}
		fix_free(&fix);
		free(text.str);
	}
	/* Chance has made enough of everything. */
	assert_true(edits > 2 * ROUNDS && added > ROUNDS / 4 && owners > ROUNDS / 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
