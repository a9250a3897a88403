/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Several zones as one space of names.
 */

#pragma once

#include "cnameguard/zone.h"

#define CG_NO_ZONE SIZE_MAX

/*!
 * \brief The deepest zone that \a name, lower-cased, is in.
 *
 * \param self  Preferred to others of its origin; may be NULL.
 *
 * \return Place in the list, or CG_NO_ZONE.
 */
size_t cg_zones_find(const cg_zones_t *zones, const cg_zone_t *self, const knot_dname_t *name);
