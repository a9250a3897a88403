/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief One instance of the module: a zone of one configuration.
 */

#pragma once

#include <knot/module.h>

#include "cnameguard/guard.h"

/*!
 * \brief What a thread of the server has to remember between two messages of a transfer.
 *
 * BEGIN runs for every message of a transfer; what was decided for the first
 * holds for all that come from the same version to the same question. A thread
 * sends a transfer to its end before it takes up another one.
 */
typedef struct {
	cg_version_t version;   /*!< Of the transfer that was let through; its addresses are those of one zone. */
	unsigned generation;    /*!< Of the policy that let it. */
	uint16_t id;            /*!< Message ID of its query. */
	bool ixfr;
	bool as_axfr;           /*!< IXFR is answered as AXFR. */
	uint32_t from;          /*!< Serial of the client that asks for IXFR. */
} cg_thread_t;

/*! \brief Threads that can remember something; what others send is decided about message by message. */
#define CG_THREADS	1024

extern cg_thread_t cg_threads[CG_THREADS];

typedef struct {
	cg_guarded_t *zone;     /*!< NULL: the guard could not start; all that can conflict is held. */
	const cg_verdicts_t *verdicts;
	unsigned generation;    /*!< Of the policy: verdicts of another one do not count. */
	bool hold;              /*!< while-unverified: hold. */
	bool can_conflict;      /*!< A conflict can come in past Knot's own checks. */
	bool begins;            /*!< BEGIN is hooked: transfers are seen there. */
	bool allow_key;         /*!< KEY may stand beside a CNAME. */
	uint32_t ignore;        /*!< Bit per rule: not reported, never acted on. */
	bool updates;           /*!< Dynamic updates are queued here, and not passed on to a primary. */
	unsigned may_wait;      /*!< Threads that may wait for a verdict at the same time. */
} cg_instance_t;

/*! \brief Statistics, in the order of their registration. */
enum {
	CG_COUNT_HELD,
	CG_COUNT_REFUSED,
	CG_COUNT_TRANSFERS_HELD,
	CG_COUNT_TRANSFERS_REFUSED,
	CG_COUNT_IXFR_TO_AXFR,
};

/*!
 * \brief Registers counters and hooks.
 *
 * \param begins   Something may have to be done before an answer is made.
 * \param repairs  Answers may be repaired, the zone is not edited.
 */
int cg_hooks_register(knotd_mod_t *mod, bool begins, bool repairs);

/*! \brief Registers the hook of mode audit: it looks, and changes nothing. */
int cg_hooks_register_audit(knotd_mod_t *mod);

/*! \brief Says what should be set beside the module, one line a problem; false: nothing. */
bool cg_config_warn(knotd_mod_t *mod, const cg_policy_t *policy);

extern const yp_item_t cg_config_schema[];
