/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/escape.h"
#include "cli/input.h"
#include "cli/say.h"
#include "cli/versions.h"
#include "cnameguard/file.h"
#include "rules/rr.h"

/*! \brief One of the two that are compared. */
typedef struct {
	const char *title;
	cg_zone_t *zone;
	cg_name_t *names;   /*!< In canonical order; they borrow from the zone. */
	size_t count;
	size_t max;
} side_t;

static void side_free(side_t *side)
{
	cg_zone_free(side->zone);
	free(side->names);
	memset(side, 0, sizeof(*side));
}

/* --- Reading --- */

static int add_name(const cg_name_t *name, void *ctx)
{
	side_t *side = ctx;
	if (side->count == side->max) {
		size_t max = (side->max == 0) ? 64 : side->max * 2;
		cg_name_t *bigger = realloc(side->names, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		side->names = bigger;
		side->max = max;
	}
	side->names[side->count++] = *name;
	return KNOT_EOK;
}

static void say_error(const cg_scan_error_t *error, void *ctx)
{
	cg_say_at(error->file, error->line, "error", "%s", error->reason);
	*(bool *)ctx = false;
}

/*! \brief Reads a zone file that is compared; what is wrong is said. */
static int read_file(const cg_versions_t *versions, const char *file, side_t *side)
{
	char *text = NULL;
	bool fine = true;
	cg_options_t options;
	cg_options_init(&options);
	cg_scan_t how = {
		.file = file,
		.origin = versions->zone,
		.include_dir = cg_input_include_dir(&options, file),
		.error = say_error,
		.ctx = &fine,
	};
	int ret = (how.include_dir != NULL) ? cg_input_read(file, &text, &how.len, NULL) : KNOT_ENOMEM;
	if (ret == KNOT_EOK) {
		how.text = text;
		ret = cg_file_zone(&how, &side->zone, NULL);
	}
	free((char *)how.include_dir);
	free(text);
	return (ret == KNOT_EOK && !fine) ? KNOT_EMALF : ret;
}

static int read_stored(const cg_versions_t *versions, const cg_stored_t *stored, side_t *side)
{
	int ret = cg_store_read(stored, versions->zone, &side->zone);
	if (ret != KNOT_EOK && ret != KNOT_ENOMEM) {
		cg_say("%s", cg_store_error());
	}
	return ret;
}

/*! \brief Reads a version, or the file, of that name. False: it was said what is wrong. */
static bool side_read(const cg_versions_t *versions, const char *word, bool can_be_file,
                      side_t *side)
{
	const cg_stored_t *stored = cg_versions_find(versions, word);
	bool is_file = stored == NULL && can_be_file &&
	               (access(word, F_OK) == 0 || strcmp(word, "-") == 0);
	if (stored == NULL && !is_file) {
		cg_versions_say_missing(versions, word);
		return false;
	}
	side->title = is_file ? cg_say_file(word) :
	              (stored == &versions->good) ? "good" : stored->name;
	int ret = is_file ? read_file(versions, word, side) : read_stored(versions, stored, side);
	if (ret == KNOT_EOK) {
		ret = cg_zone_walk(side->zone, add_name, side);
	}
	if (ret == KNOT_ENOMEM) {
		cg_say("out of memory");
	}
	return ret == KNOT_EOK;
}

/* --- Comparing --- */

typedef struct {
	side_t old;
	side_t new;
	bool differs;
} diff_t;

static void print_title(const char *mark, const char *title)
{
	fputs(mark, stdout);
	cg_escape(stdout, title, strlen(title));
	putchar('\n');
}

/*! \brief Prints a record that the other side has not; before the first what is compared. */
static void print_record(diff_t *diff, char mark, const cg_name_t *name, const cg_rr_t *rr)
{
	char type[16] = "";
	if (!diff->differs) {
		print_title("--- ", diff->old.title);
		print_title("+++ ", diff->new.title);
		diff->differs = true;
	}
	(void)knot_rrtype_to_string(rr->type, type, sizeof(type));
	printf("%c%s %u IN %s %s\n", mark, name->spelling, rr->ttl, type, rr->data);
}

/*! \brief Prints what the one name has and the other, NULL: none, has not. */
static void print_missing(diff_t *diff, char mark, const cg_name_t *name, const cg_name_t *other)
{
	size_t at = 0, count = (other != NULL) ? other->count : 0;
	for (size_t i = 0; i < name->count; i++) {
		const cg_rr_t *rr = &name->rr[i];
		while (at < count && cg_rr_cmp(&other->rr[at], rr) < 0) {
			at++;
		}
		bool same = at < count && cg_rr_cmp(&other->rr[at], rr) == 0 &&
		            other->rr[at].ttl == rr->ttl;
		if (!same && !cg_store_is_made(rr->type)) {
			print_record(diff, mark, name, rr);
		}
	}
}

/*! \brief Prints all that differs, owner by owner. */
static void compare(diff_t *diff)
{
	const side_t *old = &diff->old, *new = &diff->new;
	for (size_t i = 0, j = 0; i < old->count || j < new->count; ) {
		const cg_name_t *from = (i < old->count) ? &old->names[i] : NULL;
		const cg_name_t *to = (j < new->count) ? &new->names[j] : NULL;
		int cmp = (from == NULL) ? 1 : (to == NULL) ? -1 :
		          knot_dname_cmp(from->owner, to->owner);
		if (cmp <= 0) {
			print_missing(diff, '-', from, (cmp == 0) ? to : NULL);
			i++;
		}
		if (cmp >= 0) {
			print_missing(diff, '+', to, (cmp == 0) ? from : NULL);
			j++;
		}
	}
}

int cg_versions_diff(const cg_versions_t *versions, char *const *words, int count)
{
	diff_t diff = { 0 };
	const char *second = (count > 1) ? words[1] : "good";
	int code = CG_EXIT_FAILED;
	if (side_read(versions, words[0], false, &diff.old) &&
	    side_read(versions, second, count > 1, &diff.new)) {
		compare(&diff);
		code = diff.differs ? CG_EXIT_FOUND : CG_EXIT_CLEAN;
	}
	side_free(&diff.old);
	side_free(&diff.new);
	return code;
}
