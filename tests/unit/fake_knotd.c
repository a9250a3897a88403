/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_knotd.h"
#include "unit.h"

#include <libknot/control/control.h>

#define ZONES_MAX	4
#define SCRIPT_MAX	16
/*! \brief How often the thread looks whether it has to end while a client is quiet. */
#define LOOK_MS		10
/*! \brief A client that does not take its reply for so long is dropped. */
#define SEND_MS		20000

typedef struct {
	char *name;
	bool loaded;
	unit_records_t contents;
	bool open;               /*!< A transaction. */
	bool operators;          /*!< It is not the client's. */
	bool edited;
	unit_records_t pending;  /*!< Its contents. */
} zone_t;

typedef struct {
	fake_script_t what;
	bool done;
} entry_t;

struct fake_knotd {
	char *socket;
	knot_ctl_t *ctl;
	pthread_t thread;
	bool running;

	pthread_mutex_t lock;    /*!< All below. */
	pthread_cond_t released;
	bool stop;
	bool holding;
	bool release;
	bool operator_aborted;
	zone_t zones[ZONES_MAX];
	size_t zones_count;
	entry_t script[SCRIPT_MAX];
	size_t script_count;
	char *history;           /*!< All commands ever, each followed by a blank. */
	char *heard;
};

/* --- Zones --- */

static zone_t *find_zone(fake_knotd_t *fake, const char *name)
{
	for (size_t i = 0; i < fake->zones_count; i++) {
		if (strcmp(fake->zones[i].name, name) == 0) {
			return &fake->zones[i];
		}
	}
	return NULL;
}

static int compare_records(const void *a, const void *b)
{
	const unit_rr_t *x = a, *y = b;
	int order = knot_dname_cmp(x->owner, y->owner);
	if (order == 0) {
		order = (int)x->rr.type - (int)y->rr.type;
	}
	return (order != 0) ? order : strcmp(x->data, y->data);
}

static void sort_records(unit_records_t *records)
{
	qsort(records->list, records->count, sizeof(*records->list), compare_records);
}

static unit_rr_t *find_soa(unit_records_t *records)
{
	for (size_t i = 0; i < records->count; i++) {
		if (records->list[i].rr.type == KNOT_RRTYPE_SOA) {
			return &records->list[i];
		}
	}
	return NULL;
}

static unsigned long serial_of(unit_records_t *records)
{
	unsigned long serial = 0;
	unit_rr_t *soa = find_soa(records);
	if (soa != NULL) {
		(void)sscanf(soa->data, "%*s %*s %lu", &serial);
	}
	return serial;
}

/*! \brief The next serial. */
static void raise_serial(unit_records_t *records)
{
	char mname[256], rname[256], rest[256], *data;
	unsigned long serial;
	unit_rr_t *soa = find_soa(records);
	if (soa == NULL || sscanf(soa->data, "%255s %255s %lu %255[^\n]", mname, rname, &serial,
	                          rest) != 4 ||
	    asprintf(&data, "%s %s %u %s", mname, rname, (uint32_t)(serial + 1), rest) < 0) {
		abort();
	}
	free(soa->data);
	soa->data = data;
	soa->rr.data = data;
}

static void copy_records(const unit_records_t *from, unit_records_t *to)
{
	for (size_t i = 0; i < from->count; i++) {
		const unit_rr_t *rr = &from->list[i];
		unit_push(to, rr->owner, rr->rr.type, rr->rr.ttl, 0, rr->data);
	}
}

static unit_records_t parse_zone(const char *name, const char *text)
{
	unit_records_t records = unit_parse(name, text);
	for (size_t i = 0; i < records.count; i++) {
		knot_dname_to_lower(records.list[i].owner);
	}
	sort_records(&records);
	return records;
}

static void end_transaction(zone_t *zone)
{
	unit_records_free(&zone->pending);
	zone->open = zone->operators = zone->edited = false;
}

/* --- Commands: NULL, or the error that knotd would answer --- */

typedef const char *(*run_t)(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd);

