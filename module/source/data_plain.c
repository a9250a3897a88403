/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Data of the types that most records have, as libknot writes them and without its detours. */

#include "rules/rr.h"
#include "rules/text.h"
#include "source/data.h"

/*! \brief Writes a number; returns where it ends. */
static char *put_number(char *out, uint32_t number)
{
	return out + cg_text_digits(number, out);
}

static size_t address4(const uint8_t *address, char *out)
{
	char *end = put_number(out, address[0]);
	for (int i = 1; i < 4; i++) {
		*end++ = '.';
		end = put_number(end, address[i]);
	}
	*end = '\0';
	return end - out;
}

/*! \brief Groups of an IPv6 address. */
#define GROUPS	8

static char *put_group(char *out, unsigned group)
{
	static const char HEX[] = "0123456789abcdef";
	for (int shift = 12; shift >= 0; shift -= 4) {
		if (group >> shift != 0 || shift == 0) {
			*out++ = HEX[group >> shift & 0xf];
		}
	}
	return out;
}

/*!
 * \brief The zeros that "::" stands for (RFC 5952, 4.2); false: there are several ways to write it.
 *
 * \param[out] from, to  The groups, \a to not among them; equal: there are none.
 */
static bool find_zeros(const unsigned groups[GROUPS], int *from, int *to)
{
	*from = *to = GROUPS;
	for (int i = 0, end; i < GROUPS; i = end + 1) {
		for (end = i; end < GROUPS && groups[end] == 0; end++) {
		}
		if (end - i < 2) {
			continue;
		}
		if (*from < *to) {
			return false;
		}
		*from = i;
		*to = end;
	}
	return groups[0] != 0;
}

static size_t address6(const uint8_t *address, char *out)
{
	unsigned groups[GROUPS];
	int from, to;
	for (int i = 0; i < GROUPS; i++) {
		groups[i] = address[2 * i] << 8 | address[2 * i + 1];
	}
	if (!find_zeros(groups, &from, &to)) {
		return 0;
	}
	char *end = out;
	for (int i = 0; i < GROUPS; i++) {
		if (i == from) {
			*end++ = ':';
			*end = ':';
			end += to == GROUPS;
			i = to - 1;
			continue;
		}
		if (i > 0) {
			*end++ = ':';
		}
		end = put_group(end, groups[i]);
	}
	*end = '\0';
	return end - out;
}

static size_t whole_name(const uint8_t *data, size_t len, char *out)
{
	size_t text = cg_name_plain(data, len, out);
	return (text + 1 == len) ? text : 0;
}

static size_t exchange(const uint8_t *data, size_t len, char *out)
{
	if (len < 2) {
		return 0;
	}
	char *host = put_number(out, data[0] << 8 | data[1]);
	*host++ = ' ';
	size_t text = whole_name(data + 2, len - 2, host);
	return (text > 0) ? (host - out) + text : 0;
}

size_t cg_data_plain(const cg_scan_rr_t *rr, char out[CG_DATA_PLAIN_MAX])
{
	switch (rr->type) {
	case KNOT_RRTYPE_A:
		return (rr->rdata_len == 4) ? address4(rr->rdata, out) : 0;
	case KNOT_RRTYPE_AAAA:
		return (rr->rdata_len == 16) ? address6(rr->rdata, out) : 0;
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_PTR:
		return whole_name(rr->rdata, rr->rdata_len, out);
	case KNOT_RRTYPE_MX:
		return exchange(rr->rdata, rr->rdata_len, out);
	default:
		return 0;
	}
}
