/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Records and names as they travel from a source to the rules.
 *
 * Everything here is plain data without locks. A pointer inside a structure
 * is borrowed unless its comment says that the structure owns it.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/libknot.h>

#include "cnameguard/compat.h"

/*! \brief One resource record (RFC 1034, 3.6), class IN, without its owner. */
typedef struct {
	uint16_t type;     /*!< RR type code. */
	uint16_t more;     /*!< Lines that the record spans beside that on which it ends. */
	uint32_t ttl;      /*!< Seconds. */
	uint32_t line;     /*!< Line of the zone file on which the record ends, from 1; 0: not from a file. */
	const char *file;  /*!< Zone file (or included file), NULL: not from a file. */
	const char *data;  /*!< RDATA in presentation format, names absolute. */
} cg_rr_t;

/*!
 * \brief All records of one owner name.
 *
 * An empty non-terminal (RFC 8499) has a count of zero; sources need not
 * send those.
 */
typedef struct {
	const knot_dname_t *owner; /*!< Lower-cased wire format. */
	const char *spelling;      /*!< Owner as its author wrote it, absolute, presentation format. */
	const cg_rr_t *rr;         /*!< In the order of the source. */
	size_t count;
} cg_name_t;

/*!
 * \brief Takes one name after the other, in canonical order (RFC 4034, 6.1).
 *
 * \return KNOT_EOK to go on, anything else ends the walk and is returned.
 */
typedef int (*cg_name_cb)(const cg_name_t *name, void *ctx);
