/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "cnameguard/clock.h"
#include "cnameguard/increments.h"
#include "cnameguard/probe.h"

/*! \brief Largest query: a question, and a SOA with the shortest data. */
#define QUERY_SIZE	(KNOT_WIRE_HEADER_SIZE + 2 * KNOT_DNAME_MAXLEN + 64)
/*! \brief How often it is looked whether to give up. */
#define LOOK_MS		50

/*! \brief The answer so far (RFC 1995, 4). */
typedef struct {
	cg_change_cb cb;
	void *ctx;
	uint32_t from;     /*!< Serial that the changes begin at. */
	size_t count;      /*!< Records. */
	uint32_t last;     /*!< Serial that the changes lead to, which the first SOA tells. */
	uint32_t reached;  /*!< That of the version whose changes are coming. */
	bool adding;       /*!< They are what comes, not what goes. */
	bool over;
} answer_t;

static int await(const cg_increments_t *increments, short events)
{
	struct pollfd fd = { .fd = increments->sock, .events = events };
	while (increments->stop == NULL || !atomic_load(increments->stop)) {
		int64_t rest = increments->deadline_ms - cg_now_ms();
		if (rest <= 0) {
			return KNOT_ETIMEOUT;
		}
		int ret = poll(&fd, 1, (rest < LOOK_MS) ? rest : LOOK_MS);
		if (ret > 0) {
			return KNOT_EOK;
		} else if (ret < 0 && errno != EINTR) {
			return KNOT_ECONN;
		}
	}
	return KNOT_ETIMEOUT;
}

static uint16_t own_port(int sock)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	if (getsockname(sock, (struct sockaddr *)&own, &len) != 0) {
		return 0;
	}
	return ntohs((own.ss_family == AF_INET6) ? ((struct sockaddr_in6 *)&own)->sin6_port :
	                                           ((struct sockaddr_in *)&own)->sin_port);
}

static int finish_connect(const cg_increments_t *increments)
{
	int error = 0;
	socklen_t len = sizeof(error);
	int ret = await(increments, POLLOUT);
	if (ret == KNOT_EOK && (getsockopt(increments->sock, SOL_SOCKET, SO_ERROR, &error, &len) != 0 ||
	                        error != 0)) {
		ret = KNOT_ECONN;
	}
	return ret;
}

