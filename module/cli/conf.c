/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/conf.h"
#include "cli/conf_sections.h"
#include "cli/items.h"
#include "cli/say.h"

#define DEFAULT_ID	"default"
/*! \brief Folder of Knot's databases, and that of the module in it, where nothing else is set. */
#define STORAGE		"/var/lib/knot"
#define STATE		"cnameguard"

/*! \brief "default, customers", to be freed. */
static char *list_ids(const cg_conf_section_t *section)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL) {
		return NULL;
	}
	const char *separator = "";
	for (; section != NULL; section = section->next) {
		fprintf(out, "%s%s", separator, section->id);
		separator = ", ";
	}
	return (fclose(out) == 0) ? text : NULL;
}

/*! \brief The section with that ID; without one the only section, or that called default. */
static cg_conf_section_t *choose(cg_conf_section_t *sections, const char *file, const char *id)
{
	if (sections == NULL) {
		cg_say("--policy: '%s' has no section " CG_CONF_SECTION, file);
		return NULL;
	}
	cg_conf_section_t *section = cg_conf_find(sections, (id != NULL) ? id : DEFAULT_ID);
	if (section == NULL && id == NULL && sections->next == NULL) {
		section = sections;
	}
	if (section == NULL) {
		char *ids = list_ids(sections);
		cg_say("--policy: '%s' has %s " CG_CONF_SECTION "%s%s, name one as %s:ID; there are: %s",
		       file, (id != NULL) ? "no section" : "several sections",
		       (id != NULL) ? " with id " : "", (id != NULL) ? id : "", file,
		       (ids != NULL) ? ids : "");
		free(ids);
	}
	return section;
}

static bool apply_setting(cg_options_t *options, const cg_conf_setting_t *setting)
{
	char *why = NULL;
	int ret = cg_item_set(options, setting->item, setting->value, &why);
	if (ret == KNOT_ENOENT) {
		const char *near = cg_item_nearest(setting->item);
		cg_say_at(setting->file, setting->line, "error", "unknown option '%s'%s%s",
		          setting->item, (near != NULL) ? ", did you mean " : "",
		          (near != NULL) ? near : "");
	} else if (ret != KNOT_EOK) {
		cg_say_at(setting->file, setting->line, "error", "%s: %s", setting->item,
		          (why != NULL) ? why : knot_strerror(ret));
	}
	free(why);
	return ret == KNOT_EOK;
}

static bool apply(cg_options_t *options, const cg_conf_section_t *section)
{
	cg_rules_policy_t before = options->rules;
	options->rules.enforce = 0;
	options->rules.ignore = 0;
	bool ok = true;
	for (const cg_conf_setting_t *setting = section->first; setting != NULL && ok;
	     setting = setting->next) {
		ok = apply_setting(options, setting);
	}
	cg_rules_policy_t later = options->rules;
	options->rules.enforce = before.enforce;
	options->rules.ignore = before.ignore;
	cg_options_add_rules(options, &later);
	return ok;
}

/*! \brief Takes FILE:ID apart; to be freed. NULL: out of memory, which is said. */
static char *split(const char *arg, char **id)
{
	char *file = strdup(arg);
	if (file == NULL) {
		cg_say("out of memory");
		return NULL;
	}
	*id = (access(arg, F_OK) == 0) ? NULL : strrchr(file, ':');
	if (*id != NULL) {
		*(*id)++ = '\0';
	}
	return file;
}

bool cg_conf_read(cg_options_t *options, const char *arg)
{
	char *id;
	char *file = split(arg, &id);
	if (file == NULL) {
		return false;
	}
	cg_conf_section_t *sections = NULL;
	bool ok = cg_conf_sections(file, &sections, NULL);
	if (ok) {
		const cg_conf_section_t *section = choose(sections, file, id);
		ok = (section != NULL && apply(options, section));
	}
	cg_conf_sections_free(sections);
	free(file);
	return ok;
}

/*! \brief What a section sets as state; "": nothing. */
static const char *state_of(const cg_conf_section_t *section)
{
	const char *state = "";
	const cg_conf_setting_t *setting = (section != NULL) ? section->first : NULL;
	for (; setting != NULL; setting = setting->next) {
		if (strcmp(setting->item, "state") == 0) {
			state = setting->value;
		}
	}
	return state;
}

/*! \brief What the section with that ID sets, or all sections; NULL: it was said what is wrong. */
static const char *choose_state(cg_conf_section_t *sections, const char *file, const char *id)
{
	const cg_conf_section_t *section = sections;
	while (section != NULL && strcmp(state_of(section), state_of(sections)) == 0) {
		section = section->next;
	}
	if (id == NULL && section == NULL) {
		return state_of(sections);
	}
	section = choose(sections, file, id);
	return (section != NULL) ? state_of(section) : NULL;
}

char *cg_conf_state(const char *arg)
{
	char *id, *storage = NULL, *out = NULL;
	char *file = split(arg, &id);
	if (file == NULL) {
		return NULL;
	}
	cg_conf_section_t *sections = NULL;
	bool ok = cg_conf_sections(file, &sections, &storage);
	const char *state = ok ? choose_state(sections, file, id) : NULL;
	if (state != NULL && state[0] != '\0') {
		out = strdup(state);
	} else if (state != NULL) {
		out = cg_conf_default_state(storage);
	}
	if (state != NULL && out == NULL) {
		cg_say("out of memory");
	}
	cg_conf_sections_free(sections);
	free(storage);
	free(file);
	return out;
}

char *cg_conf_default_state(const char *storage)
{
	char *out = NULL;
	bool is_set = storage != NULL && storage[0] != '\0';
	return (asprintf(&out, "%s/" STATE, is_set ? storage : STORAGE) >= 0) ? out : NULL;
}
