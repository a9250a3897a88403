/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was dropped of dynamic updates, and updates of any shape. */

#define UNIT_FAIL_ALLOC 1
#include "unit.h"

#include <arpa/inet.h>

#include "guard/dropped.h"
#include "guard/inbox.h"

#define SIGNED "signed\n"

/*! \brief Updates of one test, and what is in the zone afterwards. */
typedef struct {
	const char *now;       /*!< Lines of the zone beside BASE. */
	const char *updates;   /*!< Lines; "--" begins the next update; "signed" first: Knot signs the zone. */
	const char *dropped;   /*!< Of the first one: "owner type cause". */
} case_t;

/* --- Updates from text --- */

static void begin(knot_pkt_t *pkt, knot_section_t section)
{
	assert_int_equal(knot_pkt_begin(pkt, section), KNOT_EOK);
}

static knot_pkt_t *new_packet(const char *zone)
{
	knot_pkt_t *pkt = knot_pkt_new(NULL, KNOT_WIRE_MAX_PKTSIZE, NULL);
	assert_non_null(pkt);
	knot_wire_set_opcode(pkt->wire, KNOT_OPCODE_UPDATE);
	knot_dname_t *name = unit_name(zone);
	assert_int_equal(knot_pkt_put_question(pkt, name, KNOT_CLASS_IN, KNOT_RRTYPE_SOA), KNOT_EOK);
	knot_dname_free(name, NULL);
	return pkt;
}

static void keep_rr(zs_scanner_t *scanner)
{
	knot_rrset_t *rr = scanner->process.data;
	knot_rrset_init(rr, knot_dname_copy(scanner->r_owner, NULL), scanner->r_type,
	                scanner->r_class, scanner->r_ttl);
	assert_int_equal(knot_rrset_add_rdata(rr, scanner->r_data, scanner->r_data_length, NULL),
	                 KNOT_EOK);
}

/*! \brief "add www 300 A 192.0.2.1", and data of it in other classes. */
static void scan_rr(const char *line, knot_rrset_t *rr)
{
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	assert_non_null(scanner);
	assert_int_equal(zs_init(scanner, ORIGIN, KNOT_CLASS_IN, 300), 0);
	assert_int_equal(zs_set_processing(scanner, keep_rr, unit_scan_error, rr), 0);
	assert_int_equal(zs_set_input_string(scanner, line, strlen(line)), 0);
	assert_int_equal(zs_parse_all(scanner), 0);
	zs_deinit(scanner);
	free(scanner);
}

/*! \brief "NAME" or "NAME TYPE" without data. */
static void bare_rr(const char *line, uint16_t rclass, knot_rrset_t *rr)
{
	char name[64], type[16] = "ANY", full[128];
	assert_true(sscanf(line, "%63s %15s", name, type) >= 1);
	snprintf(full, sizeof(full), "%s.%s", name, ORIGIN); /* Relative ones only. */
	uint16_t code = KNOT_RRTYPE_ANY;
	if (strcmp(type, "ANY") != 0) {
		assert_int_equal(knot_rrtype_from_string(type, &code), 0);
	}
	knot_rrset_init(rr, unit_name(full), code, rclass, 0);
	assert_int_equal(knot_rrset_add_rdata(rr, NULL, 0, NULL), KNOT_EOK);
}

/*!
 * \brief Puts one line.
 *
 * add, del NAME [TYPE], unadd (a record); yx, nx NAME [TYPE], is (a record).
 */
static void put_line(knot_pkt_t *pkt, const char *line)
{
	char word[8];
	int skip = 0;
	knot_rrset_t rr;
	assert_int_equal(sscanf(line, "%7s %n", word, &skip), 1);
	const char *rest = line + skip;

	if (strcmp(word, "del") == 0 || strcmp(word, "yx") == 0) {
		bare_rr(rest, KNOT_CLASS_ANY, &rr);
	} else if (strcmp(word, "nx") == 0) {
		bare_rr(rest, KNOT_CLASS_NONE, &rr);
	} else {
		scan_rr(rest, &rr);
		rr.rclass = (strcmp(word, "unadd") == 0) ? KNOT_CLASS_NONE : KNOT_CLASS_IN;
		rr.ttl = (strcmp(word, "add") == 0) ? rr.ttl : 0;
	}
	bool condition = (strcmp(word, "yx") == 0 || strcmp(word, "nx") == 0 ||
	                  strcmp(word, "is") == 0);
	if (!condition && pkt->current != KNOT_AUTHORITY) {
		begin(pkt, KNOT_AUTHORITY);
	}
	assert_int_equal(knot_pkt_put(pkt, KNOT_COMPR_HINT_NONE, &rr, KNOT_PF_FREE), KNOT_EOK);
}

