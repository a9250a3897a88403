/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "cnameguard/rules.h"

#define ALIAS_ALONE "RFC 1034 3.6.2, RFC 2181 10.1"

static const cg_rule_info_t RULES[CG_RULE__COUNT] = {
	[CG_RULE_CNAME_APEX] = {
		"cname-apex", CG_LEVEL_ERROR, true, ALIAS_ALONE,
		"a CNAME at the zone apex, where SOA and NS stand"
	},
	[CG_RULE_CNAME_MX] = {
		"cname-mx", CG_LEVEL_ERROR, true, ALIAS_ALONE ", RFC 5321 5.1",
		"a CNAME and an MX at one name"
	},
	[CG_RULE_CNAME_OTHER] = {
		"cname-other", CG_LEVEL_ERROR, true, ALIAS_ALONE,
		"a CNAME and any other data but MX at one name"
	},
	[CG_RULE_CNAME_MULTIPLE] = {
		"cname-multiple", CG_LEVEL_ERROR, true, "RFC 2181 10.1",
		"more than one different CNAME at one name"
	},
	[CG_RULE_DNAME_MULTIPLE] = {
		"dname-multiple", CG_LEVEL_ERROR, false, "RFC 6672 2.4",
		"more than one different DNAME at one name"
	},
	[CG_RULE_DNAME_NS] = {
		"dname-ns", CG_LEVEL_ERROR, false, "RFC 6672 2.3",
		"a DNAME and an NS at a name that is not the zone apex"
	},
	[CG_RULE_DNAME_CHILDREN] = {
		"dname-children", CG_LEVEL_ERROR, false, "RFC 6672 2.4",
		"data below the owner of a DNAME"
	},
	[CG_RULE_APEX_NO_NS] = {
		"apex-no-ns", CG_LEVEL_ERROR, false, "RFC 1034 4.2.1",
		"no NS at the zone apex"
	},
	[CG_RULE_MX_ALIAS] = {
		"mx-alias", CG_LEVEL_WARNING, false, "RFC 2181 10.3, RFC 5321 5.1",
		"an MX whose exchange is an alias"
	},
	[CG_RULE_NS_ALIAS] = {
		"ns-alias", CG_LEVEL_WARNING, false, "RFC 2181 10.3",
		"an NS whose target is an alias"
	},
	[CG_RULE_SRV_ALIAS] = {
		"srv-alias", CG_LEVEL_WARNING, false, "RFC 2782",
		"an SRV whose target is an alias"
	},
	[CG_RULE_PTR_ALIAS] = {
		"ptr-alias", CG_LEVEL_WARNING, false, "RFC 2181 10.2, RFC 1034 3.6.2",
		"a PTR whose value is an alias"
	},
	[CG_RULE_CNAME_LOOP] = {
		"cname-loop", CG_LEVEL_WARNING, false, "RFC 1034 3.6.2",
		"aliases that lead back to themselves"
	},
	[CG_RULE_CNAME_CHAIN] = {
		"cname-chain", CG_LEVEL_WARNING, false, "RFC 1034 3.6.2",
		"a chain of aliases that is longer than servers follow"
	},
	[CG_RULE_CNAME_DANGLING] = {
		"cname-dangling", CG_LEVEL_WARNING, false, "RFC 1912 2.4",
		"an alias whose target is missing in the zones at hand"
	},
	[CG_RULE_SOA_ALIAS] = {
		"soa-alias", CG_LEVEL_INFO, false, "RFC 2181 7.3",
		"an SOA whose primary server (MNAME) is an alias"
	},
	[CG_RULE_NAPTR_ALIAS] = {
		"naptr-alias", CG_LEVEL_INFO, false, "RFC 3403 4.1",
		"a NAPTR whose replacement is an alias"
	},
	[CG_RULE_SVCB_ALIAS] = {
		"svcb-alias", CG_LEVEL_INFO, false, "RFC 9460 2.4.2",
		"an SVCB or HTTPS whose target is an alias (allowed)"
	},
	[CG_RULE_CNAME_MAIL] = {
		"cname-mail", CG_LEVEL_INFO, false, "RFC 5321 5.1",
		"an alias with mail behind it"
	},
};

static const char *const LEVELS[] = {
	[CG_LEVEL_INFO] = "info",
	[CG_LEVEL_WARNING] = "warning",
	[CG_LEVEL_ERROR] = "error",
};

const cg_rule_info_t *cg_rule_info(cg_rule_t rule)
{
	return (rule < CG_RULE__COUNT) ? &RULES[rule] : NULL;
}

cg_rule_t cg_rule_by_name(const char *name)
{
	cg_rule_t rule = 0;
	while (rule < CG_RULE__COUNT && strcmp(RULES[rule].name, name) != 0) {
		rule++;
	}
	return rule;
}

const char *cg_level_name(cg_level_t level)
{
	return (level <= CG_LEVEL_ERROR) ? LEVELS[level] : NULL;
}