static bool send_unit(fake_knotd_t *fake, knot_ctl_data_t *unit)
{
	return knot_ctl_send(fake->ctl, KNOT_CTL_TYPE_DATA, unit) == KNOT_EOK;
}

static const char *send_records(fake_knotd_t *fake, const zone_t *zone,
                                const unit_records_t *records, const char *owner)
{
	knot_dname_storage_t wanted;
	if (owner != NULL && knot_dname_from_str(wanted, owner, sizeof(wanted)) == NULL) {
		return "invalid parameter";
	}

	bool exists = false;
	for (size_t i = 0; i < records->count; i++) {
		const unit_rr_t *rr = &records->list[i];
		/* A name that has others below it exists without records. */
		exists |= (owner == NULL || knot_dname_in_bailiwick(rr->owner, wanted) >= 0);
		if (owner != NULL && !knot_dname_is_equal(wanted, rr->owner)) {
			continue;
		}
		knot_dname_txt_storage_t name;
		char type[32], ttl[16];
		knot_dname_to_str(name, rr->owner, sizeof(name));
		knot_rrtype_to_string(rr->rr.type, type, sizeof(type));
		snprintf(ttl, sizeof(ttl), "%u", rr->rr.ttl);
		knot_ctl_data_t unit = {
			[KNOT_CTL_IDX_ZONE] = zone->name,
			[KNOT_CTL_IDX_OWNER] = name,
			[KNOT_CTL_IDX_TTL] = ttl,
			[KNOT_CTL_IDX_TYPE] = type,
			[KNOT_CTL_IDX_DATA] = rr->data,
		};
		send_unit(fake, &unit);
	}
	return (owner != NULL && !exists) ? "no such node in zone found" : NULL;
}

static const char *run_conf_list(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	(void)zone;
	(void)cmd;
	knot_ctl_data_t unit = {
		[KNOT_CTL_IDX_SECTION] = "server",
		[KNOT_CTL_IDX_ITEM] = "rundir",
	};
	send_unit(fake, &unit);
	return NULL;
}

static void send_status(fake_knotd_t *fake, zone_t *zone, const char *filter)
{
	char serial[16];
	snprintf(serial, sizeof(serial), "%lu", serial_of(&zone->contents));
	bool transaction = (filter != NULL && strchr(filter, 't') != NULL);
	knot_ctl_data_t unit = {
		[KNOT_CTL_IDX_ZONE] = zone->name,
		[KNOT_CTL_IDX_TYPE] = transaction ? "transaction" : "serial",
		[KNOT_CTL_IDX_DATA] = transaction ? (zone->open ? "open" : "-") :
		                      (zone->loaded ? serial : "-"),
	};
	send_unit(fake, &unit);
}

static const char *run_status(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	if (zone != NULL) {
		send_status(fake, zone, (*cmd)[CG_CTL_IDX_FILTERS]);
		return NULL;
	}
	for (size_t i = 0; i < fake->zones_count; i++) {
		send_status(fake, &fake->zones[i], (*cmd)[CG_CTL_IDX_FILTERS]);
	}
	return NULL;
}

static const char *run_read(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	return send_records(fake, zone, &zone->contents, (*cmd)[KNOT_CTL_IDX_OWNER]);
}

static const char *run_get(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	return zone->open ? send_records(fake, zone, &zone->pending, (*cmd)[KNOT_CTL_IDX_OWNER]) :
	       "no active transaction";
}

/*! \brief The whole of it, where an operator has edited; nothing else is told apart. */
static const char *run_diff(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	(void)cmd;
	if (!zone->open) {
		return "no active transaction";
	}
	return zone->operators ? send_records(fake, zone, &zone->pending, NULL) : NULL;
}

static const char *run_begin(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	(void)fake;
	(void)cmd;
	if (zone->open) {
		return "too many transactions";
	}
	zone->open = true;
	copy_records(&zone->contents, &zone->pending);
	return NULL;
}

static const char *run_abort(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	(void)cmd;
	if (!zone->open) {
		return "no active transaction";
	}
	fake->operator_aborted |= zone->operators;
	end_transaction(zone);
	return NULL;
}

