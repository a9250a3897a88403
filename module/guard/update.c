/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard/update.h"
#include "rules/rr.h"

/*! \brief Room for data in presentation format: to begin with, and at most. */
#define TEXT_MIN	((size_t)512)
#define TEXT_MAX	((size_t)1 << 20)

const knot_rrset_t *cg_update_records(const cg_update_t *update, size_t *count)
{
	const knot_pktsection_t *section = knot_pkt_section(update->pkt, KNOT_AUTHORITY);
	*count = section->count;
	return (section->count > 0) ? knot_pkt_rr(section, 0) : NULL;
}

const knot_rrset_t *cg_update_prerequisites(const cg_update_t *update, size_t *count)
{
	const knot_pktsection_t *section = knot_pkt_section(update->pkt, KNOT_ANSWER);
	*count = section->count;
	return (section->count > 0) ? knot_pkt_rr(section, 0) : NULL;
}

static bool has_data(const knot_rrset_t *rr)
{
	return rr->rrs.count > 0 && rr->rrs.rdata->len > 0;
}

/*! \brief What RFC 2136, 3.2, asks of a prerequisite before it is looked at. */
static bool prerequisite_ok(const knot_rrset_t *rr)
{
	switch (rr->rclass) {
	case KNOT_CLASS_ANY:
	case KNOT_CLASS_NONE:
		return rr->ttl == 0 && !has_data(rr);
	case KNOT_CLASS_IN:
		return rr->ttl == 0 && rr->rrs.count > 0;
	default:
		return false;
	}
}

/*! \brief The prescan of RFC 2136, 3.4.1, and what Knot refuses beyond that. */
static bool record_ok(const knot_rrset_t *rr, const knot_dname_t *zone)
{
	switch (rr->rclass) {
	case KNOT_CLASS_IN:
		return !knot_rrtype_is_metatype(rr->type) && rr->rrs.count > 0 &&
		       (rr->type != KNOT_RRTYPE_NSEC3PARAM || knot_dname_is_equal(rr->owner, zone));
	case KNOT_CLASS_ANY:
		return !has_data(rr) && (rr->type == KNOT_RRTYPE_ANY ||
		                         !knot_rrtype_is_metatype(rr->type));
	case KNOT_CLASS_NONE:
		return rr->ttl == 0 && rr->rrs.count > 0 && !knot_rrtype_is_metatype(rr->type);
	default:
		return false;
	}
}

/*! \brief Whether Knot takes it; else the client hears of an error, and nothing is done. */
static bool well_formed(const cg_update_t *update)
{
	const knot_dname_t *zone = cg_update_zone(update);
	size_t count;
	const knot_rrset_t *rr = cg_update_prerequisites(update, &count);
	for (size_t i = 0; i < count; i++) {
		if (knot_dname_in_bailiwick(rr[i].owner, zone) < 0 || !prerequisite_ok(&rr[i])) {
			return false;
		}
	}
	rr = cg_update_records(update, &count);
	for (size_t i = 0; i < count; i++) {
		if (knot_dname_in_bailiwick(rr[i].owner, zone) < 0 || !record_ok(&rr[i], zone)) {
			return false;
		}
	}
	return count > 0;
}

static int parse(cg_update_t *update, const cg_updated_t *from)
{
	if (from->size < KNOT_WIRE_HEADER_SIZE || from->size > KNOT_WIRE_MAX_PKTSIZE) {
		return KNOT_EMALF;
	}
	update->pkt = knot_pkt_new(NULL, from->size, NULL);
	if (update->pkt == NULL) {
		return KNOT_ENOMEM;
	}
	memcpy(update->pkt->wire, from->wire, from->size);
	update->pkt->size = from->size;

	int ret = knot_pkt_parse(update->pkt, 0);
	if (ret != KNOT_EOK) {
		return (ret == KNOT_ENOMEM) ? ret : KNOT_EMALF;
	}
	if (knot_wire_get_opcode(update->pkt->wire) != KNOT_OPCODE_UPDATE ||
	    knot_wire_get_qr(update->pkt->wire) || knot_pkt_qname(update->pkt) == NULL ||
	    knot_pkt_qclass(update->pkt) != KNOT_CLASS_IN) {
		return KNOT_EMALF;
	}
	knot_dname_to_lower((knot_dname_t *)knot_pkt_qname(update->pkt));
	return well_formed(update) ? KNOT_EOK : KNOT_EMALF;
}

int cg_update_new(const cg_updated_t *from, cg_update_t **out)
{
	cg_update_t *update = calloc(1, sizeof(*update));
	if (update == NULL) {
		return KNOT_ENOMEM;
	}
	update->client = *from->client;
	int ret = KNOT_EOK;
	if (from->key != NULL) {
		update->key = knot_dname_copy(from->key, NULL);
		ret = (update->key != NULL) ? KNOT_EOK : KNOT_ENOMEM;
	}
	if (ret == KNOT_EOK) {
		ret = parse(update, from);
	}
	if (ret != KNOT_EOK) {
		cg_update_free(update);
		return ret;
	}
	*out = update;
	return KNOT_EOK;
}

void cg_update_free(cg_update_t *update)
{
	if (update != NULL) {
		knot_pkt_free(update->pkt);
		knot_dname_free(update->key, NULL);
		free(update);
	}
}

bool cg_update_droppable(const knot_rrset_t *rr)
{
	/* Signatures and what a signer makes are no data of the client's; SOA has rules of its own. */
	return rr->rclass == KNOT_CLASS_IN && !cg_type_beside(rr->type) &&
	       rr->type != KNOT_RRTYPE_SOA && rr->type != KNOT_RRTYPE_NSEC3PARAM;
}

void cg_update_client(const cg_update_t *update, char out[CG_CLIENT_MAX])
{
	char host[CG_CLIENT_MAX - 8];
	char port[8];
	socklen_t len = (update->client.ss_family == AF_INET6) ? sizeof(struct sockaddr_in6) :
	                                                         sizeof(struct sockaddr_in);
	if (getnameinfo((const struct sockaddr *)&update->client, len, host, sizeof(host),
	                port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		strcpy(out, "unknown");
		return;
	}
	snprintf(out, CG_CLIENT_MAX, "%s@%s", host, port);
}

char *cg_update_data(const knot_rrset_t *rr)
{
	for (size_t size = TEXT_MIN; size <= TEXT_MAX; size *= 4) {
		char *text = malloc(size);
		if (text == NULL) {
			return NULL;
		}
		int len = knot_rrset_txt_dump_data(rr, 0, text, size, &KNOT_DUMP_STYLE_DEFAULT);
		while (len > 0 && text[len - 1] == ' ') {
			text[--len] = '\0'; /* Knot 3.2 ends a CAA with a blank. */
		}
		if (len >= 0) {
			return text;
		}
		free(text);
	}
	return strdup("?"); /* No data of the type, which the parser does not let through. */
}
