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

struct cg_bus {
	cg_bus_cb cb;
	void *ctx;
	pthread_t thread;
	int stop;             /*!< Event: becomes readable when the thread is to end. */
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

/*! \brief Waits for the bus, for as long as it wants or no longer than that; true: the thread is to end. */
static bool wait_for(const cg_bus_t *self, sd_bus *bus, int limit_ms)
{
	struct pollfd fds[2] = {
		{ .fd = self->stop, .events = POLLIN },
		{ .fd = -1 },
	};
	if (bus != NULL) {
		fds[1].fd = sd_bus_get_fd(bus);
		int events = sd_bus_get_events(bus);
		fds[1].events = (events > 0) ? events : POLLIN;
	}
	return poll(fds, 2, limit_ms) > 0 && (fds[0].revents & POLLIN);
}

/*! \brief Listens until the bus goes away; true: the thread is to end. */
static bool listen_to(cg_bus_t *self, sd_bus *bus)
{
	while (true) {
		int ret = sd_bus_process(bus, NULL);
		if (ret < 0) {
			return false;
		}
		if (ret == 0 && wait_for(self, bus, PAUSE_MS)) {
			return true;
		}
	}
}

static void *run(void *arg)
{
	cg_bus_t *self = arg;
	bool ending = false;
	while (!ending) {
		sd_bus *bus = NULL;
		if (sd_bus_open_system(&bus) >= 0 &&
		    sd_bus_match_signal(bus, NULL, SENDER, PATH, INTERFACE, SIGNAL, take_signal,
		                        self) >= 0) {
			atomic_store(&self->hears, true);
			self->cb(NULL, self->ctx); /* What was told before we listened. */
			ending = listen_to(self, bus);
			atomic_store(&self->hears, false);
		}
		sd_bus_close_unref(bus);
		if (!ending) {
			self->cb(NULL, self->ctx);
			ending = wait_for(self, NULL, PAUSE_MS);
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
