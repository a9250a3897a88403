/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Where cnameguard check gets its zones from.
 */

#pragma once

#include "cli/options.h"
#include "cli/subject.h"

/*! \brief Socket of a knotd that was packaged. */
#define CG_SOCKET	"/run/knot/knot.sock"

/*!
 * \brief Reads zone files.
 *
 * What cannot be read is said on stderr and counted in the subjects.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_files_read(cg_subjects_t *subjects, const cg_options_t *options,
                  char *const *files, size_t count);

/*!
 * \brief Reads zones of a running server; nothing of it is changed.
 *
 * What cannot be read is said on stderr and counted in the subjects.
 *
 * \param names  In presentation format.
 * \param count  0: all that the server has.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 * \retval KNOT_EOF  interrupted by a signal, which was said.
 */
int cg_zones_read(cg_subjects_t *subjects, const char *socket, char *const *names, size_t count);
