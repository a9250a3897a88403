/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A knotd for tests: zones in memory behind a control socket.
 *
 * It speaks through libknot's own server side and answers as knotd 3.2 does:
 * one conversation after the other, one transaction a zone, a commit raises the
 * serial. What goes wrong is scripted. Its thread touches nothing of the test;
 * all calls below may come at any time from the test's own threads.
 */

#pragma once

#include <stdbool.h>

typedef struct fake_knotd fake_knotd_t;

/*! \brief What happens to a command. */
typedef enum {
	FAKE_CUT,        /*!< Not executed; the connection is closed. */
	FAKE_CUT_AFTER,  /*!< Executed; the connection is closed before the reply has ended. */
	FAKE_ERROR,      /*!< Not executed; answered by the error \a text. */
	FAKE_IGNORE,     /*!< Not executed; answered as if it had been. */
	FAKE_LATE,       /*!< The same after a second, as where a lock could not be had. */
	FAKE_HOLD,       /*!< Executed after fake_release(), until then nobody is served. */
	FAKE_SWAP,       /*!< Executed after \a text has become the zone's contents. */
	FAKE_OPEN,       /*!< Executed after an operator has begun a transaction. */
} fake_fault_t;

typedef struct {
	fake_fault_t fault;
	const char *command;
	const char *owner;   /*!< Only about this owner; "": only without owner; NULL: any. */
	unsigned skip;       /*!< That many are left alone first. */
	bool always;         /*!< From then on all; else once. */
	const char *text;
} fake_script_t;

/*! \brief Makes a server that does not listen yet; \a socket is the path it will have. */
fake_knotd_t *fake_new(const char *socket);

/*! \brief Listens from now on. */
void fake_start(fake_knotd_t *fake);

/*! \brief Goes away, as knotd does when it ends: the socket too. May be started again. */
void fake_stop(fake_knotd_t *fake);

void fake_free(fake_knotd_t *fake);

/*!
 * \brief Configures a zone or replaces its contents.
 *
 * \param text  Lines "owner ttl type data", an SOA among them; NULL: not loaded.
 */
void fake_zone(fake_knotd_t *fake, const char *zone, const char *text);

/*! \brief What is served, lines as above, names absolute; to be freed. */
char *fake_contents(fake_knotd_t *fake, const char *zone);

/*! \brief An operator begins and ends a transaction (commit without edits). */
void fake_operator_begins(fake_knotd_t *fake, const char *zone);
void fake_operator_ends(fake_knotd_t *fake, const char *zone);

/*! \brief Somebody's transaction is open. */
bool fake_transaction(fake_knotd_t *fake, const char *zone);

/*! \brief An operator's transaction was aborted by the client. */
bool fake_operator_aborted(fake_knotd_t *fake);

/*! \brief Adds to the script; of several entries that fit the first counts. */
void fake_script(fake_knotd_t *fake, const fake_script_t *entry);

/*! \brief From now on nothing goes wrong; what is held goes on. */
void fake_unscript(fake_knotd_t *fake);

/*! \brief A command is being held. */
bool fake_holds(fake_knotd_t *fake);
void fake_release(fake_knotd_t *fake);

/*! \brief How many of these commands came. */
unsigned fake_count(fake_knotd_t *fake, const char *command);

/*!
 * \brief All commands that came since the last fake_forget(), but conf-list.
 *
 * "zone-read", and "zone-read www.example.com." where an owner was given; each
 * followed by a blank. To be freed.
 */
char *fake_heard(fake_knotd_t *fake);
void fake_forget(fake_knotd_t *fake);
