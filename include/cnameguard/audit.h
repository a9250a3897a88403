/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The audit log: one JSON object a line, see docs/audit-log.md.
 */

#pragma once

#include "cnameguard/plan.h"

typedef struct {
	const char *zone;     /*!< Presentation format. */
	uint32_t serial;
	const char *mode;
	const char *action;
	const char *judged;   /*!< running or file. */
	const char *why;      /*!< Free text, NULL: none. */
	size_t findings;
	size_t records;
	double ms;            /*!< Milliseconds that the judgement took. */
} cg_audit_verdict_t;

/*! \brief What Knot has left out of a dynamic update at one name. */
typedef struct {
	const char *zone;      /*!< Presentation format. */
	uint32_t serial;       /*!< When it was looked at. */
	const char *client;    /*!< "192.0.2.1@5353". */
	const char *key;       /*!< Name of the TSIG key, NULL: unsigned. */
	const char *const *records; /*!< As lines of a zone file. */
	size_t count;
	const char *message;
	const char *remedy;
} cg_audit_dropped_t;

/*! \brief An open audit log; opened for one batch of lines, then closed. */
typedef struct {
	int fd;               /*!< -1: no audit log is configured. */
	int error;            /*!< errno of the first failure, 0: none. */
} cg_audit_t;

/*!
 * \brief Opens the log for append.
 *
 * \param path  NULL: all calls below do nothing and succeed.
 *
 * \return False: cannot be opened, see \a error.
 */
bool cg_audit_open(cg_audit_t *audit, const char *path);

/*! \brief Closes; true when every line was written whole. */
bool cg_audit_close(cg_audit_t *audit);

void cg_audit_finding(cg_audit_t *audit, const char *zone, uint32_t serial,
                      const cg_finding_t *finding);

/*!
 * \brief Where a finding stands: the owner's alias, else his other records; the first line of them.
 *
 * \return False: not in a file.
 */
bool cg_audit_place(const cg_finding_t *finding, const char **file, uint32_t *line);

/*! \brief The same line without a log and a newline, to be freed. NULL: out of memory. */
char *cg_audit_finding_line(const char *zone, uint32_t serial, const cg_finding_t *finding);

void cg_audit_edit(cg_audit_t *audit, const char *zone, uint32_t serial, const cg_edit_t *edit);
void cg_audit_verdict(cg_audit_t *audit, const cg_audit_verdict_t *verdict);
void cg_audit_dropped(cg_audit_t *audit, const cg_audit_dropped_t *dropped);
