/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zone files of chance, read in parts and for their suspects alone: the same is found as in the whole. */

#include "unit.h"

#include <unistd.h>

#include "cli/screened.h"
#include "cnameguard/file.h"
#include "cnameguard/remedy.h"

#define ROUNDS 3000

/* --- Files of chance --- */

typedef struct {
	unit_text_t text;
	uint64_t seed;
	unsigned strange;  /*!< Of 100 lines, so many are of a rare kind. */
	unsigned dnames;   /*!< Of 100 lines, so many are DNAMEs, and of 100 names so many are theirs. */
} writer_t;

static uint32_t chance(writer_t *w, uint32_t of)
{
	return unit_random(&w->seed) % of;
}

/* Other labels than those of put_name(), so that something is below few of them. */
static void put_dname_owner(writer_t *w)
{
	static const char *const ABOVE[] = { "", "", "", ".d1", ".a", ".d2.x" };
	unit_add(&w->text, "%s%u%s", chance(w, 5) == 0 ? "D" : "d", chance(w, 5), ABOVE[chance(w, COUNT(ABOVE))]);
}

/* Few labels, so that names meet, cover each other and lie below each other. */
static void put_name(writer_t *w)
{
	if (chance(w, 100) < w->dnames) {
		unit_add(&w->text, "%s", chance(w, 3) == 0 ? "" : chance(w, 2) == 0 ? "a." : "x.b.");
		put_dname_owner(w);
		return;
	}
	static const char *const LABELS[] = { "a", "b", "c", "A", "*", "x", "y", "z" };
	static const char *const WHOLE[] = {
		"@", "ns1", "example.com.", "other.org.", "a.example.net.", "EXAMPLE.com.", "."
	};
	if (chance(w, 12) == 0) {
		unit_add(&w->text, "%s", WHOLE[chance(w, COUNT(WHOLE))]);
		return;
	}
	unsigned labels = 1 + chance(w, 3) * chance(w, 2);
	for (unsigned i = 0; i < labels; i++) {
		unsigned kinds = (i == 0) ? COUNT(LABELS) : 4;
		unit_add(&w->text, "%s%s", (i > 0) ? "." : "", LABELS[chance(w, kinds)]);
		if (chance(w, 3) == 0) {
			unit_add(&w->text, "%u", chance(w, 6));
		}
	}
}

static void put_hosted(writer_t *w)
{
	static const char *const TYPES[] = {
		"MX 10 ", "SRV 0 0 5 ", "PTR ", "NAPTR 1 1 \"s\" \"\" \"\" ", "HTTPS 1 ", "NS "
	};
	unit_add(&w->text, "%s", TYPES[chance(w, COUNT(TYPES))]);
	put_name(w);
}

static void put_data(writer_t *w)
{
	static const char *const OTHERS[] = {
		"TXT \"one; two\" three", "TXT \"x (\"", "CAA 0 issue \"ca.example\"",
		"NSEC a.example.com. A", "AAAA 2001:db8::1", "KEY 256 3 8 AwEAAQ==",
		"NSEC3 1 0 1 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S A",
		"RRSIG A 8 2 300 20370101000000 20200101000000 1 example.com. AAAA",
	};
	uint32_t kind = chance(w, 20);
	if (kind < 8) {
		unit_add(&w->text, "CNAME ");
		put_name(w);
	} else if (kind < 14) {
		unit_add(&w->text, "A 192.0.2.%u", chance(w, 3));
	} else if (kind < 17) {
		put_hosted(w);
	} else {
		unit_add(&w->text, "%s", OTHERS[chance(w, COUNT(OTHERS))]);
	}
}

