/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The guard: all zones of a process, and the one worker that judges them.
 *
 * cg_guard_attach() and cg_guard_detach() are for a module's load and unload:
 * they never talk to the server and never wait for it. The calls marked as
 * hook neither wait nor allocate.
 */

#pragma once

#include "cnameguard/control.h"
#include "cnameguard/policy.h"
#include "cnameguard/verdict.h"

/*! \brief A zone under guard. Lives from its first attach to its last detach at least. */
typedef struct cg_guarded cg_guarded_t;

/*!
 * \brief Writes one line to the server's log, for the zone.
 *
 * Called by the worker, never after the detach of the same \a ctx has returned.
 */
typedef void (*cg_log_cb)(void *ctx, int priority, const char *text);

/*!
 * \brief Puts a zone under guard, or gives a guarded one a new policy.
 *
 * The first attach of a process starts the worker. Verdicts stay when the new
 * policy is the same as the old one.
 *
 * \param policy  A reference that the guard takes over, also after an error. Other zones may get the
 *                same one.
 * \param pin     See control.h; the same in every call.
 *
 * \return The zone; NULL: out of memory, or no thread could be made.
 */
cg_guarded_t *cg_guard_attach(const knot_dname_t *zone, cg_policy_t *policy,
                              cg_log_cb log, void *ctx, const cg_pin_t *pin);

/*!
 * \brief What the verdicts have to bear to be those of the policy attached last.
 *
 * A hook of an instance that was given this number ignores verdicts with
 * another one: they were made under another policy.
 */
unsigned cg_guarded_generation(cg_guarded_t *zone);

/*!
 * \brief Takes back one attach, the one with the same \a ctx.
 *
 * The last detach of a process ends the worker and joins it.
 */
void cg_guard_detach(cg_guarded_t *zone, void *ctx);

/*! \brief Hook: verdicts about the zone. */
static inline const cg_verdicts_t *cg_guarded_verdicts(const cg_guarded_t *zone)
{
	return (const cg_verdicts_t *)zone;
}

/*! \brief Hook: a transfer was refused; NOTIFY is to be sent again when it would not be, even of this version. */
void cg_guard_transfer_refused(cg_guarded_t *zone);

/*!
 * \brief Hook: asks for a verdict.
 *
 * \param name      The alias that is being held, lower-cased; NULL: none.
 * \param transfer  A transfer is being held: NOTIFY has to be sent again.
 */
void cg_guard_want(cg_guarded_t *zone, const cg_version_t *version,
                   const knot_dname_t *name, bool transfer);

/*! \brief Hook: whether a query for the SOA with that message ID is the worker's own. */
bool cg_guard_probing(const cg_guarded_t *zone, uint16_t id);

/*!
 * \brief Hook: whether a transfer is the worker's own, which reads what it has to judge.
 *
 * Only for one that came over TCP from an address of this server.
 */
bool cg_guard_transferring(const cg_guarded_t *zone, uint16_t port, uint16_t id);

/*! \brief Hook: tells the version that the worker's own query is answered from. */
void cg_guard_saw(cg_guarded_t *zone, const cg_version_t *version);

/*!
 * \brief Hook: whether it is worth waiting a moment for a verdict.
 *
 * Only while the worker has a conversation with the server, and only for a
 * few hooks at a time. True has to be followed by cg_guard_waited().
 *
 * \param most  Hooks that may wait at the same time.
 */
bool cg_guard_may_wait(unsigned most);
void cg_guard_waited(void);

/*! \brief A dynamic update (RFC 2136) that the server has queued. All borrowed. */
typedef struct {
	const uint8_t *wire;                  /*!< The message; TSIG may be taken off. */
	size_t size;                          /*!< Octets of it. */
	const struct sockaddr_storage *client;
	const knot_dname_t *key;              /*!< Name of the TSIG key, NULL: unsigned. */
} cg_updated_t;

/*!
 * \brief Hook: leaves a copy of the update for the worker, which looks what became of it.
 *
 * Where there is no room it is only counted.
 */
void cg_guard_updated(cg_guarded_t *zone, const cg_updated_t *update);
