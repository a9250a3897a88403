/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/scan.h"

/*! \brief Times that a part may be doubled where it cannot be cut. */
#define DOUBLED_MAX	6

/*! \brief Where a part is, and what it begins with. */
typedef struct {
	off_t at;
	size_t len;
	size_t line;
	size_t lines;
	bool whole;              /*!< Only as a whole can it be scanned again. */
	cg_scan_state_t begin;
	cg_scan_state_t end;
} cut_t;

struct cg_parts {
	const char *file;
	const char *text;        /*!< Of what cannot be read twice; NULL: it is a file. */
	int fd;
	struct stat st;          /*!< Of the file when it was opened. */
	size_t size;
	cg_scanner_t *scanner;   /*!< Reads directives only. */
	cut_t *cuts;
	size_t cuts_count;
	size_t cuts_max;
	size_t next;             /*!< Part to be taken. */
	off_t taken;             /*!< Octets before it. */
	bool cut;                /*!< All cuts are known. */
};

cg_parts_t *cg_parts_open(const char *file, size_t size)
{
	struct stat st;
	cg_parts_t *parts = calloc(1, sizeof(*parts));
	if (parts == NULL) {
		return NULL;
	}
	parts->file = file;
	parts->size = size;
	parts->fd = -1;
	/* What is no file may be changed by opening it. */
	if (stat(file, &st) == 0 && S_ISREG(st.st_mode)) {
		parts->fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	if (parts->fd < 0 || fstat(parts->fd, &parts->st) != 0 || !S_ISREG(parts->st.st_mode)) {
		cg_parts_close(parts);
		return NULL;
	}
	return parts;
}

cg_parts_t *cg_parts_open_text(const char *file, const char *text, size_t len, size_t size)
{
	cg_parts_t *parts = calloc(1, sizeof(*parts));
	if (parts != NULL) {
		parts->file = file;
		parts->size = size;
		parts->text = text;
		parts->fd = -1;
		parts->st.st_size = len;
	}
	return parts;
}

void cg_parts_close(cg_parts_t *parts)
{
	if (parts == NULL) {
		return;
	}
	if (parts->fd >= 0) {
		close(parts->fd);
	}
	cg_scanner_free(parts->scanner);
	free(parts->cuts);
	free(parts);
}

size_t cg_parts_total(const cg_parts_t *parts)
{
	return parts->st.st_size;
}

size_t cg_parts_taken(const cg_parts_t *parts)
{
	return parts->taken;
}

/* --- Reading --- */

/*! \brief Octets from there on, as pread(). */
static ssize_t get(const cg_parts_t *parts, char *out, size_t want, off_t at)
{
	if (parts->text == NULL) {
		return pread(parts->fd, out, want, at);
	}
	size_t left = parts->st.st_size - at;
	size_t got = (want < left) ? want : left;
	memcpy(out, parts->text + at, got);
	return got;
}

/*! \brief Reads that many octets, less only at the end of the file. */
static int read_at(const cg_parts_t *parts, off_t at, size_t want, cg_part_t *part)
{
	if (part->max < want) {
		free(part->text);
		part->max = 0;
		part->text = malloc(want);
		if (part->text == NULL) {
			return KNOT_ENOMEM;
		}
		part->max = want;
	}
	part->len = 0;
	while (part->len < want) {
		ssize_t got = get(parts, part->text + part->len, want - part->len, at + part->len);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return KNOT_EFILE;
		}
		if (got == 0) {
			break;
		}
		part->len += got;
	}
	return KNOT_EOK;
}

int cg_parts_origin(cg_parts_t *parts, knot_dname_storage_t out)
{
	cg_part_t part = { 0 };
	int ret = read_at(parts, 0, parts->size, &part);
	if (ret == KNOT_EOK) {
		ret = cg_scan_origin_begun(parts->file, part.text, part.len, out);
	}
	free(part.text);
	return ret;
}

int cg_parts_begin(cg_parts_t *parts, const knot_dname_t *origin)
{
	cg_scan_state_t state = { .ttl = CG_SCAN_TTL };
	memcpy(state.origin, origin, knot_dname_size(origin));
	parts->scanner = cg_scanner_new();
	return (parts->scanner == NULL) ? KNOT_ENOMEM : cg_scanner_set(parts->scanner, &state, NULL);
}

/* --- Cutting --- */