static const char *run_commit(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	(void)fake;
	(void)cmd;
	if (!zone->open) {
		return "no active transaction";
	}
	if (zone->edited) {
		unit_records_free(&zone->contents);
		copy_records(&zone->pending, &zone->contents);
		raise_serial(&zone->contents);
		sort_records(&zone->contents);
	}
	end_transaction(zone);
	return NULL;
}

/*! \brief Position of the record that the command is about; the count: none. */
static size_t find_record(const zone_t *zone, const knot_dname_t *owner, uint16_t type,
                          const char *data)
{
	size_t i = 0;
	while (i < zone->pending.count &&
	       (!knot_dname_is_equal(zone->pending.list[i].owner, owner) ||
	        zone->pending.list[i].rr.type != type ||
	        strcmp(zone->pending.list[i].data, data) != 0)) {
		i++;
	}
	return i;
}

static const char *edit(zone_t *zone, const knot_ctl_data_t *cmd, bool add)
{
	const char *ttl = (*cmd)[KNOT_CTL_IDX_TTL];
	const char *data = (*cmd)[KNOT_CTL_IDX_DATA];
	knot_dname_storage_t owner;
	uint16_t type;
	if (!zone->open) {
		return "no active transaction";
	}
	if ((*cmd)[KNOT_CTL_IDX_OWNER] == NULL || (*cmd)[KNOT_CTL_IDX_TYPE] == NULL ||
	    data == NULL || (add && ttl == NULL) ||
	    knot_dname_from_str(owner, (*cmd)[KNOT_CTL_IDX_OWNER], sizeof(owner)) == NULL ||
	    knot_rrtype_from_string((*cmd)[KNOT_CTL_IDX_TYPE], &type) != 0) {
		return "invalid parameter";
	}
	knot_dname_to_lower(owner);

	size_t at = find_record(zone, owner, type, data);
	bool there = (at < zone->pending.count);
	if (there == add) {
		return add ? "such record already exists in zone" : "no such record in zone found";
	}
	zone->edited = true;
	if (add) {
		unit_push(&zone->pending, owner, type, strtoul(ttl, NULL, 10), 0, data);
		sort_records(&zone->pending);
		return NULL;
	}
	unit_rr_t *rr = &zone->pending.list[at];
	knot_dname_free(rr->owner, NULL);
	free(rr->data);
	*rr = zone->pending.list[--zone->pending.count];
	sort_records(&zone->pending);
	return NULL;
}

static const char *run_set(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	(void)fake;
	return edit(zone, cmd, true);
}

static const char *run_unset(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	(void)fake;
	return edit(zone, cmd, false);
}

static const char *run_notify(fake_knotd_t *fake, zone_t *zone, const knot_ctl_data_t *cmd)
{
	(void)fake;
	(void)zone;
	(void)cmd;
	return NULL;
}

static const struct {
	const char *name;
	bool any_zone;  /*!< Goes without a zone. */
	run_t run;
} COMMANDS[] = {
	{ "conf-list",   true,  run_conf_list },
	{ "zone-status", true,  run_status },
	{ "zone-read",   false, run_read },
	{ "zone-get",    false, run_get },
	{ "zone-diff",   false, run_diff },
	{ "zone-begin",  false, run_begin },
	{ "zone-set",    false, run_set },
	{ "zone-unset",  false, run_unset },
	{ "zone-commit", false, run_commit },
	{ "zone-abort",  false, run_abort },
	{ "zone-notify", false, run_notify },
};

static const char *execute(fake_knotd_t *fake, const knot_ctl_data_t *cmd)
{
	const char *zone_name = (*cmd)[KNOT_CTL_IDX_ZONE];

	for (size_t i = 0; i < COUNT(COMMANDS); i++) {
		if (strcmp(COMMANDS[i].name, (*cmd)[KNOT_CTL_IDX_CMD]) != 0) {
			continue;
		}
		zone_t *zone = (zone_name != NULL) ? find_zone(fake, zone_name) : NULL;
		if (zone == NULL && (zone_name != NULL || !COMMANDS[i].any_zone)) {
			return "no such zone found";
		}
		return COMMANDS[i].run(fake, zone, cmd);
	}
	return "invalid parameter";
}

