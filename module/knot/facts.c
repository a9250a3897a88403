/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <string.h>

#include "cnameguard/clock.h"
#include "cnameguard/compat.h"
#include "knot/facts.h"

/* Sections and items of Knot. */
#define ZONE		"\x04""zone"
#define MODULE		"\x06""module"
#define ACL		"\x03""acl"
#define ACTION		"\x06""action"

typedef enum { OPTION, BOOLEAN, INTEGER, TEXT, COUNT, ACTIONS } kind_t;

static const struct {
	const yp_name_t *name;
	kind_t kind;
} items[CG_FACTS] = {
	[CG_FACT_LOAD]      = { "\x0D""zonefile-load", OPTION },
	[CG_FACT_CHECKS]    = { "\x0F""semantic-checks", OPTION },
	[CG_FACT_JOURNAL]   = { "\x0F""journal-content", OPTION },
	[CG_FACT_PRIMARIES] = { "\x06""master", COUNT },
	[CG_FACT_ACTIONS]   = { ACL, ACTIONS },
	[CG_FACT_SIGNING]   = { "\x0E""dnssec-signing", BOOLEAN },
	[CG_FACT_SYNC]      = { "\x0D""zonefile-sync", INTEGER },
	[CG_FACT_FILE]      = { "\x04""file", TEXT },
	[CG_FACT_STORAGE]   = { "\x07""storage", TEXT },
	[CG_FACT_EXTERNAL]  = { "\x13""external-validation", COUNT },
	[CG_FACT_DIGESTS]   = { "\x0F""zonemd-generate", OPTION },
};

/*! \brief Templates that are remembered. */
#define TEMPLATES	4
/*! \brief So long after a zone the next one comes at the latest; else nothing is taken from before. */
#define GAP_MS		20

/*!
 * \brief What zones have that have nothing of their own.
 *
 * Which one it is, is told by addresses. That of the host's name is another one in each
 * configuration of Knot that is there at the same time, and while zones are loaded for one, the
 * one before it is still there. That of the list of modules, which every zone here has, is another
 * one in each template and zone that has such a list.
 */
typedef struct {
	const uint8_t *modules; /*!< NULL: free. */
	cg_fact_t facts[CG_FACTS];
	bool known[CG_FACTS];
	cg_policy_t *policy;    /*!< Of a zone that has nothing of its own; a reference, NULL: none came. */
	bool quiet;
} template_t;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static template_t templates[TEMPLATES];
static size_t next_template;
static int64_t last_ms;
static const char *last_config;

static void clear(template_t *template)
{
	cg_policy_unref(template->policy);
	memset(template, 0, sizeof(*template));
}

static void clear_all(void)
{
	for (size_t i = 0; i < TEMPLATES; i++) {
		clear(&templates[i]);
	}
}

/*! \brief The module is in the list once: then the list tells its options too. */
static bool is_once(const knotd_conf_t *modules)
{
	static const char OWN[] = "mod-cnameguard";
	size_t count = 0;
	for (size_t i = 0; i < modules->count && modules->multi != NULL; i++) {
		count += (memmem(modules->multi[i].data, modules->multi[i].data_len, OWN,
		                 sizeof(OWN) - 1) != NULL);
	}
	return count == 1;
}

/*! \brief Where the zone's template is remembered, or is to be; NULL: nowhere. */
static template_t *find_template(knotd_mod_t *mod, const knotd_conf_t *modules)
{
	int64_t now_ms = cg_now_ms();
	const char *config = knotd_conf_env(mod, KNOTD_CONF_ENV_HOSTNAME).single.string;
	if (now_ms - last_ms > GAP_MS || config != last_config) {
		clear_all(); /* The next configuration but one could have the address of this one. */
	}
	last_ms = now_ms;
	last_config = config;
	if (config == NULL || !is_once(modules)) {
		return NULL;
	}
	const uint8_t *list = modules->multi[0].data;
	for (size_t i = 0; i < TEMPLATES; i++) {
		if (templates[i].modules == list) {
			return &templates[i];
		}
	}
	template_t *template = &templates[next_template];
	next_template = (next_template + 1) % TEMPLATES;
	clear(template);
	template->modules = list;
	return template;
}

