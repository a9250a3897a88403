/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "guard/bus.h"

#ifdef CG_HAVE_SDBUS

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

/*! \brief Pause before a bus that is not there is tried again. */
#define PAUSE_MS	1000

#define SENDER		"cz.nic.knotd"
#define PATH		"/cz/nic/knotd"
#define INTERFACE	"cz.nic.knotd.events"
#define SIGNAL		"external_verify"

#define DAEMON		"org.freedesktop.DBus"
#define DAEMON_PATH	"/org/freedesktop/DBus"
#define OWNER_CHANGED	"type='signal',sender='" DAEMON "',member='NameOwnerChanged',arg0='" SENDER "'"

struct cg_bus {
	cg_bus_cb cb;
	void *ctx;
	pthread_t thread;
	int stop;             /*!< Event: becomes readable when the thread is to end. */
	sd_bus *bus;          /*!< The thread's own; NULL: not connected. */
	atomic_bool hears;
};

static int take_signal(sd_bus_message *message, void *ctx, sd_bus_error *error)
{
	(void)error;
	cg_bus_t *self = ctx;
	const char *zone;
	uint32_t serial;
	knot_dname_storage_t name;
	if (sd_bus_message_read(message, "su", &zone, &serial) >= 0 &&
	    knot_dname_from_str(name, zone, sizeof(name)) != NULL) {
		knot_dname_to_lower(name);
		self->cb(name, self->ctx);
	}
	return 0;
}

/*! \brief Whose name it is on the bus: only this process tells of its zones. */
static int take_owner(sd_bus_message *message, void *ctx, sd_bus_error *error)
{
	(void)error;
	cg_bus_t *self = ctx;
	uint32_t pid = 0;
	bool ours = !sd_bus_message_is_method_error(message, NULL) &&
	            sd_bus_message_read(message, "u", &pid) >= 0 && pid == (uint32_t)getpid();
	atomic_store(&self->hears, ours);
	self->cb(NULL, self->ctx); /* What was told before we listened, or to nobody. */
	return 0;
}

static int ask_owner(cg_bus_t *self)
{
	return sd_bus_call_method_async(self->bus, NULL, DAEMON, DAEMON_PATH, DAEMON,
	                                "GetConnectionUnixProcessID", take_owner, self, "s", SENDER);
}

/*! \brief The server has come to the bus, or left it. */
static int take_owner_changed(sd_bus_message *message, void *ctx, sd_bus_error *error)
{
	(void)message;
	(void)error;
	cg_bus_t *self = ctx;
	atomic_store(&self->hears, false);
	return ask_owner(self);
}

/*! \brief Connects and subscribes, and waits for no reply: a bus may hang. */
static int subscribe(cg_bus_t *self)
{
	int ret = sd_bus_open_system(&self->bus);
	if (ret >= 0) {
		ret = sd_bus_match_signal_async(self->bus, NULL, SENDER, PATH, INTERFACE, SIGNAL,
		                                take_signal, NULL, self);
	}
	if (ret >= 0) {
		ret = sd_bus_add_match_async(self->bus, NULL, OWNER_CHANGED, take_owner_changed, NULL,
		                             self);
	}
	return (ret >= 0) ? ask_owner(self) : ret; /* Answered after both. */
}

/*! \brief Waits for the bus, but not for long; true: the thread is to end. */
static bool wait_for(const cg_bus_t *self)
{
	struct pollfd fds[2] = {
		{ .fd = self->stop, .events = POLLIN },
		{ .fd = -1 },
	};
	if (self->bus != NULL) {
		fds[1].fd = sd_bus_get_fd(self->bus);
		int events = sd_bus_get_events(self->bus);
		fds[1].events = (events > 0) ? events : POLLIN;
	}
	return poll(fds, 2, PAUSE_MS) > 0 && (fds[0].revents & POLLIN);
}

/*! \brief Listens until the bus goes away; true: the thread is to end. */
static bool listen_to(cg_bus_t *self)
{
	while (true) {
		int ret = sd_bus_process(self->bus, NULL);
		if (ret < 0) {
			return false;
		}
		if (ret == 0 && wait_for(self)) {
			return true;
		}
	}
}

static void *run(void *arg)
{
	cg_bus_t *self = arg;
	bool ending = false;
	while (!ending) {
		ending = subscribe(self) >= 0 && listen_to(self);
		atomic_store(&self->hears, false);
		self->bus = sd_bus_close_unref(self->bus);
		if (!ending) {
			self->cb(NULL, self->ctx);
			ending = wait_for(self);
		}
	}
	return NULL;
}

cg_bus_t *cg_bus_start(cg_bus_cb cb, void *ctx)
{
	cg_bus_t *self = calloc(1, sizeof(*self));
	if (self == NULL) {
		return NULL;
	}
	self->cb = cb;
	self->ctx = ctx;
	self->stop = eventfd(0, EFD_CLOEXEC);
	if (self->stop < 0 || pthread_create(&self->thread, NULL, run, self) != 0) {
		if (self->stop >= 0) {
			close(self->stop);
		}
		free(self);
		return NULL;
	}
	return self;
}

bool cg_bus_hears(const cg_bus_t *bus)
{
	return bus != NULL && atomic_load(&bus->hears);
}

void cg_bus_stop(cg_bus_t *bus)
{
	if (bus == NULL) {
		return;
	}
	(void)eventfd_write(bus->stop, 1);
	pthread_join(bus->thread, NULL);
	close(bus->stop);
	free(bus);
}

#else

cg_bus_t *cg_bus_start(cg_bus_cb cb, void *ctx)
{
	(void)cb;
	(void)ctx;
	return NULL;
}

bool cg_bus_hears(const cg_bus_t *bus)
{
	(void)bus;
	return false;
}

void cg_bus_stop(cg_bus_t *bus)
{
	(void)bus;
}

#endif
