/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnameguard/file.h"

/*! \brief Longest path that Knot composes. */
#define PATH_SIZE	1024
/*! \brief Room for what one formatter stands for: Knot takes no path for a longer name. */
#define PART_SIZE	512
/*! \brief Largest index that a formatter may have. */
#define INDEX_MAX	255

static void append(char *out, const char *text, size_t len, bool *fits)
{
	size_t used = strlen(out);
	if (len >= PATH_SIZE - used) {
		*fits = false;
		return;
	}
	memcpy(out + used, text, len);
	out[used + len] = '\0';
}

/*! \brief A name may hold slashes; in a path they would be folders. */
static void no_slashes(char *text)
{
	for (char *c = text; *c != '\0'; c++) {
		if (*c == '/') {
			*c = '_';
		}
	}
}

/*! \brief The name without its last dot. */
static bool put_name(const knot_dname_t *name, char *out, size_t size)
{
	if (knot_dname_to_str(out, name, size) == NULL) {
		return false;
	}
	no_slashes(out);
	out[strlen(out) - 1] = '\0';
	return true;
}

/*! \brief Characters \a from to \a to of the name, which ends with a dot. */
static bool put_chars(const knot_dname_t *name, unsigned from, unsigned to,
                      char *out, size_t size)
{
	if (knot_dname_to_str(out, name, size) == NULL) {
		return false;
	}
	no_slashes(out);

	size_t len = strlen(out);
	if (from >= len) {
		out[0] = '\0';
		return true;
	}
	if (to >= len) {
		to = len - 1;
	}
	memmove(out, out + from, to - from + 1);
	out[to - from + 1] = '\0';
	return true;
}

/*! \brief Label number \a index, counted from the right, from 0. */
static bool put_label(const knot_dname_t *name, unsigned index, char *out, size_t size)
{
	size_t labels = knot_dname_labels(name, NULL);
	if (labels == 0 && index == 0) {
		return put_name(name, out, size);
	}
	if (labels <= index) {
		out[0] = '\0';
		return true;
	}

	for (size_t skip = labels - index - 1; skip > 0; skip--) {
		name = cg_next_label(name);
	}
	knot_dname_t label[1 + KNOT_DNAME_MAXLABELLEN + 1];
	memcpy(label, name, 1 + *name);
	label[1 + *name] = '\0';
	return put_name(label, out, size);
}

/*! \brief Takes "[N]", or "[N-M]" where \a to is asked for. */
static const char *take_index(const char *pos, unsigned *from, unsigned *to)
{
	int len = 0;

	if (sscanf(pos, "[%u]%n", from, &len) == 1 && len > 0) {
		if (to != NULL) {
			*to = *from;
		}
	} else if (to == NULL ||
	           sscanf(pos, "[%u-%u]%n", from, to, &len) != 2 || len == 0) {
		return NULL;
	}
	if (*from > INDEX_MAX || (to != NULL && (*to > INDEX_MAX || *to < *from))) {
		return NULL;
	}
	return pos + len;
}

/*! \brief Puts what one formatter stands for; \a pos is behind the percent sign. */
static const char *put_formatter(const char *pos, const knot_dname_t *zone,
                                 char *out, size_t size)
{
	unsigned from, to;
	out[0] = '\0';

	switch (*pos++) {
	case '%':
		strcpy(out, "%");
		return pos;
	case 's':
		return put_name(zone, out, size) ? pos : NULL;
	case 'c':
		pos = take_index(pos, &from, &to);
		return (pos != NULL && put_chars(zone, from, to, out, size)) ? pos : NULL;
	case 'l':
		pos = take_index(pos, &from, NULL);
		return (pos != NULL && put_label(zone, from, out, size)) ? pos : NULL;
	case '\0':
		return pos - 1; /* Knot ignores a lone percent sign at the end... */
	default:
		return pos;     /* ... and formatters it does not know. */
	}
}

char *cg_file_path(const knot_dname_t *zone, const char *file, const char *storage)
{
	char out[PATH_SIZE] = "";
	bool fits = true;
	const char *pos = (file != NULL) ? file : "%s.zone";

	while (*pos != '\0' && fits) {
		size_t constant = strcspn(pos, "%");
		append(out, pos, constant, &fits);
		pos += constant;
		if (*pos == '%') {
			char part[PART_SIZE];
			pos = put_formatter(pos + 1, zone, part, sizeof(part));
			if (pos == NULL) {
				return NULL;
			}
			append(out, part, strlen(part), &fits);
		}
	}
	if (!fits) {
		return NULL;
	}
	if (out[0] == '/' || storage == NULL) {
		return strdup(out);
	}

	char *path = NULL;
	return (asprintf(&path, "%s/%s", storage, out) < 0) ? NULL : path;
}