/*! \brief Lines that are rare, or wrong, or begin where no entry does. */
static void put_strange(writer_t *w)
{
	static const char *const LINES[] = {
		"$ORIGIN a\n", "$ORIGIN example.com.\n", "$ORIGIN b.example.com.\n", "$TTL 60\n", "$TTL 1h\n",
		"a TXT (\nx\ny A 192.0.2.1\n)\n", "b TXT \"\nc CNAME a\n\"\n", "c MX ( 10\na )\n",
		"; comment\n", "\n", " ; more\n", "( a A 192.0.2.9 )\n", "a A (\n192.0.2.7\n)\n",
		"d DNAME a\n", "x A nothing\n", "x TYPE65280 \\# 1 00\n", "\ta\n", "a TXT \"(\n",
		"$INCLUDE nowhere\n", "a CH TXT x\n", "b A 192.0.2.1 )\n", "d A 192.0.2.2\r\n",
	};
	unit_add(&w->text, "%s", LINES[chance(w, COUNT(LINES))]);
}

/*! \brief A DNAME at a name of its own, or now and then at any. */
static void put_dname(writer_t *w)
{
	if (chance(w, 12) == 0) {
		put_name(w);
	} else {
		put_dname_owner(w);
	}
	unit_add(&w->text, " DNAME ");
	put_name(w);
	unit_add(&w->text, "\n");
}

static void put_line(writer_t *w)
{
	if (chance(w, 100) < w->dnames) {
		put_dname(w);
		return;
	}
	if (chance(w, 100) < w->strange) {
		put_strange(w);
		return;
	}
	if (chance(w, 4) > 0) {
		put_name(w);
	}
	unit_add(&w->text, " %s", (chance(w, 5) == 0) ? "600 " : "");
	put_data(w);
	unit_add(&w->text, "\n");
}

static void put_file(writer_t *w, uint64_t seed)
{
	*w = (writer_t){ .seed = seed };
	w->strange = chance(w, 3) * chance(w, 10);
	w->dnames = chance(w, 2) * chance(w, 25);
	unit_add(&w->text, BASE);
	uint32_t lines = 1 + chance(w, 40);
	while (lines-- > 0) {
		put_line(w);
	}
	if (chance(w, 8) == 0) {
		w->text.str[--w->text.len] = '\0';
	}
}

/* --- What is found --- */

static void add_rr(unit_text_t *out, const cg_finding_rr_t *rr)
{
	unit_add(out, "  %s %u %u %s %u-%u\n", rr->owner, rr->rr.ttl, rr->rr.type, rr->rr.data,
	         rr->rr.line, rr->rr.more);
}

static int add_place(const cg_rr_t *rr, void *ctx)
{
	unit_add(ctx, "  again %u\n", rr->line);
	return KNOT_EOK;
}

static void add_finding(unit_text_t *out, const cg_zones_t *zones, const cg_finding_t *f)
{
	unit_add(out, "%s %s %d%d%d%d", cg_rule_info(f->rule)->name, f->spelling, f->level, f->exempt,
	         f->occluded, f->below_cut);
	for (size_t i = 0; i < f->types_count; i++) {
		unit_add(out, " %u", f->types[i]);
	}
	unit_add(out, "\n  %s\n  %s\n", f->message, f->remedy);
	for (size_t i = 0; i < f->rr_count; i++) {
		add_rr(out, &f->rr[i]);
		if (f->rr[i].owner == f->spelling) {
			assert_int_equal(cg_zone_repeats(zones->list[0], f->owner, &f->rr[i].rr,
			                                 add_place, out), KNOT_EOK);
		}
	}
	cg_remedy_t remedy;
	assert_int_equal(cg_remedy_make(zones, zones->list[0], f, &remedy), KNOT_EOK);
	for (size_t i = 0; i < remedy.remove_count; i++) {
		unit_add(out, " -");
		add_rr(out, &remedy.remove[i]);
	}
	for (size_t i = 0; i < remedy.write_count; i++) {
		unit_add(out, " +");
		add_rr(out, &remedy.write[i]);
	}
	cg_remedy_free(&remedy);
}

