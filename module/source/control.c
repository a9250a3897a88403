/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnameguard/clock.h"
#include "cnameguard/control.h"

/*! \brief While waiting for the server's attention, how often to look at the stop flag. */
#define SLICE_MS	25
/*! \brief A server that has taken up the conversation answers within this time. */
#define REPLY_MS	5000
/*! \brief How long a pin lasts after a reading that was cut, until the server has heard of it. */
#define CUT_MS		1000

struct cg_control {
	knot_ctl_t *ctl;
	const atomic_bool *stop;
	cg_pin_t pin;
	unsigned pins;
	bool cut;                    /*!< The server may not know yet that nobody listens any more. */
	char path[108];              /*!< Of the socket, see unix(7). */
	bool open;
	struct {
		const char *command;
		const char *zone;
	} ahead[CG_CONTROL_AHEAD];   /*!< A ring: sent, but the reply was not taken. */
	unsigned ahead_first, ahead_count;
	char error[256];
};

static void say(cg_control_t *ctl, const char *what)
{
	snprintf(ctl->error, sizeof(ctl->error), "%s", what);
}

cg_control_t *cg_control_new(const atomic_bool *stop, const cg_pin_t *pin)
{
	cg_control_t *ctl = calloc(1, sizeof(*ctl));
	if (ctl == NULL) {
		return NULL;
	}
	ctl->stop = stop;
	if (pin != NULL) {
		ctl->pin = *pin;
	}
	return ctl;
}

void cg_control_free(cg_control_t *ctl)
{
	if (ctl == NULL) {
		return;
	}
	cg_control_close(ctl);
	free(ctl);
}

bool cg_control_is_open(const cg_control_t *ctl)
{
	return ctl->open;
}

const char *cg_control_error(const cg_control_t *ctl)
{
	return ctl->error;
}

void cg_control_pin(cg_control_t *ctl)
{
	if (ctl->pin.pin != NULL && ctl->pins++ == 0) {
		ctl->pin.pin();
	}
}

/*!
 * \brief A server that takes up another conversation walks no contents for the one that was cut.
 *
 * It could be in a reload, which waits for our pin: then it does not walk either, and the wait
 * ends by itself.
 */
static void wait_until_heard(cg_control_t *ctl)
{
	cg_control_t *other = cg_control_new(ctl->stop, NULL);
	if (other != NULL) {
		(void)cg_control_open(other, ctl->path, CUT_MS);
		cg_control_free(other);
	}
	ctl->cut = false;
}

void cg_control_unpin(cg_control_t *ctl)
{
	if (ctl->pin.unpin == NULL || --ctl->pins > 0) {
		return;
	}
	if (ctl->cut) {
		wait_until_heard(ctl);
	}
	ctl->pin.unpin();
}

/*! \brief Drops the connection without a word, as after an error. */
static void drop(cg_control_t *ctl)
{
	if (ctl->ctl != NULL) {
		knot_ctl_close(ctl->ctl);
		knot_ctl_free(ctl->ctl);
		ctl->ctl = NULL;
	}
	ctl->open = false;
	ctl->ahead_count = 0;
}

void cg_control_close(cg_control_t *ctl)
{
	ctl->cut |= (ctl->ahead_count > 0 && ctl->pins > 0);
	if (ctl->open && ctl->ahead_count == 0) {
		(void)knot_ctl_send(ctl->ctl, KNOT_CTL_TYPE_END, NULL);
	}
	drop(ctl);
}

void cg_control_reject(cg_control_t *ctl, const char *why)
{
	cg_control_close(ctl);
	say(ctl, why);
}

static int send_command(cg_control_t *ctl, knot_ctl_data_t *cmd)
{
	int ret = knot_ctl_send(ctl->ctl, KNOT_CTL_TYPE_DATA, cmd);
	if (ret == KNOT_EOK) {
		ret = knot_ctl_send(ctl->ctl, KNOT_CTL_TYPE_BLOCK, NULL);
	}
	return ret;
}

