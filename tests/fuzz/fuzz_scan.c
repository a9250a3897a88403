/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as a zone file: records stand in order on whole lines, and they are
 * those that libzscanner by itself finds in a text that both have nothing to say against.
 */

#include <libzscanner/scanner.h>

#include "fuzz.h"

typedef struct {
	size_t count;
	uint64_t hash;
} records_t;

typedef struct {
	const char *text;
	size_t len;
	size_t end;
	uint32_t last;
	records_t records;
	size_t errors;
	size_t told;     /*!< Of the errors: those that libzscanner does not see, others may follow. */
	bool includes;
	bool has_soa;
} seen_t;

static void mix(records_t *records, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		records->hash = (records->hash ^ ((const uint8_t *)data)[i]) * 1099511628211u;
	}
}

static void mix_record(records_t *records, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                       const uint8_t *rdata, uint16_t rdata_len)
{
	records->count++;
	mix(records, owner, knot_dname_size(owner));
	mix(records, &type, sizeof(type));
	mix(records, &ttl, sizeof(ttl));
	mix(records, rdata, rdata_len);
}

static uint32_t lines_between(const char *text, size_t from, size_t to)
{
	uint32_t lines = 0;
	for (; from < to; from++) {
		lines += text[from] == '\n';
	}
	return lines;
}

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	seen_t *seen = ctx;
	HOLDS(rr->depth == 0 && rr->rclass == KNOT_CLASS_IN);
	HOLDS(rr->begin >= seen->end && rr->begin < rr->end && rr->end <= seen->len);
	HOLDS(rr->begin == 0 || seen->text[rr->begin - 1] == '\n');
	HOLDS(rr->end == seen->len || seen->text[rr->end - 1] == '\n');
	HOLDS(rr->first == seen->last + 1 + lines_between(seen->text, seen->end, rr->begin));
	HOLDS(rr->last == rr->first + lines_between(seen->text, rr->begin, rr->end - 1));
	HOLDS(knot_dname_wire_check(rr->owner, rr->owner + KNOT_DNAME_MAXLEN, NULL) > 0);
	/* A byte order mark stands before the first line only for the scanner. */
	if (rr->begin > 0) {
		HOLDS(rr->inherits == (strchr(" \t(", seen->text[rr->begin]) != NULL));
	}

	seen->end = rr->end;
	seen->last = rr->last;
	seen->has_soa |= rr->type == KNOT_RRTYPE_SOA;
	mix_record(&seen->records, rr->owner, rr->type, rr->ttl, rr->rdata, rr->rdata_len);
	return KNOT_EOK;
}

static void take_error(const cg_scan_error_t *error, void *ctx)
{
	seen_t *seen = ctx;
	seen->errors++;
	HOLDS(seen->errors <= 101);
	HOLDS(error->reason[0] != '\0' && strlen(error->reason) < 512);
	for (const char *c = error->reason; *c != '\0'; c++) {
		HOLDS((unsigned char)*c >= ' ');
	}
	HOLDS(error->line <= 1 + lines_between(seen->text, 0, seen->len));

	if (strstr(error->reason, "parenthesis that is opened here") != NULL ||
	    strstr(error->reason, "more than belongs here") != NULL ||
	    strstr(error->reason, "what follows \\#") != NULL) {
		seen->told++;
	}
	seen->includes |= strstr(error->reason, "no files are included here") != NULL;
}

/*! \brief What libzscanner says by itself; negative: cannot be compared, else its errors. */
static int scan_plainly(const char *text, size_t len, records_t *records)
{
	static zs_scanner_t memory;
	zs_scanner_t *scanner = &memory;
	HOLDS(zs_init(scanner, "example.com.", KNOT_CLASS_IN, 3600) == 0);
	HOLDS(zs_set_input_string(scanner, text, len) == 0);
	int errors = 0;
	while (zs_parse_record(scanner) == 0 && scanner->state != ZS_STATE_EOF && errors >= 0) {
		if (scanner->state == ZS_STATE_DATA) {
			mix_record(records, scanner->r_owner, scanner->r_type, scanner->r_ttl,
			           scanner->r_data, scanner->r_data_length);
		} else if (scanner->state == ZS_STATE_ERROR) {
			errors++;
		} else {
			errors = -1;
		}
	}
	zs_deinit(scanner);
	return errors;
}

static void compare(const seen_t *seen)
{
	records_t plain = { .hash = seen->records.hash };
	plain.hash = 0;
	int errors = scan_plainly(seen->text, seen->len, &plain);
	if (errors < 0 || seen->includes) {
		return;
	}
	if (seen->errors == 0) {
		HOLDS(errors == 0);
	}
	if (errors == 0) {
		HOLDS(seen->errors == 0 || seen->told > 0);
	}
	if (errors == 0 && seen->errors == 0) {
		HOLDS(plain.count == seen->records.count && plain.hash == seen->records.hash);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	seen_t seen = { .text = (const char *)data, .len = size };
	const cg_scan_t how = {
		.file = "fuzz.zone",
		.text = (const char *)data,
		.len = size,
		.origin = FUZZ_ORIGIN,
		.include_dir = "",
		.record = take_record,
		.error = take_error,
		.ctx = &seen,
	};
	HOLDS(cg_scan(&how) == KNOT_EOK);
	if (size > 0) {
		compare(&seen);
	}
	if (seen.has_soa) {
		knot_dname_storage_t origin;
		HOLDS(cg_scan_origin("fuzz.zone", how.text, size, NULL, origin) == KNOT_EOK);
		HOLDS(knot_dname_wire_check(origin, origin + sizeof(origin), NULL) > 0);
	}
	return 0;
}
