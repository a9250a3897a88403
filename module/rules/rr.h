/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the rules need to know about types, records and names.
 */

#pragma once

#include "cnameguard/record.h"

/*! \brief Types that a rule looks for, as bits; all others share one. */
enum {
	SEEN_CNAME  = 1 << 0,
	SEEN_DNAME  = 1 << 1,
	SEEN_NS     = 1 << 2,
	SEEN_SOA    = 1 << 3,
	SEEN_MX     = 1 << 4,
	SEEN_A      = 1 << 5,
	SEEN_AAAA   = 1 << 6,
	SEEN_KEY    = 1 << 7,
	SEEN_DNSKEY = 1 << 8,
	SEEN_RRSIG  = 1 << 9,
	SEEN_NSEC   = 1 << 10,
	SEEN_NSEC3  = 1 << 11,
	SEEN_SRV    = 1 << 12,
	SEEN_PTR    = 1 << 13,
	SEEN_NAPTR  = 1 << 14,
	SEEN_SVCB   = 1 << 15, /*!< And HTTPS. */
	SEEN_OTHER  = 1 << 16,

	SEEN_ADDRESS = SEEN_A | SEEN_AAAA,
	/*! May stand beside anything (RFC 4034, 2.2 and 4; RFC 4035, 2.5; RFC 5155, 3). */
	SEEN_BESIDE  = SEEN_RRSIG | SEEN_NSEC | SEEN_NSEC3,
	/*! Data that names a host, which should be no alias. */
	SEEN_REFERENCE = SEEN_MX | SEEN_NS | SEEN_SRV | SEEN_PTR | SEEN_SOA | SEEN_NAPTR | SEEN_SVCB,
};

/*! \brief Bit of one type. */
static inline uint32_t cg_seen_type(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_CNAME:  return SEEN_CNAME;
	case KNOT_RRTYPE_DNAME:  return SEEN_DNAME;
	case KNOT_RRTYPE_NS:     return SEEN_NS;
	case KNOT_RRTYPE_SOA:    return SEEN_SOA;
	case KNOT_RRTYPE_MX:     return SEEN_MX;
	case KNOT_RRTYPE_A:      return SEEN_A;
	case KNOT_RRTYPE_AAAA:   return SEEN_AAAA;
	case KNOT_RRTYPE_KEY:    return SEEN_KEY;
	case KNOT_RRTYPE_DNSKEY: return SEEN_DNSKEY;
	case KNOT_RRTYPE_RRSIG:  return SEEN_RRSIG;
	case KNOT_RRTYPE_NSEC:   return SEEN_NSEC;
	case KNOT_RRTYPE_NSEC3:  return SEEN_NSEC3;
	case KNOT_RRTYPE_SRV:    return SEEN_SRV;
	case KNOT_RRTYPE_PTR:    return SEEN_PTR;
	case KNOT_RRTYPE_NAPTR:  return SEEN_NAPTR;
	case KNOT_RRTYPE_SVCB:
	case KNOT_RRTYPE_HTTPS:  return SEEN_SVCB;
	default:                 return SEEN_OTHER;
	}
}

/*! \brief Whether records of a type may stand beside anything. */
static inline bool cg_type_beside(uint16_t type)
{
	return cg_seen_type(type) & SEEN_BESIDE;
}

/*! \brief Bits of all types at a name. */
static inline uint32_t cg_seen(const cg_name_t *name)
{
	uint32_t seen = 0;
	for (size_t i = 0; i < name->count; i++) {
		seen |= cg_seen_type(name->rr[i].type);
	}
	return seen;
}

/*! \brief A name in the namespace of NSEC3 (RFC 5155, 3): no data of the zone. */
static inline bool cg_seen_nsec3_only(uint32_t seen)
{
	return (seen & SEEN_NSEC3) && (seen & ~(SEEN_NSEC3 | SEEN_RRSIG)) == 0;
}

/*! \brief Whether a name takes over records of this type by being an alias of theirs. */
bool cg_type_lent(uint16_t type);

/*!
 * \brief Order of records of one name: type, then data.
 *
 * Zero means the same record; letter case in CNAME and DNAME data is nothing.
 */
int cg_rr_cmp(const cg_rr_t *a, const cg_rr_t *b);

/*! \brief The same made total, so that sorting does not depend on the input order. */
int cg_rr_cmp_total(const cg_rr_t *a, const cg_rr_t *b);

/*! \brief Whether \a a and \a b, data of CNAME or DNAME, are the same name. */
bool cg_target_same(const char *a, const char *b);

/*! \brief Lower-cased wire format of CNAME or DNAME data; false: that is no name. */
bool cg_target_wire(const char *data, knot_dname_storage_t out);

/*!
 * \brief Lower-cased wire format of the host that a record of SEEN_REFERENCE, CNAME or DNAME names.
 *
 * \return False: it names none, as with the root (RFC 7505; RFC 2782; RFC 9460, 2.5).
 */
bool cg_rr_host(const cg_rr_t *rr, knot_dname_storage_t out);

/*! \brief Where in the data of such a record the host stands. */
const char *cg_rr_host_field(const cg_rr_t *rr, size_t *len);

/*! \brief Whether a name has several different records of a type whose data is a name. */
bool cg_several(const cg_name_t *name, uint16_t type);

/*! \brief Octets of a plain name as text, with its end. */
#define CG_NAME_PLAIN_MAX (KNOT_DNAME_MAXLEN + 1)

/*!
 * \brief Writes a name without letters that need an escape, the root aside, as knot_dname_to_str() does.
 *
 * \param size  Octets that there are of \a name and what is behind it.
 *
 * \return Length; 0: it is no such name, \a out may be changed.
 */
size_t cg_name_plain(const knot_dname_t *name, size_t size, char out[CG_NAME_PLAIN_MAX]);

/*! \brief Any name in presentation format; false: it is none. */
bool cg_name_text(const knot_dname_t *name, knot_dname_txt_storage_t out);

/*! \brief Octets of the longest key. */
#define CG_KEY_MAX (2 * KNOT_DNAME_MAXLEN)

/*!
 * \brief Key of a name: memcmp() of keys is the canonical order (RFC 4034, 6.1),
 *        and the key of an ancestor is the beginning of the keys below it.
 *
 * The labels from the last to the first, lower-cased, each ended by a zero;
 * octets 0 and 1 are escaped. knot_dname_lf() does not escape, so that
 * a\000b.c. and b.a.c. are one key to it.
 *
 * \return Octets written.
 */
size_t cg_key(const knot_dname_t *name, uint8_t out[CG_KEY_MAX]);

int cg_key_cmp(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/*! \brief Canonical order of two names. */
int cg_name_cmp(const knot_dname_t *a, const knot_dname_t *b);
