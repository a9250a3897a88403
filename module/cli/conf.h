/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The policy from a section mod-cnameguard of a knot.conf.
 */

#pragma once

#include "cli/options.h"

/*!
 * \brief Adds the policy of a section to the options.
 *
 * Follows include as Knot does: patterns, relative to the including file.
 * Other sections are not looked at. What is wrong is said on stderr.
 *
 * \param arg  FILE:ID, or FILE with one section or one called default.
 */
bool cg_conf_read(cg_options_t *options, const char *arg);

/*!
 * \brief Finds the folder in which the module keeps versions; what is wrong is said on stderr.
 *
 * \param arg  FILE:ID; or FILE, where all sections mean the same folder, or there is none.
 *
 * \return To be freed; NULL: it was said what is wrong.
 */
char *cg_conf_state(const char *arg);

/*!
 * \brief The folder where the option state is not set.
 *
 * \param storage  That of Knot's databases; NULL: not set either.
 *
 * \return To be freed; NULL: out of memory.
 */
char *cg_conf_default_state(const char *storage);
