/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A conversation with knotd over its control socket.
 *
 * One thread at a time uses a conversation. Every call that talks to the server
 * blocks: never from a module's load, unload, configuration check or hook.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include <libknot/libknot.h>
#include <libknot/control/control.h>

typedef struct cg_control cg_control_t;

/*!
 * \brief Brackets around reading a zone's contents.
 *
 * Knot 3.2 walks the contents for zone-read without holding them: an update
 * meanwhile frees what is being read. A thread of the same process that is
 * inside an RCU read-side critical section keeps them alive. These two calls
 * enter and leave such a section; both NULL where the server does it itself.
 *
 * Never pin before the server has taken up the conversation (it could be in
 * a reload that waits for all readers), nor around a command that waits for
 * an update to end (zone-begin, zone-commit).
 */
typedef struct {
	void (*pin)(void);
	void (*unpin)(void);
} cg_pin_t;

/*!
 * \brief Allocates a conversation. NULL: out of memory.
 *
 * \param stop  When it becomes true, waiting for the server's attention ends; may be NULL.
 *              A server that has begun to serve us has five seconds for each unit.
 */
cg_control_t *cg_control_new(const atomic_bool *stop, const cg_pin_t *pin);

void cg_control_free(cg_control_t *ctl);

/*!
 * \brief Connects, and waits until the server has taken up the conversation.
 *
 * Knot 3.2 serves one conversation after the other: this waits until all
 * others have ended, or until \a patience_ms is over.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ECONN     nobody listens at \a path.
 * \retval KNOT_ERROR     somebody listens, and hung up.
 * \retval KNOT_ETIMEOUT  somebody else holds the socket.
 * \retval KNOT_EOF       \a stop was set.
 */
int cg_control_open(cg_control_t *ctl, const char *path, int patience_ms);

/*! \brief Waits in the same way until the server serves an open conversation once more; else disconnects. */
int cg_control_again(cg_control_t *ctl, int patience_ms);

/*! \brief Says goodbye and disconnects. */
void cg_control_close(cg_control_t *ctl);

bool cg_control_is_open(const cg_control_t *ctl);

/*! \brief Takes one unit of the reply; anything but KNOT_EOK ends the conversation. */
typedef int (*cg_control_cb)(const knot_ctl_data_t *unit, void *ctx);

/*!
 * \brief Sends one command and takes its whole reply.
 *
 * \param cmd  Items of the command, KNOT_CTL_IDX_CMD among them.
 * \param cb   Called for every unit of the reply; may be NULL.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EDENIED the server answered with an error, see cg_control_error();
 *                      the conversation goes on.
 * \retval other        from the callback or the connection: the conversation is closed.
 */
int cg_control_command(cg_control_t *ctl, knot_ctl_data_t *cmd, cg_control_cb cb, void *ctx);

/*! \brief Commands that may be on the way at the same time. */
#define CG_CONTROL_AHEAD 64

/*!
 * \brief Sends a command about a zone ahead of its turn, without further items.
 *
 * The server goes on with it while the reply to another is being taken. The calls below take
 * the replies, in the same order; a call for anything else throws away all that are
 * outstanding first. What reads contents is sent inside a pin that lasts until its reply.
 *
 * \param command, zone  Borrowed until then.
 *
 * \retval KNOT_ELIMIT  no more can be on the way.
 */
int cg_control_ahead(cg_control_t *ctl, const char *command, const char *zone);

/*! \brief The same between pin and unpin: for commands that read contents. */
int cg_control_read(cg_control_t *ctl, knot_ctl_data_t *cmd, cg_control_cb cb, void *ctx);

/*!
 * \brief Enters and leaves a pin that spans several commands; pins nest.
 *
 * Where a conversation was cut inside, the last one waits until the server has heard of it, at
 * most a second: it may be walking the contents still.
 */
void cg_control_pin(cg_control_t *ctl);
void cg_control_unpin(cg_control_t *ctl);

/*! \brief Ends a conversation that is not the one that was wanted. */
void cg_control_reject(cg_control_t *ctl, const char *why);

/*! \brief What went wrong last, one line; valid until the next call. */
const char *cg_control_error(const cg_control_t *ctl);