/*! \brief Makes the text end before the last line that seems to begin with an owner. */
static bool cut_off(cg_part_t *part)
{
	size_t end = part->len;
	const char *newline;
	while (end > 0 && (newline = memrchr(part->text, '\n', end)) != NULL) {
		size_t line = newline - part->text + 1;
		if (cg_entry_looks_new(part->text, part->len, line) && part->text[line] != '$') {
			part->len = line;
			return true;
		}
		end = line - 1;
	}
	return false;
}

/*! \brief Reads the next part of the file, so that it can be cut off. */
static int read_next(const cg_parts_t *parts, cg_part_t *part)
{
	size_t want = parts->size;
	for (int doubled = 0; doubled <= DOUBLED_MAX; doubled++, want *= 2) {
		int ret = read_at(parts, parts->taken, want, part);
		if (ret != KNOT_EOK) {
			return ret;
		}
		if (part->len < want || parts->taken + (off_t)want == parts->st.st_size) {
			return (part->len > 0) ? KNOT_EOK : KNOT_EOF;
		}
		if (cut_off(part)) {
			return KNOT_EOK;
		}
	}
	return KNOT_ENOTSUP;
}

/*! \brief Reads the directive at that position. */
static int read_directive(cg_parts_t *parts, const cg_part_t *part, size_t at)
{
	bool unclosed;
	size_t end = cg_entry_directive_end(part->text, part->len, at, &unclosed);
	zs_scanner_t *zs = &parts->scanner->zs;
	cg_scanner_set_entry(parts->scanner, part->text, part->len, at, end);
	bool read = !unclosed && zs_parse_record(zs) == 0 && zs->state == ZS_STATE_EOF;
	return read ? KNOT_EOK : KNOT_ENOTSUP;
}

/*! \brief Reads the directives alone: what the next part begins with. */
static int read_directives(cg_parts_t *parts, const cg_part_t *part, bool *any)
{
	const char *end = part->text + part->len;
	const char *at = part->text;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && (at = memchr(at, '$', end - at)) != NULL) {
		if (at == part->text || at[-1] == '\n') {
			ret = read_directive(parts, part, at - part->text);
			*any = true;
		}
		at++;
	}
	return ret;
}

static cut_t *new_cut(cg_parts_t *parts)
{
	if (parts->cuts_count == parts->cuts_max) {
		size_t max = (parts->cuts_max == 0) ? 16 : parts->cuts_max * 2;
		cut_t *bigger = realloc(parts->cuts, max * sizeof(*bigger));
		if (bigger == NULL) {
			return NULL;
		}
		parts->cuts = bigger;
		parts->cuts_max = max;
	}
	return &parts->cuts[parts->cuts_count++];
}

static int take_new(cg_parts_t *parts, cg_part_t *part)
{
	int ret = read_next(parts, part);
	if (ret != KNOT_EOK) {
		return ret;
	}
	cut_t *cut = new_cut(parts);
	if (cut == NULL) {
		return KNOT_ENOMEM;
	}
	*cut = (cut_t){ .at = parts->taken, .len = part->len };
	cg_scanner_state(parts->scanner, &cut->begin);
	return read_directives(parts, part, &cut->whole);
}

static int take_known(const cg_parts_t *parts, cg_part_t *part)
{
	if (parts->next == parts->cuts_count) {
		return KNOT_EOF;
	}
	part->len = parts->cuts[parts->next].len;
	return KNOT_EOK;
}

int cg_parts_read(const cg_parts_t *parts, cg_part_t *part)
{
	size_t len = part->len;
	if (part->read) {
		return KNOT_EOK;
	}
	int ret = read_at(parts, part->from, len, part);
	part->read = true;
	return (ret == KNOT_EOK && part->len != len) ? KNOT_EFILE : ret;
}

static void give_back(cg_parts_t *parts, const cg_part_t *part)
{
	if (part->lines > 0 && !parts->cut) {
		parts->cuts[part->at].lines = part->lines;
		parts->cuts[part->at].end = part->end;
		parts->cuts[part->at].whole |= part->whole;
	}
}