static cg_update_t *parse(const uint8_t *wire, size_t size)
{
	struct sockaddr_storage client = { .ss_family = AF_INET };
	cg_updated_t from = { .wire = wire, .size = size, .client = &client };
	cg_update_t *update = NULL;
	int ret = cg_update_new(&from, &update);
	assert_true((ret == KNOT_EOK) == (update != NULL));
	return update;
}

/*! \brief Reads updates; those that Knot refuses are NULL. */
static size_t read_updates(const char *text, cg_update_t **out, size_t max)
{
	char *copied = strdup(text);
	size_t count = 0;
	knot_pkt_t *pkt = NULL;
	assert_non_null(copied);
	for (char *line = strtok(copied, "\n"); line != NULL || pkt != NULL; line = strtok(NULL, "\n")) {
		if (pkt == NULL) {
			pkt = new_packet("ExAmPlE.com.");
			begin(pkt, KNOT_ANSWER);
		}
		if (line != NULL && strcmp(line, "--") != 0) {
			char ended[256];
			snprintf(ended, sizeof(ended), "%s\n", line);
			put_line(pkt, ended);
			continue;
		}
		assert_true(count < max);
		out[count++] = parse(pkt->wire, pkt->size);
		knot_pkt_free(pkt);
		pkt = NULL;
		if (line == NULL) {
			break;
		}
	}
	free(copied);
	return count;
}

/* --- What is dropped --- */

static const char *const causes[] = {
	[CG_DROP_BESIDE] = "beside", [CG_DROP_BOTH] = "both", [CG_DROP_ORDER] = "order",
	[CG_DROP_SIGNED] = "signed",
};

static char *dump(const cg_drops_t *drops)
{
	unit_text_t text = { 0 };
	for (size_t i = 0; i < drops->count; i++) {
		knot_dname_txt_storage_t owner;
		assert_non_null(knot_dname_to_str(owner, drops->list[i].rr->owner, sizeof(owner)));
		*strchr(owner, '.') = '\0';
		unit_add(&text, "%s %s %s\n", owner, unit_type(drops->list[i].rr->type),
		         causes[drops->list[i].cause]);
	}
	return unit_take(&text);
}

static void run_case(const case_t *c)
{
	char zone_text[1024];
	cg_update_t *updates[8];
	snprintf(zone_text, sizeof(zone_text), BASE "%s", c->now);
	cg_zone_t *zone = unit_zone(ORIGIN, zone_text);
	bool is_signed = (strncmp(c->updates, SIGNED, strlen(SIGNED)) == 0);
	size_t count = read_updates(c->updates + (is_signed ? strlen(SIGNED) : 0), updates,
	                            COUNT(updates));

	cg_drops_t drops = { 0 };
	if (updates[0] != NULL) {
		cg_drop_window_t window = { updates, count, 0, is_signed };
		assert_int_equal(cg_dropped_find(&window, zone, &drops), KNOT_EOK);
	}
	char *got = dump(&drops);
	if (strcmp(got, c->dropped) != 0) {
		print_error("now:\n%supdates:\n%s\n", c->now, c->updates);
	}
	assert_string_equal(got, c->dropped);
	free(got);
	free(drops.list);
	for (size_t i = 0; i < count; i++) {
		cg_update_free(updates[i]);
	}
	cg_zone_free(zone);
}

#define ALIAS "www 300 CNAME web\n"
#define HOST  "www 300 A 192.0.2.1\n"