/*! \brief Takes units until the end of the reply; an error unit is kept as text. */
static int take_reply(cg_control_t *ctl, cg_control_cb cb, void *ctx)
{
	int result = KNOT_EOK;

	while (true) {
		knot_ctl_type_t type;
		knot_ctl_data_t unit;
		int ret = knot_ctl_receive(ctl->ctl, &type, &unit);
		if (ret != KNOT_EOK) {
			return ret;
		}
		if (type == KNOT_CTL_TYPE_BLOCK) {
			return result;
		}
		if (type == KNOT_CTL_TYPE_END) {
			return KNOT_EOF;
		}
		if (unit[KNOT_CTL_IDX_ERROR] != NULL) {
			say(ctl, unit[KNOT_CTL_IDX_ERROR]);
			result = KNOT_EDENIED;
		} else if (cb != NULL) {
			ret = cb((const knot_ctl_data_t *)&unit, ctx);
			if (ret != KNOT_EOK) {
				return ret;
			}
		}
	}
}

/*!
 * \brief Waits for the reply to the first command, in slices.
 *
 * Before its first byte nothing of a reply is consumed, so a time-out can be
 * followed by another try. \a first becomes the type of the first unit.
 */
static int await_attention(cg_control_t *ctl, int patience_ms, knot_ctl_type_t *first)
{
	int64_t deadline = cg_now_ms() + patience_ms;

	knot_ctl_set_timeout(ctl->ctl, SLICE_MS);
	while (true) {
		int ret = knot_ctl_receive(ctl->ctl, first, NULL);
		if (ret != KNOT_ETIMEOUT) {
			return ret;
		}
		if (ctl->stop != NULL && atomic_load(ctl->stop)) {
			return KNOT_EOF;
		}
		if (cg_now_ms() >= deadline) {
			return KNOT_ETIMEOUT;
		}
	}
}

/*! \brief A harmless command, which knotd logs at level debug only. */
static int greet(cg_control_t *ctl, int patience_ms)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "conf-list",
		[KNOT_CTL_IDX_SECTION] = "server",
		[KNOT_CTL_IDX_ITEM] = "rundir",
	};
	int ret = send_command(ctl, &cmd);
	if (ret != KNOT_EOK) {
		return ret;
	}

	knot_ctl_type_t first;
	ret = await_attention(ctl, patience_ms, &first);
	if (ret != KNOT_EOK) {
		return ret;
	}

	knot_ctl_set_timeout(ctl->ctl, REPLY_MS);
	if (first != KNOT_CTL_TYPE_BLOCK) {
		ret = take_reply(ctl, NULL, NULL);
	}
	return (ret == KNOT_EDENIED) ? KNOT_EOK : ret;
}

int cg_control_open(cg_control_t *ctl, const char *path, int patience_ms)
{
	ctl->error[0] = '\0';
	snprintf(ctl->path, sizeof(ctl->path), "%s", path);
	ctl->ctl = knot_ctl_alloc();
	if (ctl->ctl == NULL) {
		say(ctl, "out of memory");
		return KNOT_ENOMEM;
	}
	knot_ctl_set_timeout(ctl->ctl, SLICE_MS);

	int ret = knot_ctl_connect(ctl->ctl, path);
	if (ret != KNOT_EOK) {
		snprintf(ctl->error, sizeof(ctl->error), "cannot connect (%s)",
		         ret == KNOT_ENOENT ? "there is no such socket" : knot_strerror(ret));
		drop(ctl);
		return KNOT_ECONN;
	}

	ret = greet(ctl, patience_ms);
	if (ret == KNOT_ETIMEOUT) {
		say(ctl, "another client holds it, or the server is busy");
	} else if (ret != KNOT_EOK) {
		say(ctl, knot_strerror(ret));
	}
	if (ret != KNOT_EOK) {
		drop(ctl);
		return (ret == KNOT_ECONN) ? KNOT_ERROR : ret; /* Somebody listens, after all. */
	}

	ctl->open = true;
	return KNOT_EOK;
}

/*! \brief Keeps why the connection is lost, and drops it. */
static int lose(cg_control_t *ctl, const char *command, int ret)
{
	snprintf(ctl->error, sizeof(ctl->error), "%s: connection lost (%s)", command,
	         knot_strerror(ret));
	drop(ctl);
	ctl->cut |= (ctl->pins > 0);
	return ret;
}