int cg_parts_take(cg_parts_t *parts, cg_part_t *part)
{
	give_back(parts, part);
	part->lines = 0;
	int ret = parts->cut ? take_known(parts, part) : take_new(parts, part);
	if (ret == KNOT_EOK) {
		const cut_t *cut = &parts->cuts[parts->next];
		part->at = parts->next++;
		part->from = cut->at;
		part->read = !parts->cut; /* To find out where it ends. */
		part->line = cut->line;
		part->whole = cut->whole;
		part->begin = cut->begin;
		parts->taken += part->len;
	}
	return ret;
}

/* --- Scanning --- */

void cg_part_free(cg_part_t *part)
{
	cg_scanner_free(part->scanner);
	free(part->text);
	*part = (cg_part_t){ 0 };
}

int cg_part_prepare(cg_part_t *part)
{
	if (part->scanner == NULL) {
		part->scanner = cg_scanner_new();
	}
	return (part->scanner == NULL) ? KNOT_ENOMEM :
	       cg_scanner_set(part->scanner, &part->begin, NULL);
}

/*! \brief Scans one part with the scanner of its thread. */
static int scan(const cg_parts_t *parts, cg_part_t *part, const cg_part_range_t *ranges,
                size_t count, const cg_scan_t *how)
{
	int ret = cg_part_prepare(part);
	cg_scanning_t scanning = { .how = how };
	cg_scan_file_t file = {
		.scanning = &scanning,
		.name = parts->file,
		.cursor = { .text = part->text, .len = part->len, .line = part->line },
		.scanner = part->scanner,
		.generic = cg_scan_generic(part->text, part->len),
	};
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		file.cursor.at = ranges[i].from;
		file.cursor.len = ranges[i].to;
		file.cursor.line = part->line + ranges[i].line;
		if (ranges[i].from > 0) {
			/* None is inherited; blank lines may come first. */
			part->scanner->zs.r_owner[0] = 0;
			part->scanner->zs.r_owner_length = 1;
		}
		ret = cg_scan_entries(&file);
	}
	part->lines = file.cursor.line - part->line;
	free(file.own.text);
	free(scanning.data);
	bool unusual = scanning.errors > 0 || scanning.files > 0 || file.loose;
	return (ret == KNOT_EOK && unusual) ? KNOT_ENOTSUP : ret;
}

int cg_parts_scan(const cg_parts_t *parts, cg_part_t *part,
                  int (*record)(const cg_scan_rr_t *rr, void *ctx), void *ctx)
{
	const cg_scan_t how = { .file = parts->file, .include_dir = "", .record = record, .ctx = ctx };
	const cg_part_range_t all = { 0, part->len, 0 };
	int ret = scan(parts, part, &all, 1, &how);
	part->lines += (part->lines == 0); /* The last line of the file may lack its end. */
	if (ret == KNOT_EOK) {
		cg_scanner_state(part->scanner, &part->end);
	}
	return ret;
}

int cg_parts_scan_again(const cg_parts_t *parts, cg_part_t *part,
                        const cg_part_range_t *ranges, size_t count,
                        int (*record)(const cg_scan_rr_t *rr, void *ctx), void *ctx)
{
	const cg_scan_t how = { .file = parts->file, .include_dir = "", .record = record, .ctx = ctx };
	return scan(parts, part, ranges, count, &how);
}

static bool same_state(const cg_scan_state_t *a, const cg_scan_state_t *b)
{
	return a->ttl == b->ttl && memcmp(a->origin, b->origin, sizeof(a->origin)) == 0;
}

/*! \brief Whether the file is what it was. */
static bool is_same_file(const cg_parts_t *parts)
{
	struct stat st;
	return parts->text != NULL ||
	       (fstat(parts->fd, &st) == 0 && st.st_size == parts->st.st_size &&
	        st.st_mtim.tv_sec == parts->st.st_mtim.tv_sec &&
	        st.st_mtim.tv_nsec == parts->st.st_mtim.tv_nsec);
}

int cg_parts_end(cg_parts_t *parts)
{
	if (!is_same_file(parts) || parts->taken != parts->st.st_size) {
		return KNOT_EAGAIN;
	}
	size_t line = 1;
	for (size_t i = 0; i < parts->cuts_count; i++) {
		cut_t *cut = &parts->cuts[i];
		if (cut->lines == 0 || (i > 0 && !same_state(&cut[-1].end, &cut->begin))) {
			return KNOT_ENOTSUP;
		}
		cut->line = line;
		line += cut->lines;
	}
	parts->cut = true;
	parts->next = 0;
	parts->taken = 0;
	return KNOT_EOK;
}