/* --- The script --- */

static bool fits(const fake_script_t *what, const knot_ctl_data_t *cmd)
{
	const char *owner = (*cmd)[KNOT_CTL_IDX_OWNER];
	return strcmp(what->command, (*cmd)[KNOT_CTL_IDX_CMD]) == 0 &&
	       (what->owner == NULL || strcmp(what->owner, (owner != NULL) ? owner : "") == 0);
}

static const fake_script_t *take_entry(fake_knotd_t *fake, const knot_ctl_data_t *cmd)
{
	for (size_t i = 0; i < fake->script_count; i++) {
		entry_t *entry = &fake->script[i];
		if (entry->done || !fits(&entry->what, cmd)) {
			continue;
		}
		if (entry->what.skip > 0) {
			entry->what.skip--;
			continue;
		}
		entry->done = !entry->what.always;
		return &entry->what;
	}
	return NULL;
}

static void hold(fake_knotd_t *fake)
{
	fake->holding = true;
	while (!fake->release && !fake->stop) {
		pthread_cond_wait(&fake->released, &fake->lock);
	}
	fake->holding = fake->release = false;
}

static void swap_contents(fake_knotd_t *fake, const knot_ctl_data_t *cmd, const char *text)
{
	zone_t *zone = find_zone(fake, (*cmd)[KNOT_CTL_IDX_ZONE]);
	unit_records_free(&zone->contents);
	zone->contents = parse_zone(zone->name, text);
}

static void begin_as_operator(zone_t *zone)
{
	if (run_begin(NULL, zone, NULL) == NULL) {
		zone->operators = true;
	}
}

/* --- The conversation --- */

static void append(char **text, const char *a, const char *b, const char *c)
{
	char *longer;
	if (asprintf(&longer, "%s%s%s%s ", *text, a, b, c) < 0) {
		abort();
	}
	free(*text);
	*text = longer;
}

static void note(fake_knotd_t *fake, const knot_ctl_data_t *cmd)
{
	const char *name = (*cmd)[KNOT_CTL_IDX_CMD];
	const char *owner = (*cmd)[KNOT_CTL_IDX_OWNER];
	append(&fake->history, name, "", "");
	if (strcmp(name, "conf-list") != 0) {
		append(&fake->heard, name, (owner != NULL) ? " " : "", (owner != NULL) ? owner : "");
	}
}

static bool reply(fake_knotd_t *fake, const char *error)
{
	if (error != NULL) {
		knot_ctl_data_t unit = { [KNOT_CTL_IDX_ERROR] = error };
		send_unit(fake, &unit);
	}
	return knot_ctl_send(fake->ctl, KNOT_CTL_TYPE_BLOCK, NULL) == KNOT_EOK;
}

/*! \brief Answers one command; false: the connection ends. */
static bool answer(fake_knotd_t *fake, const knot_ctl_data_t *cmd)
{
	note(fake, cmd);
	const fake_script_t *entry = take_entry(fake, cmd);
	if (entry == NULL) {
		return reply(fake, execute(fake, cmd));
	}

	switch (entry->fault) {
	case FAKE_CUT:
		return false;
	case FAKE_CUT_AFTER:
		(void)execute(fake, cmd);
		return false;
	case FAKE_ERROR:
		return reply(fake, entry->text);
	case FAKE_IGNORE:
		return reply(fake, NULL);
	case FAKE_LATE:
		(void)poll(NULL, 0, 1000);
		return reply(fake, NULL);
	case FAKE_HOLD:
		hold(fake);
		break;
	case FAKE_SWAP:
		swap_contents(fake, cmd, entry->text);
		break;
	case FAKE_OPEN:
		begin_as_operator(find_zone(fake, (*cmd)[KNOT_CTL_IDX_ZONE]));
		break;
	}
	return !fake->stop && reply(fake, execute(fake, cmd));
}