/*! \brief All that is found in a zone; \a screen says what is nothing, NULL: it is whole. */
static char *found(const cg_zone_t *zone, const cg_screen_t *screen, const cg_rules_policy_t *policy,
                   size_t records, size_t outside)
{
	unit_text_t out = { 0 };
	cg_findings_t findings;
	assert_int_equal(cg_rules_zone(zone, policy, &findings), KNOT_EOK);
	if (screen != NULL) {
		cg_screen_sift(screen, &findings);
	}
	const cg_zones_t zones = { .list = &zone, .count = 1 };
	unit_add(&out, "%zu records, %zu outside, %zu errors\n", records, outside, findings.errors);
	for (size_t i = 0; i < findings.count; i++) {
		unit_add(&out, "%u ", findings.serial);
		add_finding(&out, &zones, &findings.list[i]);
	}
	cg_findings_free(&findings);
	return out.str;
}

typedef struct {
	const char *file;
	knot_dname_storage_t origin;
	cg_rules_policy_t policy;
} zone_file_t;

static void count_error(const cg_scan_error_t *error, void *ctx)
{
	(void)error;
	(*(size_t *)ctx)++;
}

/*! \brief The old way. */
static char *found_whole(const zone_file_t *f, size_t *errors)
{
	const cg_scan_t how = {
		.file = f->file, .origin = f->origin, .include_dir = "", .error = count_error, .ctx = errors
	};
	cg_zone_t *zone;
	size_t left_out;
	*errors = 0;
	assert_int_equal(cg_file_zone(&how, &zone, &left_out), KNOT_EOK);
	*errors += left_out;
	char *text = found(zone, NULL, &f->policy, cg_zone_records(zone), cg_zone_outside(zone));
	cg_zone_free(zone);
	return text;
}

/*! \brief The new way; NULL: it is none for this file. */
static char *found_screened(const zone_file_t *f, size_t part, size_t threads)
{
	const cg_screened_how_t how = {
		.file = f->file, .origin = f->origin, .policy = &f->policy, .threads = threads
	};
	cg_parts_t *parts = cg_parts_open(f->file, part);
	assert_non_null(parts);
	assert_int_equal(cg_parts_begin(parts, f->origin), KNOT_EOK);
	cg_screened_t screened;
	char *text = NULL;
	if (cg_screened_read(&how, parts, &screened) == KNOT_EOK) {
		text = found(screened.zone, screened.screen, &f->policy, screened.records,
		             screened.outside);
		cg_screened_free(&screened);
	}
	cg_parts_close(parts);
	return text;
}

static int screen_name(const cg_name_t *name, void *screen)
{
	return cg_screen_name(screen, name, NULL, NULL);
}

static int at_once(size_t count, int (*piece)(size_t at, void *work), void *work)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = piece(i, work);
	}
	return ret;
}

/*! \brief Records as the server sends them: the suspects have all findings; NULL: not for this zone. */
static char *found_by_names(const zone_file_t *f)
{
	const cg_scan_t how = { .file = f->file, .origin = f->origin, .include_dir = "" };
	const cg_screen_seed_t seed = { { 1, 2 } };
	cg_screen_t *screen = cg_screen_new(f->origin, &f->policy, &seed);
	assert_non_null(screen);
	cg_zone_t *zone;
	size_t left_out;
	assert_int_equal(cg_file_zone(&how, &zone, &left_out), KNOT_EOK);
	int ret = cg_zone_walk(zone, screen_name, screen);
	if (ret == KNOT_EOK) {
		ret = cg_screen_end(screen);
	}
	if (ret == KNOT_EOK) {
		ret = cg_screen_judge(&screen, 1, at_once);
	}
	char *text = (ret != KNOT_EOK) ? NULL : found(zone, screen, &f->policy, cg_zone_records(zone),
	                                              cg_zone_outside(zone));
	cg_screen_free(screen);
	cg_zone_free(zone);
	return text;
}

static void set_policy(uint64_t seed, cg_rules_policy_t *policy)
{
	*policy = (cg_rules_policy_t){ .info = seed % 3 == 0, .allow_key = seed % 5 == 0 };
	policy->chain_limit = seed % 7;
	policy->ignore = (seed % 4 == 0) ? 1u << seed % CG_RULE__COUNT : 0;
	policy->enforce = (seed % 11 == 0) ? 1u << seed % CG_RULE__COUNT : 0;
}

