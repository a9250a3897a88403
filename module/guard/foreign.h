/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Other guarded zones of this server, as far as targets lead into them.
 *
 * Of such a zone only the names on the way of a lookup are read, one by one,
 * and kept with it as long as they are the same. Worker only.
 */

#pragma once

#include "guard/worker.h"

/*! \brief A zone in memory, and what was read of others beside it. */
typedef struct {
	cg_zone_t **list;  /*!< The zone itself first; the others are owned. */
	cg_guarded_t **of; /*!< Whose each is. */
	size_t count;
} cg_foreign_t;

/*!
 * \brief Reads what the targets of a zone lead to.
 *
 * What cannot be read is unknown, as if there were no such zone.
 *
 * \param[out] out  To be freed by cg_foreign_free().
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval KNOT_EAGAIN  something else is wanted.
 */
int cg_foreign_read(cg_guard_t *guard, cg_guarded_t *zone, cg_zone_t *contents,
                    cg_foreign_t *out);

void cg_foreign_free(cg_foreign_t *foreign);

/*!
 * \brief Looks whether names of the zone, which others have read, have changed since.
 *
 * \return True: the rules about targets are to be judged again for those others.
 */
bool cg_foreign_changed(cg_guard_t *guard, cg_guarded_t *zone);

/*! \brief Forgets what was read of a zone. */
void cg_foreign_forget(cg_guarded_t *zone);