static bool stopping(fake_knotd_t *fake)
{
	pthread_mutex_lock(&fake->lock);
	bool stop = fake->stop;
	pthread_mutex_unlock(&fake->lock);
	return stop;
}

static void converse(fake_knotd_t *fake)
{
	while (!stopping(fake)) {
		knot_ctl_type_t type;
		knot_ctl_data_t cmd;
		knot_ctl_set_timeout(fake->ctl, LOOK_MS);
		int ret = knot_ctl_receive(fake->ctl, &type, &cmd);
		if (ret == KNOT_ETIMEOUT) {
			continue;
		}
		if (ret != KNOT_EOK || type == KNOT_CTL_TYPE_END) {
			return;
		}
		if (type != KNOT_CTL_TYPE_DATA || cmd[KNOT_CTL_IDX_CMD] == NULL) {
			continue;
		}
		knot_ctl_set_timeout(fake->ctl, SEND_MS);
		pthread_mutex_lock(&fake->lock);
		bool goes_on = answer(fake, (const knot_ctl_data_t *)&cmd);
		pthread_mutex_unlock(&fake->lock);
		if (!goes_on) {
			return;
		}
	}
}

static void *serve(void *arg)
{
	fake_knotd_t *fake = arg;
	while (!stopping(fake)) {
		if (knot_ctl_accept(fake->ctl) == KNOT_EOK) {
			converse(fake);
			knot_ctl_close(fake->ctl);
		}
	}
	return NULL;
}

/* --- For the tests --- */

fake_knotd_t *fake_new(const char *socket)
{
	fake_knotd_t *fake = calloc(1, sizeof(*fake));
	assert_non_null(fake);
	fake->socket = strdup(socket);
	fake->history = strdup("");
	fake->heard = strdup("");
	assert_true(fake->socket != NULL && fake->history != NULL && fake->heard != NULL);
	pthread_mutex_init(&fake->lock, NULL);
	pthread_cond_init(&fake->released, NULL);
	return fake;
}

void fake_start(fake_knotd_t *fake)
{
	fake->stop = false;
	fake->ctl = knot_ctl_alloc();
	assert_non_null(fake->ctl);
	assert_int_equal(knot_ctl_bind(CG_CTL_BIND_ARGS(fake->ctl, fake->socket)), KNOT_EOK);
	assert_int_equal(pthread_create(&fake->thread, NULL, serve, fake), 0);
	fake->running = true;
}

/*! \brief Ends a wait in knot_ctl_accept(). */
static void knock(const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	(void)connect(sock, (struct sockaddr *)&address, sizeof(address));
	close(sock);
}

void fake_stop(fake_knotd_t *fake)
{
	if (!fake->running) {
		return;
	}
	pthread_mutex_lock(&fake->lock);
	fake->stop = true;
	pthread_cond_broadcast(&fake->released);
	pthread_mutex_unlock(&fake->lock);
	knock(fake->socket);
	pthread_join(fake->thread, NULL);
	knot_ctl_unbind(fake->ctl);
	knot_ctl_free(fake->ctl);
	fake->ctl = NULL;
	fake->running = false;
}

void fake_free(fake_knotd_t *fake)
{
	if (fake == NULL) {
		return;
	}
	fake_stop(fake);
	for (size_t i = 0; i < fake->zones_count; i++) {
		unit_records_free(&fake->zones[i].contents);
		unit_records_free(&fake->zones[i].pending);
		free(fake->zones[i].name);
	}
	pthread_cond_destroy(&fake->released);
	pthread_mutex_destroy(&fake->lock);
	free(fake->socket);
	free(fake->history);
	free(fake->heard);
	free(fake);
}

