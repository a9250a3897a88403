/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnameguard/server.h"
#include "rules/zone.h"

/*! \brief Filters of zone-status, as knotc sends them. */
#define FILTER_SERIAL		"s"
#define FILTER_TRANSACTION	"t"
#define FILTER_EVENTS		"e"

/*! \brief Collects the records of one owner until the next one begins. */
typedef struct {
	cg_name_cb cb;
	void *ctx;
	char spelling[KNOT_DNAME_TXT_MAXLEN + 1];
	knot_dname_storage_t owner;
	cg_rr_t *rr;
	size_t count;
	size_t max;
	char *text;         /*!< Data of the records, one string after the other. */
	size_t text_len;
	size_t text_max;
	char last_type[16];
	uint16_t last_code;
} group_t;

static int flush(group_t *group)
{
	if (group->count == 0) {
		return KNOT_EOK;
	}

	const char *data = group->text;
	for (size_t i = 0; i < group->count; i++) {
		group->rr[i].data = data;
		data += strlen(data) + 1;
	}

	cg_name_t name = {
		.owner = group->owner,
		.spelling = group->spelling,
		.rr = group->rr,
		.count = group->count,
	};
	group->count = 0;
	group->text_len = 0;
	return group->cb(&name, group->ctx);
}

static int begin_owner(group_t *group, const char *owner)
{
	int ret = flush(group);
	if (ret != KNOT_EOK) {
		return ret;
	}
	size_t len = strlen(owner);
	if (len >= sizeof(group->spelling) ||
	    knot_dname_from_str(group->owner, owner, sizeof(group->owner)) == NULL) {
		return KNOT_EMALF;
	}
	memcpy(group->spelling, owner, len + 1);
	knot_dname_to_lower(group->owner);
	return KNOT_EOK;
}

/*! \brief Grows \a *mem to hold at least \a need items of \a size. */
static int reserve(void **mem, size_t *max, size_t need, size_t size)
{
	if (need <= *max) {
		return KNOT_EOK;
	}
	size_t want = (*max > 0) ? *max : 16;
	while (want < need) {
		want *= 2;
	}
	void *grown = realloc(*mem, want * size);
	if (grown == NULL) {
		return KNOT_ENOMEM;
	}
	*mem = grown;
	*max = want;
	return KNOT_EOK;
}

/*! \brief Type code of a mnemonic; neighbours in a zone are often alike. */
static int type_code(group_t *group, const char *type, uint16_t *code)
{
	if (strcmp(type, group->last_type) != 0) {
		if (strlen(type) >= sizeof(group->last_type) ||
		    knot_rrtype_from_string(type, &group->last_code) != 0) {
			return KNOT_EMALF;
		}
		strcpy(group->last_type, type);
	}
	*code = group->last_code;
	return KNOT_EOK;
}

static int take_record(const knot_ctl_data_t *unit, void *ctx)
{
	group_t *group = ctx;
	const char *owner = (*unit)[KNOT_CTL_IDX_OWNER];
	const char *type = (*unit)[KNOT_CTL_IDX_TYPE];
	const char *ttl = (*unit)[KNOT_CTL_IDX_TTL];
	const char *data = (*unit)[KNOT_CTL_IDX_DATA];

	if (owner == NULL || type == NULL || data == NULL) {
		return KNOT_EMALF;
	}
	if (strcmp(owner, group->spelling) != 0) {
		int ret = begin_owner(group, owner);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}

	size_t len = strlen(data) + 1;
	if (reserve((void **)&group->rr, &group->max, group->count + 1,
	            sizeof(*group->rr)) != KNOT_EOK ||
	    reserve((void **)&group->text, &group->text_max, group->text_len + len,
	            1) != KNOT_EOK) {
		return KNOT_ENOMEM;
	}

	cg_rr_t *rr = &group->rr[group->count];
	*rr = (cg_rr_t){ .ttl = (ttl != NULL) ? strtoul(ttl, NULL, 10) : 0 };
	int ret = type_code(group, type, &rr->type);
	if (ret != KNOT_EOK) {
		return ret;
	}
	memcpy(group->text + group->text_len, data, len);
	group->text_len += len;
	group->count++;
	return KNOT_EOK;
}

