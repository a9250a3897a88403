/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The zones of a running server.
 *
 * Knot before 3.3 walks a zone for zone-read without holding it, and an update
 * meanwhile can crash it. There a zone is read in a transaction, which keeps
 * updates waiting and is aborted at the end, whatever happens. One zone a
 * conversation, since while one lasts Knot 3.2 has no ear for anybody else. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cnameguard/server.h"
#include "cnameguard/sink.h"

/*! \brief First version whose zone-read holds what it reads. */
#define SAFE_READ	303
/*! \brief How long to wait while others have the socket. */
#define PATIENCE_MS	30000
/*! \brief How often to try to end a transaction, each time in a new conversation. */
#define ABORT_TRIES	3
/*! \brief How many names are read between two looks at the clock. */
#define NAMES_A_LOOK	256

/*! \brief Set by a signal. */
static atomic_bool interrupted;

static void interrupt(int signal)
{
	(void)signal;
	atomic_store(&interrupted, true);
}

/*! \brief A zone that the server has. */
typedef struct {
	char *name;
	bool empty;
} listed_t;

typedef struct {
	const char *socket;
	cg_control_t *ctl;
	cg_read_t from;
	cg_subjects_t *subjects;
	listed_t *list;
	size_t count;
	size_t max;
	size_t at;        /*!< Zone that is being read. */
	bool all;         /*!< No zones were named. */
	bool gone;        /*!< The server does not answer any more. */
	bool left_open;   /*!< A transaction could not be ended. */
	int ret;
} reading_t;

/*! \brief Only a server can be left with something open, so only here signals are waited out. */
static void catch_signals(bool on)
{
	static const int SIGNALS[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on ? interrupt : SIG_DFL };
	for (size_t i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++) {
		struct sigaction now;
		sigaction(SIGNALS[i], NULL, &now);
		if (now.sa_handler != SIG_IGN) { /* As nohup sets it. */
			sigaction(SIGNALS[i], &action, NULL);
		}
	}
}

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

static int connect_server(reading_t *reading)
{
	int ret = cg_control_open(reading->ctl, reading->socket, PATIENCE_MS);
	if (ret != KNOT_EOK && !atomic_load(&interrupted)) {
		cg_say("control socket '%s': %s%s", reading->socket,
		       cg_control_error(reading->ctl), connect_hint(ret, reading->socket));
	}
	return ret;
}

static void add_listed(reading_t *reading, const char *name, bool empty)
{
	if (reading->count == reading->max) {
		size_t max = (reading->max == 0) ? 64 : reading->max * 2;
		listed_t *bigger = realloc(reading->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			reading->ret = KNOT_ENOMEM;
			return;
		}
		reading->list = bigger;
		reading->max = max;
	}
	char *copy = strdup(name);
	if (copy == NULL) {
		reading->ret = KNOT_ENOMEM;
		return;
	}
	reading->list[reading->count++] = (listed_t){ copy, empty };
}

static void take_listed(const char *zone, uint32_t serial, bool empty, void *ctx)
{
	(void)serial;
	add_listed(ctx, zone, empty);
}