void fake_zone(fake_knotd_t *fake, const char *name, const char *text)
{
	unit_records_t contents = { 0 };
	if (text != NULL) {
		contents = parse_zone(name, text);
	}

	pthread_mutex_lock(&fake->lock);
	zone_t *zone = find_zone(fake, name);
	if (zone == NULL && fake->zones_count < ZONES_MAX) {
		zone = &fake->zones[fake->zones_count++];
		zone->name = strdup(name);
	}
	if (zone != NULL) {
		unit_records_free(&zone->contents);
		zone->contents = contents;
		zone->loaded = (text != NULL);
	}
	pthread_mutex_unlock(&fake->lock);
	assert_non_null(zone);
}

char *fake_contents(fake_knotd_t *fake, const char *name)
{
	unit_text_t text = { 0 };
	pthread_mutex_lock(&fake->lock);
	const unit_records_t *records = &find_zone(fake, name)->contents;
	for (size_t i = 0; i < records->count; i++) {
		const unit_rr_t *rr = &records->list[i];
		knot_dname_txt_storage_t owner;
		knot_dname_to_str(owner, rr->owner, sizeof(owner));
		unit_add(&text, "%s %u %s %s\n", owner, rr->rr.ttl, unit_type(rr->rr.type), rr->data);
	}
	pthread_mutex_unlock(&fake->lock);
	return unit_take(&text);
}

void fake_operator_begins(fake_knotd_t *fake, const char *name)
{
	pthread_mutex_lock(&fake->lock);
	begin_as_operator(find_zone(fake, name));
	pthread_mutex_unlock(&fake->lock);
}

void fake_operator_ends(fake_knotd_t *fake, const char *name)
{
	pthread_mutex_lock(&fake->lock);
	end_transaction(find_zone(fake, name));
	pthread_mutex_unlock(&fake->lock);
}

bool fake_transaction(fake_knotd_t *fake, const char *name)
{
	pthread_mutex_lock(&fake->lock);
	bool open = find_zone(fake, name)->open;
	pthread_mutex_unlock(&fake->lock);
	return open;
}

bool fake_operator_aborted(fake_knotd_t *fake)
{
	pthread_mutex_lock(&fake->lock);
	bool aborted = fake->operator_aborted;
	pthread_mutex_unlock(&fake->lock);
	return aborted;
}

void fake_script(fake_knotd_t *fake, const fake_script_t *entry)
{
	pthread_mutex_lock(&fake->lock);
	bool room = (fake->script_count < SCRIPT_MAX);
	if (room) {
		fake->script[fake->script_count++] = (entry_t){ .what = *entry };
	}
	pthread_mutex_unlock(&fake->lock);
	assert_true(room);
}

void fake_unscript(fake_knotd_t *fake)
{
	pthread_mutex_lock(&fake->lock);
	fake->script_count = 0;
	fake->release = fake->holding;
	pthread_cond_broadcast(&fake->released);
	pthread_mutex_unlock(&fake->lock);
}

bool fake_holds(fake_knotd_t *fake)
{
	pthread_mutex_lock(&fake->lock);
	bool holds = fake->holding && !fake->release;
	pthread_mutex_unlock(&fake->lock);
	return holds;
}

void fake_release(fake_knotd_t *fake)
{
	pthread_mutex_lock(&fake->lock);
	fake->release = fake->holding;
	pthread_cond_broadcast(&fake->released);
	pthread_mutex_unlock(&fake->lock);
}

unsigned fake_count(fake_knotd_t *fake, const char *command)
{
	unsigned count = 0;
	size_t len = strlen(command);
	pthread_mutex_lock(&fake->lock);
	for (const char *at = fake->history; (at = strstr(at, command)) != NULL; at += len) {
		count += (at[len] == ' ');
	}
	pthread_mutex_unlock(&fake->lock);
	return count;
}

char *fake_heard(fake_knotd_t *fake)
{
	pthread_mutex_lock(&fake->lock);
	char *heard = strdup(fake->heard);
	pthread_mutex_unlock(&fake->lock);
	assert_non_null(heard);
	return heard;
}

void fake_forget(fake_knotd_t *fake)
{
	pthread_mutex_lock(&fake->lock);
	fake->heard[0] = '\0';
	pthread_mutex_unlock(&fake->lock);
}
