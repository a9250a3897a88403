/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as a zone file under repair: what it cannot read it does not change, the result
 * holds the records that were planned, and a second time there is nothing to do.
 */

#include "cnameguard/file.h"
#include "cnameguard/mend.h"
#include "cnameguard/patch.h"
#include "fuzz.h"

#define STRATEGIES 3

typedef struct {
	const char *text;
	size_t len;
	size_t errors;
	cg_zone_t *zone;
	cg_mend_t mend;
	cg_patched_t patched;
	int ret;
} fix_t;

static const cg_rules_policy_t POLICY = { 0 };

static void take_error(const cg_scan_error_t *error, void *ctx)
{
	(void)error;
	((fix_t *)ctx)->errors++;
}

static void read_zone(fix_t *fix)
{
	const cg_scan_t how = {
		.file = "fuzz.zone",
		.text = fix->text,
		.len = fix->len,
		.origin = FUZZ_ORIGIN,
		.include_dir = "",
		.error = take_error,
		.ctx = fix,
	};
	HOLDS(cg_file_zone(&how, &fix->zone, NULL) == KNOT_EOK);
}

static void make(fix_t *fix, cg_strategy_t strategy, cg_strategy_t fallback, cg_serial_t serial)
{
	read_zone(fix);
	HOLDS(cg_mend_make(fix->zone, &POLICY, strategy, fallback, &fix->mend) == KNOT_EOK);
	const cg_patch_t patch = {
		.file = "fuzz.zone",
		.text = fix->text,
		.len = fix->len,
		.origin = FUZZ_ORIGIN,
		.include_dir = "",
		.edits = fix->mend.edits,
		.edits_count = fix->mend.edits_count,
		.serial = serial,
		.now = 1750000000,
	};
	fix->ret = cg_patch_make(&patch, &fix->patched);
}

static void drop(fix_t *fix)
{
	cg_patched_free(&fix->patched);
	cg_mend_free(&fix->mend);
	cg_zone_free(fix->zone);
}

/*! \brief Whether a record is one of a name that the other zone has too. */
static int is_there(const cg_name_t *name, void *ctx)
{
	cg_name_t other;
	HOLDS(cg_zone_find(ctx, name->owner, &other) == KNOT_EOK);
	HOLDS(other.count == name->count);
	for (size_t i = 0; i < name->count; i++) {
		HOLDS(other.rr[i].type == name->rr[i].type);
		HOLDS(strcasecmp(other.rr[i].data, name->rr[i].data) == 0 ||
		      name->rr[i].type == KNOT_RRTYPE_SOA);
	}
	return KNOT_EOK;
}

static void check_again(const fix_t *fix, cg_strategy_t strategy, cg_strategy_t fallback)
{
	fix_t again = { .text = fix->patched.text, .len = fix->patched.len };
	make(&again, strategy, fallback, CG_SERIAL_INCREMENT);
	HOLDS(again.errors == 0 && again.ret == KNOT_EOK);
	HOLDS(again.mend.edits_count == 0);
	HOLDS(again.patched.len == fix->patched.len);
	HOLDS(memcmp(again.patched.text, fix->patched.text, again.patched.len) == 0);
	HOLDS(cg_zone_records(again.zone) == cg_zone_records(fix->mend.result));
	HOLDS(cg_zone_walk(again.zone, is_there, (void *)fix->mend.result) == KNOT_EOK);
	drop(&again);
}

static void check(const fix_t *fix, cg_strategy_t strategy, cg_strategy_t fallback)
{
	if (fix->errors > 0) {
		HOLDS(fix->ret == KNOT_ENOTSUP);
	}
	if (fix->ret == KNOT_ENOTSUP) {
		HOLDS(fix->patched.why != NULL && fix->patched.text == NULL);
		/* Only in parentheses a record can begin elsewhere than on its first line; a
		 * blank line that comes before all records now is none to Knot. */
		HOLDS(fix->errors > 0 || memchr(fix->text, '(', fix->len) != NULL ||
		      strstr(fix->patched.why, "would not be") == NULL ||
		      strstr(fix->patched.why, "before the first record") != NULL);
		return;
	}
	HOLDS(fix->ret == KNOT_EOK && fix->patched.left_count == 0);
	if (fix->mend.edits_count == 0) {
		HOLDS(fix->patched.len == fix->len && !fix->patched.has_serial);
		HOLDS(fix->len == 0 || memcmp(fix->patched.text, fix->text, fix->len) == 0);
	}
	check_again(fix, strategy, fallback);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned i = 0; i < STRATEGIES; i++) {
		cg_strategy_t strategy = CG_STRATEGY_FLATTEN + i;
		cg_strategy_t fallback = CG_STRATEGY_REFUSE + (size % 4);
		fix_t fix = { .text = (const char *)data, .len = size };
		make(&fix, strategy, fallback, (size & 4) ? CG_SERIAL_KEEP : CG_SERIAL_INCREMENT);
		check(&fix, strategy, fallback);
		drop(&fix);
	}
	return 0;
}
