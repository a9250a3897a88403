/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What knot.conf may say, and what knotc conf-check answers when it says
 * something else. Words are strings here, not YP_TOPT, whose error does not
 * tell which words there are. */

#include <string.h>

#include <libknot/yparser/yptrafo.h>

#include "cnameguard/rules.h"
#include "knot/config.h"
#include "knot/instance.h"

const cg_choice_t cg_choice_mode = {
	(const char *const[]){ "audit", "refuse", "rewrite", NULL },
	"unknown mode, use one of: audit, refuse, rewrite",
};
const cg_choice_t cg_choice_scope = {
	(const char *const[]){ "name", "zone", NULL },
	"unknown scope, use one of: name, zone",
};
const cg_choice_t cg_choice_strategy = {
	(const char *const[]){ "", "flatten", "keep-other", "keep-cname", NULL },
	"unknown strategy, use one of: flatten, keep-other, keep-cname",
};
const cg_choice_t cg_choice_fallback = {
	(const char *const[]){ "refuse", "", "keep-other", "keep-cname", NULL },
	"unknown fallback, use one of: refuse, keep-other, keep-cname",
};
const cg_choice_t cg_choice_unverified = {
	(const char *const[]){ "hold", "serve", NULL },
	"unknown value of while-unverified, use one of: hold, serve",
};

int cg_choice_find(const cg_choice_t *choice, const char *word)
{
	for (int i = 0; choice->words[i] != NULL; i++) {
		if (word[0] != '\0' && strcmp(choice->words[i], word) == 0) {
			return i;
		}
	}
	return -1;
}

static int check_choice(knotd_conf_check_args_t *args, const cg_choice_t *choice)
{
	if (cg_choice_find(choice, (const char *)args->data) < 0) {
		args->err_str = choice->error;
		return KNOT_EINVAL;
	}
	return KNOT_EOK;
}

static int check_mode(knotd_conf_check_args_t *args)
{
	return check_choice(args, &cg_choice_mode);
}

static int check_scope(knotd_conf_check_args_t *args)
{
	return check_choice(args, &cg_choice_scope);
}

static int check_strategy(knotd_conf_check_args_t *args)
{
	return check_choice(args, &cg_choice_strategy);
}

static int check_fallback(knotd_conf_check_args_t *args)
{
	return check_choice(args, &cg_choice_fallback);
}

static int check_unverified(knotd_conf_check_args_t *args)
{
	return check_choice(args, &cg_choice_unverified);
}

static int check_rule(knotd_conf_check_args_t *args)
{
	if (cg_rule_by_name((const char *)args->data) == CG_RULE__COUNT) {
		args->err_str = "unknown rule, use: cname-apex, cname-mx, cname-other, "
		                "cname-multiple, dname-multiple, dname-ns, dname-children, "
		                "apex-no-ns, mx-alias, ns-alias, srv-alias, ptr-alias, cname-loop, "
		                "cname-chain, cname-dangling, soa-alias, naptr-alias, svcb-alias, "
		                "cname-mail";
		return KNOT_EINVAL;
	}
	return KNOT_EOK;
}

static int check_exempt(knotd_conf_check_args_t *args)
{
	const char *name = (const char *)args->data;
	knot_dname_storage_t dname;

	if (name[0] == '\0' || (strcmp(name, "@") != 0 &&
	                        knot_dname_from_str(dname, name, sizeof(dname)) == NULL)) {
		args->err_str = "not a domain name, use an owner name such as www (relative to "
		                "the zone), @ (its apex) or www.example.com. (absolute)";
		return KNOT_EINVAL;
	}
	return KNOT_EOK;
}

static int check_absolute(knotd_conf_check_args_t *args, const char *error)
{
	const char *path = (const char *)args->data;

	if (path[0] != '\0' && path[0] != '/') {
		args->err_str = error;
		return KNOT_EINVAL;
	}
	return KNOT_EOK;
}

static int check_control(knotd_conf_check_args_t *args)
{
	return check_absolute(args, "control must be an absolute path such as /run/knot/knot.sock; "
	                            "leave it out for the server's own socket");
}

static int check_state(knotd_conf_check_args_t *args)
{
	return check_absolute(args, "state must be an absolute path such as /var/lib/knot/cnameguard; "
	                            "leave it out for cnameguard/ beside Knot's databases");
}

static int check_chain_limit(knotd_conf_check_args_t *args)
{
	int64_t links = yp_int(args->data);
	if (links < 1 || links > CG_CHAIN_LIMIT_MAX) {
		args->err_str = "chain-limit must be a number of aliases from 1 to 100; Knot follows 5";
		return KNOT_EINVAL;
	}
	return KNOT_EOK;
}

static int check_keep(knotd_conf_check_args_t *args)
{
	int64_t count = yp_int(args->data);
	if (count < CG_KEEP_MIN || count > CG_KEEP_MAX) {
		args->err_str = "keep must be a number of versions a zone from 1 to 1000";
		return KNOT_EINVAL;
	}
	return KNOT_EOK;
}

static int check_sweep(knotd_conf_check_args_t *args)
{
	int64_t seconds = yp_int(args->data);
	if (seconds < CG_SWEEP_MIN || seconds > CG_SWEEP_MAX) {
		args->err_str = "sweep-interval must be from 1 second to 1 day (1 to 86400)";
		return KNOT_EINVAL;
	}
	return KNOT_EOK;
}

const yp_item_t cg_config_schema[] = {
	{ CG_OPT_MODE,       YP_TSTR,  YP_VSTR = { "refuse" },  YP_FNONE,  { check_mode } },
	{ CG_OPT_SCOPE,      YP_TSTR,  YP_VSTR = { "name" },    YP_FNONE,  { check_scope } },
	{ CG_OPT_STRATEGY,   YP_TSTR,  YP_VSTR = { "flatten" }, YP_FNONE,  { check_strategy } },
	{ CG_OPT_FALLBACK,   YP_TSTR,  YP_VSTR = { "refuse" },  YP_FNONE,  { check_fallback } },
	{ CG_OPT_ENFORCE,    YP_TSTR,  YP_VNONE,                YP_FMULTI, { check_rule } },
	{ CG_OPT_IGNORE,     YP_TSTR,  YP_VNONE,                YP_FMULTI, { check_rule } },
	{ CG_OPT_EXEMPT,     YP_TSTR,  YP_VNONE,                YP_FMULTI, { check_exempt } },
	{ CG_OPT_ALLOW_KEY,  YP_TBOOL, YP_VNONE },
	{ CG_OPT_CHAIN_LIMIT, YP_TINT, YP_VINT = { 0, INT32_MAX, CG_CHAIN_LIMIT }, YP_FNONE, { check_chain_limit } },
	{ CG_OPT_UNVERIFIED, YP_TSTR,  YP_VSTR = { "hold" },    YP_FNONE,  { check_unverified } },
	{ CG_OPT_AUDIT_LOG,  YP_TSTR,  YP_VSTR = { "" } },
	{ CG_OPT_STATE,      YP_TSTR,  YP_VSTR = { "" },        YP_FNONE,  { check_state } },
	{ CG_OPT_KEEP,       YP_TINT,  YP_VINT = { 0, INT32_MAX, 10 }, YP_FNONE, { check_keep } },
	{ CG_OPT_SWEEP,      YP_TINT,  YP_VINT = { 0, INT32_MAX, 10, YP_STIME }, YP_FNONE, { check_sweep } },
	{ CG_OPT_CONTROL,    YP_TSTR,  YP_VSTR = { "" },        YP_FNONE,  { check_control } },
	{ NULL }
};
