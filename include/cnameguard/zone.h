/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A zone version in memory: records in any order in, names in canonical order out.
 *
 * One thread at a time. The zone owns copies of all that is added to it.
 */

#pragma once

#include "cnameguard/each.h"
#include "cnameguard/record.h"

typedef struct cg_zone cg_zone_t;

/*!
 * \brief Zones that are judged together: targets are looked up in all of them. Borrowed.
 *
 * In any order; of two of one origin the first counts for all other zones.
 */
typedef struct {
	const cg_zone_t *const *list;  /*!< Finished. */
	size_t count;
	struct cg_zones_index *index;  /*!< NULL: all are looked at each time. */
} cg_zones_t;

/*! \brief Makes the lookup in many zones fast. To be freed by cg_zones_free_index(). */
int cg_zones_index(cg_zones_t *zones);

void cg_zones_free_index(cg_zones_t *zones);

/*! \brief New empty zone; \a origin is copied and lower-cased. NULL: out of memory. */
cg_zone_t *cg_zone_new(const knot_dname_t *origin);

void cg_zone_free(cg_zone_t *zone);

const knot_dname_t *cg_zone_origin(const cg_zone_t *zone);

/*!
 * \brief Adds one record.
 *
 * A record that is there already (same owner, type and data, letter case of
 * names in CNAME and DNAME data aside) is added once only (RFC 2181, 5).
 * A record whose owner is not in the zone is counted and left out.
 *
 * \param owner  Wire format, any letter case; its spelling is kept (of several
 *               spellings of one name that of the first line).
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_zone_add(cg_zone_t *zone, const knot_dname_t *owner, const cg_rr_t *rr);

/*! \brief Adds all records of a name, with the owner as it is; has the form of cg_name_cb. */
int cg_zone_add_name(const cg_name_t *name, void *zone);

/*! \brief Sorts what was added so far: several threads may, each a zone of its own, before they are joined. */
void cg_zone_sort(cg_zone_t *zone);

/*!
 * \brief Adds all that was added to another zone of the same origin, and frees that one.
 *
 * Neither is finished; where both are sorted, so is what comes of it. KNOT_EOK, KNOT_ENOMEM
 */
int cg_zone_join(cg_zone_t *zone, cg_zone_t *other);

/*! \brief Sorts. To be called after the last cg_zone_add() and before all below. */
int cg_zone_finish(cg_zone_t *zone);

/*! \brief The same by several threads; \a each as in cg_screen_judge(). */
int cg_zone_finish_shared(cg_zone_t *zone, cg_each_t each);

/*!
 * \brief Tells where a record of a file stands beside the place that the zone holds.
 *
 * \param owner  Wire format, lower-cased.
 * \param rr     As the zone gave it.
 * \param place  The same record elsewhere; anything but KNOT_EOK ends the walk and is returned.
 */
int cg_zone_repeats(const cg_zone_t *zone, const knot_dname_t *owner, const cg_rr_t *rr,
                    int (*place)(const cg_rr_t *rr, void *ctx), void *ctx);

/*! \brief Number of records in the zone. */
size_t cg_zone_records(const cg_zone_t *zone);

/*! \brief Number of records that were left out because their owner is not in the zone. */
size_t cg_zone_outside(const cg_zone_t *zone);

/*! \brief Serial of the SOA at the apex; false: no SOA. */
bool cg_zone_serial(const cg_zone_t *zone, uint32_t *serial);

/*!
 * \brief Walks over all names that own records, in canonical order.
 *
 * Here and in cg_zone_find() the records of a name come sorted by type and data.
 */
int cg_zone_walk(const cg_zone_t *zone, cg_name_cb cb, void *ctx);

/*!
 * \brief Finds one name, exactly (wildcards are not expanded).
 *
 * \retval KNOT_EOK      found; \a out is valid as long as the zone.
 *                       An empty non-terminal is found with a count of zero.
 * \retval KNOT_ENONODE  no such name.
 */
int cg_zone_find(const cg_zone_t *zone, const knot_dname_t *name, cg_name_t *out);
