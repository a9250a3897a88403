/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Usage: validator SOCKET
 *
 * The smallest validator for external-validation of Knot 3.5: hears of a version over D-Bus, reads
 * it by zone-get, does nothing with it, and has it published, over one conversation. What the
 * module is measured against. Says "listening" when it does; ends by a signal.
 */

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#ifdef CG_HAVE_SDBUS

#include <libknot/libknot.h>
#include <libknot/control/control.h>
#include <systemd/sd-bus.h>

/*! \brief So many milliseconds does a server that starts have for its control socket. */
#define TRIES	5000

typedef struct {
	const char *socket;
	knot_ctl_t *control;  /*!< NULL: not connected so far, the first signal can be earlier. */
} validator_t;

static int command(knot_ctl_t *control, const char *name, const char *zone)
{
	knot_ctl_data_t unit = { [KNOT_CTL_IDX_CMD] = name, [KNOT_CTL_IDX_ZONE] = zone };
	knot_ctl_type_t type = KNOT_CTL_TYPE_DATA;
	int ret = knot_ctl_send(control, KNOT_CTL_TYPE_DATA, &unit);
	if (ret == KNOT_EOK) {
		ret = knot_ctl_send(control, KNOT_CTL_TYPE_BLOCK, NULL);
	}
	while (ret == KNOT_EOK && type != KNOT_CTL_TYPE_BLOCK) {
		ret = knot_ctl_receive(control, &type, &unit);
	}
	return ret;
}

static int connect_to(validator_t *self)
{
	self->control = knot_ctl_alloc();
	int ret = (self->control != NULL) ? KNOT_ECONN : KNOT_ENOMEM;
	for (int i = 0; i < TRIES && ret != KNOT_EOK && self->control != NULL; i++) {
		const struct timespec nap = { .tv_nsec = 1000000 };
		ret = knot_ctl_connect(self->control, self->socket);
		if (ret != KNOT_EOK) {
			nanosleep(&nap, NULL);
		}
	}
	return ret;
}

static int take_signal(sd_bus_message *message, void *ctx, sd_bus_error *error)
{
	(void)error;
	validator_t *self = ctx;
	const char *zone;
	uint32_t serial;
	int ret = sd_bus_message_read(message, "su", &zone, &serial);
	if (ret >= 0 && self->control == NULL) {
		ret = connect_to(self);
	}
	if (ret >= 0) {
		ret = command(self->control, "zone-get", zone);
	}
	return (ret >= 0) ? command(self->control, "zone-commit", zone) : ret;
}

int main(int argc, char **argv)
{
	validator_t self = { .socket = (argc == 2) ? argv[1] : NULL };
	sd_bus *bus = NULL;
	if (self.socket == NULL || sd_bus_open_system(&bus) < 0 ||
	    sd_bus_match_signal(bus, NULL, "cz.nic.knotd", "/cz/nic/knotd", "cz.nic.knotd.events",
	                        "external_verify", take_signal, &self) < 0) {
		fputs("usage: validator SOCKET, with a system bus\n", stderr);
		return 2;
	}
	puts("listening");
	fflush(stdout);
	int ret = 0;
	while (ret >= 0) {
		ret = sd_bus_process(bus, NULL);
		if (ret == 0) {
			ret = sd_bus_wait(bus, UINT64_MAX);
		}
	}
	return 2;
}

#else

int main(void)
{
	fputs("validator: built without D-Bus\n", stderr);
	return 2;
}

#endif