int cg_server_read(cg_control_t *ctl, cg_read_t from, const char *zone, const char *owner,
                   cg_name_cb cb, void *ctx)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_ZONE] = zone,
		[KNOT_CTL_IDX_OWNER] = owner,
	};
	group_t group = { .cb = cb, .ctx = ctx };

	int ret;
	if (from == CG_READ_CURRENT) {
		cmd[KNOT_CTL_IDX_CMD] = "zone-read";
		ret = cg_control_read(ctl, &cmd, take_record, &group);
	} else {
		cmd[KNOT_CTL_IDX_CMD] = "zone-get";
		ret = cg_control_command(ctl, &cmd, take_record, &group);
	}
	if (ret == KNOT_EOK) {
		ret = flush(&group);
	}

	free(group.rr);
	free(group.text);
	return ret;
}

int cg_server_zone(cg_control_t *ctl, cg_read_t from, const char *zone, cg_zone_t **out)
{
	knot_dname_storage_t origin;
	if (knot_dname_from_str(origin, zone, sizeof(origin)) == NULL) {
		return KNOT_EINVAL;
	}
	*out = cg_zone_new(origin);
	if (*out == NULL) {
		return KNOT_ENOMEM;
	}

	int ret = cg_server_read(ctl, from, zone, NULL, cg_zone_add_name, *out);
	if (ret == KNOT_EOK) {
		ret = cg_zone_finish(*out);
	}
	if (ret != KNOT_EOK) {
		cg_zone_free(*out);
		*out = NULL;
	}
	return ret;
}

/*!
 * \brief From 3.4 on a server that was busy for too long, as in a reload, does nothing and says OK.
 *
 * A reply that has to name a zone, and does not, is none.
 */
static int told(int ret, bool something)
{
	return (ret == KNOT_EOK && !something) ? KNOT_EBUSY : ret;
}

typedef struct {
	cg_change_cb cb;
	void *ctx;
} changes_t;

/*! \brief Records that go have a minus, those that come a plus. */
static int take_change(const knot_ctl_data_t *unit, void *ctx)
{
	const changes_t *changes = ctx;
	const char *sign = (*unit)[CG_CTL_IDX_FILTERS];
	const char *owner = (*unit)[KNOT_CTL_IDX_OWNER];
	const char *type = (*unit)[KNOT_CTL_IDX_TYPE];
	const char *data = (*unit)[KNOT_CTL_IDX_DATA];
	knot_dname_storage_t name;
	uint16_t code;

	if (owner == NULL || type == NULL || data == NULL ||
	    knot_dname_from_str(name, owner, sizeof(name)) == NULL ||
	    knot_rrtype_from_string(type, &code) != 0) {
		return KNOT_EMALF;
	}
	knot_dname_to_lower(name);
	cg_change_t change = {
		.added = (sign == NULL || strchr(sign, '-') == NULL),
		.owner = name,
		.type = code,
	};
	if (code == KNOT_RRTYPE_SOA && !cg_soa_serial(data, &change.serial)) {
		return KNOT_EMALF;
	}
	return changes->cb(&change, changes->ctx);
}

int cg_server_changes(cg_control_t *ctl, const char *zone, cg_change_cb cb, void *ctx)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "zone-diff",
		[KNOT_CTL_IDX_ZONE] = zone,
	};
	changes_t changes = { cb, ctx };
	return cg_control_command(ctl, &cmd, take_change, &changes);
}

typedef struct {
	cg_serial_cb cb;
	void *ctx;
} serials_t;

