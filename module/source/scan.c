/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "source/include.h"
#include "source/reason.h"
#include "source/scan.h"

/*! \brief TTL of a record where the file gives none, as in Knot. */
#define DEFAULT_TTL	3600
/*! \brief Files that may include each other. */
#define INCLUDE_DEPTH	16
/*! \brief Files of one scan: few lines can name very many. */
#define FILES_MAX	65536
/*! \brief Errors that are told one by one: a file that is no zone has one on each line. */
#define ERRORS_MAX	100
/*! \brief Times that text after a parenthesis without end is read again. */
#define UNCLOSED_MAX	16
/*! \brief Octets from one progress to the next. */
#define PROGRESS_STEP	65536

static void tell(cg_scanning_t *scanning, const char *file, size_t line, const char *reason)
{
	if (scanning->how->error == NULL || ++scanning->errors > ERRORS_MAX) {
		return;
	}
	cg_scan_error_t error = { .file = file, .line = line, .reason = reason };
	scanning->how->error(&error, scanning->how->ctx);
}

static void tell_rest(cg_scanning_t *scanning)
{
	if (scanning->errors <= ERRORS_MAX) {
		return;
	}
	char reason[80];
	snprintf(reason, sizeof(reason), "%zu more errors, which are not shown",
	         scanning->errors - ERRORS_MAX);
	cg_scan_error_t error = { .file = scanning->how->file, .reason = reason };
	scanning->how->error(&error, scanning->how->ctx);
}

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

/*!
 * \brief Where a record ends whose data are complete before its parentheses close.
 *
 * The scanner gives it out at the end of that line already, with the
 * parenthesis still open.
 */
static size_t closing_end(const cg_cursor_t *cursor, size_t at)
{
	size_t begin = at;
	while (at < cursor->len) {
		switch (cursor->text[at]) {
		case ' ':
		case '\t':
		case '\n':
			at++;
			break;
		case ';':
			at = cg_entry_line_end(cursor->text, cursor->len, at);
			break;
		case ')':
			do {
				at++;
			} while (at < cursor->len && (cursor->text[at] == ' ' ||
			                              cursor->text[at] == '\t'));
			return (at == cursor->len || cursor->text[at] == '\n' ||
			        cursor->text[at] == ';') ? at : begin;
		default:
			return begin; /* No end of this record: an error of the next entry. */
		}
	}
	return begin;
}

/*! \brief Hands out the record that stands from the cursor to \a end. */
static int take_record(cg_scan_file_t *file, size_t end)
{
	const zs_scanner_t *scanner = file->scanner;
	cg_cursor_t *cursor = &file->cursor;
	if (scanner->multiline) {
		end = closing_end(cursor, end);
	}
	char first = cursor->text[cursor->at];
	cg_scan_rr_t rr = {
		.owner = scanner->r_owner,
		.type = scanner->r_type,
		.rclass = scanner->r_class,
		.ttl = scanner->r_ttl,
		.rdata = scanner->r_data,
		.rdata_len = scanner->r_data_length,
		.file = file->name,
		.depth = file->depth,
		.first = cursor->line,
		.begin = cg_entry_line_begin(cursor->text, cursor->at),
		.end = cg_entry_line_end(cursor->text, cursor->len, end),
		.inherits = first == ' ' || first == '\t' || first == '(',
	};
	cg_cursor_move(cursor, rr.end);
	rr.last = cursor->line - (cursor->text[rr.end - 1] == '\n');

	return file->scanning->how->record(&rr, file->scanning->how->ctx);
}

/* --- Errors --- */

/*!
 * \brief Lets lines end as they should: CR LF becomes a blank and LF, so that
 *        all stays in its place.
 */
static int mend_newlines(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	if (file->own.text == NULL) {
		file->own.text = malloc(cursor->len);
		if (file->own.text == NULL) {
			return KNOT_ENOMEM;
		}
		memcpy(file->own.text, cursor->text, cursor->len);
	}
	cursor->text = file->own.text;

	char *cr = file->own.text + cursor->at;
	char *end = file->own.text + cursor->len;
	while ((cr = memchr(cr, '\r', end - cr)) != NULL) {
		if (cr + 1 == end || cr[1] == '\n') {
			*cr = ' ';
		}
		cr++;
	}
	return KNOT_EOK;
}

