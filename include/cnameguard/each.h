/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Work that whoever asks for it may share among threads.
 */

#pragma once

#include <stddef.h>

/*! \brief Does pieces 0 to \a count - 1 of a work, at once as far as it can; the first error. */
typedef int (*cg_each_t)(size_t count, int (*piece)(size_t at, void *work), void *work);
