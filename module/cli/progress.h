/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief One line on stderr that tells how far it is, while something takes long.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum {
	CG_PROGRESS_AUTO,  /*!< After a second, where stderr is a terminal. */
	CG_PROGRESS_ON,
	CG_PROGRESS_OFF,
} cg_progress_t;

/*! \brief Starts the clock. Before that, and after the end, all calls below do nothing. */
void cg_progress_begin(cg_progress_t when);

/*! \brief Whether it is time for another cg_progress_show(). */
bool cg_progress_due(void);

/*!
 * \brief Draws the line.
 *
 * \param name   What is being read.
 * \param done   How much of all of it, 0 to 1; less than 0: not known.
 * \param count  Records so far.
 */
void cg_progress_show(const char *name, double done, size_t count);

/*! \brief Takes the line away, before something else is written to the terminal. */
void cg_progress_erase(void);

void cg_progress_end(void);