/*! \brief Position where the scanner stumbled, which stopped at the end of that line. */
static bool stumbled_at(const zs_scanner_t *scanner, size_t begin, size_t stopped, size_t *at)
{
	/* The rest of the line is in the buffer, as far as it fits, with a zero. */
	size_t rest = scanner->buffer_length;
	if (rest == 0 || rest >= sizeof(scanner->buffer) || rest - 1 > stopped - begin) {
		return false;
	}
	*at = stopped - (rest - 1);
	return true;
}

/*! \brief An entry with a parenthesis that is never closed, as far as one can see. */
static void tell_open(cg_scan_file_t *file, size_t line)
{
	char reason[CG_REASON_SIZE];
	if (line > 0) {
		snprintf(reason, sizeof(reason), "a parenthesis that is opened here is not "
		         "closed before line %zu, where another record seems to begin", line);
	} else {
		snprintf(reason, sizeof(reason), "a parenthesis that is opened here is never "
		         "closed");
	}
	tell(file->scanning, file->name, file->cursor.line, reason);
}

/*! \brief Wrong within parentheses: finds out where they end. */
static void take_open_error(cg_scan_file_t *file, size_t at, const char *reason)
{
	cg_cursor_t *cursor = &file->cursor;
	size_t line = cg_entry_line_begin(cursor->text, at);

	if (line > cursor->at && cg_entry_looks_new(cursor->text, cursor->len, line)) {
		size_t number = cursor->line + cg_entry_lines(cursor->text, cursor->at, line);
		tell_open(file, number);
		cg_cursor_move(cursor, line);
		return;
	}
	tell(file->scanning, file->name,
	     cursor->line + cg_entry_lines(cursor->text, cursor->at, at), reason);
	cg_cursor_move(cursor, cg_entry_resume(cursor->text, cursor->len, at));
}

/*! \brief Parentheses that are open at the end of the file: what they took up is read again. */
static void take_unclosed(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	tell_open(file, 0);

	size_t next = cursor->len;
	if (file->unclosed++ < UNCLOSED_MAX) {
		next = cg_entry_line_end(cursor->text, cursor->len, cursor->at);
		while (next < cursor->len && !cg_entry_looks_new(cursor->text, cursor->len, next)) {
			next = cg_entry_line_end(cursor->text, cursor->len, next);
		}
	}
	cg_cursor_move(cursor, next);
}

/*! \brief Whether a line that ends at \a at ends as on Windows. */
static bool ends_with_cr(const cg_cursor_t *cursor, size_t at)
{
	return at > cursor->at && cursor->text[at - 1] == '\r' &&
	       (at == cursor->len || cursor->text[at] == '\n');
}

/*! \brief Tells an error and goes behind it; \a stopped is where the scanner stopped. */
static int take_error(cg_scan_file_t *file, size_t stopped)
{
	cg_cursor_t *cursor = &file->cursor;
	const zs_scanner_t *scanner = file->scanner;

	if (scanner->error.code == ZS_DOS_NEWLINE && ends_with_cr(cursor, stopped)) {
		tell(file->scanning, file->name,
		     cursor->line + cg_entry_lines(cursor->text, cursor->at, stopped),
		     "lines of this file end as on Windows (CR LF), which Knot does not read; "
		     "convert it, by dos2unix for example");
		return mend_newlines(file); /* The entry is read again. */
	}
	if (scanner->error.code == ZS_UNCLOSED_MULTILINE) {
		take_unclosed(file);
		return KNOT_EOK;
	}

	cg_stumble_t stumble = {
		.code = scanner->error.code,
		.text = cursor->text,
		.len = cursor->len,
		.begin = cursor->at,
		.at = stopped,
	};
	stumble.has_at = stumbled_at(scanner, cursor->at, stopped, &stumble.at);
	char reason[CG_REASON_SIZE];
	cg_reason(&stumble, reason);

	if (scanner->multiline) {
		take_open_error(file, stumble.at, reason);
	} else {
		cg_cursor_move(cursor, stopped);
		tell(file->scanning, file->name, cursor->line, reason);
		cg_cursor_move(cursor, cg_entry_line_end(cursor->text, cursor->len, stopped));
	}
	return KNOT_EOK;
}

/* --- Includes --- */

