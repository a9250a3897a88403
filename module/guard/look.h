/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Looking at the current version through the eyes of a hook.
 */

#pragma once

#include "guard/worker.h"

/*!
 * \brief Asks the own server for the SOA, and takes what the hook saw meanwhile.
 *
 * \return False: the server does not answer such questions (for now).
 */
bool cg_look(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
             cg_version_t *version);
