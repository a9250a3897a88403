/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/include.h"
#include "source/reason.h"
#include "source/scan.h"

/*! \brief Files that may include each other. */
#define INCLUDE_DEPTH	16
/*! \brief Files of one scan: few lines can name very many. */
#define FILES_MAX	65536

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

/*! \brief The path without what the scanner has put before it for the working folder. */
static const char *path_of(const cg_scan_file_t *file)
{
	const char *path = file->scanner->zs.include_filename;
	return (strncmp(path, "./", 2) == 0) ? path + 2 : path;
}

/*! \brief Whether a path would write on several lines where it is shown, or worse. */
static bool has_control(const char *path)
{
	for (; *path != '\0'; path++) {
		if (iscntrl((unsigned char)*path)) {
			return true;
		}
	}
	return false;
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

/*! \brief Scans what was read, as a file of its own: no directive of it holds outside. */
static int scan_text(cg_scan_file_t *parent, const cg_text_t *text, const knot_dname_t *origin)
{
	cg_scanning_t *scanning = parent->scanning;
	cg_scan_file_t file = {
		.parent = parent,
		.scanning = scanning,
		.name = keep_name(scanning, path_of(parent)),
		.own = *text,
		.identified = true,
		.cursor = { .text = text->text, .len = text->len, .line = 1 },
		.depth = parent->depth + 1,
	};
	if (file.name == NULL) {
		return KNOT_ENOMEM;
	}
	cg_scan_state_t state = { .ttl = parent->scanner->zs.default_ttl };
	memcpy(state.origin, origin, knot_dname_size(origin));
	scanning->octets += parent->cursor.at;
	int ret = cg_scan_file(&file, &state);
	scanning->octets -= parent->cursor.at;
	return ret;
}

/*! \param[out] why  Why the file is not included, if it is not. */
static int include(cg_scan_file_t *file, const knot_dname_t *origin, const char **why)
{
	cg_scanning_t *scanning = file->scanning;
	cg_text_t text = { 0 };

	if (has_control(path_of(file))) {
		*why = "there are control characters in its name";
		return KNOT_EOK;
	}
	if (file->depth == INCLUDE_DEPTH) {
		*why = "files include each other too deep";
		return KNOT_EOK;
	}
	if (scanning->files == FILES_MAX) {
		*why = "too many files are included";
		return KNOT_EOK;
	}
	scanning->files++;

	int ret = cg_include_read(path_of(file), scanning->how->include_dir, &text, why);
	if (ret == KNOT_EOK && *why == NULL && is_open(file, &text)) {
		*why = "it would include itself";
	}
	if (ret == KNOT_EOK && *why == NULL) {
		ret = scan_text(file, &text, origin);
	}
	free(text.text);
	return ret;
}

int cg_scan_include(cg_scan_file_t *file, size_t stopped)
{
	const zs_scanner_t *scanner = &file->scanner->zs;
	size_t line = file->cursor.line;
	cg_scan_leave(file, stopped);

	/* The scanner writes the origin out, that of the file if the line names none. */
	knot_dname_storage_t origin;
	const char *why = "its origin is no valid name";
	int ret = KNOT_EOK;
	if (knot_dname_from_str(origin, (const char *)scanner->buffer, sizeof(origin)) != NULL) {
		why = NULL;
		ret = include(file, origin, &why);
	}
	if (why != NULL) {
		char reason[CG_REASON_SIZE];
		snprintf(reason, sizeof(reason), "%.400s cannot be included: %s", path_of(file),
		         why);
		cg_reason_clean(reason);
		cg_scan_tell(file, line, reason);
	}
	return ret;
}
