/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/conf.h"
#include "cli/nearest.h"
#include "cli/say.h"
#include "cli/versions.h"

/*! \brief What is read for the folder where nothing is said, if it is there. */
#define KNOT_CONF	"/etc/knot/knot.conf"

enum {
	OPTION_STATE = 0x100,
	OPTION_POLICY,
	OPTION_FORMAT,
	OPTION_HELP,
};

static const struct option LONGS[] = {
	{ "state",  required_argument, NULL, OPTION_STATE },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "help",   no_argument,       NULL, OPTION_HELP },
	{ NULL }
};

static const char *const FORMATS[] = { "text", "json", NULL };
static const char *const ACTIONS[] = { "show", "diff" };

#define ACTIONS_COUNT (sizeof(ACTIONS) / sizeof(ACTIONS[0]))

typedef struct {
	const char *state;
	const char *policy;
	int format;         /*!< Index in FORMATS. */
	bool help;
	char **words;       /*!< What follows the options. */
	int count;
} args_t;

static void print_help(void)
{
	puts("Usage: cnameguard versions [OPTION]... ZONE\n"
	     "       cnameguard versions [OPTION]... ZONE show [VERSION]\n"
	     "       cnameguard versions [OPTION]... ZONE diff VERSION [VERSION|FILE]\n"
	     "\n"
	     "Lists what the module has kept of a zone: originals, as they were before a\n"
	     "repair or when they were refused, newest first; and the last good version.\n"
	     "VERSION is the number of an original, the name of its file, or the word good.\n"
	     "\n"
	     "  show      prints a version as it is; by itself the newest original\n"
	     "  diff      prints the records that differ, - of the first and + of the second,\n"
	     "            which by itself is the last good version. What a server makes itself\n"
	     "            (RRSIG, NSEC, NSEC3, NSEC3PARAM, ZONEMD) is left out\n"
	     "\n"
	     "      --state DIR         folder that the module keeps versions in\n"
	     "      --policy FILE[:ID]  knot.conf that says which: option state of the section\n"
	     "                          mod-cnameguard, else cnameguard/ in the storage of\n"
	     "                          section database; by itself " KNOT_CONF ",\n"
	     "                          else /var/lib/knot/cnameguard\n"
	     "      --format WORD       of the list: text (default), json\n"
	     "      --help              this text\n"
	     "\n"
	     "To bring a version back: cnameguard versions ZONE show VERSION >FILE, correct\n"
	     "FILE where it is in conflict, give it a serial above that of the zone, put it in\n"
	     "place of the zone file, then knotc zone-reload ZONE.\n"
	     "\n"
	     "Exit code: 0; 1 diff: they differ, show: what is printed is damaged; 2 could not\n"
	     "do it.");
}

static bool take_option(args_t *args, int option)
{
	switch (option) {
	case OPTION_STATE:
		args->state = optarg;
		return true;
	case OPTION_POLICY:
		args->policy = optarg;
		return true;
	case OPTION_FORMAT:
		args->format = cg_args_word("format", optarg, FORMATS);
		return args->format >= 0;
	case OPTION_HELP:
		args->help = true;
		return true;
	default:
		return false;
	}
}

/*! \brief Whether as many words are there as the action takes. */
static bool check_words(const args_t *args)
{
	const char *action = (args->count > 1) ? args->words[1] : NULL;
	if (args->count == 0) {
		cg_say("no zone, see cnameguard versions --help");
		return false;
	}
	if (action == NULL) {
		return true;
	}
	bool show = strcmp(action, "show") == 0, diff = strcmp(action, "diff") == 0;
	if (!show && !diff) {
		const char *near = cg_nearest(action, ACTIONS, ACTIONS_COUNT);
		cg_say("versions: unknown word '%s'%s%s; after the zone comes nothing, show or diff",
		       action, (near != NULL) ? ", did you mean " : "", (near != NULL) ? near : "");
		return false;
	}
	if (diff && args->count == 2) {
		cg_say("versions: diff of which version? cnameguard versions %s lists them",
		       args->words[0]);
		return false;
	}
	if (args->count > (show ? 3 : 4)) {
		cg_say("versions: '%s' is too much, see cnameguard versions --help",
		       args->words[show ? 3 : 4]);
		return false;
	}
	return true;
}