static const char *keep_name(cg_scanning_t *scanning, const char *text)
{
	size_t size = strlen(text) + 1;
	cg_scan_name_t *name = malloc(sizeof(*name) + size);
	if (name == NULL) {
		return NULL;
	}
	memcpy(name->text, text, size);
	name->next = scanning->names;
	scanning->names = name;
	return name->text;
}

static bool is_open(const cg_scan_file_t *file, const cg_text_t *text)
{
	for (; file != NULL; file = file->parent) {
		if (file->identified && file->own.device == text->device &&
		    file->own.inode == text->inode) {
			return true;
		}
	}
	return false;
}

static int scan_file(cg_scan_file_t *file, const knot_dname_t *origin, uint32_t ttl);

/*! \brief Scans an included file; \a why says why not. */
static int scan_include(cg_scan_file_t *parent, const char *path, const knot_dname_t *origin,
                        const char **why)
{
	cg_scanning_t *scanning = parent->scanning;
	if (parent->depth == INCLUDE_DEPTH) {
		*why = "files include each other too deep";
		return KNOT_EOK;
	}
	if (++scanning->files > FILES_MAX) {
		*why = "too many files are included";
		return KNOT_EOK;
	}

	cg_scan_file_t file = {
		.parent = parent,
		.scanning = scanning,
		.name = keep_name(scanning, path),
		.depth = parent->depth + 1,
		.identified = true,
	};
	if (file.name == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = cg_include_read(path, scanning->how->include_dir, &file.own, why);
	if (ret == KNOT_EOK && *why == NULL && is_open(parent, &file.own)) {
		*why = "it includes itself";
	}
	if (ret == KNOT_EOK && *why == NULL) {
		file.cursor.text = file.own.text;
		file.cursor.len = file.own.len;
		scanning->octets += parent->cursor.at;
		ret = scan_file(&file, origin, parent->scanner->default_ttl);
		scanning->octets -= parent->cursor.at;
	}
	free(file.own.text);
	return ret;
}

/*! \brief An $INCLUDE that the scanner has read; \a stopped is where it stopped. */
static int take_include(cg_scan_file_t *file, size_t stopped)
{
	zs_scanner_t *scanner = file->scanner;
	cg_cursor_t *cursor = &file->cursor;
	knot_dname_storage_t origin;
	const char *why = NULL;
	int ret = KNOT_EOK;

	cg_cursor_move(cursor, stopped);
	size_t line = cursor->line;
	cg_cursor_move(cursor, cg_entry_line_end(cursor->text, cursor->len, stopped));

	if (knot_dname_from_str(origin, (char *)scanner->buffer, sizeof(origin)) == NULL) {
		why = "its origin is no valid name";
	} else {
		ret = scan_include(file, scanner->include_filename, origin, &why);
	}
	if (why != NULL) {
		char reason[CG_REASON_SIZE];
		snprintf(reason, sizeof(reason), "%s cannot be included: %s",
		         scanner->include_filename, why);
		tell(file->scanning, file->name, line, reason);
	}
	return ret;
}

/* --- Entries --- */

/*! \brief Makes the scanner ready for an entry, whatever the one before has done to it. */
static void set_entry(cg_scan_file_t *file, size_t end)
{
	zs_scanner_t *scanner = file->scanner;
	/* By hand, since libzscanner ends at errors in directives, and leaves its stack
	 * and a mark of an error behind when it gives out an $INCLUDE. */
	scanner->cs = file->start;
	scanner->top = 0;
	scanner->multiline = false;
	scanner->long_string = false;
	scanner->comma_list = false;
	scanner->error.code = ZS_OK;
	scanner->error.fatal = false;
	(void)zs_set_input_string(scanner, file->cursor.text + file->cursor.at,
	                          end - file->cursor.at);
}

/*! \brief Scans the entry at the cursor up to \a end at most. */
static int scan_entry(cg_scan_file_t *file, size_t end)
{
	cg_cursor_t *cursor = &file->cursor;
	zs_scanner_t *scanner = file->scanner;

	set_entry(file, end);
	int ret = zs_parse_record(scanner);

	/* A newline that the text lacks comes from elsewhere. */
	size_t stopped = end;
	if (scanner->input.start == cursor->text + cursor->at) {
		stopped = scanner->input.current - cursor->text;
	}
	if (ret != 0) {
		return KNOT_ERROR;
	}
	switch (scanner->state) {
	case ZS_STATE_DATA:
		return take_record(file, stopped);
	case ZS_STATE_ERROR:
		return take_error(file, stopped);
	case ZS_STATE_INCLUDE:
		return take_include(file, stopped);
	default:
		cg_cursor_move(cursor, end);
		return KNOT_EOK;
	}
}

/*! \brief Scans a directive; a wrong one leaves the origin as it was, where libzscanner does not. */
static int scan_directive(cg_scan_file_t *file)
{
	const cg_cursor_t *cursor = &file->cursor;
	zs_scanner_t *scanner = file->scanner;
	uint8_t origin[sizeof(scanner->zone_origin)];
	uint32_t origin_len = scanner->zone_origin_length;
	memcpy(origin, scanner->zone_origin, sizeof(origin));

	int ret = scan_entry(file, cg_entry_directive_end(cursor->text, cursor->len, cursor->at));
	if (scanner->state == ZS_STATE_ERROR) {
		memcpy(scanner->zone_origin, origin, sizeof(origin));
		scanner->zone_origin_length = origin_len;
	}
	return ret;
}

static int scan_entries(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	int ret = KNOT_EOK;

	while (ret == KNOT_EOK) {
		cg_cursor_move(cursor, cg_entry_begin(cursor->text, cursor->len, cursor->at));
		progress(file);
		if (cursor->at == cursor->len) {
			break;
		}
		ret = (cursor->text[cursor->at] == '$') ? scan_directive(file) :
		                                          scan_entry(file, cursor->len);
	}
	return ret;
}

/* --- Files --- */

static void skip_mark(cg_scan_file_t *file)
{
	cg_cursor_t *cursor = &file->cursor;
	if (cursor->len >= 3 && memcmp(cursor->text, "\xef\xbb\xbf", 3) == 0) {
		tell(file->scanning, file->name, 1, "the file begins with a byte order mark, which "
		     "Knot does not read; save it as UTF-8 without one");
		cursor->at = 3;
	}
}

/*! \brief A scanner for one file. The structure is a quarter of a megabyte: not for a stack. */
static int new_scanner(cg_scan_file_t *file, const knot_dname_t *origin, uint32_t ttl)
{
	knot_dname_txt_storage_t name;
	if (knot_dname_to_str(name, origin, sizeof(name)) == NULL) {
		return KNOT_EINVAL;
	}
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	if (scanner == NULL || zs_init(scanner, name, KNOT_CLASS_IN, ttl) != 0) {
		free(scanner);
		return KNOT_ENOMEM;
	}
	file->start = scanner->cs;
	file->scanner = scanner;
	free(scanner->path);
	scanner->path = cg_include_base(file->name);
	if (scanner->path == NULL) {
		zs_deinit(scanner);
		free(scanner);
		return KNOT_ENOMEM;
	}
	return KNOT_EOK;
}

static int scan_file(cg_scan_file_t *file, const knot_dname_t *origin, uint32_t ttl)
{
	int ret = new_scanner(file, origin, ttl);
	if (ret != KNOT_EOK) {
		return ret;
	}
	file->cursor.line = 1;
	file->scanning->total += file->cursor.len;
	skip_mark(file);
	ret = scan_entries(file);
	file->scanning->octets += file->cursor.at;

	zs_deinit(file->scanner);
	free(file->scanner);
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
	if (stat(how->file, &st) == 0) {
		file->own.device = st.st_dev;
		file->own.inode = st.st_ino;
		file->identified = true;
	}
	return KNOT_EOK;
}

int cg_scan(const cg_scan_t *scan)
{
	cg_scanning_t scanning = { .how = scan };
	cg_scan_file_t file = { .scanning = &scanning, .name = scan->file };

	int ret = open_main(&file);
	if (ret == KNOT_EOK) {
		ret = scan_file(&file, scan->origin, DEFAULT_TTL);
	}
	int kept = errno;
	tell_rest(&scanning);
	free(file.own.text);
	while (scanning.names != NULL) {
		cg_scan_name_t *name = scanning.names;
		scanning.names = name->next;
		free(name);
	}
	errno = kept;
	return ret;
}
