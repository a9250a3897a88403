/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The prerequisites of a dynamic update, judged afterwards; for dropped.c.
 */

#pragma once

#include "guard/dropped.h"

/*! \brief What is seen of the zone while one update is looked at. */
typedef struct {
	const cg_drop_window_t *window;
	const cg_zone_t *now;
	bool failed;     /*!< Out of memory. */
} cg_sight_t;

/*! \brief A record of the update section of one of the updates. */
typedef struct {
	size_t update;
	size_t pos;
} cg_op_t;

/*! \brief The record after \a at, of the same update or of a later one. NULL: that was all. */
const knot_rrset_t *cg_next_op(const cg_sight_t *s, cg_op_t *at);

/*! \brief Whether \a op, of an update section, deletes \a rr. */
bool cg_op_deletes(const knot_rrset_t *op, const knot_rrset_t *rr);

/*! \brief What is at a name; a count of zero: nothing. */
cg_name_t cg_name_now(const cg_sight_t *s, const knot_dname_t *owner);

/*! \brief Whether a record of the zone is \a rr, whatever its TTL. */
bool cg_rr_is(cg_sight_t *s, const cg_rr_t *have, const knot_rrset_t *rr);

/*! \brief Whether \a rr is at the name. */
bool cg_name_holds(cg_sight_t *s, const cg_name_t *name, const knot_rrset_t *rr);

/*! \brief Whether all of them held, as far as can be told (RFC 2136, 3.2). */
bool cg_prerequisites_hold(cg_sight_t *s);
