/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "source/scan.h"

/*! \brief What stands for an origin that nobody knows: no file has such a name. */
static const knot_dname_t UNKNOWN[] = "\x0a\x01?origin?\xff";

/*! \brief Ends the scan: there is one SOA only. */
#define SEEN	1

typedef struct {
	knot_dname_t *out;
	bool seen;   /*!< There is an SOA. */
	bool found;  /*!< And its owner does not depend on an origin. */
} search_t;

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	search_t *search = ctx;
	if (rr->type != KNOT_RRTYPE_SOA || rr->rclass != KNOT_CLASS_IN) {
		return KNOT_EOK;
	}
	search->seen = true;
	search->found = knot_dname_in_bailiwick(rr->owner, UNKNOWN) < 0;
	if (search->found) {
		knot_dname_copy_lower(search->out, rr->owner);
	}
	return SEEN;
}

/*! \brief example.com.zone, example.com.db, db.example.com, and root.zone the like. */
static bool from_name(const char *file, knot_dname_t *out)
{
	const char *slash = strrchr(file, '/');
	knot_dname_txt_storage_t name;
	int len = snprintf(name, sizeof(name), "%s", (slash != NULL) ? slash + 1 : file);
	if (len < 0 || (size_t)len >= sizeof(name)) {
		return false;
	}

	char *dot = strrchr(name, '.');
	char *begin = name;
	if (dot != NULL && dot > name &&
	    (strcasecmp(dot, ".zone") == 0 || strcasecmp(dot, ".db") == 0)) {
		*dot = '\0';
	} else if (strncasecmp(name, "db.", 3) == 0 && len > 3) {
		begin = name + 3;
	} else {
		return false;
	}
	if (strcasecmp(begin, "root") == 0 || strcmp(begin, ".") == 0) {
		begin = ".";
	}
	if (knot_dname_from_str(out, begin, KNOT_DNAME_MAXLEN) == NULL) {
		return false;
	}
	knot_dname_to_lower(out);
	return true;
}

/*! \brief Looks for the SOA; where its owner depends on an origin, the name of the file tells. */
static int search_origin(const char *file, const char *text, size_t len, cg_scanner_t *scanner,
                         search_t *search)
{
	const cg_scan_t how = {
		.file = file,
		.text = text,
		.len = len,
		.origin = UNKNOWN,
		.include_dir = "",
		.scanner = scanner,
		.record = take_record,
		.ctx = search,
	};
	int ret = cg_scan(&how);
	if (ret != KNOT_EOK && ret != SEEN) {
		return ret;
	}
	return (search->found || from_name(file, search->out)) ? KNOT_EOK : KNOT_ENOENT;
}

int cg_scan_origin(const char *file, const char *text, size_t len, cg_scanner_t *scanner,
                   knot_dname_storage_t out)
{
	search_t search = { .out = out };
	return search_origin(file, text, len, scanner, &search);
}

int cg_scan_origin_begun(const char *file, const char *text, size_t len, knot_dname_storage_t out)
{
	search_t search = { .out = out };
	int ret = search_origin(file, text, len, NULL, &search);
	return (ret == KNOT_EOK && !search.seen) ? KNOT_ENOTSUP : ret;
}
