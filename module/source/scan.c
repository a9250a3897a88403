/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "source/data.h"
#include "source/reason.h"
#include "source/scan.h"

/*! \brief Octets from one progress to the next. */
#define PROGRESS_STEP	65536

static void progress(const cg_scan_file_t *file)
{
	bool done = file->depth == 0 && file->cursor.at == file->cursor.len;
	cg_scanning_t *scanning = file->scanning;
	size_t octets = scanning->octets + file->cursor.at;
	if (scanning->how->progress != NULL &&
	    (done || octets - scanning->told >= PROGRESS_STEP)) {
		scanning->told = octets;
		scanning->how->progress(octets, scanning->total, scanning->how->ctx);
	}
}

/* --- Records --- */

bool cg_scan_generic(const char *text, size_t len)
{
	const char *end = text + len;
	while ((text = memchr(text, '\\', end - text)) != NULL && ++text < end) {
		if (*text == '#') {
			return true;
		}
	}
	return false;
}

/*! \brief Whether data given as \# are data of the type: libzscanner does not look. */
static int check_data(cg_scan_file_t *file, const cg_scan_rr_t *rr)
{
	const char *text = file->cursor.text;
	if (!file->generic || !cg_scan_generic(text + rr->begin, rr->end - rr->begin)) {
		return KNOT_EOK;
	}
	int ret = cg_data_check(rr, &file->scanning->data);
	if (ret == KNOT_EMALF) {
		char type[32];
		char reason[CG_REASON_SIZE];
		(void)knot_rrtype_to_string(rr->type, type, sizeof(type));
		snprintf(reason, sizeof(reason), "what follows \\# are no data of type %s", type);
		cg_scan_tell(file, rr->first, reason);
	}
	return ret;
}

/*! \brief Hands out the record at the cursor; \a stopped is where the scanner stopped. */
static int take_record(cg_scan_file_t *file, size_t stopped)
{
	const zs_scanner_t *scanner = &file->scanner->zs;
	cg_cursor_t *cursor = &file->cursor;
	char first = cursor->text[cursor->at];
	cg_scan_rr_t rr = {
		.owner = scanner->r_owner,
		.owner_size = scanner->r_owner_length,
		.type = scanner->r_type,
		.rclass = scanner->r_class,
		.ttl = scanner->r_ttl,
		.rdata = scanner->r_data,
		.rdata_len = scanner->r_data_length,
		.file = file->name,
		.depth = file->depth,
		.first = cursor->line,
		.begin = cg_entry_line_begin(cursor->text, cursor->at),
		.inherits = first == ' ' || first == '\t' || first == '(',
	};
	cg_scan_leave(file, stopped);
	rr.end = cursor->at;
	rr.last = cursor->line - (cursor->text[rr.end - 1] == '\n');

	int ret = check_data(file, &rr);
	if (ret == KNOT_EOK) {
		ret = file->scanning->how->record(&rr, file->scanning->how->ctx);
	} else if (ret == KNOT_EMALF) {
		ret = KNOT_EOK;
	}
	return ret;
}

/* --- Entries --- */

/*!
 * \brief Lets the scanner read; a wrong $ORIGIN leaves all as it was, where libzscanner does not.
 *
 * \param first  Of the entry; only behind blanks and parentheses a directive may be, too.
 */
static int parse_entry(zs_scanner_t *scanner, char first)
{
	if (strchr("$ \t()", first) == NULL) {
		return (zs_parse_record(scanner) == 0) ? KNOT_EOK : KNOT_ERROR;
	}

	uint8_t origin[sizeof(scanner->zone_origin)];
	uint32_t origin_len = scanner->zone_origin_length;
	memcpy(origin, scanner->zone_origin, origin_len);

	int ret = zs_parse_record(scanner);
	if (scanner->state == ZS_STATE_ERROR) {
		memcpy(scanner->zone_origin, origin, origin_len);
		scanner->zone_origin_length = origin_len;
	}
	return (ret == 0) ? KNOT_EOK : KNOT_ERROR;
}

/*! \brief Scans the entry at the cursor up to \a end at most. */
static int scan_entry(cg_scan_file_t *file, size_t end, bool directive)
{
	cg_cursor_t *cursor = &file->cursor;
	zs_scanner_t *scanner = &file->scanner->zs;

	cg_scanner_set_entry(file->scanner, cursor->text, cursor->len, cursor->at, end);
	int ret = parse_entry(scanner, cursor->text[cursor->at]);
	if (ret != KNOT_EOK) {
		return ret;
	}
	/* A newline that the text lacks comes from elsewhere. */
	size_t stopped = end;
	if (scanner->input.start == cursor->text) {
		stopped = scanner->input.current - cursor->text;
	}
	if (scanner->state == ZS_STATE_DATA && directive) {
		/* In its parentheses. */
		scanner->state = ZS_STATE_ERROR;
		scanner->error.code = ZS_BAD_REST;
		scanner->buffer_length = 0;
	}
	switch (scanner->state) {
	case ZS_STATE_DATA:
		return take_record(file, stopped);
	case ZS_STATE_ERROR:
		return cg_scan_error(file, stopped);
	case ZS_STATE_INCLUDE:
		return cg_scan_include(file, stopped);
	default:
		file->loose |= !directive;
		cg_cursor_move(cursor, end);
		return KNOT_EOK;
	}
}

