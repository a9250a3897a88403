/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Dynamic updates on their way from the hooks to the worker.
 *
 * Two halves of fixed size: hooks fill one, the worker reads the other at
 * leisure. Nothing is allocated, and nobody waits: the flag is held for the
 * time of one copy.
 */

#pragma once

#include <stdatomic.h>

#include "cnameguard/guard.h"

/*! \brief Octets of one half; the longest message (64 KiB) fits twice but for its head. */
#define CG_INBOX_HALF	((size_t)128 * 1024)

/*! \brief How long an update is left alone, milliseconds: Knot has dealt with most by then. */
#define CG_UPDATE_WAIT_MS	500

/*! \brief Zeroed is empty, with \a busy cleared. */
typedef struct {
	atomic_flag busy;
	unsigned filling;             /*!< The half for hooks. */
	size_t used;                  /*!< Octets of it. */
	_Atomic int64_t due_ms;       /*!< When to look at what is in; 0: it is empty. */
	uint8_t half[2][CG_INBOX_HALF];
} cg_inbox_t;

/*! \brief One update in a half that was taken out. */
typedef struct {
	cg_updated_t update;          /*!< Points into the half, but for the client: */
	struct sockaddr_storage client;
	int64_t came_ms;              /*!< Monotonic. */
} cg_inbox_item_t;

/*!
 * \brief Hook: copies an update in.
 *
 * \param[out] wake  The worker has to hear of it.
 *
 * \return False: no room, or others were in the way for too long.
 */
bool cg_inbox_put(cg_inbox_t *inbox, const cg_updated_t *update, int64_t now_ms, bool *wake);

/*!
 * \brief Worker: takes out what is in.
 *
 * \param[out] size  Octets.
 *
 * \return Valid until the next call.
 */
const uint8_t *cg_inbox_take(cg_inbox_t *inbox, size_t *size);

/*! \brief Worker: the next update of what was taken out; \a pos is moved. False: that was all. */
bool cg_inbox_next(const uint8_t **pos, const uint8_t *end, cg_inbox_item_t *item);
