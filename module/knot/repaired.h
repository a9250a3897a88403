/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Names that are answered repaired, without an edit of the zone.
 */

#pragma once

#include "knot/instance.h"

/*!
 * \brief Hooks PREANSWER, which answers a repaired name and follows aliases as
 *        far as names are repaired, and ANSWER, which says where such a name
 *        has no data.
 */
int cg_repaired_register(knotd_mod_t *mod);
