/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief One zone file under repair.
 */

#pragma once

#include "cli/options.h"
#include "cnameguard/mend.h"
#include "cnameguard/patch.h"

/*! \brief Zeroed is empty; to be freed by cg_mending_free(). */
typedef struct {
	const char *file;            /*!< As it was named. */
	const cg_options_t *options;
	char *text;
	size_t len;
	knot_dname_storage_t origin;
	char *include_dir;
	cg_zone_t *zone;             /*!< As it is. */
	cg_mend_t mend;              /*!< What is planned. */
	cg_patched_t patched;        /*!< What is done. */
	cg_zone_t *result;           /*!< As the new text has it. */
	cg_findings_t left;          /*!< In \a result. */
	const char *alone;           /*!< Why no record of it may be edited; NULL: they may. */
	size_t records;              /*!< Read so far, of one reading. */
	size_t errors;               /*!< Of syntax, which were said. */
} cg_mending_t;

/*!
 * \brief Reads and judges; errors in the file are all said.
 *
 * \return False: what is wrong was said.
 */
bool cg_mending_read(cg_mending_t *mending, const char *file, const cg_options_t *options);

/*!
 * \brief Makes the new text, reads and judges that too.
 *
 * \return False: what is wrong was said, and there is nothing to be written.
 */
bool cg_mending_make(cg_mending_t *mending, cg_serial_t serial);

/*! \brief Why the edits of a name were not made; NULL: they were, or there are none. */
const char *cg_mending_unpatched(const cg_mending_t *mending, const knot_dname_t *owner);

void cg_mending_free(cg_mending_t *mending);
