/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The sentences of the rules about what names lead to. */

#include <string.h>

#include "rules/rr.h"
#include "rules/sentences.h"
#include "rules/step.h"

/*! \brief Names of a way that are written out. */
#define WAY_SAID 5

/* --- References: mx-alias to svcb-alias --- */

/*! \brief The host that a record names, as text. False: none. */
static bool host_text(const cg_rr_t *rr, knot_dname_storage_t host, knot_dname_txt_storage_t text)
{
	return cg_rr_host(rr, host) && cg_name_text(host, text);
}

/*! \brief "MX exchange a.example.com. (and 2 more) is an alias". */
static void say_alias(cg_text_t *text, const cg_subject_t *s, const char *what)
{
	const cg_rr_t *rr = &s->f->rr[0].rr;
	knot_dname_storage_t host;
	knot_dname_txt_storage_t name;
	if (!host_text(rr, host, name)) {
		name[0] = '\0';
	}
	cg_text_type(text, rr->type);
	cg_text_add(text, " %s %s", what, name);
	if (s->found->own > 1) {
		cg_text_add(text, " (and %zu more)", s->found->own - 1);
	}
	cg_text_add(text, " is an alias: ");
}

static const char *const LEADS[] = {
	[CG_TARGET_FOUND]    = "",
	[CG_TARGET_OUTSIDE]  = "",
	[CG_TARGET_CUT]      = "",
	[CG_TARGET_MISSING]  = "which does not exist",
	[CG_TARGET_LOOP]     = "which leads round in a circle or over too many aliases",
	[CG_TARGET_CONFLICT] = "which has several CNAMEs",
};

/*! \brief "write 10 b.example.com. instead of 10 a.example.com., or give a an address of its own". */
static void reference_remedy(cg_text_t *text, const cg_subject_t *s)
{
	knot_dname_storage_t host;
	knot_dname_txt_storage_t name, end;
	cg_answer_t answer;
	if (s->zones == NULL || !host_text(&s->f->rr[0].rr, host, name)) {
		cg_text_add(text, "name the host itself instead of its alias");
		return;
	}
	cg_lookup(s->zones, s->self, host, &answer);
	if (!cg_name_text(answer.last, end)) {
		end[0] = '\0';
	}
	bool renamed = s->f->rr_count > s->found->own &&
	               s->f->rr[s->found->own].rr.type == KNOT_RRTYPE_DNAME;
	if (*LEADS[answer.result] == '\0' && renamed) {
		cg_text_add(text, "write %s, which the DNAME at %s makes of it, instead of %s", end,
		            s->f->rr[s->found->own].owner, name);
	} else if (*LEADS[answer.result] == '\0') {
		cg_text_add(text, "write %s, which the alias leads to, instead of %s; or give %s "
		            "addresses instead of its CNAME", end, name, name);
	} else {
		cg_text_add(text, "write the name of a host instead of %s, an alias that leads to %s, "
		            "%s", name, end, LEADS[answer.result]);
	}
	if (s->found->own > 1) {
		cg_text_add(text, "; and so for the others");
	}
}

static void mx_message(cg_text_t *text, const cg_subject_t *s)
{
	say_alias(text, s, "exchange");
	cg_text_add(text, "senders can refuse to deliver to it or send mail round in a circle, "
	            "mail for %s is delayed or lost", s->f->spelling);
}

static void ns_message(cg_text_t *text, const cg_subject_t *s)
{
	say_alias(text, s, "target");
	cg_text_add(text, "resolvers need not follow it and can fail to reach the servers of %s",
	            s->f->spelling);
}

static void srv_message(cg_text_t *text, const cg_subject_t *s)
{
	say_alias(text, s, "target");
	cg_text_add(text, "clients that keep to the standard do not connect, the service %s can "
	            "be unreachable", s->f->spelling);
}

static void ptr_message(cg_text_t *text, const cg_subject_t *s)
{
	say_alias(text, s, "value");
	cg_text_add(text, "what compares the name of an address with its host, such as mail "
	            "servers, finds another name and can turn %s away", s->f->spelling);
}

static void soa_message(cg_text_t *text, const cg_subject_t *s)
{
	say_alias(text, s, "primary");
	cg_text_add(text, "clients that send updates to the primary can miss it");
}

static void naptr_message(cg_text_t *text, const cg_subject_t *s)
{
	say_alias(text, s, "replacement");
	cg_text_add(text, "clients need one more step, and some do not take it");
}

static void svcb_message(cg_text_t *text, const cg_subject_t *s)
{
	say_alias(text, s, "target");
	cg_text_add(text, "this is allowed, and costs clients one more step");
}

/* --- Ways: cname-loop, cname-chain, cname-dangling, cname-mail --- */

/*! \brief "a, b, c and 12 more": the owners on the way. */
static void say_way(cg_text_t *text, const cg_subject_t *s)
{
	size_t said = 0;
	for (size_t i = 0; i < s->f->rr_count && said < WAY_SAID; i++) {
		cg_text_add(text, "%s%s", (said++ > 0) ? ", " : "", s->f->rr[i].owner);
	}
	if (s->found->links > said) {
		cg_text_add(text, " and %zu more", s->found->links - said);
	}
}

