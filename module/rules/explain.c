/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "rules/rr.h"
#include "rules/sentences.h"
#include "rules/zone.h"

/*! \brief What is listed in a sentence; the rest is counted. */
#define TYPES_LISTED     6
#define ADDRESSES_LISTED 4
#define TARGETS_LISTED   3

static int type_cmp(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

bool cg_subject_has(const cg_subject_t *s, uint16_t type)
{
	const cg_finding_t *f = s->f;
	return f->types_count > 0 &&
	       bsearch(&type, f->types, f->types_count, sizeof(*f->types), type_cmp) != NULL;
}

void cg_say_types(cg_text_t *text, const cg_subject_t *s, uint16_t except)
{
	const cg_finding_t *f = s->f;
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

void cg_say_targets(cg_text_t *text, const cg_subject_t *s, uint16_t type)
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
static size_t add_lent(cg_text_t *text, const cg_subject_t *s, const cg_name_t *name,
                       const char *before)
{
	size_t count = 0;
	const cg_rr_t *rr;
	for (size_t i = 0; i < name->count; i += cg_zone_rrset(name, name->rr[i].type, &rr)) {
		uint16_t type = name->rr[i].type;
		if (!cg_type_lent(type) || (cg_seen_type(type) & SEEN_ADDRESS) ||
		    cg_subject_has(s, type)) {
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
static void replace_found(cg_text_t *text, const cg_subject_t *s, const cg_name_t *at)
{
	const char *owner = s->f->spelling;
	const cg_rr_t *rr;
	bool addresses = cg_zone_rrset(at, KNOT_RRTYPE_A, &rr) > 0 ||
	                 cg_zone_rrset(at, KNOT_RRTYPE_AAAA, &rr) > 0;
	if (s->own_address) {
		cg_text_add(text, "remove the CNAME to %s (%s has addresses of its own",
		            s->target, owner);
		if (add_lent(text, s, at, "; add the ") > 0) {
			cg_text_add(text, " of the target where wanted");
		}
		cg_text_add(text, ")");
	} else if (addresses) {
		cg_text_add(text, "give %s the addresses of %s (", owner, s->target);
		add_addresses(text, at);
		add_lent(text, s, at, "; and its ");
		cg_text_add(text, ") instead of the CNAME");
	} else if (add_lent(text, s, at, "give the ") > 0) {
		cg_text_add(text, " of %s to %s instead of the CNAME", s->target, owner);
	} else {
		cg_text_add(text, "remove the CNAME to %s (it has nothing that %s lacks)",
		            s->target, owner);
	}
}

static void replace_elsewhere(cg_text_t *text, const cg_subject_t *s, const cg_answer_t *answer)
{
	knot_dname_storage_t wire;
	knot_dname_txt_storage_t end;
	bool direct = cg_target_wire(s->target, wire) && knot_dname_is_equal(wire, answer->last);
	if (!cg_name_text(answer->last, end)) {
		end[0] = '\0';
	}

	cg_text_add(text, "give %s the addresses of %s (", s->f->spelling, s->target);
	if (!direct) {
		cg_text_add(text, "which leads to %s, ", end);
	}
	cg_text_add(text, "%s: look them up there) instead of the CNAME",
	            (answer->result == CG_TARGET_CUT) ? "below a zone cut" : "outside this zone");
}

void cg_say_replace(cg_text_t *text, const cg_subject_t *s)
{
	const char *owner = s->f->spelling;
	knot_dname_storage_t target;
	cg_answer_t answer;
	if (s->zones == NULL || s->targets > 1 || !cg_target_wire(s->target, target)) {
		if (s->own_address) {
			cg_text_add(text, "remove the CNAME to ");
			cg_say_targets(text, s, KNOT_RRTYPE_CNAME);
			cg_text_add(text, " (%s has addresses of its own)", owner);
		} else {
			cg_text_add(text, "give %s the addresses of ", owner);
			cg_say_targets(text, s, KNOT_RRTYPE_CNAME);
			cg_text_add(text, " instead of the CNAME%s", (s->targets > 1) ? "s" : "");
		}
		return;
	}

	cg_lookup(s->zones, s->self, target, &answer);
	switch (answer.result) {
	case CG_TARGET_FOUND:
		replace_found(text, s, &answer.name);
		break;
	case CG_TARGET_OUTSIDE:
	case CG_TARGET_CUT:
		if (s->own_address) {
			cg_text_add(text, "remove the CNAME to %s (%s has addresses of its own)",
			            s->target, owner);
		} else {
			replace_elsewhere(text, s, &answer);
		}
		break;
	case CG_TARGET_MISSING:
		cg_text_add(text, "remove the CNAME (its target %s does not exist)", s->target);
		break;
	case CG_TARGET_LOOP:
		cg_text_add(text, "remove the CNAME (its target %s leads round in a circle)",
		            s->target);
		break;
	case CG_TARGET_CONFLICT:
		cg_text_add(text, "give %s the addresses of %s instead of the CNAME, once the "
		            "several CNAMEs behind that are repaired", owner, s->target);
		break;
	}
}

void cg_say_replace_occluded(cg_text_t *text, const cg_subject_t *s)
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

/*! \brief Counts the different targets; records are sorted, so that equal ones are neighbours. */
static void find_targets(cg_subject_t *s)
{
	uint16_t type = cg_subject_has(s, KNOT_RRTYPE_CNAME) &&
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

int cg_explain(cg_found_t *found, const knot_dname_t *origin, const cg_zones_t *texts,
               const cg_zone_t *self, cg_pool_t *pool)
{
	cg_subject_t subject = {
		.found = found,
		.f = &found->pub,
		.origin = origin,
		.zones = texts,
		.self = self,
	};
	subject.own_address = cg_subject_has(&subject, KNOT_RRTYPE_A) ||
	                      cg_subject_has(&subject, KNOT_RRTYPE_AAAA);
	if (found->own > 0) {
		subject.target = found->pub.rr[0].rr.data;
	} else {
		find_targets(&subject);
	}

	const cg_sentences_t *sentences = &cg_sentences_names[found->pub.rule];
	if (sentences->message == NULL) {
		sentences = &cg_sentences_targets[found->pub.rule];
	}

	cg_text_t text = { 0 };
	sentences->message(&text, &subject);
	if (found->pub.occluded) {
		cg_text_add(&text, " (occluded by the %s at %s: no answer shows it, but servers "
		            "refuse the zone for it)",
		            found->cover_is_dname ? "DNAME" : "zone cut", found->cover);
	}
	found->pub.message = cg_text_end(&text, pool);

	sentences->remedy(&text, &subject);
	found->pub.remedy = cg_text_end(&text, pool);
	cg_text_free(&text);

	return (found->pub.message == NULL || found->pub.remedy == NULL) ? KNOT_ENOMEM : KNOT_EOK;
}
