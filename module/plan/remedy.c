/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "cnameguard/remedy.h"

int cg_remedy_make(const cg_zones_t *zones, const cg_zone_t *zone, const cg_finding_t *finding,
                   cg_remedy_t *out)
{
	(void)zones;
	(void)zone;
	(void)finding;
	memset(out, 0, sizeof(*out));
	return KNOT_EOK;
}

void cg_remedy_free(cg_remedy_t *remedy)
{
	memset(remedy, 0, sizeof(*remedy));
}
