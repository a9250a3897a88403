/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief libzscanner's scanner, for one text after the other.
 */

#pragma once

#include <libzscanner/scanner.h>

#include "cnameguard/parts.h"

struct cg_scanner {
	zs_scanner_t zs;  /*!< A quarter of a megabyte. */
	int start;        /*!< Its state between two entries. */
};

/*! \brief Gives a part a scanner that begins as the part does. KNOT_EOK, KNOT_ENOMEM */
int cg_part_prepare(cg_part_t *part);

/*! \brief What directives have set so far. */
void cg_scanner_state(const cg_scanner_t *scanner, cg_scan_state_t *state);

/*!
 * \brief Makes it a scanner that has read nothing but directives.
 *
 * \param file  What relative includes are relative to; NULL: there are none.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_scanner_set(cg_scanner_t *scanner, const cg_scan_state_t *state, const char *file);

/*!
 * \brief Makes it ready for an entry, whatever the one before has done to it.
 *
 * \param text     Of \a len octets; the entry begins at \a at and is read up to \a end at most.
 */
void cg_scanner_set_entry(cg_scanner_t *scanner, const char *text, size_t len, size_t at, size_t end);