static int take_serial(const knot_ctl_data_t *unit, void *ctx)
{
	serials_t *serials = ctx;
	const char *zone = (*unit)[KNOT_CTL_IDX_ZONE];
	const char *type = (*unit)[KNOT_CTL_IDX_TYPE];
	const char *data = (*unit)[KNOT_CTL_IDX_DATA];

	if (zone == NULL || type == NULL || strcmp(type, "serial") != 0) {
		return KNOT_EOK;
	}
	char *end = NULL;
	uint32_t serial = (data != NULL) ? strtoul(data, &end, 10) : 0;
	bool empty = (data == NULL || end == data || *end != '\0');
	serials->cb(zone, serial, empty, serials->ctx);
	return KNOT_EOK;
}

int cg_server_serials(cg_control_t *ctl, cg_serial_cb cb, void *ctx)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "zone-status",
		[CG_CTL_IDX_FILTERS] = FILTER_SERIAL,
	};
	serials_t serials = { cb, ctx };
	return cg_control_read(ctl, &cmd, take_serial, &serials);
}

typedef struct {
	uint32_t serial;
	bool empty;
	bool told;
} one_serial_t;

static void keep_serial(const char *zone, uint32_t serial, bool empty, void *ctx)
{
	(void)zone;
	*(one_serial_t *)ctx = (one_serial_t){ serial, empty, true };
}

int cg_server_serial(cg_control_t *ctl, const char *zone, uint32_t *serial, bool *empty)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "zone-status",
		[KNOT_CTL_IDX_ZONE] = zone,
		[CG_CTL_IDX_FILTERS] = FILTER_SERIAL,
	};
	one_serial_t one = { .empty = true };
	serials_t serials = { keep_serial, &one };
	int ret = cg_control_read(ctl, &cmd, take_serial, &serials);
	*serial = one.serial;
	*empty = one.empty;
	return told(ret, one.told);
}

typedef struct {
	one_serial_t one;
	bool waiting;
} zone_updates_t;

/*! \brief An event that is not over: from Knot 3.4 on the time is behind it, as in `running(+2s)`. */
static bool is_due(const char *event)
{
	static const char *const states[] = { "running", "pending", "frozen" };
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		size_t len = strlen(states[i]);
		if (strncmp(event, states[i], len) == 0 && (event[len] == '\0' || event[len] == '(')) {
			return true;
		}
	}
	return false;
}

static int take_updates(const knot_ctl_data_t *unit, void *ctx)
{
	zone_updates_t *updates = ctx;
	const char *type = (*unit)[KNOT_CTL_IDX_TYPE];
	const char *data = (*unit)[KNOT_CTL_IDX_DATA];

	if (type != NULL && data != NULL && strcmp(type, "update") == 0) {
		updates->waiting = is_due(data);
		return KNOT_EOK;
	}
	if (type != NULL && data != NULL && strcmp(type, "serial") == 0) {
		char *end;
		updates->one.serial = strtoul(data, &end, 10);
		updates->one.empty = (end == data || *end != '\0');
		updates->one.told = true;
	}
	return KNOT_EOK;
}

int cg_server_updates(cg_control_t *ctl, const char *zone, uint32_t *serial, bool *empty,
                      bool *waiting)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "zone-status",
		[KNOT_CTL_IDX_ZONE] = zone,
		[CG_CTL_IDX_FILTERS] = FILTER_SERIAL FILTER_EVENTS,
	};
	zone_updates_t updates = { .one.empty = true };
	int ret = cg_control_read(ctl, &cmd, take_updates, &updates);
	*serial = updates.one.serial;
	*empty = updates.one.empty;
	*waiting = updates.waiting;
	return told(ret, updates.one.told);
}

typedef struct {
	bool told;
	bool open;
	bool held;
} transaction_t;

static int take_transaction(const knot_ctl_data_t *unit, void *ctx)
{
	const char *type = (*unit)[KNOT_CTL_IDX_TYPE];
	const char *data = (*unit)[KNOT_CTL_IDX_DATA];

	if (type != NULL && data != NULL && strcmp(type, "transaction") == 0) {
		*(transaction_t *)ctx = (transaction_t){
			.told = true,
			.open = (strncmp(data, "open", 4) == 0),
			.held = (strcmp(data, "open-external") == 0),
		};
	}
	return KNOT_EOK;
}

