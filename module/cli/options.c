/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/conf.h"
#include "cli/items.h"
#include "cli/say.h"

void cg_options_init(cg_options_t *options)
{
	memset(options, 0, sizeof(*options));
	options->strategy = CG_STRATEGY_FLATTEN;
	options->fallback = CG_STRATEGY_REFUSE;
}

void cg_options_free(cg_options_t *options)
{
	for (size_t i = 0; i < options->rules.exempt_count; i++) {
		free((char *)options->rules.exempt[i]);
	}
	free(options->rules.exempt);
	cg_options_init(options);
}

/*! \brief One value of a flag. */
static bool take_value(cg_options_t *options, const char *item, const char *value)
{
	char *why = NULL;
	int ret = cg_item_set(options, item, value, &why);
	if (ret != KNOT_EOK) {
		cg_say("--%s: %s", item, (why != NULL) ? why : knot_strerror(ret));
	}
	free(why);
	return ret == KNOT_EOK;
}

/*! \brief Length of the part before the next comma; an escaped one is part of a name. */
static size_t part_len(const char *list)
{
	size_t len = 0;
	while (list[len] != '\0' && list[len] != ',') {
		len += (list[len] == '\\' && list[len + 1] != '\0') ? 2 : 1;
	}
	return len;
}

/*! \brief Values with commas between them, and blanks around them. */
static bool take_list(cg_options_t *options, const char *item, const char *list)
{
	bool ok = true;
	while (ok) {
		size_t len = part_len(list);
		const char *begin = list + strspn(list, " \t");
		const char *end = list + len;
		while (end > begin && (end[-1] == ' ' || end[-1] == '\t')) {
			end--;
		}
		char *value = strndup(begin, (end > begin) ? end - begin : 0);
		ok = (value != NULL && take_value(options, item, value));
		free(value);
		if (list[len] == '\0') {
			break;
		}
		list += len + 1;
	}
	return ok;
}

/*! \brief A flag that names rules takes them out of the opposite list: the later one wins. */
static bool take_rules(cg_options_t *options, const char *item, const char *list)
{
	cg_options_t one;
	cg_options_init(&one);
	bool ok = take_list(&one, item, list);
	if (ok) {
		cg_options_add_rules(options, &one.rules);
	}
	return ok;
}

void cg_options_add_rules(cg_options_t *options, const cg_rules_policy_t *later)
{
	cg_rules_policy_t *rules = &options->rules;
	rules->ignore = (rules->ignore & ~later->enforce) | later->ignore;
	rules->enforce = (rules->enforce & ~later->ignore) | later->enforce;
}

static bool take_origin(cg_options_t *options, const char *value)
{
	if (value[0] == '\0' ||
	    knot_dname_from_str(options->origin, value, sizeof(options->origin)) == NULL) {
		cg_say("--origin: '%s' is not a domain name, use one such as example.com", value);
		return false;
	}
	knot_dname_to_lower(options->origin);
	options->has_origin = true;
	return true;
}

/*! \brief '' stands for no folder at all. */
static bool is_folder(const char *path)
{
	struct stat st;
	errno = 0;
	if (*path == '\0') {
		return true;
	}
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		cg_say("--include-dir %s: %s; give a folder, or '' for no $INCLUDE at all",
		       cg_say_file(path), (errno != 0) ? strerror(errno) : strerror(ENOTDIR));
		return false;
	}
	return true;
}

bool cg_options_take(cg_options_t *options, int option, const char *value)
{
	switch (option) {
	case 'o':
		return take_origin(options, value);
	case CG_OPTION_POLICY:
		return cg_conf_read(options, value);
	case CG_OPTION_ENFORCE:
		return take_rules(options, "enforce", value);
	case CG_OPTION_IGNORE:
		return take_rules(options, "ignore", value);
	case CG_OPTION_EXEMPT:
		return take_list(options, "exempt", value);
	case CG_OPTION_ALLOW_KEY:
		return take_value(options, "allow-key", "on");
	case CG_OPTION_CHAIN_LIMIT:
		return take_value(options, "chain-limit", value);
	case CG_OPTION_STRATEGY:
		return take_value(options, "strategy", value);
	case CG_OPTION_FALLBACK:
		return take_value(options, "fallback", value);
	case CG_OPTION_INCLUDE_DIR:
		options->include_dir = value;
		return is_folder(value);
	default:
		return false;
	}
}

void cg_options_help(void)
{
	puts("Zone files:\n"
	     "  -o, --origin NAME       zone of the files; by itself: owner of the SOA, else\n"
	     "                          the file's name, as in example.com.zone\n"
	     "      --include-dir DIR   folder that $INCLUDE may read from; by itself: the\n"
	     "                          folder of each file; '': none\n"
	     "\n"
	     "Policy (later ones win, lists add up):\n"
	     "      --policy FILE[:ID]  section mod-cnameguard of a knot.conf\n"
	     "      --enforce RULE,...  raise rules to level error\n"
	     "      --ignore RULE,...   do not report rules\n"
	     "      --exempt NAME,...   owner names that are reported and left alone\n"
	     "      --allow-key         KEY may stand beside a CNAME\n"
	     "      --chain-limit N     aliases that a chain may have, 1 to 100 (5)\n"
	     "      --strategy WORD     fix repairs by: flatten (default), keep-other,\n"
	     "                          keep-cname; check shows what flatten would write\n"
	     "      --fallback WORD     where that cannot be: refuse (default), keep-other,\n"
	     "                          keep-cname");
}
