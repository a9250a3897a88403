/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Who may do what with a file.
 */

#pragma once

#include <stdbool.h>

/*!
 * \brief Gives an open file the owner, mode and extended attributes (lists of access) of another.
 *
 * \return False: errno says why.
 */
bool cg_attributes_copy(const char *from, int to);
