/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text in parts of any size: they are read as the whole is, or left to those who read it whole. */

#include <sys/mman.h>
#include <unistd.h>

#include "cnameguard/parts.h"
#include "fuzz.h"

/*! \brief What was read, as a text. */
typedef struct {
	char *text;
	size_t len;
	size_t max;
	size_t errors;
} seen_t;

static void add(seen_t *seen, const void *octets, size_t len)
{
	if (seen->len + len > seen->max) {
		seen->max = 2 * (seen->len + len);
		seen->text = realloc(seen->text, seen->max);
		HOLDS(seen->text != NULL);
	}
	memcpy(seen->text + seen->len, octets, len);
	seen->len += len;
}

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	add(ctx, rr->owner, rr->owner_size);
	add(ctx, &rr->type, sizeof(rr->type));
	add(ctx, &rr->ttl, sizeof(rr->ttl));
	add(ctx, rr->rdata, rr->rdata_len);
	return KNOT_EOK;
}

static int take_shown(const cg_part_rr_t *rr, void *ctx)
{
	add(ctx, rr->owner, rr->owner_size);
	add(ctx, &rr->type, sizeof(rr->type));
	add(ctx, &rr->ttl, sizeof(rr->ttl));
	add(ctx, rr->rdata, rr->rdata_len);
	return KNOT_EOK;
}

static int take_placed(const cg_scan_rr_t *rr, void *ctx)
{
	add(ctx, &rr->first, sizeof(rr->first));
	add(ctx, &rr->last, sizeof(rr->last));
	add(ctx, &rr->inherits, sizeof(rr->inherits));
	return take_record(rr, ctx);
}

static void take_error(const cg_scan_error_t *error, void *ctx)
{
	(void)error;
	((seen_t *)ctx)->errors++;
}

/*! \brief All parts, one after the other; the first time they are only looked at. */
static int read_parts(cg_parts_t *parts, bool first, seen_t *seen)
{
	cg_part_t part = { 0 };
	int ret;
	while ((ret = cg_parts_take(parts, &part)) == KNOT_EOK) {
		ret = cg_parts_read(parts, &part);
		if (ret == KNOT_EOK) {
			ret = first ? cg_parts_look(parts, &part, take_shown, seen) :
			              cg_parts_scan(parts, &part, take_placed, seen);
		}
		if (ret != KNOT_EOK) {
			break;
		}
	}
	cg_part_free(&part);
	return (ret == KNOT_EOF) ? cg_parts_end(parts) : ret;
}

static void read_whole(const char *text, size_t len,
                       int (*record)(const cg_scan_rr_t *rr, void *ctx), seen_t *seen)
{
	const cg_scan_t how = {
		.file = "fuzz.zone", .text = text, .len = len, .origin = FUZZ_ORIGIN, .include_dir = "",
		.record = record, .error = take_error, .ctx = seen,
	};
	HOLDS(cg_scan(&how) == KNOT_EOK);
}

static void compare(const char *text, size_t len, cg_parts_t *parts, bool first, bool *same)
{
	seen_t whole = { 0 }, cut = { 0 };
	*same = read_parts(parts, first, &cut) == KNOT_EOK;
	if (*same) {
		read_whole(text, len, first ? take_record : take_placed, &whole);
		HOLDS(whole.errors == 0);
		HOLDS(whole.len == cut.len &&
		      (cut.len == 0 || memcmp(whole.text, cut.text, cut.len) == 0));
	}
	free(whole.text);
	free(cut.text);
}

/*! \brief The first octet tells how big the parts are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2) {
		return 0;
	}
	const char *text = (const char *)data + 1;
	char path[32];
	int fd = memfd_create("fuzz.zone", MFD_CLOEXEC);
	HOLDS(fd >= 0 && write(fd, text, size - 1) == (ssize_t)(size - 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

	cg_parts_t *parts = cg_parts_open(path, 8 + data[0]);
	HOLDS(parts != NULL && cg_parts_begin(parts, FUZZ_ORIGIN) == KNOT_EOK);
	bool same;
	compare(text, size - 1, parts, true, &same);
	if (same) { /* Places are known from the second round on. */
		compare(text, size - 1, parts, false, &same);
		HOLDS(same);
	}
	cg_parts_close(parts);
	close(fd);
	return 0;
}
