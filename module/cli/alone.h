/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief One of many zone files, which most often is clean: that is told without a zone in memory.
 */

#pragma once

#include "cli/reach.h"
#include "cnameguard/parts.h"
#include "cnameguard/screen.h"

typedef struct {
	const knot_dname_t *origin;
	const cg_rules_policy_t *policy;
	const cg_screen_seed_t *seed;
	cg_scanner_t *scanner;
} cg_alone_how_t;

/*!
 * \brief Whether nothing is to be said of a file, as long as what it reaches outside has nothing to say.
 *
 * \param[out] reach  What that is, zeroed before; of a clean zone only.
 *
 * \retval KNOT_EOK      so it is.
 * \retval KNOT_ENOTSUP  perhaps not: it is to be read.
 * \retval KNOT_ENOMEM
 */
int cg_alone_look(const cg_alone_how_t *how, const char *text, size_t len, cg_reach_t *reach,
                  size_t *records);