static void loop_message(cg_text_t *text, const cg_subject_t *s)
{
	if (s->f->rr[0].rr.type == KNOT_RRTYPE_DNAME) {
		cg_text_add(text, "the DNAME leads back to itself (");
		say_way(text, s);
		cg_text_add(text, "): names below it are renamed without end, and resolvers "
		            "give up");
		return;
	}
	cg_text_add(text, "the alias leads back to itself (");
	say_way(text, s);
	cg_text_add(text, "): resolvers give up, and nothing at %s can be reached",
	            (s->found->links > 1) ? "these names" : "this name");
}

static void loop_remedy(cg_text_t *text, const cg_subject_t *s)
{
	if (s->found->links > 1) {
		cg_text_add(text, "let one of them lead to a name that has addresses, or give %s "
		            "addresses instead of its %s", s->f->spelling,
		            (s->f->rr[0].rr.type == KNOT_RRTYPE_DNAME) ? "DNAME" : "CNAME");
	} else {
		cg_text_add(text, "write the name that was meant instead of %s, or remove the "
		            "record", s->f->rr[0].rr.data);
	}
}

static void chain_message(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "a chain of %zu aliases leads from %s to %s: servers stop on the way, "
	            "each such lookup takes long, and resolvers can give up",
	            s->found->links, s->f->spelling, s->found->end);
}

static void chain_remedy(cg_text_t *text, const cg_subject_t *s)
{
	if (*LEADS[s->found->how] == '\0') {
		cg_text_add(text, "let %s be an alias of %s at once", s->f->spelling, s->found->end);
	} else {
		cg_text_add(text, "let %s be an alias of a name that has addresses; the end of "
		            "this chain is %s, %s", s->f->spelling, s->found->end,
		            LEADS[s->found->how]);
	}
}

static void dangling_message(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "the target %s does not exist", s->target);
	knot_dname_storage_t wire;
	knot_dname_txt_storage_t lower;
	if (cg_target_wire(s->target, wire) &&
	    cg_name_text(wire, lower) &&
	    strcmp(lower, s->found->end) != 0) {
		cg_text_add(text, " (it is renamed to %s)", s->found->end);
	}
	cg_text_add(text, ": whoever asks for %s is told that there is no such name",
	            s->f->spelling);
}

/*! \brief The target without the origin, where that looks like a name with its last dot forgotten. */
static bool without_origin(const cg_subject_t *s, knot_dname_txt_storage_t out)
{
	knot_dname_storage_t wire;
	if (!cg_target_wire(s->target, wire)) {
		return false;
	}
	int labels = knot_dname_in_bailiwick(wire, s->origin);
	if (labels < 2 || *s->origin == 0) {
		return false;
	}
	knot_dname_t *end = wire;
	for (; labels > 0; labels--) {
		end += 1 + *end;
	}
	*end = 0;
	return cg_name_text(wire, out);
}

static void dangling_remedy(cg_text_t *text, const cg_subject_t *s)
{
	knot_dname_txt_storage_t meant;
	cg_text_add(text, "write %s with its addresses, name another target, or remove the CNAME",
	            s->found->end);
	if (without_origin(s, meant)) {
		cg_text_add(text, "; if %s was meant, the dot at its end is missing", meant);
	}
}

static void mail_message(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "mail for %s is delivered for %s, the name that the alias stands for: the "
	            "mail servers of that name must accept it, under that name or this",
	            s->f->spelling, s->found->end);
}

static void mail_remedy(cg_text_t *text, const cg_subject_t *s)
{
	cg_text_add(text, "nothing, if so intended or if %s gets no mail; else give it addresses and "
	            "an MX of its own instead of the CNAME", s->f->spelling);
}

const cg_sentences_t cg_sentences_targets[CG_RULE__COUNT] = {
	[CG_RULE_MX_ALIAS]       = { mx_message, reference_remedy },
	[CG_RULE_NS_ALIAS]       = { ns_message, reference_remedy },
	[CG_RULE_SRV_ALIAS]      = { srv_message, reference_remedy },
	[CG_RULE_PTR_ALIAS]      = { ptr_message, reference_remedy },
	[CG_RULE_CNAME_LOOP]     = { loop_message, loop_remedy },
	[CG_RULE_CNAME_CHAIN]    = { chain_message, chain_remedy },
	[CG_RULE_CNAME_DANGLING] = { dangling_message, dangling_remedy },
	[CG_RULE_SOA_ALIAS]      = { soa_message, reference_remedy },
	[CG_RULE_NAPTR_ALIAS]    = { naptr_message, reference_remedy },
	[CG_RULE_SVCB_ALIAS]     = { svcb_message, reference_remedy },
	[CG_RULE_CNAME_MAIL]     = { mail_message, mail_remedy },
};
