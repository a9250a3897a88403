/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stddef.h>

#include "cli/explain_texts.h"

static const cg_rule_text_t TEXTS[CG_RULE__COUNT] = {
	[CG_RULE_CNAME_APEX] = {
		.why =
		"The apex has an SOA and NS by definition, and mostly mail too. An alias\n"
		"covers them all: a resolver that has met it looks for the servers and the\n"
		"mail of the zone at the target. Knot, BIND and NSD refuse such a zone.\n",
		.wrong =
		"@     CNAME  web\n",
		.right =
		"@     A      192.0.2.80        ; the addresses of web\n"
		"@     AAAA   2001:db8::80\n",
		.more =
		"Where the target is somebody else's, look its addresses up there, and follow\n"
		"them when they change. An HTTPS record in alias mode (RFC 9460) can lead\n"
		"browsers to it beside that.\n",
		.rewrite =
		"flatten puts the addresses of the target in place of the CNAME, and what\n"
		"else the alias lent; SOA, NS and all other data stay. keep-other drops the\n"
		"CNAME. keep-cname cannot be applied.\n",
	},
	[CG_RULE_CNAME_MX] = {
		.why =
		"An alias says that all there is to know about a name is found at another\n"
		"one. Who asks for the MX is sent to the target, and does not see the MX\n"
		"beside the alias. Which of the two a sender gets depends on what his\n"
		"resolver was asked before, so some mail arrives and other mail bounces.\n",
		.wrong =
		"www   CNAME  web\n"
		"www   MX     10 mail\n",
		.right =
		"www   A      192.0.2.80        ; the addresses of web\n"
		"www   MX     10 mail\n",
		.more =
		"Or keep the alias and receive mail under another name. What else web has\n"
		"(CAA, HTTPS, TXT), www had by the alias: write it there too.\n",
		.rewrite =
		"flatten puts the addresses of the target in place of the CNAME, and what\n"
		"else the alias lent; the MX stays. keep-other drops the CNAME. keep-cname\n"
		"drops the MX and all other data.\n",
	},
	[CG_RULE_CNAME_OTHER] = {
		.why =
		"An alias stands alone. A resolver that knows it does not ask for what stands\n"
		"beside it; one that does not know it may get the other data. So what is\n"
		"answered changes from place to place and from hour to hour.\n",
		.wrong =
		"shop  CNAME  web\n"
		"shop  TXT    \"verification=42\"\n",
		.right =
		"shop  A      192.0.2.80        ; the addresses of web\n"
		"shop  TXT    \"verification=42\"\n",
		.more =
		"Or keep the alias and move the other data to another name. With an NS there,\n"
		"the name is delegated: remove the CNAME, the delegated zone has the data.\n",
		.rewrite =
		"flatten puts what the alias stood for in its place, of types that the name\n"
		"does not have itself. keep-other drops the CNAME. keep-cname drops the rest.\n",
	},
	[CG_RULE_CNAME_MULTIPLE] = {
		.why =
		"A name can be an alias of one name only. With two, resolvers take either,\n"
		"follow both or fail, and servers refuse the zone. It does not spread load\n"
		"either; several addresses do.\n",
		.wrong =
		"www   CNAME  web1\n"
		"www   CNAME  web2\n",
		.right =
		"www   A      192.0.2.81        ; the addresses of both\n"
		"www   A      192.0.2.82\n",
		.more =
		"Or keep one of the CNAMEs.\n",
		.rewrite =
		"flatten puts the data of all targets in place of the CNAMEs. keep-other\n"
		"drops them where there is other data. keep-cname cannot be applied, since\n"
		"there is no telling which was meant.\n",
	},
	[CG_RULE_DNAME_MULTIPLE] = {
		.why =
		"A DNAME renames all names below its owner. With two, they would have two new\n"
		"names; resolvers take either or fail, and servers refuse the zone.\n",
		.wrong =
		"old   DNAME  new\n"
		"old   DNAME  example.net.\n",
		.right =
		"old   DNAME  new\n",
	},
	[CG_RULE_DNAME_NS] = {
		.why =
		"The NS hands the names below over to other servers, the DNAME renames the\n"
		"same names. A resolver gets the one or the other.\n",
		.wrong =
		"old   DNAME  new\n"
		"old   NS     ns1.example.net.\n",
		.right =
		"old   DNAME  new\n",
		.more =
		"Or keep the delegation, and write the DNAME at the apex of the delegated\n"
		"zone, where it may stand beside NS.\n",
	},
	[CG_RULE_DNAME_CHILDREN] = {
		.why =
		"A DNAME renames everything below its owner. What is written there all the\n"
		"same is found or not, by server and by what a resolver knows already.\n",
		.wrong =
		"old       DNAME  new\n"
		"a.old     A      192.0.2.1\n",
		.right =
		"old       DNAME  new\n"
		"a.new     A      192.0.2.1\n",
		.more =
		"Or remove the DNAME.\n",
	},
	[CG_RULE_APEX_NO_NS] = {
		.why =
		"A zone names its own servers at its apex. Without them resolvers that ask\n"
		"the zone itself have none, and Knot, BIND and NSD refuse the zone. (Knot\n"
		"under 'semantic-checks: soft' does not.)\n",
		.wrong =
		"@     SOA    ns1 hostmaster 1 3600 600 86400 300\n",
		.right =
		"@     SOA    ns1 hostmaster 1 3600 600 86400 300\n"
		"@     NS     ns1               ; one line for each of its servers\n"
		"@     NS     ns2\n",
	},
	[CG_RULE_MX_ALIAS] = {
		.why =
		"Senders look for the addresses of the exchange. Some refuse an alias there,\n"
		"and a mail server that does not find itself in the list of exchanges, since\n"
		"it is listed by another name, can send mail round in a circle.\n",
		.wrong =
		"@     MX     10 mx\n"
		"mx    CNAME  mail\n",
		.right =
		"@     MX     10 mail\n",
		.more =
		"Or give mx addresses of its own instead of the CNAME.\n",
	},
	[CG_RULE_NS_ALIAS] = {
		.why =
		"Resolvers need the addresses of a zone's servers to ask anything at all, and\n"
		"many do not follow an alias for them. Nor can glue be given for an alias.\n",
		.wrong =
		"@     NS     ns1\n"
		"ns1   CNAME  host\n",
		.right =
		"@     NS     ns1\n"
		"ns1   A      192.0.2.53        ; the addresses of host\n",
	},
	[CG_RULE_SRV_ALIAS] = {
		.why =
		"The target of an SRV must have addresses itself. Clients that keep to the\n"
		"standard do not follow an alias there, and do not find the service.\n",
		.wrong =
		"_sip._tcp  SRV    0 0 5060 sip\n"
		"sip        CNAME  host\n",
		.right =
		"_sip._tcp  SRV    0 0 5060 host\n",
	},
	[CG_RULE_PTR_ALIAS] = {
		.why =
		"A PTR tells the name of the host that has an address. Mail servers and\n"
		"others look up that name again to see whether it has the address; with an\n"
		"alias another name comes back, and some turn the host away.\n",
		.wrong =
		"1.2.0.192.in-addr.arpa.  PTR    www.example.com.\n"
		"www.example.com.         CNAME  host.example.com.\n",
		.right =
		"1.2.0.192.in-addr.arpa.  PTR    host.example.com.\n",
	},
	[CG_RULE_CNAME_LOOP] = {
		.why =
		"Each alias sends the resolver on to the next, and the last one back to the\n"
		"first. There is no data to be found, and every lookup ends in an error.\n",
		.wrong =
		"a     CNAME  b\n"
		"b     CNAME  a\n",
		.right =
		"a     CNAME  b\n"
		"b     A      192.0.2.1\n",
		.more =
		"A wildcard that matches its own target is a loop too: *.w CNAME x.w\n",
	},
	[CG_RULE_CNAME_CHAIN] = {
		.why =
		"Knot follows five aliases for one question (chain-limit), others about as\n"
		"many. Behind that the resolver has to ask again, and some give up.\n",
		.wrong =
		"a     CNAME  b                 ; and b to c, c to d, and so on to host\n",
		.right =
		"a     CNAME  host\n",
	},
	[CG_RULE_CNAME_DANGLING] = {
		.why =
		"The target would be in this zone, or in one that was checked with it, and is\n"
		"not. Who asks for the alias is told that there is no such name. Often the\n"
		"dot at the end of the target was forgotten.\n",
		.wrong =
		"www   CNAME  web.example.net   ; means web.example.net.example.com.\n",
		.right =
		"www   CNAME  web.example.net.\n",
		.more =
		"Or write the target with its addresses; or remove the alias.\n",
	},
	[CG_RULE_SOA_ALIAS] = {
		.why =
		"Who sends a dynamic update looks for the primary by this name, and servers\n"
		"compare it with those in the NS to know whom to notify. By an alias they can\n"
		"miss it.\n",
		.wrong =
		"@     SOA    primary hostmaster 1 3600 600 86400 300\n"
		"primary  CNAME  ns1\n",
		.right =
		"@     SOA    ns1 hostmaster 1 3600 600 86400 300\n",
	},
	[CG_RULE_NAPTR_ALIAS] = {
		.why =
		"The replacement is looked up as it stands, for SRV or addresses. An alias\n"
		"costs one step more, which some clients do not take.\n",
		.wrong =
		"@     NAPTR  10 0 \"s\" \"SIP+D2T\" \"\" sip\n"
		"sip   CNAME  _sip._tcp\n",
		.right =
		"@     NAPTR  10 0 \"s\" \"SIP+D2T\" \"\" _sip._tcp\n",
	},
	[CG_RULE_SVCB_ALIAS] = {
		.why =
		"The target of an SVCB or HTTPS may be an alias. It costs clients one step\n"
		"more; with the name behind it they are there at once.\n",
		.wrong =
		"@     HTTPS  1 www alpn=h2\n"
		"www   CNAME  host\n",
		.right =
		"@     HTTPS  1 host alpn=h2\n",
	},
	[CG_RULE_CNAME_MAIL] = {
		.why =
		"The target has an MX, and so this name has it by the alias: mail for it goes\n"
		"to the mail servers of the target. They must accept it, under this name or\n"
		"as mail for the target, to which some senders rewrite the address.\n",
		.wrong =
		"www   CNAME  web               ; mail for www is for mail now\n"
		"web   A      192.0.2.80\n"
		"web   MX     10 mail\n",
		.right =
		"www   A      192.0.2.80\n"
		"www   MX     10 mx.example.net. ; or 0 . for no mail (RFC 7505)\n",
		.more =
		"Nothing is wrong if it was meant so.\n",
	},
};

const cg_rule_text_t *cg_rule_text(cg_rule_t rule)
{
	return (rule < CG_RULE__COUNT) ? &TEXTS[rule] : NULL;
}