int cg_increments_open(cg_increments_t *increments, const struct sockaddr_storage *server,
                       int patience_ms, const atomic_bool *stop)
{
	struct sockaddr_storage address;
	socklen_t len = cg_probe_address(server, &address);
	*increments = (cg_increments_t){
		.sock = (len == 0) ? -1 : socket(address.ss_family,
		                                 SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
		.id = arc4random(),
		.deadline_ms = cg_now_ms() + patience_ms,
		.stop = stop,
	};
	if (increments->sock < 0) {
		return KNOT_ECONN;
	}
	int ret = KNOT_EOK;
	if (connect(increments->sock, (struct sockaddr *)&address, len) != 0) {
		ret = (errno == EINPROGRESS) ? finish_connect(increments) : KNOT_ECONN;
	}
	increments->port = (ret == KNOT_EOK) ? own_port(increments->sock) : 0;
	if (increments->port == 0) {
		cg_increments_close(increments);
		return KNOT_ECONN;
	}
	return KNOT_EOK;
}

void cg_increments_close(cg_increments_t *increments)
{
	close(increments->sock);
	increments->sock = -1;
}

/* --- The question --- */

/*! \brief A SOA of which only the serial counts. */
static int put_soa(knot_pkt_t *query, const knot_dname_t *zone, uint32_t serial)
{
	uint8_t data[2 + 5 * sizeof(uint32_t)] = { 0 };
	knot_wire_write_u32(data + 2, serial);
	knot_rrset_t *soa = knot_rrset_new(zone, KNOT_RRTYPE_SOA, KNOT_CLASS_IN, 0, NULL);
	if (soa == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = knot_rrset_add_rdata(soa, data, sizeof(data), NULL);
	if (ret == KNOT_EOK) {
		ret = knot_pkt_begin(query, KNOT_AUTHORITY);
	}
	if (ret == KNOT_EOK) {
		ret = knot_pkt_put(query, KNOT_COMPR_HINT_NONE, soa, 0);
	}
	knot_rrset_free(soa, NULL);
	return ret;
}

static int ask(const cg_increments_t *increments, const knot_dname_t *zone, uint32_t from)
{
	knot_pkt_t *query = knot_pkt_new(NULL, QUERY_SIZE, NULL);
	if (query == NULL) {
		return KNOT_ENOMEM;
	}
	knot_wire_set_id(query->wire, increments->id);
	int ret = knot_pkt_put_question(query, zone, KNOT_CLASS_IN, KNOT_RRTYPE_IXFR);
	if (ret == KNOT_EOK) {
		ret = put_soa(query, zone, from);
	}
	if (ret == KNOT_EOK) {
		uint8_t message[2 + QUERY_SIZE];
		knot_wire_write_u16(message, query->size);
		memcpy(message + 2, query->wire, query->size);
		/* Nothing was sent before, there is room for it. */
		ssize_t sent = send(increments->sock, message, 2 + query->size, MSG_NOSIGNAL);
		ret = (sent == (ssize_t)(2 + query->size)) ? KNOT_EOK : KNOT_ECONN;
	}
	knot_pkt_free(query);
	return ret;
}

/* --- The answer --- */

static int receive(const cg_increments_t *increments, uint8_t *to, size_t size)
{
	while (size > 0) {
		ssize_t got = recv(increments->sock, to, size, 0);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
			return KNOT_ECONN;
		}
		int ret = (got < 0) ? await(increments, POLLIN) : KNOT_EOK;
		if (ret != KNOT_EOK) {
			return ret;
		}
		to += (got > 0) ? got : 0;
		size -= (got > 0) ? got : 0;
	}
	return KNOT_EOK;
}

/*! \brief A SOA begins what goes from a version, or what comes; the last one ends all. */
static void turn(answer_t *answer, uint32_t serial)
{
	if (answer->adding && serial == answer->last && answer->reached == answer->last) {
		answer->over = true;
		return;
	}
	answer->adding = !answer->adding && answer->count > 1;
	if (answer->adding) {
		answer->reached = serial;
	}
}

static int take_rr(answer_t *answer, const knot_rrset_t *rr)
{
	bool soa = (rr->type == KNOT_RRTYPE_SOA);
	uint32_t serial = soa ? knot_soa_serial(rr->rrs.rdata) : 0;
	if (answer->over || (answer->count == 0 && !soa)) {
		return KNOT_EMALF;
	} else if (answer->count == 0) {
		answer->last = serial;
		answer->count = 1;
		return ((int32_t)(serial - answer->from) > 0) ? KNOT_EOK : KNOT_ENOTSUP;
	} else if (answer->count == 1 && (!soa || serial == answer->last)) {
		return KNOT_ENOTSUP; /* All of the zone. */
	}
	if (soa) {
		turn(answer, serial);
	}
	answer->count++;
	if (answer->over) {
		return KNOT_EOK;
	}
	knot_dname_storage_t owner;
	if (knot_dname_store(owner, rr->owner) == 0) {
		return KNOT_EMALF;
	}
	knot_dname_to_lower(owner);
	const cg_change_t change = { answer->adding, owner, rr->type, serial };
	return answer->cb(&change, answer->ctx);
}

static int take_message(answer_t *answer, uint16_t id, const knot_pkt_t *pkt)
{
	if (knot_wire_get_id(pkt->wire) != id || !knot_wire_get_qr(pkt->wire)) {
		return KNOT_EMALF;
	}
	switch (knot_wire_get_rcode(pkt->wire)) {
	case KNOT_RCODE_NOERROR:
		break;
	case KNOT_RCODE_NOTAUTH:
		return KNOT_EDENIED;
	default:
		return KNOT_ENOTSUP;
	}
	const knot_pktsection_t *records = knot_pkt_section(pkt, KNOT_ANSWER);
	int ret = (records->count > 0) ? KNOT_EOK : KNOT_EMALF;
	for (uint16_t i = 0; i < records->count && ret == KNOT_EOK; i++) {
		ret = take_rr(answer, knot_pkt_rr(records, i));
	}
	return ret;
}

static int read_message(const cg_increments_t *increments, uint8_t *wire, answer_t *answer)
{
	uint8_t len[2];
	int ret = receive(increments, len, sizeof(len));
	if (ret == KNOT_EOK) {
		ret = receive(increments, wire, knot_wire_read_u16(len));
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	knot_pkt_t *pkt = knot_pkt_new(wire, knot_wire_read_u16(len), NULL);
	if (pkt == NULL) {
		return KNOT_ENOMEM;
	}
	ret = (knot_pkt_parse(pkt, 0) == KNOT_EOK) ? take_message(answer, increments->id, pkt) :
	                                             KNOT_EMALF;
	knot_pkt_free(pkt);
	return ret;
}

int cg_increments_read(cg_increments_t *increments, const knot_dname_t *zone, uint32_t from,
                       cg_change_cb cb, void *ctx, uint32_t *serial)
{
	answer_t answer = { .cb = cb, .ctx = ctx, .from = from };
	uint8_t *wire = malloc(KNOT_WIRE_MAX_PKTSIZE);
	if (wire == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = ask(increments, zone, from);
	while (ret == KNOT_EOK && !answer.over) {
		ret = read_message(increments, wire, &answer);
	}
	free(wire);
	*serial = answer.last;
	return ret;
}