static const case_t cases[] = {
	/* The other kind is there. */
	{ ALIAS, "add www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS, "add www 300 A 192.0.2.1\nadd www 300 AAAA 2001:db8::1\nadd www 300 CAA 0 issue \"a.net\"",
	  "www A beside\nwww AAAA beside\nwww CAA beside\n" },
	{ HOST, "add www 300 CNAME web", "www CNAME beside\n" },
	{ "", "add @ 300 CNAME web", "example CNAME beside\n" },
	{ ALIAS "ok 300 A 192.0.2.9\n", "add ok 300 A 192.0.2.9\nadd WWW 300 A 192.0.2.1", "www A beside\n" },
	{ HOST "www 300 MX 10 web\n", "del www A\nadd www 300 CNAME web\n--\nadd www 300 A 192.0.2.1",
	  "www CNAME beside\n" },
	/* All is there, in other letter case and with another TTL. */
	{ ALIAS, "add www 60 CNAME WEB", "" },
	{ HOST "www 300 CAA 0 issue \"a.net\"\n", "add www 60 A 192.0.2.1\nadd www 1 CAA 0 issue \"a.net\"", "" },
	{ HOST, "del www CNAME\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "del www\nadd www 300 CNAME web", "" },
	/* A CNAME replaces a CNAME. */
	{ "www 300 CNAME b\n", "add www 300 CNAME a\nadd www 300 CNAME b", "" },
	{ "www 300 CNAME b\n", "add www 300 CNAME a\n--\nadd www 300 CNAME b", "" },
	/* Both in one update. */
	{ ALIAS, "add www 300 CNAME web\nadd www 300 A 192.0.2.1", "www A both\n" },
	{ HOST, "add www 300 A 192.0.2.1\nadd www 300 CNAME web", "www CNAME both\n" },
	/* Deleted too late. */
	{ "", "add www 300 A 192.0.2.1\ndel www CNAME", "www A order\n" },
	{ "", "add www 300 CNAME web\ndel www A", "www CNAME order\n" },
	{ "", "add www 300 A 192.0.2.1\nunadd www 0 CNAME web", "www A order\n" },
	/* The update itself, or a later one, takes it back. */
	{ ALIAS, "add www 300 A 192.0.2.1\ndel www A\nadd www 300 CNAME web", "" },
	{ "", "add www 300 A 192.0.2.1\ndel www", "" },
	{ ALIAS, "add www 300 A 192.0.2.1\n--\ndel www A\nadd www 300 CNAME web", "" },
	{ ALIAS, "add www 300 A 192.0.2.1\n--\nunadd www 0 A 192.0.2.1\n--\nadd www 300 CNAME web", "" },
	{ HOST, "add www 300 CNAME web\n--\ndel www CNAME\nadd www 300 A 192.0.2.1", "" },
	{ "", "add www 300 A 192.0.2.1\n--\ndel www A", "" },
	/* The same again: the alias was there all the time. */
	{ ALIAS, "add www 300 A 192.0.2.1\n--\ndel www A\nadd www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS, "add www 300 A 192.0.2.1\n--\nadd www 300 CNAME web", "www A beside\n" },
	/* Signatures of what is deleted are in the way. */
	{ "", SIGNED "del www A\nadd www 300 CNAME web", "www CNAME signed\n" },
	{ "", "del www A\nadd www 300 CNAME web", "" },
	{ "", SIGNED "del www\nadd www 300 CNAME web", "" },
	/* The update was not made: something else of it is missing, or still there. */
	{ ALIAS, "add www 300 A 192.0.2.1\nadd new 300 A 192.0.2.1", "" },
	{ ALIAS, "del www CNAME\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "unadd www 0 CNAME web\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "del www CNAME\nadd www 300 A 192.0.2.1\n--\nadd www 300 CNAME web", "www A beside\n" },
	{ "www 300 CNAME b\n", "add www 300 CNAME a", "" },
	/* Signatures, and what has rules of its own. */
	{ ALIAS, "add www 300 SOA a. b. 1 2 3 4 5", "" },
	{ ALIAS "www 300 RRSIG CNAME 13 3 300 20300101000000 20200101000000 1 @ AA==\n",
	  "add www 300 CNAME web", "" },
	{ "www 300 NSEC @ NSEC\n", "add www 300 CNAME web", "" },
	/* Deletions alone. */
	{ ALIAS, "del www A\ndel other", "" },
	/* Prerequisites at other names. */
	{ ALIAS, "yx ns1\nadd www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS, "yx ns1 A\nadd www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS, "yx ns1 MX\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "yx no\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "nx no\nnx ns1 MX\nadd www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS, "nx ns1\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "nx ns1 A\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "is ns1 0 A 192.0.2.53\nadd www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS, "is ns1 0 A 192.0.2.54\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS "x 300 A 192.0.2.1\nx 300 A 192.0.2.2\n",
	  "is x 0 A 192.0.2.1\nis x 0 A 192.0.2.2\nadd www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS "x 300 A 192.0.2.1\nx 300 A 192.0.2.2\n",
	  "is x 0 A 192.0.2.1\nadd www 300 A 192.0.2.1", "" },
	/* Prerequisites at a name that is changed: without what was added, with what was deleted. */
	{ ALIAS, "nx www\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "nx www A\nadd www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS, "nx www\nadd www 300 CNAME web\nadd www 300 A 192.0.2.1", "www A both\n" },
	{ ALIAS, "yx www CNAME\nadd www 300 A 192.0.2.1", "www A beside\n" },
	{ ALIAS "x 300 A 192.0.2.2\n",
	  "is x 0 A 192.0.2.1\nunadd x 0 A 192.0.2.1\nadd x 300 A 192.0.2.2\nadd www 300 A 192.0.2.1",
	  "www A beside\n" },
	{ ALIAS, "yx x A\ndel x\nadd www 300 A 192.0.2.1", "www A beside\n" },
	/* Knot answers with an error. */
	{ ALIAS, "add www 300 A 192.0.2.1\nadd a.example.net. 300 A 192.0.2.1", "" },
	{ ALIAS, "is a.example.net. 0 A 192.0.2.1\nadd www 300 A 192.0.2.1", "" },
	{ ALIAS, "add www 300 A 192.0.2.1\nadd www 300 NSEC3PARAM 1 0 0 -", "" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

static int collect_name(const knot_dname_t *name, void *ctx)
{
	knot_dname_txt_storage_t text;
	assert_non_null(knot_dname_to_str(text, name, sizeof(text)));
	unit_add(ctx, "%s ", text);
	return KNOT_EOK;
}

static void test_names(void **state)
{
	(void)state;
	static const struct { const char *update; const char *names; } table[] = {
		{ "add a 1 A 192.0.2.1\nadd A 1 AAAA ::1\ndel b\nadd c 1 CNAME d", "a.example.com. c.example.com. " },
		{ "yx x\nnx a\nnx x A\nadd a 1 A 192.0.2.1", "a.example.com. x.example.com. " },
		{ "yx x\ndel a", "" },
	};
	for (size_t i = 0; i < COUNT(table); i++) {
		cg_update_t *update;
		unit_text_t text = { 0 };
		assert_int_equal(read_updates(table[i].update, &update, 1), 1);
		assert_non_null(update);
		assert_int_equal(cg_dropped_names(update, collect_name, &text), KNOT_EOK);
		char *names = unit_take(&text);
		assert_string_equal(names, table[i].names);
		free(names);
		cg_update_free(update);
	}
}

/* --- Updates of any shape --- */

#define ALL_KINDS \
	"yx ns1\nnx no A\nis ns1 0 A 192.0.2.53\nadd www 300 A 192.0.2.1\nadd www 300 MX 10 web\n" \
	"add www 300 TXT \"text\"\ndel www CNAME\nunadd www 0 A 192.0.2.7\nadd alias 300 CNAME www"

static void look(const uint8_t *wire, size_t size, const cg_zone_t *zone)
{
	/* In memory of its own, so that a step beyond the end is seen. */
	uint8_t *exact = malloc(size + (size == 0));
	assert_non_null(exact);
	memcpy(exact, wire, size);
	cg_update_t *update = parse(exact, size);
	free(exact);
	if (update != NULL) {
		cg_drops_t drops = { 0 };
		cg_drop_window_t window = { &update, 1, 0, true };
		assert_int_equal(cg_dropped_find(&window, zone, &drops), KNOT_EOK);
		free(drops.list);
		cg_update_free(update);
	}
}

static void test_any_shape(void **state)
{
	(void)state;
	cg_zone_t *zone = unit_zone(ORIGIN, BASE ALIAS "alias 300 A 192.0.2.9\n");
	cg_update_t *update;
	assert_int_equal(read_updates(ALL_KINDS, &update, 1), 1);
	assert_non_null(update);
	size_t size = update->pkt->size;
	uint8_t wire[1024];
	assert_true(size <= sizeof(wire));
	memcpy(wire, update->pkt->wire, size);
	cg_update_free(update);

	for (size_t len = 0; len <= size; len++) {
		look(wire, len, zone);
	}
	for (size_t i = 0; i < size; i++) {
		for (unsigned value = 0; value < 256; value += 5) {
			uint8_t before = wire[i];
			wire[i] = value;
			look(wire, size, zone);
			wire[i] = before;
		}
	}
	uint64_t seed = 1;
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t noisy[1024];
		memcpy(noisy, wire, size);
		for (unsigned i = 0; i < 1 + round % 5; i++) {
			noisy[12 + unit_random(&seed) % (size - 12)] = unit_random(&seed);
		}
		look(noisy, size, zone);
	}
	cg_zone_free(zone);
}

#ifdef UNIT_CAN_FAIL_ALLOC
static void test_out_of_memory(void **state)
{
	(void)state;
	unit_alloc_or_skip();
	cg_zone_t *zone = unit_zone(ORIGIN, BASE ALIAS);
	cg_update_t *model;
	assert_int_equal(read_updates(ALL_KINDS, &model, 1), 1);
	struct sockaddr_storage client = { .ss_family = AF_INET };
	cg_updated_t from = {
		.wire = model->pkt->wire, .size = model->pkt->size, .client = &client,
		.key = (const uint8_t *)"\x03key",
	};
	bool hit = true;
	for (long left = 0; hit; left++) {
		cg_update_t *update = NULL;
		cg_drops_t drops = { 0 };
		unit_alloc_hit = false;
		unit_alloc_left = left;
		int ret = cg_update_new(&from, &update);
		if (ret == KNOT_EOK) {
			cg_drop_window_t window = { &update, 1, 0, false };
			ret = cg_dropped_find(&window, zone, &drops);
		}
		unit_alloc_left = -1;
		hit = unit_alloc_hit;
		assert_true(ret == KNOT_EOK || hit);
		free(drops.list);
		cg_update_free(update);
	}
	cg_update_free(model);
	cg_zone_free(zone);
}
#endif

/* --- The inbox --- */

static cg_inbox_t inbox;

static bool put_size(size_t size, int64_t now, bool *wake)
{
	static uint8_t message[KNOT_WIRE_MAX_PKTSIZE];
	struct sockaddr_storage client = { .ss_family = AF_INET };
	((struct sockaddr_in *)&client)->sin_port = htons(size);
	memset(message, (int)size, size);
	cg_updated_t update = {
		.wire = message, .size = size, .client = &client,
		.key = (size % 2 == 1) ? (const uint8_t *)"\x03key" : NULL,
	};
	*wake = false;
	return cg_inbox_put(&inbox, &update, now, wake);
}

static void test_inbox(void **state)
{
	(void)state;
	bool wake;
	memset(&inbox, 0, sizeof(inbox));
	atomic_flag_clear(&inbox.busy);

	assert_true(put_size(100, 1000, &wake) && wake);
	assert_int_equal(inbox.due_ms, 1000 + CG_UPDATE_WAIT_MS);
	assert_true(put_size(101, 1001, &wake) && !wake);
	assert_true(put_size(65535, 1002, &wake) && wake); /* Half full. */
	assert_int_equal(inbox.due_ms, 1002);
	assert_true(put_size(65000, 1003, &wake) && !wake);
	assert_true(!put_size(2000, 1004, &wake) && !wake); /* Does not fit. */
	assert_true(put_size(12, 1005, &wake));

	static const size_t sizes[] = { 100, 101, 65535, 65000, 12 };
	size_t used;
	const uint8_t *pos = cg_inbox_take(&inbox, &used);
	const uint8_t *end = pos + used;
	assert_int_equal(inbox.due_ms, 0);
	assert_true(put_size(77, 2000, &wake) && wake); /* Does not touch what was taken. */

	cg_inbox_item_t item;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_true(cg_inbox_next(&pos, end, &item));
		assert_int_equal(item.update.size, sizes[i]);
		assert_int_equal(item.update.wire[0], sizes[i] % 256);
		assert_int_equal(item.update.wire[sizes[i] - 1], sizes[i] % 256);
		assert_int_equal(ntohs(((struct sockaddr_in *)&item.client)->sin_port), sizes[i]);
		assert_int_equal(item.update.key != NULL, sizes[i] % 2 == 1);
		assert_true(item.update.key == NULL || knot_dname_size(item.update.key) == 5);
	}
	assert_false(cg_inbox_next(&pos, end, &item));

	/* Somebody is in it. */
	assert_false(atomic_flag_test_and_set(&inbox.busy));
	assert_true(!put_size(10, 3000, &wake) && !wake);
	atomic_flag_clear(&inbox.busy);
	(void)cg_inbox_take(&inbox, &used);
	assert_true(used > 77 && used < 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_any_shape),
#ifdef UNIT_CAN_FAIL_ALLOC
		cmocka_unit_test(test_out_of_memory),
#endif
		cmocka_unit_test(test_inbox),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
