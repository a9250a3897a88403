/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/nearest.h"
#include "cli/say.h"

/*! \brief Options of one subcommand, at the most. */
#define OPTIONS_MAX	64

static const char *nearest_option(const char *word, const struct option *longs)
{
	const char *names[OPTIONS_MAX];
	size_t count = 0;
	while (longs[count].name != NULL && count < OPTIONS_MAX) {
		names[count] = longs[count].name;
		count++;
	}
	return cg_nearest(word, names, count);
}

static const struct option *option_of(int value, const struct option *longs)
{
	while (longs->name != NULL && longs->val != value) {
		longs++;
	}
	return (longs->name != NULL) ? longs : NULL;
}

static void say_unknown(const char *command, const char *word, const struct option *longs)
{
	const char *name = word + strspn(word, "-");
	size_t len = strcspn(name, "=");
	size_t alike = 0;
	for (const struct option *option = longs; option->name != NULL; option++) {
		alike += (strncmp(option->name, name, len) == 0);
	}
	char *bare = strndup(name, len);
	const char *near = (bare != NULL) ? nearest_option(bare, longs) : NULL;
	if (len > 0 && alike > 1) {
		cg_say("option '%s' could be one of several, see cnameguard %s --help", word,
		       command);
	} else if (near != NULL) {
		cg_say("unknown option '%s', did you mean --%s? See cnameguard %s --help", word,
		       near, command);
	} else {
		cg_say("unknown option '%s', see cnameguard %s --help", word, command);
	}
	free(bare);
}

int cg_args_next(int argc, char **argv, const char *shorts, const struct option *longs)
{
	char all[32];
	snprintf(all, sizeof(all), ":%s", shorts);
	opterr = 0;
	int result = getopt_long(argc, argv, all, longs, NULL);
	if (result != ':' && result != '?') {
		return result;
	}

	const struct option *option = option_of(optopt, longs);
	if (result == ':') {
		cg_say("option '%s' wants a value, see cnameguard %s --help", argv[optind - 1],
		       argv[0]);
	} else if (optopt != 0 && option != NULL) {
		cg_say("option --%s takes no value", option->name);
	} else if (optopt != 0) {
		cg_say("unknown option '-%c', see cnameguard %s --help", optopt, argv[0]);
	} else {
		say_unknown(argv[0], argv[optind - 1], longs);
	}
	return '?';
}

int cg_args_word(const char *option, const char *value, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], value) == 0) {
			return i;
		}
	}

	char list[256] = "";
	for (int i = 0; words[i] != NULL; i++) {
		size_t len = strlen(list);
		snprintf(list + len, sizeof(list) - len, "%s%s", (i > 0) ? ", " : "", words[i]);
	}
	cg_say("--%s: unknown word '%s', use one of: %s", option, value, list);
	return -1;
}
