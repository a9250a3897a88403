/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Work shared among threads, one for each processor.
 */

#pragma once

#include <stddef.h>

/*! \brief Threads that work at once at the most. */
#define CG_CREW_MAX	8

/*! \brief Threads that would work at once: processors that this process may use, up to the limit. */
size_t cg_crew_size(void);

/*!
 * \brief Does a work with that many threads at once, the caller's being number 0.
 *
 * Where a thread cannot be had, fewer do it: each must go on until nothing is left to do.
 *
 * \param work  Anything but KNOT_EOK ends this thread's work.
 *
 * \return KNOT_EOK, or what one of them returned.
 */
int cg_crew_work(size_t size, int (*work)(size_t number, void *ctx), void *ctx);

/*! \brief Does pieces 0 to \a count - 1, each once, with cg_crew_size() threads; the first error. */
int cg_crew_each(size_t count, int (*piece)(size_t at, void *ctx), void *ctx);
