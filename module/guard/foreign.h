/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Other guarded zones of this server, as far as targets of one zone lead into them.
 *
 * Of such a zone only the names on the way of a lookup are read, one by one. They
 * serve one judgement and are forgotten. Worker only.
 */

#pragma once

#include "guard/worker.h"

/*! \brief Targets in other zones that are looked up for a zone; with more, all are unknown. */
#define CG_FOREIGN_MAX	16

struct cg_part;

/*! \brief A zone in memory, and what was read of others beside it. */
typedef struct {
	const cg_zone_t **list;  /*!< The zone itself first; the others are owned. */
	struct cg_part *parts;   /*!< What each of the others is made of. */
	size_t count;
} cg_foreign_t;

/*!
 * \brief Reads what the targets of a zone lead to.
 *
 * Where not all of it can be read, none of it is there, as if the server had
 * no other zones.
 *
 * \param[out] out  To be freed by cg_foreign_free(), also after an error.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_foreign_read(cg_guard_t *guard, cg_guarded_t *zone, const cg_zone_t *contents,
                    cg_foreign_t *out);

void cg_foreign_free(cg_foreign_t *foreign);