static bool is_listed(const reading_t *reading, const char *name)
{
	for (size_t i = 0; i < reading->count; i++) {
		if (strcmp(reading->list[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

/*! \brief A zone that was asked for, in the form that the server uses. */
static int ask_named(reading_t *reading, const char *arg)
{
	knot_dname_storage_t wire;
	knot_dname_txt_storage_t name;
	if (arg[0] == '\0' || knot_dname_from_str(wire, arg, sizeof(wire)) == NULL) {
		cg_say("'%s' is not the name of a zone, use one such as example.com", arg);
		reading->subjects->failed++;
		return KNOT_EOK;
	}
	knot_dname_to_lower(wire);
	(void)knot_dname_to_str(name, wire, sizeof(name));
	if (is_listed(reading, name)) {
		return KNOT_EOK;
	}

	uint32_t serial;
	bool empty;
	int ret = cg_server_serial(reading->ctl, name, &serial, &empty);
	if (ret == KNOT_EDENIED) {
		cg_say("zone %s: %s", name, cg_control_error(reading->ctl));
		reading->subjects->failed++;
		return KNOT_EOK;
	}
	if (ret == KNOT_EOK) {
		add_listed(reading, name, empty);
	}
	return ret;
}

/*! \brief Finds out which zones there are, and how to read them. */
static int look_around(reading_t *reading, char *const *names, size_t count)
{
	int ret = connect_server(reading);
	if (ret != KNOT_EOK) {
		return ret;
	}

	unsigned version = 0;
	ret = cg_server_version(reading->ctl, &version);
	reading->from = (version >= SAFE_READ) ? CG_READ_CURRENT : CG_READ_TRANSACTION;
	if (ret == KNOT_EOK && count == 0) {
		ret = cg_server_serials(reading->ctl, take_listed, reading);
	}
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		ret = ask_named(reading, names[i]);
	}
	if (ret != KNOT_EOK && !atomic_load(&interrupted)) {
		cg_say("control socket '%s': %s", reading->socket,
		       cg_control_error(reading->ctl));
	}
	cg_control_close(reading->ctl);
	return ret;
}

/*! \brief A zone that is being read. */
typedef struct {
	reading_t *reading;
	cg_zone_t *zone;
	size_t names;
} filling_t;

static int take_name(const cg_name_t *name, void *ctx)
{
	filling_t *filling = ctx;
	const reading_t *reading = filling->reading;

	for (size_t i = 0; i < name->count; i++) {
		int ret = cg_zone_add(filling->zone, name->owner, &name->rr[i]);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	if (atomic_load(&interrupted)) {
		return KNOT_EOF;
	}
	if (++filling->names % NAMES_A_LOOK == 0 && cg_progress_due()) {
		cg_progress_show(reading->list[reading->at].name,
		                 (double)reading->at / reading->count,
		                 reading->subjects->records + cg_zone_records(filling->zone));
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
static void end_transaction(reading_t *reading, const char *name, cg_ours_t *ours)
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
static int read_contents(reading_t *reading, const char *name, cg_zone_t *zone)
{
	filling_t filling = { reading, zone, 0 };
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
	} else if (ret != KNOT_EOK && ret != KNOT_ENOMEM && !atomic_load(&interrupted)) {
		cg_say("zone %s: %s", name, cg_control_error(reading->ctl));
	}
	end_transaction(reading, name, &ours);
	return ret;
}

/*! \brief Reads one zone and adds it to the subjects. */
static int read_zone(reading_t *reading, const listed_t *listed)
{
	if (listed->empty) {
		cg_say("zone %s: the server has no contents of it: not loaded, or expired",
		       listed->name);
		return KNOT_EOF;
	}
	int ret = connect_server(reading);
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

static void read_listed(reading_t *reading)
{
	for (; reading->at < reading->count; reading->at++) {
		int ret = KNOT_EOF;
		if (!reading->gone && !atomic_load(&interrupted)) {
			ret = read_zone(reading, &reading->list[reading->at]);
		}
		if (ret == KNOT_ENOMEM) {
			reading->ret = ret;
			return;
		}
		reading->subjects->failed += (ret != KNOT_EOK);
	}
}

int cg_zones_read(cg_subjects_t *subjects, const char *socket, char *const *names, size_t count)
{
	reading_t reading = { .socket = socket, .subjects = subjects };
	reading.ctl = cg_control_new(&interrupted, NULL);
	if (reading.ctl == NULL) {
		return KNOT_ENOMEM;
	}

	catch_signals(true);
	if (look_around(&reading, names, count) != KNOT_EOK) {
		subjects->failed++;
	} else if (reading.ret == KNOT_EOK) {
		read_listed(&reading);
	}
	catch_signals(false);
	if (reading.left_open && subjects->failed == 0) {
		subjects->failed++;
	}
	if (atomic_load(&interrupted)) {
		cg_say("interrupted%s", reading.left_open ? "" :
		       ", no transaction of cnameguard is left open");
		reading.ret = KNOT_EOF;
	}

	for (size_t i = 0; i < reading.count; i++) {
		free(reading.list[i].name);
	}
	free(reading.list);
	cg_control_free(reading.ctl);
	return reading.ret;
}
