/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The first look at a part: libzscanner goes through all of it at once. */

#include <string.h>

#include "source/scan.h"

typedef struct {
	int (*record)(const cg_part_rr_t *rr, void *ctx);
	void *ctx;
	uint32_t lines;          /*!< Up to the end of the record before. */
	int ret;
} look_t;

static void take_record(zs_scanner_t *zs)
{
	look_t *look = zs->process.data;
	const cg_part_rr_t rr = {
		.owner = zs->r_owner,
		.rdata = zs->r_data,
		.owner_size = zs->r_owner_length,
		.rdata_len = zs->r_data_length,
		.type = zs->r_type,
		.rclass = zs->r_class,
		.ttl = zs->r_ttl,
		.lines = look->lines,
	};
	look->lines = zs->line_counter;
	look->ret = look->record(&rr, look->ctx);
	if (look->ret != KNOT_EOK) {
		zs->state = ZS_STATE_STOP;
	}
}

static void take_error(zs_scanner_t *zs)
{
	zs->state = ZS_STATE_STOP;
}

/*!
 * \brief Whether directives, if there are any, stand at the beginning of lines.
 *
 * libzscanner takes them also behind blanks and parentheses, where they were not seen before.
 */
static bool is_plain(const char *text, size_t len)
{
	const char *end = text + len;
	for (const char *at = text; (at = memchr(at, '$', end - at)) != NULL; at++) {
		if (at > text && strchr(" \t\r()", at[-1]) != NULL) {
			return false;
		}
	}
	return true;
}

/*! \brief Lets libzscanner go through the part. */
static int look_through(cg_part_t *part, look_t *look)
{
	cg_scanner_t *scanner = part->scanner;
	zs_scanner_t *zs = &scanner->zs;
	cg_scanner_set_entry(scanner, part->text, part->len, 0, part->len);
	/* Counted are those before a record's last one. */
	zs->line_counter = 1;
	(void)zs_set_processing(zs, take_record, take_error, look);
	int ret = zs_parse_all(zs);
	zs->process.automatic = false;
	if (look->ret != KNOT_EOK) {
		return look->ret;
	}
	bool ended = ret == 0 && zs->cs == scanner->start && !zs->multiline;
	return ended ? KNOT_EOK : KNOT_ENOTSUP;
}

/*!
 * \brief Takes over how many lines libzscanner has counted.
 *
 * It does not count those within quoted texts, which can be in parentheses only.
 */
static void count_lines(cg_part_t *part)
{
	/* From 1, and the last was its own. */
	size_t lines = part->scanner->zs.line_counter - 2;
	if (memchr(part->text, '(', part->len) != NULL) {
		size_t counted = cg_entry_lines(part->text, 0, part->len);
		part->whole |= counted != lines;
		lines = counted;
	}
	part->lines = lines + (part->text[part->len - 1] != '\n');
}

typedef struct {
	look_t look;
	const cg_part_t *part;
} again_t;

static int take_scanned(const cg_scan_rr_t *rr, void *ctx)
{
	again_t *again = ctx;
	const cg_part_rr_t shown = {
		.owner = rr->owner,
		.rdata = rr->rdata,
		.owner_size = rr->owner_size,
		.rdata_len = rr->rdata_len,
		.type = rr->type,
		.rclass = rr->rclass,
		.ttl = rr->ttl,
		.lines = rr->first - again->part->line,
	};
	return again->look.record(&shown, again->look.ctx);
}

int cg_parts_look(const cg_parts_t *parts, cg_part_t *part,
                  int (*record)(const cg_part_rr_t *rr, void *ctx), void *ctx)
{
	again_t again = { { .record = record, .ctx = ctx, .ret = KNOT_EOK }, part };
	bool plain = is_plain(part->text, part->len);
	part->whole |= !plain;
	if (!plain || cg_scan_generic(part->text, part->len)) {
		/* libzscanner would not look at what is given as \#. */
		return cg_parts_scan(parts, part, take_scanned, &again);
	}
	int ret = cg_part_prepare(part);
	if (ret == KNOT_EOK) {
		ret = look_through(part, &again.look);
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	count_lines(part);
	cg_scanner_state(part->scanner, &part->end);
	return KNOT_EOK;
}

int cg_parts_look_at_text(const char *text, size_t len, const knot_dname_t *origin,
                          cg_scanner_t *scanner,
                          int (*record)(const cg_part_rr_t *rr, void *ctx), void *ctx)
{
	if (len == 0 || !is_plain(text, len) || cg_scan_generic(text, len) ||
	    cg_scan_includes(text, len)) {
		return KNOT_ENOTSUP;
	}
	cg_part_t part = { .text = (char *)text, .len = len, .scanner = scanner };
	part.begin.ttl = CG_SCAN_TTL;
	memcpy(part.begin.origin, origin, knot_dname_size(origin));
	look_t look = { .record = record, .ctx = ctx, .ret = KNOT_EOK };
	int ret = cg_part_prepare(&part);
	return (ret == KNOT_EOK) ? look_through(&part, &look) : ret;
}
