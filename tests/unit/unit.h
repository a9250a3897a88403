/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Zones from text and results as text, for tables of {input, expected}.
 *
 * Everything here ends the test when it cannot do its work. Functions are
 * `static inline` so that no test has to use all of them.
 */

#pragma once

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libknot/libknot.h>
#include <libknot/version.h>
#include <libzscanner/scanner.h>

#include "cnameguard/lookup.h"
#include "cnameguard/plan.h"
#include "cnameguard/rules.h"
#include "cnameguard/zone.h"

#define ORIGIN "example.com."

/*! \brief What every zone needs, on lines 1 to 3. */
#define BASE \
	"@ 3600 SOA ns1 admin 7 7200 900 1209600 300\n" \
	"@ 3600 NS ns1\n" \
	"ns1 3600 A 192.0.2.53\n"

/*! \brief Number of the rules about names alone, which come first; and the other ones as bits. */
#define NAME_RULES CG_RULE_MX_ALIAS
#define TARGET_RULES (~0u << CG_RULE_MX_ALIAS)

/* --- What is not the same in all versions of Knot --- */

/*! \brief How libknot writes a value of SVCB and HTTPS. */
#if KNOT_VERSION_HEX < 0x030400
#define SVC_VALUE(value) value
#else
#define SVC_VALUE(value) "\"" value "\""
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Allocations that fail. To be switched on before the #include, in tests that
 * are not built with a sanitizer (which brings a malloc() of its own).
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define UNIT_SANITIZED 1
#endif
#endif
#if defined(UNIT_FAIL_ALLOC) && !defined(__SANITIZE_ADDRESS__) && !defined(UNIT_SANITIZED)
#include <dlfcn.h>

#define UNIT_CAN_FAIL_ALLOC 1

static long unit_alloc_left = -1; /*!< That many succeed, the next fails; -1: all succeed. */
static bool unit_alloc_hit;       /*!< One has failed. */

static inline bool unit_alloc_fails(void)
{
	if (unit_alloc_left < 0 || unit_alloc_left-- > 0) {
		return false;
	}
	unit_alloc_left = -1;
	unit_alloc_hit = true;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	static void *(*real)(size_t);
	if (real == NULL) {
		real = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	}
	return unit_alloc_fails() ? NULL : real(size);
}

void *calloc(size_t count, size_t size)
{
	static void *(*real)(size_t, size_t);
	if (real == NULL) {
		real = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
	}
	return unit_alloc_fails() ? NULL : real(count, size);
}

void *realloc(void *old, size_t size)
{
	static void *(*real)(void *, size_t);
	if (real == NULL) {
		real = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
	}
	return unit_alloc_fails() ? NULL : real(old, size);
}

/*!
 * \brief Skips the test where another malloc() is in front of the one here, as
 *        under valgrind without --soname-synonyms=somalloc=nouserintercepts.
 */
static inline void unit_alloc_or_skip(void)
{
	void *(*volatile call)(size_t) = malloc;
	unit_alloc_left = 0;
	void *memory = call(1);
	unit_alloc_left = -1;
	free(memory);
	if (memory != NULL) {
		skip();
	}
}
#endif

/* Text that grows. */

typedef struct {
	char *str;
	size_t len;
} unit_text_t;

