/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Edits of a zone in one control transaction.
 *
 * Knot knows one transaction a zone, which outlives the connection that began
 * it. \a ours remembers across connections that it was us: it is set before
 * the command that begins goes out and cleared when the server has confirmed
 * its end, so that a transaction of ours can always be ended later and an
 * operator's never is.
 */

#pragma once

#include "cnameguard/control.h"
#include "cnameguard/plan.h"

/*!
 * \retval KNOT_EOK
 * \retval KNOT_EBUSY   somebody else's transaction is open; \a ours stays false.
 * \retval KNOT_EDENIED the server refused, see cg_control_error().
 */
int cg_transaction_begin(cg_control_t *ctl, const char *zone, bool *ours);

/*! \brief Makes one edit. */
int cg_transaction_edit(cg_control_t *ctl, const char *zone, const cg_edit_t *edit);

/*! \brief Commits; a commit that is refused ends in an abort. */
int cg_transaction_commit(cg_control_t *ctl, const char *zone, bool *ours);

/*! \brief Aborts, if the transaction is ours. */
int cg_transaction_abort(cg_control_t *ctl, const char *zone, bool *ours);
