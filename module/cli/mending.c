/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/input.h"
#include "cli/mending.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cnameguard/file.h"
#include "rules/rr.h"

static int take_record(const cg_scan_rr_t *rr, void *ctx)
{
	(void)rr;
	((cg_mending_t *)ctx)->records++;
	return KNOT_EOK;
}

static void take_error(const cg_scan_error_t *error, void *ctx)
{
	((cg_mending_t *)ctx)->errors++;
	cg_say_at(error->file, error->line, "error", "%s", error->reason);
}

static void take_progress(size_t octets, size_t total, void *ctx)
{
	const cg_mending_t *mending = ctx;
	if (cg_progress_due()) {
		cg_progress_show(cg_say_file(mending->file),
		                 (total > 0) ? (double)octets / total : 1, mending->records);
	}
}

static bool say_failed(const cg_mending_t *mending, int ret)
{
	cg_say_at(mending->file, 0, "error", "not repaired (%s)", knot_strerror(ret));
	return false;
}

static int read_zone(cg_mending_t *mending, const char *text, size_t len, cg_zone_t **out,
                     size_t *left_out)
{
	mending->records = 0;
	const cg_scan_t scan = {
		.file = mending->file,
		.text = text,
		.len = len,
		.origin = mending->origin,
		.include_dir = mending->include_dir,
		.record = take_record,
		.error = take_error,
		.progress = take_progress,
		.ctx = mending,
	};
	return cg_file_zone(&scan, out, left_out);
}

/*! \brief Whether the file can be kept while it is changed, and is a zone. */
static bool is_zone(const cg_mending_t *mending)
{
	uint32_t serial;
	if (mending->errors > 0) {
		cg_say_at(mending->file, 0, "error", "not repaired: what cannot be read cannot be kept");
		return false;
	}
	if (!cg_zone_serial(mending->zone, &serial)) {
		knot_dname_txt_storage_t name;
		cg_say_at(mending->file, 0, "error", "not repaired: no SOA at the apex %s, so that "
		          "this is no whole zone; another one? Say which: -o NAME",
		          knot_dname_to_str(name, mending->origin, sizeof(name)));
		return false;
	}
	return true;
}

static int read_text(cg_mending_t *mending)
{
	int ret = cg_input_read(mending->file, &mending->text, &mending->len, NULL);
	if (ret == KNOT_EOK) {
		ret = cg_input_origin(mending->options, mending->file, mending->text, mending->len,
		                      NULL, mending->origin);
	}
	if (ret == KNOT_EOK) {
		mending->include_dir = cg_input_include_dir(mending->options, mending->file);
		ret = (mending->include_dir != NULL) ? KNOT_EOK : KNOT_ENOMEM;
	}
	return ret;
}

bool cg_mending_read(cg_mending_t *mending, const char *file, const cg_options_t *options)
{
	memset(mending, 0, sizeof(*mending));
	mending->file = file;
	mending->options = options;

	int ret = read_text(mending);
	if (ret != KNOT_EOK) {
		return (ret == KNOT_ENOMEM) ? say_failed(mending, ret) : false;
	}
	size_t left_out;
	ret = read_zone(mending, mending->text, mending->len, &mending->zone, &left_out);
	if (ret == KNOT_EOK && !is_zone(mending)) {
		return false;
	}
	if (ret == KNOT_EOK) {
		ret = cg_mend_make(mending->zone, &options->rules, options->strategy,
		                   options->fallback, &mending->mend);
	}
	if (ret != KNOT_EOK) {
		return say_failed(mending, ret);
	}
	if (mending->mend.findings->is_signed) {
		mending->alone = "the zone is signed here, and edits would break its signatures: "
		                 "repair what it is signed from";
	}
	return true;
}

static bool patch(cg_mending_t *mending, cg_serial_t serial)
{
	const cg_patch_t patch = {
		.file = mending->file,
		.text = mending->text,
		.len = mending->len,
		.origin = mending->origin,
		.include_dir = mending->include_dir,
		.edits = mending->mend.edits,
		.edits_count = (mending->alone == NULL) ? mending->mend.edits_count : 0,
		.serial = serial,
		.now = time(NULL),
	};
	int ret = cg_patch_make(&patch, &mending->patched);
	if (ret == KNOT_ENOTSUP) {
		cg_say_at(mending->file, 0, "error", "not repaired: %s", mending->patched.why);
		return false;
	}
	return (ret == KNOT_EOK) ? true : say_failed(mending, ret);
}

static int unpatched_cmp(const void *owner, const void *unpatched)
{
	return cg_name_cmp(owner, ((const cg_unpatched_t *)unpatched)->edit->owner);
}

static int edit_cmp(const void *owner, const void *edit)
{
	return cg_name_cmp(owner, ((const cg_edit_t *)edit)->owner);
}

const char *cg_mending_unpatched(const cg_mending_t *mending, const knot_dname_t *owner)
{
	const cg_patched_t *patched = &mending->patched;
	const cg_unpatched_t *found = bsearch(owner, patched->left, patched->left_count,
	                                      sizeof(*patched->left), unpatched_cmp);
	return (found != NULL) ? found->why : NULL;
}

/*! \brief Whether edits of a name were made. */
static bool is_edited(const cg_mending_t *mending, const knot_dname_t *owner)
{
	const cg_mend_t *mend = &mending->mend;
	return mending->alone == NULL && mend->edits_count > 0 &&
	       cg_mending_unpatched(mending, owner) == NULL &&
	       bsearch(owner, mend->edits, mend->edits_count, sizeof(*mend->edits), edit_cmp) != NULL;
}

/*! \brief Whether no name that was edited is in conflict still. */
static bool is_mended(const cg_mending_t *mending)
{
	for (size_t i = 0; i < mending->left.count; i++) {
		const cg_finding_t *finding = &mending->left.list[i];
		if (finding->level == CG_LEVEL_ERROR && !finding->exempt &&
		    cg_rule_info(finding->rule)->editable && is_edited(mending, finding->owner)) {
			cg_say_at(mending->file, 0, "error", "not repaired: %s would still be in "
			          "conflict: %s", finding->spelling, finding->message);
			return false;
		}
	}
	return true;
}

bool cg_mending_make(cg_mending_t *mending, cg_serial_t serial)
{
	if (!patch(mending, serial)) {
		return false;
	}
	size_t left_out;
	int ret = read_zone(mending, mending->patched.text, mending->patched.len,
	                    &mending->result, &left_out);
	if (ret == KNOT_EOK) {
		ret = cg_rules_zone(mending->result, &mending->options->rules, &mending->left);
	}
	if (ret != KNOT_EOK) {
		return say_failed(mending, ret);
	}
	return mending->errors == 0 && is_mended(mending);
}

void cg_mending_free(cg_mending_t *mending)
{
	cg_findings_free(&mending->left);
	cg_zone_free(mending->result);
	cg_patched_free(&mending->patched);
	cg_mend_free(&mending->mend);
	cg_zone_free(mending->zone);
	free(mending->include_dir);
	free(mending->text);
	memset(mending, 0, sizeof(*mending));
}
