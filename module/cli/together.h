/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Which of many zones are judged together: those that reach into another one of them.
 */

#pragma once

#include "cli/subject.h"

/*!
 * \brief Has those zones read that were left out of memory but are needed to judge them or others.
 *
 * Zones that stay out are clean, and nothing that is found in the others depends on them.
 *
 * \param load  Reads zones: sets \a zone of the subjects, of those that it can. KNOT_EOK, KNOT_ENOMEM
 *
 * \retval KNOT_EOK, KNOT_ENOMEM, or from \a load.
 */
int cg_together_settle(cg_subjects_t *subjects,
                       int (*load)(cg_subject_t **list, size_t count, void *ctx), void *ctx);
