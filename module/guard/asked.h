/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Names that hooks hold, for the worker to look at ahead of their zones.
 *
 * A few places for all zones. Any thread may put, without waiting; where there is no place the
 * name is not left, and comes again with the next question.
 */

#pragma once

#include <stdatomic.h>

#include "cnameguard/guard.h"

/*! \brief Places. */
#define CG_ASKED	64

/*! \brief One place; zeroed: free. Whoever has \a busy may touch the rest. */
typedef struct {
	atomic_flag busy;
	_Atomic(const cg_guarded_t *) zone;  /*!< NULL: free. */
	cg_version_t version;
	knot_dname_storage_t name;
} cg_asked_name_t;

typedef struct {
	cg_asked_name_t places[CG_ASKED];
} cg_asked_t;

/*! \brief Hook: leaves a name. */
void cg_asked_put(cg_asked_t *asked, const cg_guarded_t *zone, const cg_version_t *version,
                  const knot_dname_t *name);

/*! \brief Worker: takes a name of the zone; false: there is none. */
bool cg_asked_take(cg_asked_t *asked, const cg_guarded_t *zone, cg_version_t *version,
                   knot_dname_storage_t name);

/*! \brief Throws away all names of the zone. */
void cg_asked_forget(cg_asked_t *asked, const cg_guarded_t *zone);
