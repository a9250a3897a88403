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
