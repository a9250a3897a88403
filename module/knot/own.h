/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the server itself has at a name, in the version that it answers from.
 */

#pragma once

#include "knot/instance.h"

/*! \brief Who looks, and where. */
typedef struct {
	const cg_instance_t *self;  /*!< NULL: the guard could not start, nothing is ignored or allowed. */
	const knotd_qdata_t *qdata; /*!< The answer that is being made, ... */
	const cg_version_t *version; /*!< ... from which version; NULL as \a self. */
} cg_own_t;

/*!
 * \brief Hook: nothing at the name can be a conflict.
 *
 * Looks at the name, or at the wildcard that an answer for it is made from.
 * Exempt names are not known here: they are like all others.
 *
 * \param own     NULL: do not look.
 * \param answer  Section that the name is in.
 * \param type    Type of the alias in the answer; 0: the name was asked for
 *                whatever is there, and need not be an alias.
 *
 * \return false also where the server does not tell (Knot before 3.4).
 */
bool cg_own_clean(const cg_own_t *own, const knot_pktsection_t *answer,
                  const knot_dname_t *name, uint16_t type);
