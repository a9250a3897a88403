/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as a zone: the same is found whatever the order in which records come. */

#include "cnameguard/file.h"
#include "cnameguard/rules.h"
#include "fuzz.h"
#include "source/data.h"

typedef struct {
	knot_dname_t *owner;
	cg_rr_t rr;
	char *data;
} record_t;

typedef struct {
	record_t *list;
	size_t count;
	size_t max;
} records_t;

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	static char data[1 << 20];
	records_t *records = ctx;
	HOLDS(cg_data_text(rr, data, sizeof(data)) == KNOT_EOK);
	if (records->count == records->max) {
		records->max = 2 * records->max + 16;
		records->list = realloc(records->list, records->max * sizeof(*records->list));
		HOLDS(records->list != NULL);
	}
	record_t *record = &records->list[records->count++];
	record->owner = knot_dname_copy(rr->owner, NULL);
	record->data = strdup(data);
	HOLDS(record->owner != NULL && record->data != NULL);
	record->rr = (cg_rr_t) {
		.type = rr->type, .ttl = rr->ttl, .line = rr->last, .file = "fuzz.zone",
		.data = record->data,
	};
	return KNOT_EOK;
}

static void free_records(records_t *records)
{
	for (size_t i = 0; i < records->count; i++) {
		knot_dname_free(records->list[i].owner, NULL);
		free(records->list[i].data);
	}
	free(records->list);
}

static cg_zone_t *build(const records_t *records, bool reversed)
{
	cg_zone_t *zone = cg_zone_new(FUZZ_ORIGIN);
	HOLDS(zone != NULL);
	for (size_t i = 0; i < records->count; i++) {
		const record_t *record = &records->list[reversed ? records->count - 1 - i : i];
		HOLDS(cg_zone_add(zone, record->owner, &record->rr) == KNOT_EOK);
	}
	HOLDS(cg_zone_finish(zone) == KNOT_EOK);
	return zone;
}

static void compare_records(const cg_finding_t *a, const cg_finding_t *b)
{
	HOLDS(a->rr_count == b->rr_count);
	for (size_t i = 0; i < a->rr_count; i++) {
		const cg_finding_rr_t *x = &a->rr[i], *y = &b->rr[i];
		HOLDS(strcmp(x->owner, y->owner) == 0 && strcmp(x->rr.data, y->rr.data) == 0);
		HOLDS(x->rr.type == y->rr.type && x->rr.line == y->rr.line);
	}
}

static void compare(const cg_findings_t *a, const cg_findings_t *b)
{
	HOLDS(a->count == b->count && a->errors == b->errors && a->names == b->names);
	HOLDS(a->records == b->records && a->has_serial == b->has_serial);
	for (size_t i = 0; i < a->count; i++) {
		const cg_finding_t *f = &a->list[i], *g = &b->list[i];
		HOLDS(f->rule == g->rule && f->level == g->level && f->exempt == g->exempt);
		HOLDS(f->occluded == g->occluded && knot_dname_is_equal(f->owner, g->owner));
		HOLDS(f->types_count == g->types_count);
		HOLDS(f->types_count == 0 ||
		      memcmp(f->types, g->types, f->types_count * sizeof(*f->types)) == 0);
		HOLDS(strcmp(f->spelling, g->spelling) == 0);
		HOLDS(strcmp(f->message, g->message) == 0 && strcmp(f->remedy, g->remedy) == 0);
		compare_records(f, g);
	}
}

static void judge(const records_t *records, const cg_rules_policy_t *policy)
{
	cg_zone_t *zones[2];
	cg_findings_t findings[2];
	for (int i = 0; i < 2; i++) {
		zones[i] = build(records, i == 1);
		HOLDS(cg_rules_zone(zones[i], policy, &findings[i]) == KNOT_EOK);
	}
	compare(&findings[0], &findings[1]);
	for (int i = 0; i < 2; i++) {
		cg_findings_free(&findings[i]);
		cg_zone_free(zones[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	records_t records = { 0 };
	const cg_scan_t how = {
		.file = "fuzz.zone",
		.text = (const char *)data,
		.len = size,
		.origin = FUZZ_ORIGIN,
		.include_dir = "",
		.record = take_record,
		.ctx = &records,
	};
	HOLDS(cg_scan(&how) == KNOT_EOK);

	const char *exempt = "www";
	const cg_rules_policy_t policies[] = {
		{ 0 },
		{ .enforce = UINT32_MAX, .info = true, .allow_key = true, .chain_limit = 1,
		  .exempt = &exempt, .exempt_count = 1 },
	};
	judge(&records, &policies[0]);
	judge(&records, &policies[1]);
	free_records(&records);
	return 0;
}
