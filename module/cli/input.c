/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "cli/say.h"

int cg_input_read(const char *file, char **text, size_t *len, bool *regular)
{
	int ret = cg_scan_text(file, text, len, regular);
	if (ret != KNOT_EOK && errno == EISDIR) {
		cg_say_at(file, 0, "error", "is a folder, name its files: %s/*.zone", file);
	} else if (ret != KNOT_EOK && ret != KNOT_ENOMEM) {
		cg_say_at(file, 0, "error", "cannot be read (%m)");
	}
	return ret;
}

int cg_input_origin(const cg_options_t *options, const char *file, const char *text, size_t len,
                    cg_scanner_t *scanner, knot_dname_storage_t origin)
{
	if (options->has_origin) {
		memcpy(origin, options->origin, sizeof(knot_dname_storage_t));
		return KNOT_EOK;
	}
	int ret = cg_scan_origin(file, text, len, scanner, origin);
	if (ret == KNOT_ENOENT) {
		cg_say_at(file, 0, "error", "neither its SOA nor its name tells which zone this "
		          "is, say so: -o example.com");
	}
	return ret;
}

char *cg_input_include_dir(const cg_options_t *options, const char *file)
{
	if (options->include_dir != NULL) {
		return strdup(options->include_dir);
	}
	if (strcmp(file, "-") == 0) {
		return strdup("");
	}
	const char *slash = strrchr(file, '/');
	return (slash == NULL) ? strdup(".") :
	       (slash == file) ? strdup("/") : strndup(file, slash - file);
}
