/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "cnameguard/clock.h"
#include "cnameguard/probe.h"

/*! \brief Largest query: header, longest name, type and class. */
#define QUERY_SIZE	(KNOT_WIRE_HEADER_SIZE + KNOT_DNAME_MAXLEN + 4)

socklen_t cg_probe_address(const struct sockaddr_storage *server, struct sockaddr_storage *out)
{
	*out = *server;
	if (server->ss_family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;
		if (in->sin_addr.s_addr == htonl(INADDR_ANY)) {
			in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		}
		return sizeof(*in);
	} else if (server->ss_family == AF_INET6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
		if (IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr)) {
			in6->sin6_addr = in6addr_loopback;
		}
		return sizeof(*in6);
	}
	return 0;
}

static int ask(int sock, const knot_dname_t *zone, uint16_t id)
{
	knot_pkt_t *query = knot_pkt_new(NULL, QUERY_SIZE, NULL);
	if (query == NULL) {
		return KNOT_ENOMEM;
	}
	knot_wire_set_id(query->wire, id);
	int ret = knot_pkt_put_question(query, zone, KNOT_CLASS_IN, KNOT_RRTYPE_SOA);
	if (ret == KNOT_EOK &&
	    send(sock, query->wire, query->size, MSG_NOSIGNAL) != (ssize_t)query->size) {
		ret = KNOT_ECONN;
	}
	knot_pkt_free(query);
	return ret;
}

/*! \brief What the answer says does not matter, a hook has seen the question: the ID is enough. */
static size_t take_answers(int sock, cg_probe_t *list, size_t count)
{
	uint8_t id[2];
	size_t taken = 0;
	while (recv(sock, id, sizeof(id), MSG_DONTWAIT) == sizeof(id)) {
		for (size_t i = 0; i < count; i++) {
			if (!list[i].answered && list[i].id == (id[0] << 8 | id[1])) {
				list[i].answered = true;
				taken++;
				break;
			}
		}
	}
	return taken;
}

static int await_answers(int sock, cg_probe_t *list, size_t count, int patience_ms)
{
	int64_t deadline = cg_now_ms() + patience_ms;
	for (size_t left = count; left > 0; ) {
		struct pollfd answer = { .fd = sock, .events = POLLIN };
		int64_t rest = deadline - cg_now_ms();
		if (rest <= 0 || poll(&answer, 1, rest) <= 0) {
			return KNOT_ETIMEOUT;
		}
		size_t taken = take_answers(sock, list, count);
		left -= taken;
		if (taken == 0 && (answer.revents & POLLERR)) {
			return KNOT_ECONN;
		}
	}
	return KNOT_EOK;
}

int cg_probe(const struct sockaddr_storage *server, cg_probe_t *list, size_t count,
             int patience_ms)
{
	struct sockaddr_storage address;
	socklen_t len = cg_probe_address(server, &address);
	if (len == 0) {
		return KNOT_ECONN;
	}
	int sock = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0) {
		return KNOT_ECONN;
	}
	int ret = (connect(sock, (struct sockaddr *)&address, len) == 0) ? KNOT_EOK : KNOT_ECONN;
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		list[i].answered = false;
		ret = ask(sock, list[i].zone, list[i].id);
	}
	if (ret == KNOT_EOK) {
		ret = await_answers(sock, list, count, patience_ms);
	}
	close(sock);
	return ret;
}