static void write_file(const char *file, const writer_t *w)
{
	FILE *out = fopen(file, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(w->text.str, 1, w->text.len, out), w->text.len);
	assert_int_equal(fclose(out), 0);
}

static void test_same(void **state)
{
	(void)state;
	char file[] = "/tmp/cnameguard-screened-XXXXXX";
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	close(fd);
	zone_file_t f = { .file = file };
	assert_non_null(knot_dname_from_str(f.origin, ORIGIN, sizeof(f.origin)));

	size_t clean = 0, screened = 0, named = 0;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		writer_t w;
		put_file(&w, seed);
		write_file(file, &w);
		set_policy(seed, &f.policy);
		size_t errors;
		char *expected = found_whole(&f, &errors);
		char *got = found_screened(&f, 100 + seed % 300, 1 + seed % 3);
		clean += errors == 0;
		screened += got != NULL;
		if (got != NULL && (errors > 0 || strcmp(got, expected) != 0)) {
			fprintf(stderr, "%zu errors:\n%s\n--- whole:\n%s\n--- screened:\n%s", errors,
			        w.text.str, expected, got);
			fail_msg("seed %d", (int)seed);
		}
		char *by_names = (errors == 0) ? found_by_names(&f) : NULL;
		named += by_names != NULL;
		if (by_names != NULL && strcmp(by_names, expected) != 0) {
			fprintf(stderr, "%s\n--- whole:\n%s\n--- by names:\n%s", w.text.str, expected, by_names);
			fail_msg("seed %d, by names", (int)seed);
		}
		free(expected);
		free(got);
		free(by_names);
		free(w.text.str);
	}
	unlink(file);
	print_message("%d files, %zu without errors, %zu screened\n", ROUNDS, clean, screened);
	assert_true(screened > clean * 9 / 10);
	assert_true(named > clean / 2);
}

/*! \brief The origin as it is found out from the first part of the file. */
static int origin_of(const char *file, const char *text, size_t part, knot_dname_storage_t origin)
{
	const writer_t w = { .text = { .str = (char *)text, .len = strlen(text) } };
	write_file(file, &w);
	cg_parts_t *parts = cg_parts_open(file, part);
	assert_non_null(parts);
	int ret = cg_parts_origin(parts, origin);
	cg_parts_close(parts);
	return ret;
}

static void test_origin(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t part;
		int ret;
		const char *origin;
	} CASES[] = {
		{ "@ SOA a b 1 1 1 1 1\n",                       999, KNOT_EOK, "example.org." },
		{ "sub SOA a b 1 1 1 1 1\n",                     999, KNOT_EOK, "example.org." },
		{ "example.net. SOA a b 1 1 1 1 1\n",            999, KNOT_EOK, "example.net." },
		{ "$ORIGIN example.net.\n@ SOA a b 1 1 1 1 1\n", 999, KNOT_EOK, "example.net." },
		{ "www A 192.0.2.1\n@ SOA a b 1 1 1 1 1\n",      16, KNOT_ENOTSUP, "" },
	};
	char folder[] = "/tmp/cnameguard-screened-XXXXXX";
	char named[64], unnamed[64];
	assert_non_null(mkdtemp(folder));
	snprintf(named, sizeof(named), "%s/example.org.zone", folder);
	snprintf(unnamed, sizeof(unnamed), "%s/unnamed", folder);
	knot_dname_storage_t origin;
	for (size_t i = 0; i < COUNT(CASES); i++) {
		int ret = origin_of(named, CASES[i].text, CASES[i].part, origin);
		assert_int_equal(ret, CASES[i].ret);
		knot_dname_txt_storage_t text = "";
		if (ret == KNOT_EOK) {
			assert_non_null(knot_dname_to_str(text, origin, sizeof(text)));
		}
		assert_string_equal(text, CASES[i].origin);
	}
	assert_int_equal(origin_of(unnamed, CASES[0].text, 999, origin), KNOT_ENOENT);
	unlink(named);
	unlink(unnamed);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_origin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
