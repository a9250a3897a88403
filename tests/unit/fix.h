/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A zone file's text on its way through rules, plan and patch.
 */

#pragma once

#include "unit.h"

#include "cnameguard/file.h"
#include "cnameguard/mend.h"
#include "cnameguard/patch.h"

#define FIX_FILE "test.zone"
#define FIX_NOW       1750000000 /* 2025-06-15 15:06:40 UTC */

static const cg_rules_policy_t FIX_POLICY = { .ignore = 1u << CG_RULE_APEX_NO_NS };

/*! \brief One text on its way. */
typedef struct {
	const char *text;
	size_t len;
	const char *include_dir;
	const char *file;
	knot_dname_t *origin;
	cg_zone_t *zone;
	cg_mend_t plan;
	cg_patched_t patched;
	int ret;
} fix_t;

static inline void fix_error(const cg_scan_error_t *error, void *ctx)
{
	(void)ctx;
	fail_msg("%s:%u: %s", error->file, error->line, error->reason);
}

static inline cg_scan_t fix_scan(const fix_t *fix)
{
	return (cg_scan_t) {
		.file = fix->file, .text = fix->text, .len = fix->len, .origin = fix->origin,
		.include_dir = fix->include_dir, .error = fix_error
	};
}

static inline cg_patch_t fix_patch(const fix_t *fix, cg_serial_t serial)
{
	return (cg_patch_t) {
		.file = fix->file, .text = fix->text, .len = fix->len, .origin = fix->origin,
		.include_dir = fix->include_dir, .edits = fix->plan.edits,
		.edits_count = fix->plan.edits_count, .serial = serial, .now = FIX_NOW
	};
}

/*! \brief Judges and plans. */
static inline void fix_plan(fix_t *fix, cg_strategy_t strategy, cg_strategy_t fallback)
{
	if (fix->file == NULL) {
		fix->file = FIX_FILE;
	}
	if (fix->include_dir == NULL) {
		fix->include_dir = "";
	}
	fix->origin = unit_name(ORIGIN);
	cg_scan_t scan = fix_scan(fix);
	assert_int_equal(cg_file_zone(&scan, &fix->zone, NULL), KNOT_EOK);
	assert_int_equal(cg_mend_make(fix->zone, &FIX_POLICY, strategy, fallback, &fix->plan),
	                 KNOT_EOK);
}

static inline void fix_make(fix_t *fix, cg_strategy_t strategy, cg_strategy_t fallback, cg_serial_t serial)
{
	fix_plan(fix, strategy, fallback);
	cg_patch_t patch = fix_patch(fix, serial);
	fix->ret = cg_patch_make(&patch, &fix->patched);
}

static inline void fix_free(fix_t *fix)
{
	cg_patched_free(&fix->patched);
	cg_mend_free(&fix->plan);
	cg_zone_free(fix->zone);
	knot_dname_free(fix->origin, NULL);
}
