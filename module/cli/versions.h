/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What is stored of one zone, as `cnameguard versions` shows it.
 */

#pragma once

#include "cnameguard/store.h"

/*! \brief Zeroed is empty; to be freed by cg_versions_free(). */
typedef struct {
	knot_dname_storage_t zone;
	knot_dname_txt_storage_t zone_text; /*!< Absolute, lower-cased. */
	char *state;         /*!< Folder. */
	cg_stored_t *list;   /*!< Originals: whole ones, newest first, then damaged ones. */
	size_t count;        /*!< Whole ones. */
	size_t damaged;
	bool has_good;       /*!< There is a last good version, perhaps a damaged one. */
	cg_stored_t good;
} cg_versions_t;

/*! \brief Reads what there is of the zone; what is wrong is said. */
bool cg_versions_load(cg_versions_t *versions);

void cg_versions_free(cg_versions_t *versions);

/*!
 * \brief Finds a version by what a user calls it: a number, the name of its file, or good.
 *
 * \return NULL: no such one. Nothing is said.
 */
const cg_stored_t *cg_versions_find(const cg_versions_t *versions, const char *word);

/*! \brief Says that there is no such version, and what there is. */
void cg_versions_say_missing(const cg_versions_t *versions, const char *word);

/*! \brief Prints what there is, on stdout. False: out of memory. */
bool cg_versions_print(const cg_versions_t *versions, bool json);

/*!
 * \brief Prints what differs from one version to another, on stdout.
 *
 * \param words  One or two; the second may be a zone file.
 *
 * \return Exit code.
 */
int cg_versions_diff(const cg_versions_t *versions, char *const *words, int count);