static bool take_args(args_t *args, int argc, char **argv)
{
	int option;
	while ((option = cg_args_next(argc, argv, "", LONGS)) != -1) {
		if (option == '?' || !take_option(args, option)) {
			return false;
		}
		if (args->help) {
			return true;
		}
	}
	args->words = argv + optind;
	args->count = argc - optind;
	if (args->state != NULL && args->policy != NULL) {
		cg_say("versions: --state names the folder, --policy the file that says it: "
		       "choose one of them");
		return false;
	}
	return check_words(args);
}

/*! \brief The folder of the versions, to be freed; NULL: it was said what is wrong. */
static char *find_state(const args_t *args)
{
	char *state;
	if (args->policy != NULL) {
		return cg_conf_state(args->policy);
	}
	if (args->state == NULL && access(KNOT_CONF, R_OK) == 0) {
		return cg_conf_state(KNOT_CONF);
	}
	state = (args->state != NULL) ? strdup(args->state) : cg_conf_default_state(NULL);
	if (state == NULL) {
		cg_say("out of memory");
	}
	return state;
}

static bool take_zone(cg_versions_t *versions, const char *zone)
{
	if (zone[0] == '\0' ||
	    knot_dname_from_str(versions->zone, zone, sizeof(versions->zone)) == NULL) {
		cg_say("'%s' is not a domain name, use one such as example.com", zone);
		return false;
	}
	knot_dname_to_lower(versions->zone);
	return knot_dname_to_str(versions->zone_text, versions->zone,
	                         sizeof(versions->zone_text)) != NULL;
}

static int list(const cg_versions_t *versions, bool json)
{
	if (versions->count + versions->damaged == 0 && !versions->has_good) {
		cg_say("nothing is kept of %s in %s", versions->zone_text, versions->state);
	}
	if (!cg_versions_print(versions, json)) {
		cg_say("out of memory");
		return CG_EXIT_FAILED;
	}
	return CG_EXIT_CLEAN;
}

static int show(const cg_versions_t *versions, const char *word)
{
	char *text;
	size_t len;
	const cg_stored_t *stored = cg_versions_find(versions, word);
	if (stored == NULL) {
		cg_versions_say_missing(versions, word);
		return CG_EXIT_FAILED;
	}
	int ret = cg_store_text(stored, versions->zone, &text, &len);
	if (text == NULL) {
		cg_say("%s", cg_store_error());
		return CG_EXIT_FAILED;
	}
	fwrite(text, 1, len, stdout);
	free(text);
	if (ret != KNOT_EOK) {
		cg_say("%s; it was printed as it is", cg_store_error());
	}
	return (ret == KNOT_EOK) ? CG_EXIT_CLEAN : CG_EXIT_FOUND;
}

static int run(const args_t *args)
{
	cg_versions_t versions = { 0 };
	int code = CG_EXIT_FAILED;
	const char *action = (args->count > 1) ? args->words[1] : NULL;
	if (take_zone(&versions, args->words[0]) &&
	    (versions.state = find_state(args)) != NULL && cg_versions_load(&versions)) {
		if (action == NULL) {
			code = list(&versions, args->format == 1);
		} else if (strcmp(action, "show") == 0) {
			code = show(&versions, (args->count > 2) ? args->words[2] : "1");
		} else {
			code = cg_versions_diff(&versions, args->words + 2, args->count - 2);
		}
	}
	cg_versions_free(&versions);
	return code;
}

int cg_cli_versions(int argc, char **argv)
{
	args_t args = { 0 };
	if (!take_args(&args, argc, argv)) {
		return CG_EXIT_FAILED;
	}
	if (args.help) {
		print_help();
		return CG_EXIT_CLEAN;
	}
	return run(&args);
}
