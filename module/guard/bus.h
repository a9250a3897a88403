/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the server tells over D-Bus: that it holds a version until it is validated (Knot 3.5).
 *
 * A thread of its own listens, and calls back. Without D-Bus, built or running,
 * all is found by asking, later.
 */

#pragma once

#include <stdbool.h>

#include <libknot/libknot.h>

typedef struct cg_bus cg_bus_t;

/*! \brief Called by the thread; \a zone NULL: signals may have been missed, ask for all. */
typedef void (*cg_bus_cb)(const knot_dname_t *zone, void *ctx);

/*! \brief Starts to listen; a bus that is not there is tried again. NULL: not built, or out of memory. */
cg_bus_t *cg_bus_start(cg_bus_cb cb, void *ctx);

/*! \brief Whether signals are heard now; false where \a bus is NULL. */
bool cg_bus_hears(const cg_bus_t *bus);

/*! \brief Ends and joins the thread; NULL: does nothing. */
void cg_bus_stop(cg_bus_t *bus);
