/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "cnameguard/probe.h"

/*! \brief Largest query: header, longest name, type and class. */
#define QUERY_SIZE	(KNOT_WIRE_HEADER_SIZE + KNOT_DNAME_MAXLEN + 4)

static socklen_t own_address(const struct sockaddr_storage *server, struct sockaddr_storage *out)
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

int cg_probe(const struct sockaddr_storage *server, const knot_dname_t *zone, uint16_t id,
             int patience_ms)
{
	struct sockaddr_storage address;
	socklen_t len = own_address(server, &address);
	if (len == 0) {
		return KNOT_ECONN;
	}
	int sock = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0) {
		return KNOT_ECONN;
	}

	int ret = KNOT_ECONN;
	if (connect(sock, (struct sockaddr *)&address, len) == 0) {
		ret = ask(sock, zone, id);
	}
	if (ret == KNOT_EOK) {
		/* What the answer says does not matter, a hook has seen the question. */
		struct pollfd answer = { .fd = sock, .events = POLLIN };
		ret = (poll(&answer, 1, patience_ms) > 0) ? KNOT_EOK : KNOT_ETIMEOUT;
	}
	close(sock);
	return ret;
}