static int ask_transaction(cg_control_t *ctl, const char *zone, transaction_t *transaction)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "zone-status",
		[KNOT_CTL_IDX_ZONE] = zone,
		[CG_CTL_IDX_FILTERS] = FILTER_TRANSACTION,
	};
	*transaction = (transaction_t){ .told = false };
	int ret = cg_control_command(ctl, &cmd, take_transaction, transaction);
	return told(ret, transaction->told);
}

int cg_server_transaction(cg_control_t *ctl, const char *zone, bool *open)
{
	transaction_t transaction;
	int ret = ask_transaction(ctl, zone, &transaction);
	*open = transaction.open;
	return ret;
}

typedef struct {
	cg_held_cb cb;
	void *ctx;
} held_t;

static int take_held(const knot_ctl_data_t *unit, void *ctx)
{
	const held_t *held = ctx;
	const char *zone = (*unit)[KNOT_CTL_IDX_ZONE];
	const char *type = (*unit)[KNOT_CTL_IDX_TYPE];
	const char *data = (*unit)[KNOT_CTL_IDX_DATA];

	if (zone != NULL && type != NULL && data != NULL && strcmp(type, "transaction") == 0 &&
	    strcmp(data, "open-external") == 0) {
		held->cb(zone, held->ctx);
	}
	return KNOT_EOK;
}

int cg_server_held(cg_control_t *ctl, cg_held_cb cb, void *ctx)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "zone-status",
		[CG_CTL_IDX_FILTERS] = FILTER_TRANSACTION,
	};
	held_t held = { cb, ctx };
	return cg_control_command(ctl, &cmd, take_held, &held);
}

int cg_server_held_zone(cg_control_t *ctl, const char *zone, bool *held)
{
	transaction_t transaction;
	int ret = ask_transaction(ctl, zone, &transaction);
	*held = transaction.held;
	return ret;
}

int cg_server_simple(cg_control_t *ctl, const char *command, const char *zone)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = command,
		[KNOT_CTL_IDX_ZONE] = zone,
	};
	return cg_control_command(ctl, &cmd, NULL, NULL);
}

typedef struct {
	const char *rundir;
	bool same;
} rundir_t;

static int take_rundir(const knot_ctl_data_t *unit, void *ctx)
{
	rundir_t *rundir = ctx;
	const char *data = (*unit)[KNOT_CTL_IDX_DATA];
	if (data != NULL) {
		rundir->same = (strcmp(data, rundir->rundir) == 0);
	}
	return KNOT_EOK;
}

int cg_server_has_rundir(cg_control_t *ctl, const char *rundir, bool *same)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "conf-read",
		[KNOT_CTL_IDX_SECTION] = "server",
		[KNOT_CTL_IDX_ITEM] = "rundir",
	};
	rundir_t reply = { rundir, true };
	int ret = cg_control_command(ctl, &cmd, take_rundir, &reply);
	*same = reply.same;
	return (ret == KNOT_EDENIED) ? KNOT_EOK : ret;
}

/*! \brief "Version: 3.2.6", or the number alone. */
static int take_version(const knot_ctl_data_t *unit, void *ctx)
{
	const char *data = (*unit)[KNOT_CTL_IDX_DATA];
	unsigned major, minor;

	if (data != NULL && sscanf(data + strcspn(data, "0123456789"), "%3u.%2u", &major,
	                           &minor) == 2) {
		*(unsigned *)ctx = 100 * major + minor;
	}
	return KNOT_EOK;
}

int cg_server_version(cg_control_t *ctl, unsigned *version)
{
	knot_ctl_data_t cmd = {
		[KNOT_CTL_IDX_CMD] = "status",
		[KNOT_CTL_IDX_TYPE] = "version",
	};
	*version = 0;
	int ret = cg_control_command(ctl, &cmd, take_version, version);
	return (ret == KNOT_EDENIED) ? KNOT_EOK : ret;
}
