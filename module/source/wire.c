/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>

#include <libzscanner/scanner.h>

#include "cnameguard/wire.h"

/*! \brief Reads one record; the scanner holds it afterwards. */
static int read_record(zs_scanner_t *scanner, const char *text, size_t len)
{
	bool ok = zs_set_input_string(scanner, text, len) == 0 && zs_parse_record(scanner) == 0 &&
	          scanner->state == ZS_STATE_DATA;
	return ok ? KNOT_EOK : KNOT_EMALF;
}

int cg_wire_add(const cg_rr_t *rr, knot_rrset_t *out)
{
	char type[16];
	char *text = NULL;
	if (knot_rrtype_to_string(rr->type, type, sizeof(type)) < 0) {
		return KNOT_EMALF;
	}
	int len = asprintf(&text, ". 0 IN %s %s\n", type, rr->data);
	zs_scanner_t *scanner = (len >= 0) ? malloc(sizeof(*scanner)) : NULL;
	if (scanner == NULL || zs_init(scanner, ".", KNOT_CLASS_IN, 0) != 0) {
		free(scanner);
		free(len >= 0 ? text : NULL);
		return KNOT_ENOMEM;
	}
	int ret = read_record(scanner, text, len);
	if (ret == KNOT_EOK) {
		ret = knot_rrset_add_rdata(out, scanner->r_data, scanner->r_data_length, NULL);
	}
	zs_deinit(scanner);
	free(scanner);
	free(text);
	return ret;
}
