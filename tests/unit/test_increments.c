/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incremental transfers: what is taken from an answer, and what is not taken for one (RFC 1995). */

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "cnameguard/increments.h"

/*! \brief All of an answer in one message; its records are "S7" for a SOA with that serial, or "A1" for the A of h1. */
typedef struct {
	const char *messages;  /*!< Records, separated by blanks; messages by bars. */
	int rcode;
	unsigned id_off;       /*!< Added to the message ID. */
	bool query;            /*!< Without QR. */
	size_t cut;            /*!< Octets that are left out of the last message. */
	bool silent;           /*!< Nothing comes. */
} answer_t;

static int listener;
static struct sockaddr_storage address;
static answer_t answer;
static char heard[512];

static void put_rr(knot_pkt_t *pkt, const char *record)
{
	uint8_t data[22] = { 0 };
	char owner[64] = "Example.Com.";
	bool soa = (record[0] == 'S');
	size_t size = soa ? sizeof(data) : 4;
	if (soa) {
		knot_wire_write_u32(data + 2, atoi(record + 1));
	} else {
		snprintf(owner, sizeof(owner), "H%s.Example.Com.", record + 1);
	}
	knot_dname_t *name = unit_name(owner);
	knot_rrset_t *rr = knot_rrset_new(name, soa ? KNOT_RRTYPE_SOA : KNOT_RRTYPE_A, KNOT_CLASS_IN, 0, NULL);
	assert_int_equal(knot_rrset_add_rdata(rr, data, size, NULL), KNOT_EOK);
	assert_int_equal(knot_pkt_put(pkt, 0, rr, KNOT_PF_NOTRUNC), KNOT_EOK);
	knot_rrset_free(rr, NULL);
	knot_dname_free(name, NULL);
}

static void send_message(int sock, const knot_pkt_t *query, char *records, bool last)
{
	knot_pkt_t *pkt = knot_pkt_new(NULL, 16384, NULL);
	assert_int_equal(knot_pkt_init_response(pkt, query), KNOT_EOK);
	knot_wire_set_id(pkt->wire, knot_wire_get_id(query->wire) + answer.id_off);
	knot_wire_set_rcode(pkt->wire, answer.rcode);
	if (answer.query) {
		knot_wire_clear_qr(pkt->wire);
	}
	assert_int_equal(knot_pkt_begin(pkt, KNOT_ANSWER), KNOT_EOK);
	char *save, *record = strtok_r(records, " ", &save);
	for (; record != NULL; record = strtok_r(NULL, " ", &save)) {
		put_rr(pkt, record);
	}
	uint8_t head[2];
	knot_wire_write_u16(head, pkt->size);
	(void)send(sock, head, 2, MSG_NOSIGNAL);
	(void)send(sock, pkt->wire, pkt->size - (last ? answer.cut : 0), MSG_NOSIGNAL);
	knot_pkt_free(pkt);
}

static void *serve(void *arg)
{
	(void)arg;
	uint8_t wire[512];
	int sock = accept(listener, NULL, NULL);
	ssize_t size = recv(sock, wire, sizeof(wire), 0);
	assert_true(size > 2 && size == 2 + knot_wire_read_u16(wire));
	knot_pkt_t *query = knot_pkt_new(wire + 2, size - 2, NULL);
	assert_int_equal(knot_pkt_parse(query, 0), KNOT_EOK);
	const knot_rrset_t *soa = knot_pkt_rr(knot_pkt_section(query, KNOT_AUTHORITY), 0);
	snprintf(heard, sizeof(heard), "%u %u", knot_pkt_qtype(query),
	         knot_soa_serial(soa->rrs.rdata));

	char messages[256];
	snprintf(messages, sizeof(messages), "%s", answer.messages);
	char *save, *message = strtok_r(messages, "|", &save);
	while (message != NULL && !answer.silent) {
		char *next = strtok_r(NULL, "|", &save);
		send_message(sock, query, message, next == NULL);
		message = next;
	}
	if (answer.silent) {
		(void)recv(sock, wire, sizeof(wire), 0); /* Until the other end closes. */
	}
	close(sock);
	knot_pkt_free(query);
	return NULL;
}

static int note(const cg_change_t *change, void *ctx)
{
	char *out = ctx;
	knot_dname_txt_storage_t owner;
	assert_non_null(knot_dname_to_str(owner, change->owner, sizeof(owner)));
	assert_null(strpbrk(owner, "EHC"));
	size_t used = strlen(out);
	if (change->type == KNOT_RRTYPE_SOA) {
		snprintf(out + used, 512 - used, "%c%u ", change->added ? '+' : '-', change->serial);
	} else {
		snprintf(out + used, 512 - used, "%c%.*s ", change->added ? '+' : '-',
		         (int)strcspn(owner, "."), owner);
	}
	return strstr(owner, "h9.") != NULL ? KNOT_EAGAIN : KNOT_EOK;
}

