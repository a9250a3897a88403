/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "rules/rr.h"

bool cg_type_lent(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_SIG:
	case KNOT_RRTYPE_KEY:
	case KNOT_RRTYPE_NXT:
	case KNOT_RRTYPE_DS:
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_DNSKEY:
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_NSEC3PARAM:
	case KNOT_RRTYPE_CDS:
	case KNOT_RRTYPE_CDNSKEY:
	case KNOT_RRTYPE_CSYNC:
	case KNOT_RRTYPE_ZONEMD:
		return false;
	default:
		return true;
	}
}

/* Not tolower(): that one depends on the locale. */
static inline uint8_t lower(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') ? c + ('a' - 'A') : c;
}

static int cmp_fold(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) - lower(*b);
}

static bool is_name(uint16_t type)
{
	return type == KNOT_RRTYPE_CNAME || type == KNOT_RRTYPE_DNAME;
}

static int cmp_uint(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int cg_rr_cmp(const cg_rr_t *a, const cg_rr_t *b)
{
	if (a->type != b->type) {
		return cmp_uint(a->type, b->type);
	}
	if (a->data == b->data) {
		return 0;
	}
	return is_name(a->type) ? cmp_fold(a->data, b->data) : strcmp(a->data, b->data);
}

static int cmp_file(const char *a, const char *b)
{
	if (a == NULL || b == NULL) {
		return (a != NULL) - (b != NULL);
	}
	return (a == b) ? 0 : strcmp(a, b);
}

int cg_rr_cmp_total(const cg_rr_t *a, const cg_rr_t *b)
{
	int cmp = cg_rr_cmp(a, b);
	if (cmp == 0) {
		cmp = cmp_uint(a->line, b->line);
	}
	if (cmp == 0) {
		cmp = cmp_uint(a->ttl, b->ttl);
	}
	if (cmp == 0) {
		cmp = strcmp(a->data, b->data);
	}
	if (cmp == 0) {
		cmp = cmp_file(a->file, b->file);
	}
	return cmp;
}

/*! \brief A name without escapes and with its last dot, as nearly all are; false: try the long way. */
static bool plain_wire(const char *text, size_t len, knot_dname_storage_t out)
{
	size_t label = 0;
	if (len == 0 || len >= KNOT_DNAME_MAXLEN || text[len - 1] != '.') {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\') {
			return false;
		}
		if (text[i] != '.') {
			out[i + 1] = lower(text[i]);
			continue;
		}
		size_t size = i - label;
		if (size == 0 || size > KNOT_DNAME_MAXLABELLEN) {
			return false;
		}
		out[label] = size;
		label = i + 1;
	}
	out[len] = 0;
	return true;
}

bool cg_target_wire(const char *data, knot_dname_storage_t out)
{
	if (plain_wire(data, strlen(data), out)) {
		return true;
	}
	if (knot_dname_from_str(out, data, sizeof(knot_dname_storage_t)) == NULL) {
		return false;
	}
	knot_dname_to_lower(out);
	return true;
}

/*! \brief Which field of the data names the host, from 0; NAPTR: the last. */
static int host_field(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_MX:
	case KNOT_RRTYPE_SVCB:
	case KNOT_RRTYPE_HTTPS: return 1;
	case KNOT_RRTYPE_SRV:   return 3;
	case KNOT_RRTYPE_NAPTR: return -1;
	default:                return 0;
	}
}

/*! \brief The field of a text; -1: the last. */
static const char *find_field(const char *data, int field, size_t *len)
{
	const char *end = data + strlen(data);
	while (end > data && (end[-1] == ' ' || end[-1] == '\t')) {
		end--;
	}
	if (field < 0) {
		const char *begin = data;
		data = end;
		while (data > begin && data[-1] != ' ' && data[-1] != '\t') {
			data--;
		}
	}
	for (; field > 0; field--) {
		data += strcspn(data, " \t");
		data += strspn(data, " \t");
	}
	*len = strcspn(data, " \t");
	return data;
}

const char *cg_rr_host_field(const cg_rr_t *rr, size_t *len)
{
	return find_field(rr->data, host_field(rr->type), len);
}

bool cg_rr_host(const cg_rr_t *rr, knot_dname_storage_t out)
{
	size_t len;
	const char *field = cg_rr_host_field(rr, &len);
	knot_dname_txt_storage_t name;
	if (plain_wire(field, len, out)) {
		return true;
	}
	if (len == 0 || len >= sizeof(name)) {
		return false;
	}
	memcpy(name, field, len);
	name[len] = '\0';
	return cg_target_wire(name, out) && out[0] != 0;
}

bool cg_target_same(const char *a, const char *b)
{
	if (cmp_fold(a, b) == 0) {
		return true;
	}

	/* One of them may be escaped in another way. */
	knot_dname_storage_t wire_a, wire_b;
	return (strchr(a, '\\') != NULL || strchr(b, '\\') != NULL) &&
	       cg_target_wire(a, wire_a) && cg_target_wire(b, wire_b) &&
	       knot_dname_is_equal(wire_a, wire_b);
}

bool cg_several(const cg_name_t *name, uint16_t type)
{
	const char *first = NULL;
	for (size_t i = 0; i < name->count; i++) {
		if (name->rr[i].type != type) {
			continue;
		}
		if (first == NULL) {
			first = name->rr[i].data;
		} else if (!cg_target_same(first, name->rr[i].data)) {
			return true;
		}
	}
	return false;
}

size_t cg_key(const knot_dname_t *name, uint8_t out[CG_KEY_MAX])
{
	const uint8_t *labels[KNOT_DNAME_MAXLABELS];
	size_t count = 0;
	for (; *name != 0 && count < KNOT_DNAME_MAXLABELS; name += 1 + *name) {
		labels[count++] = name;
	}

	uint8_t *pos = out;
	while (count-- > 0) {
		const uint8_t *label = labels[count];
		for (unsigned i = 1; i <= label[0]; i++) {
			uint8_t c = lower(label[i]);
			if (c <= 1) {
				*pos++ = 1;
				c++;
			}
			*pos++ = c;
		}
		*pos++ = 0;
	}

	return pos - out;
}

int cg_key_cmp(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int cmp = memcmp(a, b, (a_len < b_len) ? a_len : b_len);
	return (cmp != 0) ? cmp : (a_len > b_len) - (a_len < b_len);
}

int cg_name_cmp(const knot_dname_t *a, const knot_dname_t *b)
{
	uint8_t key_a[CG_KEY_MAX], key_b[CG_KEY_MAX];
	size_t len_a = cg_key(a, key_a), len_b = cg_key(b, key_b);
	return cg_key_cmp(key_a, len_a, key_b, len_b);
}
