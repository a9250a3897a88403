/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Differences between versions of Knot DNS, and nothing else.
 */

#pragma once

#include <stdbool.h>
#include <string.h>

#include <libknot/libknot.h>
#include <libknot/version.h>

/*! \brief Before 3.3, zone-read does not hold the contents that it reads. */
#define CG_KNOT_READ_UNPROTECTED	(KNOT_VERSION_HEX < 0x030300)

/*! \brief From 3.4 on, a hook reads any name of the version that it answers from. */
#define CG_KNOT_READS_NAMES		(KNOT_VERSION_HEX >= 0x030400)

/*! \brief From 3.4 on, several control clients are served at the same time. */
#define CG_KNOT_SERVES_SEVERAL		(KNOT_VERSION_HEX >= 0x030400)

/*! \brief From 3.5 on, external-validation holds a version until it is judged. */
#define CG_KNOT_EXTERNAL		(KNOT_VERSION_HEX >= 0x030500)

#if KNOT_VERSION_HEX < 0x030400
#define CG_CTL_IDX_FILTERS		KNOT_CTL_IDX_FILTER
#define CG_CTL_BIND_ARGS(ctx, path)	ctx, path
#define CG_LOCAL_ADDR_ARGS(qdata, buf)	qdata, buf
#else
#define CG_CTL_IDX_FILTERS		KNOT_CTL_IDX_FILTERS
#define CG_CTL_BIND_ARGS(ctx, path)	ctx, path, 5
#define CG_LOCAL_ADDR_ARGS(qdata, buf)	((void)(buf), qdata)
#endif

/*! \brief The rest of the data; from 3.5 on there is a second kind, which may be empty. */
static inline bool cg_is_remainder(int kind)
{
#if KNOT_VERSION_HEX >= 0x030500
	return kind == KNOT_RDATA_WF_REMAINDER || kind == KNOT_RDATA_WF_REMAINDER_MAYEMPTY;
#else
	return kind == KNOT_RDATA_WF_REMAINDER;
#endif
}

/*! \brief Malformed data, by their dump: from 3.5 on one as \#, before it has failed. */
static inline bool cg_is_dump_of_malformed(uint16_t type, const char *dump)
{
#if KNOT_VERSION_HEX >= 0x030500
	/* Four types have a name, but no format of their own. */
	return strncmp(dump, "\\# ", 3) == 0 && type != KNOT_RRTYPE_NULL &&
	       type != KNOT_RRTYPE_SIG && type != KNOT_RRTYPE_NXNAME && type != KNOT_RRTYPE_TKEY &&
	       knot_get_rdata_descriptor(type)->type_name != NULL;
#else
	(void)type;
	(void)dump;
	return false;
#endif
}

/*! \brief The name without its first label, of one in wire format without compression. */
static inline const knot_dname_t *cg_next_label(const knot_dname_t *name)
{
	return name + *name + 1;
}