static inline void unit_add(unit_text_t *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void unit_add(unit_text_t *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert_true(len >= 0);

	text->str = realloc(text->str, text->len + len + 1);
	assert_non_null(text->str);
	va_start(args, format);
	vsnprintf(text->str + text->len, len + 1, format, args);
	va_end(args);
	text->len += len;
}

static inline char *unit_take(unit_text_t *text)
{
	unit_add(text, "%s", "");
	return text->str;
}

/* Files. */

/*! \brief Makes a folder of the test's own. 0: done. */
static inline int unit_make_folder(char *folder, size_t size)
{
	const char *base = getenv("TMPDIR");
	snprintf(folder, size, "%s/cnameguard-XXXXXX", (base != NULL) ? base : "/tmp");
	return (mkdtemp(folder) != NULL) ? 0 : -1;
}

static inline int unit_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/*! \brief Removes a folder with all that is in it. */
static inline int unit_remove_folder(const char *folder)
{
	return nftw(folder, unit_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Names. */

static inline knot_dname_t *unit_name(const char *text)
{
	knot_dname_t *name = knot_dname_from_str_alloc(text);
	assert_non_null(name);
	return name;
}

static inline knot_dname_t *unit_lower(const char *text)
{
	knot_dname_t *name = unit_name(text);
	knot_dname_to_lower(name);
	return name;
}

/* Records. */

typedef struct {
	knot_dname_t *owner;
	cg_rr_t rr;
	char *data;
} unit_rr_t;

typedef struct {
	unit_rr_t *list;
	size_t count;
	size_t max;
} unit_records_t;

static inline void unit_push(unit_records_t *records, const knot_dname_t *owner, uint16_t type,
                             uint32_t ttl, uint32_t line, const char *data)
{
	if (records->count == records->max) {
		records->max = (records->max == 0) ? 64 : records->max * 2;
		records->list = realloc(records->list, records->max * sizeof(*records->list));
		assert_non_null(records->list);
	}
	unit_rr_t *rr = &records->list[records->count++];
	rr->owner = knot_dname_copy(owner, NULL);
	rr->data = strdup(data);
	assert_true(rr->owner != NULL && rr->data != NULL);
	rr->rr = (cg_rr_t) {
		.type = type, .ttl = ttl, .line = line, .file = "test.zone", .data = rr->data
	};
}

static inline void unit_scanned(zs_scanner_t *scanner)
{
	static char data[400000];
	uint8_t *buffer = malloc(knot_rdata_size(scanner->r_data_length));
	assert_non_null(buffer);
	knot_rdata_init((knot_rdata_t *)buffer, scanner->r_data_length, scanner->r_data);

	knot_rrset_t rrset;
	knot_rrset_init(&rrset, scanner->r_owner, scanner->r_type, scanner->r_class, scanner->r_ttl);
	rrset.rrs.count = 1;
	rrset.rrs.size = knot_rdata_size(scanner->r_data_length);
	rrset.rrs.rdata = (knot_rdata_t *)buffer;
	int ret = knot_rrset_txt_dump_data(&rrset, 0, data, sizeof(data), &KNOT_DUMP_STYLE_DEFAULT);
	assert_true(ret >= 0);
	while (ret > 0 && data[ret - 1] == ' ') { /* Knot 3.2 ends a CAA with one. */
		data[--ret] = '\0';
	}

	unit_push(scanner->process.data, scanner->r_owner, scanner->r_type, scanner->r_ttl,
	          scanner->line_counter, data);
	free(buffer);
}

static inline void unit_scan_error(zs_scanner_t *scanner)
{
	fail_msg("line %u of the test's zone: %s", (unsigned)scanner->line_counter,
	         zs_strerror(scanner->error.code));
}

/*! \brief Reads lines "owner ttl type data", names relative to \a origin. */
static inline unit_records_t unit_parse(const char *origin, const char *text)
{
	unit_records_t records = { 0 };
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	assert_non_null(scanner);
	assert_int_equal(zs_init(scanner, origin, KNOT_CLASS_IN, 3600), 0);
	assert_int_equal(zs_set_processing(scanner, unit_scanned, unit_scan_error, &records), 0);
	assert_int_equal(zs_set_input_string(scanner, text, strlen(text)), 0);
	assert_int_equal(zs_parse_all(scanner), 0);
	zs_deinit(scanner);
	free(scanner);
	return records;
}

static inline void unit_records_free(unit_records_t *records)
{
	for (size_t i = 0; i < records->count; i++) {
		knot_dname_free(records->list[i].owner, NULL);
		free(records->list[i].data);
	}
	free(records->list);
	memset(records, 0, sizeof(*records));
}

/* Chance, the same on every run. */

static inline uint32_t unit_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static inline void unit_shuffle(unit_records_t *records, uint64_t *seed)
{
	for (size_t i = records->count; i > 1; i--) {
		size_t j = unit_random(seed) % i;
		unit_rr_t swap = records->list[i - 1];
		records->list[i - 1] = records->list[j];
		records->list[j] = swap;
	}
}

/* Zones. */

static inline cg_zone_t *unit_build(const char *origin, const unit_records_t *records)
{
	knot_dname_t *apex = unit_name(origin);
	cg_zone_t *zone = cg_zone_new(apex);
	assert_non_null(zone);
	for (size_t i = 0; i < records->count; i++) {
		assert_int_equal(cg_zone_add(zone, records->list[i].owner, &records->list[i].rr),
		                 KNOT_EOK);
	}
	assert_int_equal(cg_zone_finish(zone), KNOT_EOK);
	knot_dname_free(apex, NULL);
	return zone;
}

static inline cg_zone_t *unit_zone(const char *origin, const char *text)
{
	unit_records_t records = unit_parse(origin, text);
	cg_zone_t *zone = unit_build(origin, &records);
	unit_records_free(&records);
	return zone;
}

static inline int unit_collect(const cg_name_t *name, void *ctx)
{
	for (size_t i = 0; i < name->count; i++) {
		unit_push(ctx, name->owner, name->rr[i].type, name->rr[i].ttl, 0, name->rr[i].data);
	}
	return KNOT_EOK;
}

/*! \brief The zone as it is after the edits. */
static inline cg_zone_t *unit_apply(const char *origin, const cg_zone_t *zone,
                                    const cg_plan_t *plan)
{
	unit_records_t records = { 0 };
	assert_int_equal(cg_zone_walk(zone, unit_collect, &records), KNOT_EOK);

	for (size_t i = 0; i < plan->count; i++) {
		const cg_edit_t *edit = &plan->list[i];
		if (edit->op == CG_EDIT_ADD) {
			unit_push(&records, edit->owner, edit->rr.type, edit->rr.ttl, 0,
			          edit->rr.data);
			continue;
		}
		size_t j = 0;
		while (j < records.count &&
		       (!knot_dname_is_equal(records.list[j].owner, edit->owner) ||
		        records.list[j].rr.type != edit->rr.type ||
		        strcmp(records.list[j].data, edit->rr.data) != 0)) {
			j++;
		}
		assert_true(j < records.count); /* Only what is there can be removed. */
		knot_dname_free(records.list[j].owner, NULL);
		free(records.list[j].data);
		records.list[j] = records.list[--records.count];
	}

	cg_zone_t *result = unit_build(origin, &records);
	unit_records_free(&records);
	return result;
}

/* Results as text. */

static inline const char *unit_type(uint16_t type)
{
	static char name[32];
	assert_true(knot_rrtype_to_string(type, name, sizeof(name)) > 0);
	return name;
}

static inline int unit_dump_name(const cg_name_t *name, void *ctx)
{
	for (size_t i = 0; i < name->count; i++) {
		unit_add(ctx, "%s %u %s %s\n", name->spelling, name->rr[i].ttl,
		         unit_type(name->rr[i].type), name->rr[i].data);
	}
	return KNOT_EOK;
}

static inline char *unit_dump_zone(const cg_zone_t *zone)
{
	unit_text_t text = { 0 };
	assert_int_equal(cg_zone_walk(zone, unit_dump_name, &text), KNOT_EOK);
	return unit_take(&text);
}

/*! \brief "cname-mx www.example.com. CNAME,MX occluded exempt" for each finding. */
static inline char *unit_dump_findings(const cg_findings_t *findings)
{
	unit_text_t text = { 0 };
	for (size_t i = 0; i < findings->count; i++) {
		const cg_finding_t *f = &findings->list[i];
		unit_add(&text, "%s %s ", cg_rule_info(f->rule)->name, f->spelling);
		for (size_t j = 0; j < f->types_count; j++) {
			unit_add(&text, "%s%s", (j > 0) ? "," : "", unit_type(f->types[j]));
		}
		unit_add(&text, "%s%s\n", f->occluded ? " occluded" : "",
		         f->exempt ? " exempt" : "");
	}
	return unit_take(&text);
}

/*! \brief Every bit of every finding. */
static inline char *unit_dump_all(const cg_findings_t *findings)
{
	unit_text_t text = { 0 };
	char *lines = unit_dump_findings(findings);
	unit_add(&text, "%s%zu %zu %zu %d %u %d\n", lines, findings->errors, findings->names,
	         findings->records, findings->has_serial, findings->serial, findings->is_signed);
	free(lines);
	for (size_t i = 0; i < findings->count; i++) {
		const cg_finding_t *f = &findings->list[i];
		unit_add(&text, "%d %s\n%s\n", f->level, f->message, f->remedy);
		for (size_t j = 0; j < f->rr_count; j++) {
			unit_add(&text, "%s %s %u %s %s:%u\n", f->rr[j].owner,
			         unit_type(f->rr[j].rr.type), f->rr[j].rr.ttl, f->rr[j].rr.data,
			         f->rr[j].rr.file, f->rr[j].rr.line);
		}
	}
	return unit_take(&text);
}

/*! \brief "- owner ttl type data" and "+ ...", then "refused N: why". */
static inline char *unit_dump_plan(const cg_plan_t *plan)
{
	unit_text_t text = { 0 };
	for (size_t i = 0; i < plan->count; i++) {
		const cg_edit_t *edit = &plan->list[i];
		unit_add(&text, "%c %s %u %s %s\n", (edit->op == CG_EDIT_ADD) ? '+' : '-',
		         edit->spelling, edit->rr.ttl, unit_type(edit->rr.type), edit->rr.data);
	}
	assert_int_equal(plan->refused > 0, plan->why != NULL);
	if (plan->refused > 0) {
		unit_add(&text, "refused %zu: %s\n", plan->refused, plan->why);
	}
	return unit_take(&text);
}
