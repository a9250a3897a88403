/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The changes of a file as a unified diff (POSIX, diff -u), for patch -p0.
 */

#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cnameguard/patch.h"

/*!
 * \brief Writes the diff; nothing, if nothing is changed.
 *
 * \param file  As both files are called.
 * \param text  What was patched.
 *
 * \return False: out of memory.
 */
bool cg_diff_print(FILE *out, const char *file, const char *text, size_t len,
                   const cg_patched_t *patched);
