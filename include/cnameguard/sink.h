/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Edits of a zone in one control transaction.
 *
 * Knot knows one transaction a zone, which outlives the connection that began
 * it. cg_ours_t remembers across connections that it was us: from before the
 * command that begins goes out until the server has confirmed its end, so that
 * a transaction of ours can always be ended later and an operator's never is.
 */

#pragma once

#include "cnameguard/control.h"
#include "cnameguard/plan.h"

/*! \brief Whose the open transaction is. */
typedef enum {
	CG_OURS_NOT,    /*!< Not ours, or none. */
	CG_OURS_MAYBE,  /*!< We said begin, and the reply was lost. Nothing was edited. */
	CG_OURS,        /*!< Begun by us. */
} cg_ours_t;

/*!
 * \retval KNOT_EOK
 * \retval KNOT_EBUSY   somebody else's transaction is open; \a ours stays CG_OURS_NOT.
 * \retval KNOT_EDENIED the server refused, see cg_control_error().
 */
int cg_transaction_begin(cg_control_t *ctl, const char *zone, cg_ours_t *ours);

/*! \brief Makes one edit. */
int cg_transaction_edit(cg_control_t *ctl, const char *zone, const cg_edit_t *edit);

/*!
 * \brief Commits; a commit that is refused ends in an abort.
 *
 * \retval KNOT_ETIMEOUT  the server said OK, but had no time for it: the transaction is still \a ours.
 */
int cg_transaction_commit(cg_control_t *ctl, const char *zone, cg_ours_t *ours);

/*!
 * \brief Aborts, if the transaction is ours.
 *
 * One that may be ours and holds edits is somebody else's: it is left alone.
 */
int cg_transaction_abort(cg_control_t *ctl, const char *zone, cg_ours_t *ours);
