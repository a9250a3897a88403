/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An answer can be kept back only when it is there. Hooks: no lock, no I/O, no
 * allocation. */

#include <string.h>

#include "knot/instead.h"

/*! \brief An OPT record without options: root, type, class, TTL, length (RFC 6891, 6.1.2). */
#define OPT_LEN		(1 + 2 + 2 + 4 + 2)
/*! \brief An option with an extended error and no text (RFC 8914, 2). */
#define EDE_LEN		(KNOT_EDNS_OPTION_HDRLEN + 2)

void cg_sign_anew(knotd_qdata_t *qdata)
{
	const knot_pkt_t *query = qdata->query;
	if (query->tsig_rr == NULL || query->tsig_wire.pos == NULL || qdata->sign.pkt_count != 1) {
		return;
	}
	/* Counted from the end of the record, since names before it may be compressed. */
	const knot_rdata_t *rdata = query->tsig_rr->rrs.rdata;
	uint8_t *mac = (uint8_t *)knot_tsig_rdata_mac(query->tsig_rr);
	size_t len = knot_tsig_rdata_mac_length(query->tsig_rr);
	size_t back = rdata->data + rdata->len - mac;
	if (back < len || back > query->tsig_wire.len) {
		return;
	}
	memcpy(mac, query->tsig_wire.pos + query->tsig_wire.len - back, len);
	qdata->sign.pkt_count = 0;
}

/*! \brief Length of the OPT record that ends the message, octets; 0: there is none; -1: something else is there. */
static int opt_len(const knot_pkt_t *pkt, const knotd_qdata_t *qdata, size_t question_end)
{
	if (knot_rrset_empty(&qdata->opt_rr)) {
		return 0;
	}
	size_t len = knot_edns_wire_size((knot_rrset_t *)&qdata->opt_rr);
	if (len < OPT_LEN || question_end + len > pkt->size) {
		return -1;
	}
	const uint8_t *opt = pkt->wire + pkt->size - len;
	return (opt[0] == 0 && knot_wire_read_u16(opt + 1) == KNOT_RRTYPE_OPT &&
	        knot_wire_read_u16(opt + OPT_LEN - 2) == len - OPT_LEN) ? (int)len : -1;
}

/*! \brief Adds the extended error to the OPT record that ends the message. */
static void add_ede(knot_pkt_t *pkt, const knotd_qdata_t *qdata, uint8_t *opt, size_t len)
{
	if (qdata->rcode_ede == KNOT_EDNS_EDE_NONE || pkt->size + EDE_LEN > pkt->max_size) {
		return;
	}
	uint8_t *option = opt + len;
	knot_wire_write_u16(option, KNOT_EDNS_OPTION_EDE);
	knot_wire_write_u16(option + 2, EDE_LEN - KNOT_EDNS_OPTION_HDRLEN);
	knot_wire_write_u16(option + KNOT_EDNS_OPTION_HDRLEN, qdata->rcode_ede);
	knot_wire_write_u16(opt + OPT_LEN - 2, len - OPT_LEN + EDE_LEN);
	pkt->size += EDE_LEN;
}

/*! \brief The header of an error as Knot has it. */
static void set_header(uint8_t *wire, const knotd_qdata_t *qdata, bool opt)
{
	knot_wire_set_ancount(wire, 0);
	knot_wire_set_nscount(wire, 0);
	knot_wire_set_arcount(wire, opt ? 1 : 0);
	knot_wire_clear_aa(wire);
	knot_wire_clear_tc(wire);
	knot_wire_clear_ad(wire);
	knot_wire_clear_cd(wire);
	if (qdata->err_truncated) {
		knot_wire_set_aa(wire);
		knot_wire_set_tc(wire);
	}
	knot_wire_set_rcode(wire, qdata->rcode);
}

/*! \brief Leaves of the message its question and its OPT record. */
static bool empty(knot_pkt_t *pkt, const knotd_qdata_t *qdata)
{
	size_t end = KNOT_WIRE_HEADER_SIZE + pkt->qname_size + 2 * sizeof(uint16_t);
	if (qdata->sign.tsig_key.name != NULL || qdata->query->tsig_rr != NULL || end > pkt->size) {
		return false;
	}
	int len = opt_len(pkt, qdata, end);
	if (len < 0) {
		return false;
	}
	uint8_t *opt = pkt->wire + end;
	memmove(opt, pkt->wire + pkt->size - len, len);
	pkt->size = end + len;
	if (len > 0) {
		add_ede(pkt, qdata, opt, len);
	}
	set_header(pkt->wire, qdata, len > 0);
	return true;
}

knotd_state_t cg_answer_instead(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata)
{
	if (empty(pkt, qdata)) {
		return state;
	}
	cg_sign_anew(qdata);
	return KNOTD_STATE_FAIL;
}
