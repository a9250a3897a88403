/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/items.h"
#include "cli/nearest.h"

/*! \brief Tells what would be right. */
static int wrong(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int wrong(char **why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vasprintf(why, format, args);
	va_end(args);
	if (len < 0) {
		*why = NULL;
		return KNOT_ENOMEM;
	}
	return KNOT_EINVAL;
}

/*! \brief "cname-apex, cname-mx, ...", to be freed. */
static char *list_rules(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL) {
		return NULL;
	}
	for (cg_rule_t rule = 0; rule < CG_RULE__COUNT; rule++) {
		fprintf(out, "%s%s", (rule > 0) ? ", " : "", cg_rule_info(rule)->name);
	}
	return (fclose(out) == 0) ? text : NULL;
}

static int find_rule(const char *name, uint32_t *bit, char **why)
{
	cg_rule_t rule = cg_rule_by_name(name);
	if (rule != CG_RULE__COUNT) {
		*bit = 1u << rule;
		return KNOT_EOK;
	}

	char *rules = list_rules();
	const char *near = cg_nearest_rule(name);
	int ret = (rules == NULL) ? KNOT_ENOMEM :
	          (near != NULL) ? wrong(why, "unknown rule '%s', did you mean %s? There are: %s",
	                                 name, near, rules)
	                         : wrong(why, "unknown rule '%s', use: %s", name, rules);
	free(rules);
	return ret;
}

static int set_enforce(cg_options_t *options, const char *value, char **why)
{
	uint32_t bit = 0;
	int ret = find_rule(value, &bit, why);
	options->rules.enforce |= bit;
	return ret;
}

static int set_ignore(cg_options_t *options, const char *value, char **why)
{
	uint32_t bit = 0;
	int ret = find_rule(value, &bit, why);
	options->rules.ignore |= bit;
	return ret;
}

static int add_exempt(cg_rules_policy_t *rules, const char *name)
{
	const char **bigger = realloc(rules->exempt,
	                              (rules->exempt_count + 1) * sizeof(*rules->exempt));
	if (bigger == NULL) {
		return KNOT_ENOMEM;
	}
	rules->exempt = bigger;
	rules->exempt[rules->exempt_count] = strdup(name);
	if (rules->exempt[rules->exempt_count] == NULL) {
		return KNOT_ENOMEM;
	}
	rules->exempt_count++;
	return KNOT_EOK;
}

static int set_exempt(cg_options_t *options, const char *value, char **why)
{
	knot_dname_storage_t name;
	if (value[0] == '\0' || (strcmp(value, "@") != 0 &&
	                         knot_dname_from_str(name, value, sizeof(name)) == NULL)) {
		return wrong(why, "'%s' is not a domain name, use an owner name such as www "
		             "(relative to the zone), @ (its apex) or www.example.com. (absolute)",
		             value);
	}
	return add_exempt(&options->rules, value);
}

/* The words that Knot takes for a truth value. */
static int set_allow_key(cg_options_t *options, const char *value, char **why)
{
	bool on = (strcasecmp(value, "on") == 0 || strcasecmp(value, "true") == 0);
	if (!on && strcasecmp(value, "off") != 0 && strcasecmp(value, "false") != 0) {
		return wrong(why, "'%s' is neither on nor off", value);
	}
	options->rules.allow_key = on;
	return KNOT_EOK;
}

static int set_chain_limit(cg_options_t *options, const char *value, char **why)
{
	char *end = NULL;
	errno = 0;
	long limit = strtol(value, &end, 10);
	if (end == value || *end != '\0' || errno != 0 || limit < 1 || limit > CG_CHAIN_LIMIT_MAX) {
		return wrong(why, "'%s' is not a number of aliases from 1 to %d; Knot follows %d",
		             value, CG_CHAIN_LIMIT_MAX, CG_CHAIN_LIMIT);
	}
	options->rules.chain_limit = limit;
	return KNOT_EOK;
}

/*! \brief One of the strategies that drop or flatten; false: none of that name. */
static bool find_strategy(const char *word, cg_strategy_t first, cg_strategy_t *out)
{
	for (cg_strategy_t s = first; s <= CG_STRATEGY_KEEP_CNAME; s++) {
		if (strcmp(word, cg_strategy_name(s)) == 0) {
			*out = s;
			return true;
		}
	}
	return false;
}

static int set_strategy(cg_options_t *options, const char *value, char **why)
{
	if (!find_strategy(value, CG_STRATEGY_FLATTEN, &options->strategy)) {
		return wrong(why, "unknown strategy '%s', use one of: flatten, keep-other, "
		             "keep-cname", value);
	}
	return KNOT_EOK;
}

static int set_fallback(cg_options_t *options, const char *value, char **why)
{
	if (strcmp(value, "refuse") == 0) {
		options->fallback = CG_STRATEGY_REFUSE;
	} else if (!find_strategy(value, CG_STRATEGY_KEEP_OTHER, &options->fallback)) {
		return wrong(why, "unknown fallback '%s', use one of: refuse, keep-other, "
		             "keep-cname", value);
	}
	return KNOT_EOK;
}

/*! \brief Of the module only. */
static int pass(cg_options_t *options, const char *value, char **why)
{
	(void)options;
	(void)value;
	(void)why;
	return KNOT_EOK;
}

static const struct {
	const char *name;
	int (*set)(cg_options_t *options, const char *value, char **why);
} ITEMS[] = {
	{ "enforce",          set_enforce },
	{ "ignore",           set_ignore },
	{ "exempt",           set_exempt },
	{ "allow-key",        set_allow_key },
	{ "chain-limit",      set_chain_limit },
	{ "strategy",         set_strategy },
	{ "fallback",         set_fallback },
	{ "mode",             pass },
	{ "scope",            pass },
	{ "while-unverified", pass },
	{ "audit-log",        pass },
	{ "state",            pass },
	{ "keep",             pass },
	{ "sweep-interval",   pass },
	{ "control",          pass },
	{ "comment",          pass },
};

#define ITEMS_COUNT (sizeof(ITEMS) / sizeof(ITEMS[0]))

int cg_item_set(cg_options_t *options, const char *item, const char *value, char **why)
{
	*why = NULL;
	for (size_t i = 0; i < ITEMS_COUNT; i++) {
		if (strcmp(ITEMS[i].name, item) == 0) {
			return ITEMS[i].set(options, value, why);
		}
	}
	return KNOT_ENOENT;
}

const char *cg_item_nearest(const char *item)
{
	const char *names[ITEMS_COUNT];
	for (size_t i = 0; i < ITEMS_COUNT; i++) {
		names[i] = ITEMS[i].name;
	}
	return cg_nearest(item, names, ITEMS_COUNT);
}
