/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The rules about targets for a big zone that is clean, without a copy of it. Worker only.
 */

#pragma once

#include "guard/reading.h"

/*!
 * \brief Reads the version through a screen, see screen.h.
 *
 * \param reading  Judged name by name, and nothing was found.
 *
 * \retval KNOT_EOK      nothing is to be found about its targets either.
 * \retval KNOT_ENOTSUP  the zone has to be read whole to know.
 * \retval KNOT_EAGAIN   another version came in between, or something else is wanted.
 */
int cg_screened_clean(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      const cg_reading_t *reading);
