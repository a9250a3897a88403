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

#include "cnameguard/flattened.h"
#include "guard/worker.h"

/*! \brief Targets in other zones that are looked up for a zone; with more, all are unknown. */
#define CG_FOREIGN_MAX	16
/*! \brief Names in other zones that flattened names of a zone may lead to; those beyond are unknown. */
#define CG_FOREIGN_REPAIR_MAX	256

struct cg_part;

/*! \brief A zone in memory, and what was read of others beside it. */
typedef struct {
	const cg_zone_t **list;  /*!< The zone itself first; the others are owned. */
	struct cg_part *parts;   /*!< What each of the others is made of. */
	size_t count;
	bool partial;            /*!< The zone itself is read name by name too, and owned. */
	bool waits;              /*!< A guarded zone on the way has no contents yet, or could not be read. */
	bool broken;             /*!< Could not be read: what is there may be wrong. */
	size_t beyond;           /*!< Names that were not looked up, being too many. */
	size_t ways;             /*!< Names that were. */
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

/*!
 * \brief Begins to read for a repair.
 *
 * \param contents  The zone itself; NULL: it is read name by name as well.
 * \param[out] out  To be freed by cg_foreign_free(), also after an error.
 */
int cg_foreign_begin(cg_guarded_t *zone, const cg_zone_t *contents, cg_foreign_t *out);

/*!
 * \brief Reads what a name leads to: all that its answer depends on.
 *
 * What is not known in the end is counted in \a waits and \a beyond.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval KNOT_ECONN  the conversation is over.
 */
int cg_foreign_follow(cg_guard_t *guard, cg_foreign_t *foreign, const knot_dname_t *host);

/*!
 * \brief Reads the flattened names of the zone itself, where that is read name by name.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval other  not all could be read.
 */
int cg_foreign_own(cg_guard_t *guard, cg_foreign_t *foreign, const cg_flattened_t *names);

/*! \brief Whether a name is in another guarded zone of this server. */
bool cg_foreign_is(cg_guard_t *guard, const cg_guarded_t *zone, const knot_dname_t *name);

/*! \brief Name of a zone that something was read from; the zone itself is place 0. */
const knot_dname_t *cg_foreign_name(const cg_foreign_t *foreign, size_t place);

/*! \brief Its version, not newer than what was read. */
void cg_foreign_version(const cg_foreign_t *foreign, size_t place, cg_flat_zone_t *out);

void cg_foreign_free(cg_foreign_t *foreign);
