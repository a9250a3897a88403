/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Looking at the current version through the eyes of a hook.
 */

#pragma once

#include "guard/worker.h"

/*! \brief Zones that are looked at at the same time. */
#define CG_LOOKS	64

/*!
 * \brief Asks the own server for the SOA, and takes what the hook saw meanwhile.
 *
 * \return False: the server does not answer such questions (for now).
 */
bool cg_look(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
             cg_version_t *version);

/*! \brief What a hook has seen of one zone. */
typedef struct {
	cg_guarded_t *zone;
	cg_version_t version;
	bool seen;
} cg_look_t;

/*! \brief The same for several zones at once, CG_LOOKS at most; false: not all could be. */
bool cg_look_all(cg_guard_t *guard, const cg_policy_t *policy, cg_look_t *looks, size_t count);