/*! \brief What ACLs allow: a bit an action. */
static unsigned allowed_actions(knotd_mod_t *mod, const knotd_conf_t *acls)
{
	unsigned allowed = 0;
	for (size_t i = 0; i < acls->count; i++) {
		knotd_conf_t id = { .single = acls->multi[i], .count = 1 };
		knotd_conf_t actions = knotd_conf(mod, ACL, ACTION, &id);
		for (size_t j = 0; j < actions.count; j++) {
			allowed |= 1u << actions.multi[j].option;
		}
		knotd_conf_free(&actions);
	}
	return allowed;
}

/*! \brief Asks for what the zone has, wherever it comes from. */
static cg_fact_t ask(knotd_mod_t *mod, size_t item)
{
	knotd_conf_t conf = knotd_conf_zone(mod, items[item].name, knotd_mod_zone(mod));
	cg_fact_t fact = { .number = 0 };
	switch (items[item].kind) {
	case OPTION:
		fact.number = conf.single.option;
		break;
	case BOOLEAN:
		fact.number = conf.single.boolean;
		break;
	case INTEGER:
		fact.number = conf.single.integer;
		break;
	case TEXT:
		fact.text = conf.single.string;
		break;
	case COUNT:
		fact.number = conf.count;
		break;
	case ACTIONS:
		fact.number = allowed_actions(mod, &conf);
		break;
	}
	knotd_conf_free(&conf);
	return fact;
}

/*! \brief Whether the section of the zone itself has something there. */
static bool is_own(knotd_mod_t *mod, size_t item)
{
	const knot_dname_t *zone = knotd_mod_zone(mod);
	knotd_conf_t id = {
		.single = { .data = zone, .data_len = knot_dname_size(zone) },
		.count = 1,
	};
	knotd_conf_t conf = knotd_conf(mod, ZONE, items[item].name, &id);
	bool own = (conf.count > 0);
	knotd_conf_free(&conf);
	return own;
}

/*! \brief Reads a fact; \a own is set where it is the zone's own. */
static cg_fact_t get(knotd_mod_t *mod, template_t *template, size_t item, bool *own)
{
	if (template == NULL || is_own(mod, item)) {
		*own = true;
		return ask(mod, item);
	}
	if (!template->known[item]) {
		template->facts[item] = ask(mod, item);
		template->known[item] = true;
	}
	return template->facts[item];
}

/*! \brief Reads all facts; true: none is the zone's own. */
static bool get_all(knotd_mod_t *mod, template_t *template, cg_fact_t *facts)
{
	bool own = false;
	for (size_t i = 0; i < CG_FACT_EXTERNAL; i++) {
		facts[i] = get(mod, template, i, &own);
	}
#if CG_KNOT_EXTERNAL
	facts[CG_FACT_EXTERNAL] = get(mod, template, CG_FACT_EXTERNAL, &own);
	if (facts[CG_FACT_EXTERNAL].number > 0) {
		facts[CG_FACT_DIGESTS] = get(mod, template, CG_FACT_DIGESTS, &own);
	}
#endif
	return !own;
}

cg_policy_t *cg_facts_load(knotd_mod_t *mod, bool *quiet)
{
	cg_fact_t facts[CG_FACTS] = { 0 };
	knotd_conf_t modules = knotd_conf_zone(mod, MODULE, knotd_mod_zone(mod));
	*quiet = false;

	pthread_mutex_lock(&lock);
	template_t *template = find_template(mod, &modules);
	bool plain = get_all(mod, template, facts);
	cg_policy_t *policy = NULL;
	if (plain && template->policy != NULL) {
		policy = cg_policy_ref(template->policy);
		*quiet = template->quiet;
	} else {
		policy = cg_config_make(mod, facts, &modules);
		if (plain && policy != NULL) {
			template->policy = cg_policy_ref(policy);
		}
	}
	pthread_mutex_unlock(&lock);

	knotd_conf_free(&modules);
	return policy;
}

void cg_facts_quiet(const cg_policy_t *policy)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < TEMPLATES; i++) {
		templates[i].quiet |= (templates[i].policy == policy);
	}
	pthread_mutex_unlock(&lock);
}

void cg_facts_forget(void)
{
	pthread_mutex_lock(&lock);
	clear_all();
	pthread_mutex_unlock(&lock);
}
