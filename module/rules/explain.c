/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cnameguard/lookup.h"
#include "rules/explain.h"
#include "rules/rr.h"
#include "rules/text.h"
#include "rules/zone.h"

/*! \brief What is listed in a sentence; the rest is counted. */
#define TYPES_LISTED     6
#define ADDRESSES_LISTED 4
#define TARGETS_LISTED   3

/*! \brief What the sentences are made from. */
struct subject {
	const cg_found_t *found;
	const cg_finding_t *f;     /*!< Of found. */
	const knot_dname_t *origin;
	const cg_zone_t *zone;     /*!< NULL: nothing can be looked up. */
	const char *target;        /*!< Data of the first CNAME or DNAME. */
	size_t targets;            /*!< Different ones. */
	bool own_address;          /*!< The name has an A or AAAA itself. */
};

static int type_cmp(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static bool has_type(const cg_finding_t *f, uint16_t type)
{
	return f->types_count > 0 &&
	       bsearch(&type, f->types, f->types_count, sizeof(*f->types), type_cmp) != NULL;
}

/*! \brief "CAA, MX, TXT" and so on: the types of the finding but \a except. */
static void add_types(cg_text_t *text, const cg_finding_t *f, uint16_t except)
{
	size_t listed = 0, left = 0;
	for (size_t i = 0; i < f->types_count; i++) {
		if (f->types[i] == except) {
			continue;
		}
		if (listed == TYPES_LISTED) {
			left++;
			continue;
		}
		cg_text_add(text, "%s", (listed++ > 0) ? ", " : "");
		cg_text_type(text, f->types[i]);
	}
	if (left > 0) {
		cg_text_add(text, " and %zu more types", left);
	}
}

/*! \brief "web.example.com. and www.example.net.": the different targets of the finding. */
static void add_targets(cg_text_t *text, const struct subject *s, uint16_t type)
{
	const char *last = NULL;
	size_t listed = 0;
	for (size_t i = 0; i < s->f->rr_count && listed < TARGETS_LISTED; i++) {
		const cg_rr_t *rr = &s->f->rr[i].rr;
		if (rr->type != type || (last != NULL && cg_target_same(last, rr->data))) {
			continue;
		}
		cg_text_add(text, "%s%s", (listed++ > 0) ? ", " : "", rr->data);
		last = rr->data;
	}
	if (s->targets > listed) {
		cg_text_add(text, " and %zu more", s->targets - listed);
	}
}

/*! \brief "A 192.0.2.1, 192.0.2.2, AAAA 2001:db8::1": the addresses of a name. */
static void add_addresses(cg_text_t *text, const cg_name_t *name)
{
	static const uint16_t TYPES[] = { KNOT_RRTYPE_A, KNOT_RRTYPE_AAAA };

	size_t listed = 0, left = 0;
	for (size_t t = 0; t < sizeof(TYPES) / sizeof(TYPES[0]); t++) {
		const cg_rr_t *rr;
		size_t count = cg_zone_rrset(name, TYPES[t], &rr);
		for (size_t i = 0; i < count && listed < ADDRESSES_LISTED; i++) {
			cg_text_add(text, "%s", (listed++ > 0) ? ", " : "");
			if (i == 0) {
				cg_text_type(text, TYPES[t]);
				cg_text_add(text, " ");
			}
			cg_text_add(text, "%s", rr[i].data);
		}
		left += count;
	}
	if (left > listed) {
		cg_text_add(text, " and %zu more", left - listed);
	}
}

/*! \brief "CAA, TXT": what the alias lent beside addresses, and the name does not have itself. */
static size_t add_lent(cg_text_t *text, const struct subject *s, const cg_name_t *name,
                       const char *before)
{
	size_t count = 0;
	const cg_rr_t *rr;
	for (size_t i = 0; i < name->count; i += cg_zone_rrset(name, name->rr[i].type, &rr)) {
		uint16_t type = name->rr[i].type;
		if (!cg_type_lent(type) || (cg_seen_type(type) & SEEN_ADDRESS) ||
		    has_type(s->f, type)) {
			continue;
		}
		if (++count <= TYPES_LISTED) {
			cg_text_add(text, "%s", (count > 1) ? ", " : before);
			cg_text_type(text, type);
		}
	}
	if (count > TYPES_LISTED) {
		cg_text_add(text, " and %zu more types", count - TYPES_LISTED);
	}
	return count;
}

/*! \brief The target is found: write there what the alias stood for. */
static void replace_found(cg_text_t *text, const struct subject *s, const cg_name_t *at)
{
	const char *owner = s->f->spelling;
	const cg_rr_t *rr;
	bool addresses = cg_zone_rrset(at, KNOT_RRTYPE_A, &rr) > 0 ||
	                 cg_zone_rrset(at, KNOT_RRTYPE_AAAA, &rr) > 0;
	if (s->own_address) {
		cg_text_add(text, "remove the CNAME to %s, %s has addresses of its own",
		            s->target, owner);
		if (add_lent(text, s, at, " (and add the ") > 0) {
			cg_text_add(text, " of the target where wanted)");
		}
	} else if (addresses) {
		cg_text_add(text, "give %s the addresses of %s (", owner, s->target);
		add_addresses(text, at);
		add_lent(text, s, at, "; and its ");
		cg_text_add(text, ") instead of the CNAME");
	} else if (add_lent(text, s, at, "give the ") > 0) {
		cg_text_add(text, " of %s to %s instead of the CNAME", s->target, owner);
	} else {
		cg_text_add(text, "remove the CNAME to %s, which has nothing that %s lacks",
		            s->target, owner);
	}
}

static void replace_elsewhere(cg_text_t *text, const struct subject *s, const cg_answer_t *answer)
{
	knot_dname_storage_t wire;
	knot_dname_txt_storage_t end;
	bool direct = cg_target_wire(s->target, wire) && knot_dname_is_equal(wire, answer->last);
	if (knot_dname_to_str(end, answer->last, sizeof(end)) == NULL) {
		end[0] = '\0';
	}

	cg_text_add(text, "give %s the addresses of %s (", s->f->spelling, s->target);
	if (!direct) {
		cg_text_add(text, "which leads to %s, ", end);
	}
	cg_text_add(text, "%s: look them up there) instead of the CNAME",
	            (answer->result == CG_TARGET_CUT) ? "below a zone cut" : "outside this zone");
}

/*! \brief "give www the addresses of web instead of the CNAME", as far as can be known. */
static void replace(cg_text_t *text, const struct subject *s)
{
	const char *owner = s->f->spelling;
	knot_dname_storage_t target;
	cg_answer_t answer;
	if (s->zone == NULL || s->targets > 1 || !cg_target_wire(s->target, target)) {
		if (s->own_address) {
			cg_text_add(text, "remove the CNAME to ");
			add_targets(text, s, KNOT_RRTYPE_CNAME);
			cg_text_add(text, ", %s has addresses of its own", owner);
		} else {
			cg_text_add(text, "give %s the addresses of ", owner);
			add_targets(text, s, KNOT_RRTYPE_CNAME);
			cg_text_add(text, " instead of the CNAME%s", (s->targets > 1) ? "s" : "");
		}
		return;
	}

	cg_lookup(s->zone, target, &answer);
	switch (answer.result) {
	case CG_TARGET_FOUND:
		replace_found(text, s, &answer.name);
		break;
	case CG_TARGET_OUTSIDE:
	case CG_TARGET_CUT:
		if (s->own_address) {
			cg_text_add(text, "remove the CNAME to %s, %s has addresses of its own",
			            s->target, owner);
		} else {
			replace_elsewhere(text, s, &answer);
		}
		break;
	case CG_TARGET_MISSING:
		cg_text_add(text, "remove the CNAME, its target %s does not exist", s->target);
		break;
	case CG_TARGET_LOOP:
		cg_text_add(text, "remove the CNAME, its target %s leads round in a circle",
		            s->target);
		break;
	case CG_TARGET_CONFLICT:
		cg_text_add(text, "give %s the addresses of %s instead of the CNAME, once the "
		            "several CNAMEs behind that are repaired", owner, s->target);
		break;
	}
}

/*! \brief What is to be done about a name that is not this zone's to answer for. */
static void replace_occluded(cg_text_t *text, const struct subject *s)
{
	if (s->found->cover_is_dname) {
		cg_text_add(text, "remove %s here, since the DNAME at %s stands for all below it; "
		            "or remove that DNAME and one side of this conflict",
		            s->f->spelling, s->found->cover);
	} else {
		cg_text_add(text, "remove %s here and keep it in the zone %s, which it is "
		            "delegated to, there without this conflict",
		            s->f->spelling, s->found->cover);
	}
}

static void apex_message(cg_text_t *text, const struct subject *s)
{
	cg_text_add(text, "CNAME at the zone apex");
	if (s->f->types_count > 1) {
		cg_text_add(text, ", beside ");
		add_types(text, s->f, KNOT_RRTYPE_CNAME);
	}
	cg_text_add(text, ": the alias covers all else at the name, resolvers can lose %sthe zone, "
	            "and servers refuse it",
	            has_type(s->f, KNOT_RRTYPE_MX) ? "its mail and " : "");
}

static void apex_remedy(cg_text_t *text, const struct subject *s)
{
	replace(text, s);
	cg_text_add(text, "; aliases stand only at names that hold nothing else, such as www.%s",
	            (*s->origin == 0) ? "" : s->f->spelling);
}

static void mx_message(cg_text_t *text, const struct subject *s)
{
	cg_text_add(text, "CNAME beside ");
	add_types(text, s->f, KNOT_RRTYPE_CNAME);
	cg_text_add(text, ": the alias makes senders and resolvers overlook the MX, "
	            "mail for that name can bounce");
}

static void mx_remedy(cg_text_t *text, const struct subject *s)
{
	if (s->f->occluded) {
		replace_occluded(text, s);
		return;
	}
	replace(text, s);
	cg_text_add(text, " and keep the MX; or keep the alias and move the mail%s to another name",
	            (s->f->types_count > 2) ? " and the other data" : "");
}

static void other_message(cg_text_t *text, const struct subject *s)
{
	cg_text_add(text, "CNAME beside ");
	add_types(text, s->f, KNOT_RRTYPE_CNAME);
	if (has_type(s->f, KNOT_RRTYPE_NS)) {
		cg_text_add(text, ": the alias and the delegation exclude each other, "
		            "names in the delegated zone can get lost");
	} else {
		cg_text_add(text, ": the alias makes resolvers overlook the other data, what they "
		            "answer depends on what they were asked before");
	}
}

static void other_remedy(cg_text_t *text, const struct subject *s)
{
	if (s->f->occluded) {
		replace_occluded(text, s);
		return;
	}
	if (has_type(s->f, KNOT_RRTYPE_NS)) {
		cg_text_add(text, "remove the CNAME to %s and keep the NS, the delegated zone holds "
		            "the addresses of %s itself; or remove the delegation and keep the alias",
		            s->target, s->f->spelling);
		return;
	}
	replace(text, s);
	cg_text_add(text, " and keep the ");
	add_types(text, s->f, KNOT_RRTYPE_CNAME);
	cg_text_add(text, "; or keep the alias and move the other data to another name");
}

static void multiple_message(cg_text_t *text, const struct subject *s)
{
	cg_text_add(text, "%zu different CNAMEs: a name can be an alias of one name only, "
	            "resolvers take either or fail, and servers refuse the zone", s->targets);
}

static void multiple_remedy(cg_text_t *text, const struct subject *s)
{
	if (s->f->occluded) {
		replace_occluded(text, s);
		return;
	}
	cg_text_add(text, "keep one CNAME of ");
	add_targets(text, s, KNOT_RRTYPE_CNAME);
	cg_text_add(text, " at %s; or give it the addresses of all of them instead",
	            s->f->spelling);
}

static void dname_multiple_message(cg_text_t *text, const struct subject *s)
{
	cg_text_add(text, "%zu different DNAMEs: the names below would be renamed in several ways, "
	            "resolvers take either or fail, and servers refuse the zone", s->targets);
}

static void dname_multiple_remedy(cg_text_t *text, const struct subject *s)
{
	cg_text_add(text, "keep one DNAME of ");
	add_targets(text, s, KNOT_RRTYPE_DNAME);
	cg_text_add(text, " at %s", s->f->spelling);
}

static void dname_ns_message(cg_text_t *text, const struct subject *s)
{
	(void)s;
	cg_text_add(text, "DNAME beside NS: the names below are both renamed and delegated, "
	            "resolvers get the one or the other");
}

static void dname_ns_remedy(cg_text_t *text, const struct subject *s)
{
	cg_text_add(text, "remove the NS and keep the DNAME to %s; or keep the delegation and write "
	            "the DNAME at the apex of the zone %s", s->target, s->f->spelling);
}

static void children_message(cg_text_t *text, const struct subject *s)
{
	size_t records = s->found->records_below, names = s->found->names_below;
	cg_text_add(text, "%zu record%s at %zu name%s below the DNAME, which renames everything "
	            "below %s: servers answer these names in different ways, and resolvers that "
	            "know the DNAME never ask for them", records, (records == 1) ? "" : "s",
	            names, (names == 1) ? "" : "s", s->f->spelling);
}

/*! \brief The first record below the DNAME; NULL: none is listed. */
static const char *first_child(const cg_finding_t *f)
{
	for (size_t i = 0; i < f->rr_count; i++) {
		if (f->rr[i].owner != f->spelling) {
			return f->rr[i].owner;
		}
	}
	return NULL;
}

static void children_remedy(cg_text_t *text, const struct subject *s)
{
	knot_dname_storage_t child, to;
	knot_dname_txt_storage_t renamed;
	const char *first = first_child(s->f);

	cg_text_add(text, "move them below %s", s->target);
	if (first != NULL && cg_target_wire(first, child) && cg_target_wire(s->target, to)) {
		size_t keep = knot_dname_size(child) - knot_dname_size(s->f->owner);
		size_t size = knot_dname_size(to);
		if (keep + size <= sizeof(child)) {
			memcpy(child + keep, to, size);
			if (knot_dname_to_str(renamed, child, sizeof(renamed)) != NULL) {
				cg_text_add(text, " (%s to %s)", first, renamed);
			}
		}
	}
	cg_text_add(text, "; or remove the DNAME at %s", s->f->spelling);
}

static void no_ns_message(cg_text_t *text, const struct subject *s)
{
	(void)s;
	cg_text_add(text, "no NS at the zone apex: the zone names no server of its own, resolvers "
	            "can fail to find it, and servers refuse it");
}

/*! \brief MNAME of the SOA (RFC 1035, 3.3.13), 0 octets: none. */
static int primary(const cg_finding_t *f, const char **name)
{
	for (size_t i = 0; i < f->rr_count; i++) {
		if (f->rr[i].rr.type == KNOT_RRTYPE_SOA) {
			*name = f->rr[i].rr.data;
			size_t len = strcspn(*name, " \t");
			return (len > 1) ? (int)len : 0;
		}
	}
	return 0;
}

static void no_ns_remedy(cg_text_t *text, const struct subject *s)
{
	const char *name = NULL;
	int len = primary(s->f, &name);
	cg_text_add(text, "write one NS at %s for each of its servers", s->f->spelling);
	if (len > 0) {
		cg_text_add(text, ", such as %s NS %.*s, the primary in its SOA",
		            s->f->spelling, len, name);
	}
}

static const struct {
	void (*message)(cg_text_t *text, const struct subject *s);
	void (*remedy)(cg_text_t *text, const struct subject *s);
} SENTENCES[CG_RULE__COUNT] = {
	[CG_RULE_CNAME_APEX]     = { apex_message, apex_remedy },
	[CG_RULE_CNAME_MX]       = { mx_message, mx_remedy },
	[CG_RULE_CNAME_OTHER]    = { other_message, other_remedy },
	[CG_RULE_CNAME_MULTIPLE] = { multiple_message, multiple_remedy },
	[CG_RULE_DNAME_MULTIPLE] = { dname_multiple_message, dname_multiple_remedy },
	[CG_RULE_DNAME_NS]       = { dname_ns_message, dname_ns_remedy },
	[CG_RULE_DNAME_CHILDREN] = { children_message, children_remedy },
	[CG_RULE_APEX_NO_NS]     = { no_ns_message, no_ns_remedy },
};

/*! \brief Counts the different targets; records are sorted, so that equal ones are neighbours. */
static void find_targets(struct subject *s)
{
	uint16_t type = has_type(s->f, KNOT_RRTYPE_CNAME) &&
	                s->f->rule <= CG_RULE_CNAME_MULTIPLE ? KNOT_RRTYPE_CNAME
	                                                     : KNOT_RRTYPE_DNAME;
	const char *last = NULL;
	s->target = "";
	for (size_t i = 0; i < s->f->rr_count; i++) {
		const cg_rr_t *rr = &s->f->rr[i].rr;
		if (rr->type != type || s->f->rr[i].owner != s->f->spelling) {
			continue;
		}
		if (last == NULL) {
			s->target = rr->data;
		}
		s->targets += (last == NULL || !cg_target_same(last, rr->data));
		last = rr->data;
	}
}

int cg_explain(cg_found_t *found, const knot_dname_t *origin, const cg_zone_t *texts,
               cg_pool_t *pool)
{
	struct subject subject = {
		.found = found,
		.f = &found->pub,
		.origin = origin,
		.zone = texts,
		.own_address = has_type(&found->pub, KNOT_RRTYPE_A) ||
		               has_type(&found->pub, KNOT_RRTYPE_AAAA)
	};
	find_targets(&subject);

	cg_text_t text = { 0 };
	SENTENCES[found->pub.rule].message(&text, &subject);
	if (found->pub.occluded) {
		cg_text_add(&text, " (occluded by the %s at %s: no answer shows it, but servers "
		            "refuse the zone for it)",
		            found->cover_is_dname ? "DNAME" : "zone cut", found->cover);
	}
	found->pub.message = cg_text_end(&text, pool);

	SENTENCES[found->pub.rule].remedy(&text, &subject);
	found->pub.remedy = cg_text_end(&text, pool);
	cg_text_free(&text);

	return (found->pub.message == NULL || found->pub.remedy == NULL) ? KNOT_ENOMEM : KNOT_EOK;
}
