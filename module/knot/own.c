/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A module may ask for one type at one name, and cannot list what is there. So
 * it asks for every type that people use: what is left are codes that IANA
 * neither has assigned nor will soon, nor leaves to private use (RFC 6895, 3.1).
 * They are the verdict's. That takes hundreds of lookups, so what was found is
 * noted (memo.h), and the types that most often stand beside an alias come first.
 * Hooks: no lock, no I/O, no allocation. */

#include <string.h>

#include "cnameguard/compat.h"
#include "knot/memo.h"
#include "knot/own.h"
#include "knot/shown.h"

#if CG_KNOT_READS_NAMES

/*! \brief Found more often than others where an alias is in conflict. */
static const uint16_t frequent[] = {
	KNOT_RRTYPE_MX, KNOT_RRTYPE_TXT, KNOT_RRTYPE_A, KNOT_RRTYPE_AAAA, KNOT_RRTYPE_NS,
	KNOT_RRTYPE_CAA, KNOT_RRTYPE_HTTPS, KNOT_RRTYPE_SRV, KNOT_RRTYPE_SPF,
};

/*! \brief Type codes that are asked for, from and to. */
static const uint16_t asked[][2] = {
	{ 1, 110 },       /* Data types so far; 128 to 255 are for questions. */
	{ 256, 287 },     /* URI and on; assigned one after the other, 264 was the last. */
	{ 32768, 32769 }, /* TA and DLV. */
	{ 65280, 65534 }, /* Private use. */
};

static int look(const cg_own_t *own, const knot_dname_t *name, uint16_t type, knot_rrset_t *out)
{
	return knotd_qdata_zone_rrset(own->qdata, NULL, name, type, out);
}

/*! \brief Also what cannot be looked at counts as being there. */
static bool has(const cg_own_t *own, const knot_dname_t *name, uint16_t type)
{
	knot_rrset_t rrset;
	return look(own, name, type, &rrset) != KNOT_EOK || !knot_rrset_empty(&rrset);
}

static bool ignored(const cg_own_t *own, cg_rule_t rule)
{
	return own->self != NULL && (own->self->ignore & (1u << rule));
}

/*! \brief Types that may stand beside a CNAME (RFC 4035, 2.5), and itself. */
static bool may_stand(const cg_own_t *own, uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
		return true;
	case KNOT_RRTYPE_KEY:
		return own->self != NULL && own->self->allow_key;
	default:
		return false;
	}
}

static bool find_beside(const cg_own_t *own, const knot_dname_t *name)
{
	for (size_t i = 0; i < sizeof(frequent) / sizeof(*frequent); i++) {
		if (has(own, name, frequent[i])) {
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		for (unsigned type = asked[i][0]; type <= asked[i][1]; type++) {
			if (!may_stand(own, type) && has(own, name, type)) {
				return true;
			}
		}
	}
	return false;
}

/*! \brief A type that must not stand beside a CNAME, and does; noted, since many names come from one wildcard. */
static bool has_beside(const cg_own_t *own, const knot_dname_t *name)
{
	uint64_t key = cg_memo_key(own->self, own->version, name, CG_MEMO_BESIDE);
	cg_memo_t note = cg_memo_get(key);
	if (note == CG_MEMO_NONE) {
		note = find_beside(own, name) ? CG_MEMO_CONFLICT : CG_MEMO_CLEAN;
		cg_memo_put(key, note);
	}
	return note == CG_MEMO_CONFLICT;
}

static bool is_apex(const cg_own_t *own, const knot_dname_t *name)
{
	return knot_dname_is_equal(name, knotd_qdata_zone_name(own->qdata));
}

static bool cname_conflicts(const cg_own_t *own, const knot_dname_t *name,
                            const knot_rrset_t *cname)
{
	if (cname->rrs.count > 1 && !ignored(own, CG_RULE_CNAME_MULTIPLE)) {
		return true;
	}
	if (is_apex(own, name)) {
		return !ignored(own, CG_RULE_CNAME_APEX);
	}
	return has(own, name, KNOT_RRTYPE_MX) ?
	       !ignored(own, CG_RULE_CNAME_MX) :
	       !ignored(own, CG_RULE_CNAME_OTHER) && has_beside(own, name);
}

static bool dname_conflicts(const cg_own_t *own, const knot_dname_t *name,
                            const knot_rrset_t *dname)
{
	return (dname->rrs.count > 1 && !ignored(own, CG_RULE_DNAME_MULTIPLE)) ||
	       (!ignored(own, CG_RULE_DNAME_NS) && !is_apex(own, name) &&
	        has(own, name, KNOT_RRTYPE_NS));
}

/*!
 * \brief Turns a name that does not exist into the wildcard that is answered for it (RFC 4592, 3.3.1).
 *
 * \return false: there is none, or it cannot be looked at.
 */
static bool find_source(const cg_own_t *own, knot_dname_storage_t name)
{
	knot_rrset_t rrset;
	const knot_dname_t *encloser = name;
	int ret = look(own, name, KNOT_RRTYPE_CNAME, &rrset);
	if (ret == KNOT_EOK) {
		return true;
	}
	while (ret == KNOT_ENONODE && *encloser != 0) {
		encloser = cg_next_label(encloser);
		ret = look(own, encloser, KNOT_RRTYPE_CNAME, &rrset);
	}
	if (ret != KNOT_EOK) {
		return false;
	}
	memmove(name + 2, encloser, knot_dname_size(encloser)); /* A label takes 2 octets at least. */
	memcpy(name, "\x01*", 2);
	return look(own, name, KNOT_RRTYPE_CNAME, &rrset) == KNOT_EOK;
}

/*! \brief The same of a name, or wildcard, that is there. */
static bool source_clean(const cg_own_t *own, const knot_dname_t *source, uint16_t type)
{
	knot_rrset_t cname, dname;
	if (look(own, source, KNOT_RRTYPE_CNAME, &cname) != KNOT_EOK ||
	    look(own, source, KNOT_RRTYPE_DNAME, &dname) != KNOT_EOK ||
	    (type == KNOT_RRTYPE_CNAME && knot_rrset_empty(&cname)) ||
	    (type == KNOT_RRTYPE_DNAME && knot_rrset_empty(&dname))) {
		return false; /* Where it comes from is not known. */
	}
	return (knot_rrset_empty(&cname) || !cname_conflicts(own, source, &cname)) &&
	       (knot_rrset_empty(&dname) || !dname_conflicts(own, source, &dname));
}

bool cg_own_clean(const cg_own_t *own, const knot_pktsection_t *answer,
                  const knot_dname_t *name, uint16_t type)
{
	if (own == NULL) {
		return false;
	}
	uint64_t key = cg_memo_key(own->self, own->version, name, CG_MEMO_ANSWER + type);
	cg_memo_t note = cg_memo_get(key);
	if (note == CG_MEMO_NONE) {
		knot_dname_storage_t source;
		if (knot_dname_store(source, name) == 0) {
			return false;
		}
		knot_dname_to_lower(source);
		if (!find_source(own, source)) {
			return cg_shows_renamed(answer, name);
		}
		note = source_clean(own, source, type) ? CG_MEMO_CLEAN : CG_MEMO_CONFLICT;
		cg_memo_put(key, note);
	}
	return note == CG_MEMO_CLEAN;
}

#else

bool cg_own_clean(const cg_own_t *own, const knot_pktsection_t *answer,
                  const knot_dname_t *name, uint16_t type)
{
	(void)own;
	(void)answer;
	(void)name;
	(void)type;
	return false;
}

#endif