int cg_control_ahead(cg_control_t *ctl, const char *command, const char *zone)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = command,
		[KNOT_CTL_IDX_ZONE] = zone,
	};
	if (!ctl->open) {
		say(ctl, "not connected");
		return KNOT_ECONN;
	} else if (ctl->ahead_count == CG_CONTROL_AHEAD) {
		return KNOT_ELIMIT;
	}
	int ret = send_command(ctl, &cmd);
	if (ret != KNOT_EOK) {
		return lose(ctl, command, ret);
	}
	unsigned last = (ctl->ahead_first + ctl->ahead_count++) % CG_CONTROL_AHEAD;
	ctl->ahead[last].command = command;
	ctl->ahead[last].zone = zone;
	return KNOT_EOK;
}

/*! \brief Whether the command is the one whose reply comes next. */
static bool is_next(const cg_control_t *ctl, const knot_ctl_data_t *cmd)
{
	return ctl->ahead_count > 0 && (*cmd)[KNOT_CTL_IDX_ZONE] != NULL &&
	       (*cmd)[KNOT_CTL_IDX_OWNER] == NULL && (*cmd)[KNOT_CTL_IDX_TYPE] == NULL &&
	       strcmp(ctl->ahead[ctl->ahead_first].command, (*cmd)[KNOT_CTL_IDX_CMD]) == 0 &&
	       strcmp(ctl->ahead[ctl->ahead_first].zone, (*cmd)[KNOT_CTL_IDX_ZONE]) == 0;
}

static int take_next(cg_control_t *ctl, cg_control_cb cb, void *ctx)
{
	ctl->ahead_first = (ctl->ahead_first + 1) % CG_CONTROL_AHEAD;
	ctl->ahead_count--;
	return take_reply(ctl, cb, ctx);
}

/*! \brief Sends a command, behind all replies that nobody has taken. */
static int ask(cg_control_t *ctl, knot_ctl_data_t *cmd, cg_control_cb cb, void *ctx)
{
	int ret = KNOT_EOK;
	while (ctl->ahead_count > 0 && (ret == KNOT_EOK || ret == KNOT_EDENIED)) {
		ret = take_next(ctl, NULL, NULL);
	}
	if (ret == KNOT_EOK || ret == KNOT_EDENIED) {
		ret = send_command(ctl, cmd);
	}
	return (ret == KNOT_EOK) ? take_reply(ctl, cb, ctx) : ret;
}

int cg_control_again(cg_control_t *ctl, int patience_ms)
{
	int ret = ctl->open ? KNOT_EOK : KNOT_ECONN;
	while (ctl->ahead_count > 0 && (ret == KNOT_EOK || ret == KNOT_EDENIED)) {
		ret = take_next(ctl, NULL, NULL);
	}
	if (ret == KNOT_EOK || ret == KNOT_EDENIED) {
		ret = greet(ctl, patience_ms);
	}
	if (ret != KNOT_EOK) {
		say(ctl, knot_strerror(ret));
		drop(ctl);
	}
	return ret;
}

int cg_control_command(cg_control_t *ctl, knot_ctl_data_t *cmd, cg_control_cb cb, void *ctx)
{
	if (!ctl->open) {
		say(ctl, "not connected");
		return KNOT_ECONN;
	}
	int ret = is_next(ctl, (const knot_ctl_data_t *)cmd) ? take_next(ctl, cb, ctx) :
	          ask(ctl, cmd, cb, ctx);
	return (ret == KNOT_EOK || ret == KNOT_EDENIED) ? ret :
	       lose(ctl, (*cmd)[KNOT_CTL_IDX_CMD], ret);
}

int cg_control_read(cg_control_t *ctl, knot_ctl_data_t *cmd, cg_control_cb cb, void *ctx)
{
	cg_control_pin(ctl);
	int ret = cg_control_command(ctl, cmd, cb, ctx);
	cg_control_unpin(ctl);
	return ret;
}
