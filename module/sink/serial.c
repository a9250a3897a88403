/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <time.h>

#include "cnameguard/patch.h"

static const char *const SCHEMES[] = {
	[CG_SERIAL_KEEP]       = "keep",
	[CG_SERIAL_INCREMENT]  = "increment",
	[CG_SERIAL_UNIXTIME]   = "unixtime",
	[CG_SERIAL_DATESERIAL] = "dateserial",
};

const char *cg_serial_name(cg_serial_t scheme)
{
	return (scheme <= CG_SERIAL_DATESERIAL) ? SCHEMES[scheme] : NULL;
}

/*! \brief Whether a secondary that has \a present would fetch \a next (RFC 1982, 3.2). */
static bool is_ahead(uint32_t next, uint32_t present)
{
	uint32_t distance = next - present;
	return distance > 0 && distance < (UINT32_C(1) << 31);
}

/*! \brief First serial of the day, as Knot counts them. */
static uint32_t dateserial(int64_t now)
{
	time_t seconds = now;
	struct tm day;
	if (gmtime_r(&seconds, &day) == NULL) {
		return 0;
	}
	return (1900 + (uint32_t)day.tm_year) * 1000000 + (1 + (uint32_t)day.tm_mon) * 10000 +
	       (uint32_t)day.tm_mday * 100;
}

uint32_t cg_serial_next(uint32_t present, cg_serial_t scheme, int64_t now)
{
	uint32_t next = present + 1;
	switch (scheme) {
	case CG_SERIAL_KEEP:
		return present;
	case CG_SERIAL_INCREMENT:
		break;
	case CG_SERIAL_UNIXTIME:
		next = (uint32_t)now;
		break;
	case CG_SERIAL_DATESERIAL:
		next = dateserial(now);
		break;
	}
	if (next == 0 || !is_ahead(next, present)) {
		next = present + 1;
	}
	return (next != 0) ? next : 1;
}
