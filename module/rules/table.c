/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "cnameguard/rules.h"

#define ALIAS_ALONE "RFC 1034 3.6.2, RFC 2181 10.1"

static const cg_rule_info_t RULES[CG_RULE__COUNT] = {
	[CG_RULE_CNAME_APEX] = {
		"cname-apex", CG_LEVEL_ERROR, true, ALIAS_ALONE,
		"a CNAME at the zone apex, where SOA and NS stand by definition"
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
