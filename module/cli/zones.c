/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/say.h"
#include "cli/zones.h"

/*! \brief First version whose zone-read holds what it reads. */
#define SAFE_READ	303

/*! \brief Set by a signal. */
static atomic_bool interrupted;

static void interrupt(int signal)
{
	(void)signal;
	atomic_store(&interrupted, true);
}

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

static void add_listed(cg_zones_reading_t *reading, const char *name, bool empty)
{
	if (reading->count == reading->max) {
		size_t max = (reading->max == 0) ? 64 : reading->max * 2;
		cg_listed_t *bigger = realloc(reading->list, max * sizeof(*bigger));
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
	reading->list[reading->count++] = (cg_listed_t){ copy, empty };
}

static void take_listed(const char *zone, uint32_t serial, bool empty, void *ctx)
{
	(void)serial;
	add_listed(ctx, zone, empty);
}

static bool is_listed(const cg_zones_reading_t *reading, const char *name)
{
	for (size_t i = 0; i < reading->count; i++) {
		if (strcmp(reading->list[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

/*! \brief A zone that was asked for, in the form that the server uses. */
static int ask_named(cg_zones_reading_t *reading, const char *arg)
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
static int look_around(cg_zones_reading_t *reading, char *const *names, size_t count)
{
	int ret = cg_zones_connect(reading);
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

static void read_listed(cg_zones_reading_t *reading)
{
	for (; reading->at < reading->count; reading->at++) {
		int ret = KNOT_EOF;
		if (!reading->gone && !atomic_load(&interrupted)) {
			ret = cg_zones_read_one(reading, &reading->list[reading->at]);
		}
		if (ret == KNOT_ENOMEM) {
			reading->ret = ret;
			return;
		}
		reading->subjects->failed += (ret != KNOT_EOK);
		reading->missed += reading->gone;
	}
	if (reading->missed > 1 && !atomic_load(&interrupted)) {
		cg_say("%zu zones were not read", reading->missed);
	}
}

int cg_zones_read(cg_subjects_t *subjects, const char *socket, char *const *names, size_t count)
{
	cg_zones_reading_t reading = {
		.socket = socket, .interrupted = &interrupted, .subjects = subjects
	};
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