static int scan_directive(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	bool unclosed;
	size_t end = cg_entry_directive_end(cursor->text, cursor->len, cursor->at, &unclosed);
	if (unclosed) {
		cg_scan_tell_open(file, end);
		cg_cursor_move(cursor, end);
		return KNOT_EOK;
	}
	return scan_entry(file, end, true);
}

int cg_scan_entries(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	int ret = KNOT_EOK;

	while (ret == KNOT_EOK) {
		cg_cursor_move(cursor, cg_entry_begin(cursor->text, cursor->len, cursor->at,
		                                      file->scanner->zs.r_owner_length > 0));
		progress(file);
		if (cursor->at == cursor->len) {
			break;
		}
		ret = (cursor->text[cursor->at] == '$') ? scan_directive(file) :
		                                          scan_entry(file, cursor->len, false);
	}
	return ret;
}

/* --- Files --- */

static void skip_mark(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	if (cursor->len >= 3 && memcmp(cursor->text, "\xef\xbb\xbf", 3) == 0) {
		cg_scan_tell(file, 1, "the file begins with a byte order mark, which "
		     "Knot does not read; save it as UTF-8 without one");
		cursor->at = 3;
	}
}

bool cg_scan_includes(const char *text, size_t len)
{
	static const char DIRECTIVE[] = "$INCLUDE";
	const char *end = text + len;
	while ((text = memchr(text, '$', end - text)) != NULL) {
		if ((size_t)(end - text) >= strlen(DIRECTIVE) &&
		    strncasecmp(text, DIRECTIVE, strlen(DIRECTIVE)) == 0) {
			return true;
		}
		text++;
	}
	return false;
}

int cg_scan_file(cg_scan_file_t *file, const cg_scan_state_t *state)
{
	cg_cursor_t *cursor = &file->cursor;
	cg_scanner_t *lent = (file->depth == 0) ? file->scanning->how->scanner : NULL;
	file->scanner = (lent != NULL) ? lent : cg_scanner_new();
	if (file->scanner == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = cg_scanner_set(file->scanner, state,
	                         cg_scan_includes(cursor->text, cursor->len) ? file->name : NULL);
	if (ret == KNOT_EOK) {
		file->scanning->total += cursor->len;
		file->generic = cg_scan_generic(cursor->text, cursor->len);
		skip_mark(file);
		ret = cg_scan_entries(file);
		file->scanning->octets += cursor->at;
	}
	if (lent == NULL) {
		cg_scanner_free(file->scanner);
	}
	return ret;
}

/*! \brief Text and identity of the main file. */
static int open_main(cg_scan_file_t *file)
{
	const cg_scan_t *how = file->scanning->how;
	if (how->text == NULL) {
		int ret = cg_text_read(how->file, true, &file->own);
		file->cursor.text = file->own.text;
		file->cursor.len = file->own.len;
		file->identified = true;
		return ret;
	}
	file->cursor.text = how->text;
	file->cursor.len = how->len;
	struct stat st;
	if (cg_scan_includes(how->text, how->len) && stat(how->file, &st) == 0) {
		file->own.device = st.st_dev;
		file->own.inode = st.st_ino;
		file->identified = true;
	}
	return KNOT_EOK;
}

int cg_scan(const cg_scan_t *scan)
{
	cg_scanning_t scanning = { .how = scan };
	cg_scan_file_t file = { .scanning = &scanning, .name = scan->file, .cursor.line = 1 };
	cg_scan_state_t state = { .ttl = CG_SCAN_TTL };
	memcpy(state.origin, scan->origin, knot_dname_size(scan->origin));

	int ret = open_main(&file);
	if (ret == KNOT_EOK) {
		ret = cg_scan_file(&file, &state);
	}
	int kept = errno;
	cg_scan_tell_rest(&scanning);
	free(file.own.text);
	free(scanning.data);
	while (scanning.names != NULL) {
		cg_scan_name_t *name = scanning.names;
		scanning.names = name->next;
		free(name);
	}
	errno = kept;
	return ret;
}
