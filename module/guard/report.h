/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What is said about a judgement: the server's log and the audit log.
 */

#pragma once

#include "cnameguard/audit.h"
#include "guard/worker.h"

typedef struct {
	cg_guard_t *guard;    /*!< Small zones are judged while many findings are written; NULL: none. */
	const cg_policy_t *policy;
	const cg_findings_t *findings;
	const char *judged;   /*!< running or file. */
	const char *action;   /*!< clean audited held refused rewritten failed. */
	const char *why;      /*!< NULL: none. */
	double ms;
	bool partial;         /*!< The rules about targets were put off: no findings are no news. */
} cg_report_t;

/*! \brief Writes the findings, unless the same were said about the same version. */
void cg_report_findings(cg_guarded_t *zone, cg_said_t *said, const cg_report_t *report);

/*! \brief Writes the verdict, unless the same was said about the same version. */
void cg_report_verdict(cg_guarded_t *zone, cg_said_t *said, const cg_report_t *report);

/*! \brief Ends a batch of lines: what failed in it is said once. True: all are written. */
bool cg_report_close(cg_guarded_t *zone, const cg_policy_t *policy, cg_audit_t *audit);

/*! \brief Whether the audit log can be opened at all; complains if not. */
bool cg_report_writable(cg_guarded_t *zone, const cg_policy_t *policy);

/*!
 * \brief Writes edits down, before they are made.
 *
 * \return False: the audit log cannot be written, nothing may be edited.
 */
bool cg_report_edits(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                     uint32_t serial, const cg_edit_t *edits, size_t count);
