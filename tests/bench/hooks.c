/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A module for knotd that hooks queries and does nothing: what Knot itself takes for a module.
 * No module can take less.
 *
 *     mod-hooks:
 *       - id: ID
 *         begin: on     # hooks BEGIN too, not END alone
 *         apex: on      # END looks at the SOA and NS data of the apex: no module can tell versions with less
 */

#include <knot/module.h>

#define BEGIN	"\x05""begin"
#define APEX	"\x04""apex"

static const yp_item_t schema[] = {
	{ BEGIN, YP_TBOOL, YP_VNONE },
	{ APEX, YP_TBOOL, YP_VNONE },
	{ NULL }
};

static knotd_state_t nothing(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	(void)pkt;
	(void)qdata;
	(void)mod;
	return state;
}

static knotd_state_t look(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	(void)pkt;
	(void)mod;
	(void)knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_SOA);
	(void)knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_NS);
	return state;
}

static bool is_set(knotd_mod_t *mod, const yp_name_t *option)
{
	return knotd_conf_mod(mod, option).single.boolean;
}

static int load(knotd_mod_t *mod)
{
	int ret = is_set(mod, BEGIN) ? knotd_mod_hook(mod, KNOTD_STAGE_BEGIN, nothing) : KNOT_EOK;
	return (ret != KNOT_EOK) ? ret :
	       knotd_mod_hook(mod, KNOTD_STAGE_END, is_set(mod, APEX) ? look : nothing);
}

static void unload(knotd_mod_t *mod)
{
	(void)mod;
}

KNOTD_MOD_API(hooks, KNOTD_MOD_FLAG_SCOPE_ZONE, load, unload, schema, NULL);
