/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Which records of a dynamic update were dropped, by what is in the zone afterwards.
 *
 * Knot takes the records of an update in their order, and ignores without a
 * word a CNAME that is added where other data is, and other data where a CNAME
 * is (RFC 2136, 3.4.2.2). Nothing here talks to anybody.
 */

#pragma once

#include "cnameguard/zone.h"
#include "guard/update.h"

/*! \brief Why a record is not there. */
typedef enum {
	CG_DROP_BESIDE,  /*!< The other kind is at the name. */
	CG_DROP_BOTH,    /*!< It is, and this update has added it. */
	CG_DROP_ORDER,   /*!< It was, and this update has deleted it afterwards. */
	CG_DROP_SIGNED,  /*!< The signatures of what this update has deleted were still there. */
} cg_drop_cause_t;

typedef struct {
	const knot_rrset_t *rr;  /*!< In the update. */
	cg_drop_cause_t cause;
	bool told;               /*!< For the caller. */
} cg_drop_t;

/*! \brief Zeroed is empty; \a list is to be freed. */
typedef struct {
	cg_drop_t *list;
	size_t count;
	size_t max;
} cg_drops_t;

/*! \brief An update among those of its zone, in the order in which they came. */
typedef struct {
	cg_update_t *const *list;
	size_t count;
	size_t which;            /*!< The one that is looked at; those after it came later. */
	bool is_signed;          /*!< Knot signs the zone. */
} cg_drop_window_t;

/*! \brief Takes one name; anything but KNOT_EOK ends the walk and is returned. */
typedef int (*cg_dropped_name_cb)(const knot_dname_t *name, void *ctx);

/*! \brief Names that have to be known to look at an update, once each. */
int cg_dropped_names(const cg_update_t *update, cg_dropped_name_cb cb, void *ctx);

/*!
 * \brief Finds the dropped records of an update that the server has dealt with.
 *
 * None are found when the update has failed, as far as can be seen: a
 * prerequisite does not hold, or another effect that it should have had is
 * missing. At names that this update or a later one changes, a prerequisite is
 * judged by what is there without what these have added, and with what they
 * have deleted; where that is not known it is taken to have held.
 *
 * \param now  Holds the names of cg_dropped_names() that exist; finished.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_dropped_find(const cg_drop_window_t *window, const cg_zone_t *now, cg_drops_t *out);
