/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "source/include.h"
#include "source/scanner.h"

cg_scanner_t *cg_scanner_new(void)
{
	cg_scanner_t *scanner = malloc(sizeof(*scanner));
	if (scanner == NULL || zs_init(&scanner->zs, ".", KNOT_CLASS_IN, 0) != 0) {
		free(scanner);
		return NULL;
	}
	scanner->start = scanner->zs.cs;
	return scanner;
}

void cg_scanner_free(cg_scanner_t *scanner)
{
	if (scanner != NULL) {
		zs_deinit(&scanner->zs);
		free(scanner);
	}
}

void cg_scanner_state(const cg_scanner_t *scanner, cg_scan_state_t *state)
{
	memset(state, 0, sizeof(*state));
	memcpy(state->origin, scanner->zs.zone_origin, scanner->zs.zone_origin_length);
	state->ttl = scanner->zs.default_ttl;
}

int cg_scanner_set(cg_scanner_t *scanner, const cg_scan_state_t *state, const char *file)
{
	zs_scanner_t *zs = &scanner->zs;
	zs->zone_origin_length = knot_dname_size(state->origin);
	memcpy(zs->zone_origin, state->origin, zs->zone_origin_length);
	zs->default_ttl = state->ttl;
	zs->r_owner_length = 0;
	memset(&zs->error, 0, sizeof(zs->error));
	if (file == NULL) {
		return KNOT_EOK;
	}
	free(zs->path);
	zs->path = cg_include_base(file);
	return (zs->path == NULL) ? KNOT_ENOMEM : KNOT_EOK;
}

void cg_scanner_set_entry(cg_scanner_t *scanner, const char *text, size_t len, size_t at, size_t end)
{
	zs_scanner_t *zs = &scanner->zs;
	/* By hand: libzscanner ends at errors in directives, and forgets to take its call of
	 * the directive from its small stack when it gives out an $INCLUDE. */
	zs->cs = scanner->start;
	zs->top = 0;
	zs->multiline = false;
	zs->long_string = false;
	zs->comma_list = false;

	if (zs->input.start != text) {
		(void)zs_set_input_string(zs, text, len);
	}
	zs->state = ZS_STATE_NONE;
	zs->input.current = text + at;
	zs->input.end = text + end;
}
