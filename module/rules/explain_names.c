/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The sentences of the rules that one name, and what is below it, decides. */

#include <string.h>

#include "rules/rr.h"
#include "rules/sentences.h"

static void apex_message(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "CNAME at the zone apex");
	if (s->f->types_count > 1) {
		cg_text_add(text, ", beside ");
		cg_say_types(text, s, KNOT_RRTYPE_CNAME);
	}
	cg_text_add(text, ": the alias covers all else at the name, resolvers can lose %sthe zone, "
	            "and servers refuse it",
	            cg_subject_has(s, KNOT_RRTYPE_MX) ? "its mail and " : "");
}

static void apex_remedy(cg_text_t *text, const cg_subject_t *s)
{
	cg_say_replace(text, s);
	cg_text_add(text, "; aliases stand only at names that hold nothing else, such as www.%s",
	            (*s->origin == 0) ? "" : s->f->spelling);
}

static void mx_message(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "CNAME beside ");
	cg_say_types(text, s, KNOT_RRTYPE_CNAME);
	cg_text_add(text, ": the alias makes senders and resolvers overlook the MX, "
	            "mail for that name can bounce");
}

static void mx_remedy(cg_text_t *text, const cg_subject_t *s)
{
	if (s->f->occluded) {
		cg_say_replace_occluded(text, s);
		return;
	}
	cg_say_replace(text, s);
	cg_text_add(text, " and keep the MX; or keep the alias and move the mail%s to another name",
	            (s->f->types_count > 2) ? " and the other data" : "");
}

static void other_message(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "CNAME beside ");
	cg_say_types(text, s, KNOT_RRTYPE_CNAME);
	if (cg_subject_has(s, KNOT_RRTYPE_NS)) {
		cg_text_add(text, ": the alias and the delegation exclude each other, "
		            "names in the delegated zone can get lost");
	} else {
		cg_text_add(text, ": the alias makes resolvers overlook the other data, what they "
		            "answer depends on what they were asked before");
	}
}

static void other_remedy(cg_text_t *text, const cg_subject_t *s)
{
	if (s->f->occluded) {
		cg_say_replace_occluded(text, s);
		return;
	}
	if (cg_subject_has(s, KNOT_RRTYPE_NS)) {
		cg_text_add(text, "remove the CNAME to %s and keep the NS, the delegated zone holds "
		            "the addresses of %s itself; or remove the delegation and keep the alias",
		            s->target, s->f->spelling);
		return;
	}
	cg_say_replace(text, s);
	cg_text_add(text, " and keep the ");
	cg_say_types(text, s, KNOT_RRTYPE_CNAME);
	cg_text_add(text, "; or keep the alias and move the other data to another name");
}

static void multiple_message(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "%zu different CNAMEs: a name can be an alias of one name only, "
	            "resolvers take either or fail, and servers refuse the zone", s->targets);
}

static void multiple_remedy(cg_text_t *text, const cg_subject_t *s)
{
	if (s->f->occluded) {
		cg_say_replace_occluded(text, s);
		return;
	}
	cg_text_add(text, "keep one CNAME of ");
	cg_say_targets(text, s, KNOT_RRTYPE_CNAME);
	cg_text_add(text, " at %s; or give it the addresses of all of them instead",
	            s->f->spelling);
}

static void dname_multiple_message(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "%zu different DNAMEs: the names below would be renamed in several ways, "
	            "resolvers take either or fail, and servers refuse the zone", s->targets);
}

static void dname_multiple_remedy(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "keep one DNAME of ");
	cg_say_targets(text, s, KNOT_RRTYPE_DNAME);
	cg_text_add(text, " at %s", s->f->spelling);
}

static void dname_ns_message(cg_text_t *text, const cg_subject_t *s)
{
	(void)s;
	cg_text_add(text, "DNAME beside NS: the names below are both renamed and delegated, "
	            "resolvers get the one or the other");
}

static void dname_ns_remedy(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "remove the NS and keep the DNAME to %s; or keep the delegation and write "
	            "the DNAME at the apex of the zone %s", s->target, s->f->spelling);
}

static void children_message(cg_text_t *text, const cg_subject_t *s)
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

static void children_remedy(cg_text_t *text, const cg_subject_t *s)
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
			if (cg_name_text(child, renamed)) {
				cg_text_add(text, " (%s to %s)", first, renamed);
			}
		}
	}
	cg_text_add(text, "; or remove the DNAME at %s", s->f->spelling);
}

static void no_ns_message(cg_text_t *text, const cg_subject_t *s)
{
	(void)s;
	cg_text_add(text, "no NS at the zone apex: the zone names no server of its own, resolvers "
	            "can fail to find it, and some servers refuse it");
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

static void no_ns_remedy(cg_text_t *text, const cg_subject_t *s)
{
	const char *name = NULL;
	int len = primary(s->f, &name);
	cg_text_add(text, "write one NS at %s for each of its servers", s->f->spelling);
	if (len > 0) {
		cg_text_add(text, ", such as %s NS %.*s, the primary in its SOA",
		            s->f->spelling, len, name);
	}
}

const cg_sentences_t cg_sentences_names[CG_RULE__COUNT] = {
	[CG_RULE_CNAME_APEX]     = { apex_message, apex_remedy },
	[CG_RULE_CNAME_MX]       = { mx_message, mx_remedy },
	[CG_RULE_CNAME_OTHER]    = { other_message, other_remedy },
	[CG_RULE_CNAME_MULTIPLE] = { multiple_message, multiple_remedy },
	[CG_RULE_DNAME_MULTIPLE] = { dname_multiple_message, dname_multiple_remedy },
	[CG_RULE_DNAME_NS]       = { dname_ns_message, dname_ns_remedy },
	[CG_RULE_DNAME_CHILDREN] = { children_message, children_remedy },
	[CG_RULE_APEX_NO_NS]     = { no_ns_message, no_ns_remedy },
};
