/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The zones of a running server.
 *
 * Knot before 3.3 walks a zone for zone-read without holding it, and an update
 * meanwhile can crash it. There a zone is read in a transaction, which keeps
 * updates waiting and is aborted at the end, whatever happens. One zone a
 * conversation, since while one lasts Knot 3.2 has no ear for anybody else. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/say.h"
#include "cli/zones.h"
#include "cnameguard/sink.h"

/*! \brief How long to wait while others have the socket. */
#define PATIENCE_MS	30000
/*! \brief How often to try to end a transaction, each time in a new conversation. */
#define ABORT_TRIES	3
/*! \brief How many names are read between two looks at the clock. */
#define NAMES_A_LOOK	256

/*! \brief What to look at when there is no connection. */
static const char *connect_hint(int ret, const char *socket)
{
	if (ret != KNOT_ECONN) {
		return "";
	}
	return (access(socket, W_OK) != 0 && errno == EACCES) ?
	       "; it is for root and the group of knotd only" :
	       "; does knotd run, and is this what its 'control: listen:' says?";
}

int cg_zones_connect(cg_zones_reading_t *reading)
{
	int ret = cg_control_open(reading->ctl, reading->socket, PATIENCE_MS);
	if (ret != KNOT_EOK && !atomic_load(reading->interrupted)) {
		cg_say("control socket '%s': %s%s", reading->socket,
		       cg_control_error(reading->ctl), connect_hint(ret, reading->socket));
	}
	return ret;
}

/*! \brief A zone that is being read. */
typedef struct {
	cg_zones_reading_t *reading;
	cg_zone_t *zone;
	size_t names;
	size_t records;
} filling_t;

static int take_name(const cg_name_t *name, void *ctx)
{
	filling_t *filling = ctx;
	const cg_zones_reading_t *reading = filling->reading;

	int ret = cg_zone_add_name(name, filling->zone);
	if (ret != KNOT_EOK) {
		return ret;
	}
	filling->records += name->count;
	if (atomic_load(reading->interrupted)) {
		return KNOT_EOF;
	}
	if (++filling->names % NAMES_A_LOOK == 0 && cg_progress_due()) {
		cg_progress_show(reading->list[reading->at].name,
		                 (double)reading->at / reading->count,
		                 reading->subjects->records + filling->records);
	}
	return KNOT_EOK;
}

/*! \brief Tries to end the transaction in a conversation of its own. */
static int abort_apart(const char *socket, const char *name, cg_ours_t *ours)
{
	cg_control_t *ctl = cg_control_new(NULL, NULL);
	if (ctl == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = cg_control_open(ctl, socket, PATIENCE_MS);
	if (ret == KNOT_ECONN) {
		*ours = CG_OURS_NOT; /* The server is gone, and the transaction with it. */
		ret = KNOT_EOK;
	} else if (ret == KNOT_EOK) {
		ret = cg_transaction_abort(ctl, name, ours);
	}
	cg_control_free(ctl);
	return ret;
}

/*!
 * \brief Ends the transaction, whatever happened to the conversation.
 *
 * A signal does not end this: an open transaction would keep updates of the
 * zone from being made.
 */
static void end_transaction(cg_zones_reading_t *reading, const char *name, cg_ours_t *ours)
{
	if (*ours == CG_OURS_NOT) {
		return;
	}
	int ret = KNOT_ECONN;
	if (cg_control_is_open(reading->ctl)) {
		ret = cg_transaction_abort(reading->ctl, name, ours);
	}
	for (int i = 0; i < ABORT_TRIES && ret != KNOT_EOK && ret != KNOT_ETIMEOUT; i++) {
		ret = abort_apart(reading->socket, name, ours);
	}
	if (ret != KNOT_EOK) {
		reading->left_open = true;
		cg_say("zone %s: the transaction that it was read in may still be open: "
		       "knotc zone-abort %s", name, name);
	}
}

/*! \brief Reads into memory, in a transaction where it has to be. */
static int read_contents(cg_zones_reading_t *reading, const char *name, cg_zone_t *zone)
{
	filling_t filling = { .reading = reading, .zone = zone };
	cg_ours_t ours = CG_OURS_NOT;
	int ret = KNOT_EOK;
	if (reading->from == CG_READ_TRANSACTION) {
		ret = cg_transaction_begin(reading->ctl, name, &ours);
	}
	if (ret == KNOT_EOK) {
		ret = cg_server_read(reading->ctl, reading->from, name, NULL, take_name,
		                     &filling);
	}
	if (ret == KNOT_EBUSY) {
		cg_say("zone %s: a transaction is open, by knotc or another program: end it by "
		       "knotc zone-commit or zone-abort", name);
	} else if (ret != KNOT_EOK && ret != KNOT_ENOMEM && !atomic_load(reading->interrupted)) {
		cg_say("zone %s: %s", name, cg_control_error(reading->ctl));
	}
	end_transaction(reading, name, &ours);
	return ret;
}

int cg_zones_read_one(cg_zones_reading_t *reading, const cg_listed_t *listed)
{
	if (listed->empty) {
		cg_say("zone %s: the server has no contents of it: not loaded, or expired",
		       listed->name);
		return KNOT_EOF;
	}
	int ret = cg_zones_connect(reading);
	if (ret != KNOT_EOK) {
		reading->gone = true;
		return ret;
	}

	knot_dname_storage_t origin;
	cg_zone_t *zone = NULL;
	if (knot_dname_from_str(origin, listed->name, sizeof(origin)) != NULL) {
		zone = cg_zone_new(origin);
	}
	ret = (zone != NULL) ? read_contents(reading, listed->name, zone) : KNOT_ENOMEM;
	cg_control_close(reading->ctl);
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(zone);
	}
	if (ret != KNOT_EOK) {
		cg_zone_free(zone);
		return ret;
	}
	return (cg_subjects_add(reading->subjects, zone) != NULL) ? KNOT_EOK : KNOT_ENOMEM;
}