static int transfer(const answer_t *what, const atomic_bool *stop, char *out, uint32_t *serial)
{
	cg_increments_t increments;
	pthread_t thread;
	answer = *what;
	out[0] = '\0';
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
	assert_int_equal(cg_increments_open(&increments, &address, what->silent ? 100 : 5000, NULL), KNOT_EOK);
	increments.stop = stop;
	assert_int_not_equal(increments.port, 0);
	knot_dname_t *zone = unit_name(ORIGIN);
	int ret = cg_increments_read(&increments, zone, 4, note, out, serial);
	knot_dname_free(zone, NULL);
	cg_increments_close(&increments);
	pthread_join(thread, NULL);
	return ret;
}

static void test_answers(void **state)
{
	(void)state;
	static const struct {
		answer_t answer;
		int ret;
		const char *changes;
	} cases[] = {
		{ { .messages = "S5 S4 A1 S5 A2 A3 S5" }, KNOT_EOK, "-4 -h1 +5 +h2 +h3 " },
		{ { .messages = "S5 S4 S5 S5" }, KNOT_EOK, "-4 +5 " },
		{ { .messages = "S6 S4 A1 S5 A2 S5 A2 S6 A3 S6" }, KNOT_EOK, "-4 -h1 +5 +h2 -5 -h2 +6 +h3 " },
		{ { .messages = "S6|S4 A1|S5|A2 S5|A2 S6 A3|S6" }, KNOT_EOK, "-4 -h1 +5 +h2 -5 -h2 +6 +h3 " },
		/* All of the zone; nothing newer; nothing at all. */
		{ { .messages = "S5 A1 A2 S5" }, KNOT_ENOTSUP, "" },
		{ { .messages = "S5|A1 A2 S5" }, KNOT_ENOTSUP, "" },
		{ { .messages = "S5 S5" }, KNOT_ENOTSUP, "" },
		{ { .messages = "S4" }, KNOT_ENOTSUP, "" },
		{ { .messages = " " }, KNOT_EMALF, "" },
		{ { .messages = " ", .rcode = KNOT_RCODE_NOTAUTH }, KNOT_EDENIED, "" },
		{ { .messages = " ", .rcode = KNOT_RCODE_SERVFAIL }, KNOT_ENOTSUP, "" },
		/* What is no transfer, or only a part of one. */
		{ { .messages = "A1 S4" }, KNOT_EMALF, "" },
		{ { .messages = "S5 S4 S5 S5 A1" }, KNOT_EMALF, "-4 +5 " },
		{ { .messages = "S5 S4 A1 S5 A2" }, KNOT_ECONN, "-4 -h1 +5 +h2 " },
		{ { .messages = "S5 S4 A1 S5 A2|S5", .cut = 5 }, KNOT_ECONN, "-4 -h1 +5 +h2 " },
		{ { .messages = "S5 S4 S5 S5", .id_off = 1 }, KNOT_EMALF, "" },
		{ { .messages = "S5 S4 S5 S5", .query = true }, KNOT_EMALF, "" },
		{ { .messages = "S5", .silent = true }, KNOT_ETIMEOUT, "" },
		{ { .messages = "S5 S4 A1 S5 A9 A2 S5" }, KNOT_EAGAIN, "-4 -h1 +5 +h9 " },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char changes[512];
		uint32_t serial = 0;
		int ret = transfer(&cases[i].answer, NULL, changes, &serial);
		if (ret != cases[i].ret || strcmp(changes, cases[i].changes) != 0) {
			fail_msg("%s: %s, '%s'", cases[i].answer.messages, knot_strerror(ret), changes);
		}
		assert_string_equal(heard, "251 4");
		assert_true(ret != KNOT_EOK || serial == (uint32_t)atoi(cases[i].answer.messages + 1));
	}
}

static void test_stop(void **state)
{
	(void)state;
	char changes[512];
	uint32_t serial;
	atomic_bool stop = true;
	assert_int_equal(transfer(&(answer_t){ .messages = "S5", .silent = true }, &stop, changes, &serial), KNOT_ETIMEOUT);
}

static void test_no_server(void **state)
{
	(void)state;
	cg_increments_t increments;
	struct sockaddr_storage unix_socket = { .ss_family = AF_UNIX };
	assert_int_equal(cg_increments_open(&increments, &unix_socket, 100, NULL), KNOT_ECONN);
	close(listener);
	assert_int_equal(cg_increments_open(&increments, &address, 100, NULL), KNOT_ECONN);
}

static int listen_somewhere(void **state)
{
	(void)state;
	socklen_t len = sizeof(struct sockaddr_in);
	address.ss_family = AF_INET; /* Any address: loopback is asked. */
	listener = socket(AF_INET, SOCK_STREAM, 0);
	return bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 4) != 0 ||
	       getsockname(listener, (struct sockaddr *)&address, &len) != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_no_server), /* The last one: it takes the server away. */
	};
	return cmocka_run_group_tests(tests, listen_somewhere, NULL);
}
