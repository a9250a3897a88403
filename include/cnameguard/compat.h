/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Differences between versions of Knot DNS, and nothing else.
 */

#pragma once

#include <libknot/libknot.h>
#include <libknot/version.h>

/*! \brief Before 3.3, zone-read does not hold the contents that it reads. */
#define CG_KNOT_READ_UNPROTECTED	(KNOT_VERSION_HEX < 0x030300)

#if KNOT_VERSION_HEX < 0x030400
#define CG_CTL_IDX_FILTERS		KNOT_CTL_IDX_FILTER
#define cg_ctl_bind(ctx, path)		knot_ctl_bind(ctx, path)
#else
#define CG_CTL_IDX_FILTERS		KNOT_CTL_IDX_FILTERS
#define cg_ctl_bind(ctx, path)		knot_ctl_bind(ctx, path, 5)
#endif

/*! \brief The name without its first label, of one in wire format without compression. */
static inline const knot_dname_t *cg_next_label(const knot_dname_t *name)
{
	return name + *name + 1;
}
