/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/say.h"

enum {
	OPTION_FORMAT = CG_OPTION_OWN,
	OPTION_LEVEL,
	OPTION_COLOR,
	OPTION_PROGRESS,
	OPTION_NO_PROGRESS,
	OPTION_SERVER,
	OPTION_HELP,
};

static const struct option LONGS[] = {
	CG_OPTIONS_LONG,
	{ "format",      required_argument, NULL, OPTION_FORMAT },
	{ "level",       required_argument, NULL, OPTION_LEVEL },
	{ "color",       required_argument, NULL, OPTION_COLOR },
	{ "progress",    no_argument,       NULL, OPTION_PROGRESS },
	{ "no-progress", no_argument,       NULL, OPTION_NO_PROGRESS },
	{ "server",      no_argument,       NULL, OPTION_SERVER },
	{ "help",        no_argument,       NULL, OPTION_HELP },
	{ NULL }
};

static const char *const FORMAT_WORDS[] = { "text", "json", "github", NULL };
static const cg_format_t *const FORMATS[] = {
	&cg_format_text, &cg_format_json, &cg_format_github
};

static const char *const LEVEL_WORDS[] = { "info", "warning", "error", NULL };

static const char *const COLOR_WORDS[] = { "auto", "always", "never", NULL };
enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

typedef struct {
	cg_options_t options;
	int format;           /*!< Index of FORMATS. */
	int level;            /*!< cg_level_t. */
	int color;
	cg_progress_t progress;
	bool server;
	bool help;
	char **args;          /*!< Files, or socket and zones. */
	size_t count;
} check_t;

static void print_help(void)
{
	puts("Usage: cnameguard check [OPTION]... FILE...\n"
	     "       cnameguard check [OPTION]... --server [SOCKET] [ZONE]...\n"
	     "\n"
	     "Checks zones for names at which an alias (CNAME) stands beside other data,\n"
	     "and for aliases that lead nowhere. Several zones are judged together. FILE is\n"
	     "a zone file, - standard input. With --server the zones of a running knotd\n"
	     "are read, all or those named; SOCKET, a path with a slash, is its control\n"
	     "socket (" CG_SOCKET ").\n"
	     "\n"
	     "Output:\n"
	     "      --format WORD       text (default), json (one finding a line), github\n"
	     "                          (annotations of a workflow)\n"
	     "      --level WORD        report from this level on: info, warning (default),\n"
	     "                          error\n"
	     "      --color WORD        auto (default: on a terminal), always, never\n"
	     "      --progress, --no-progress\n"
	     "                          tell on stderr how far it is; by itself: on a\n"
	     "                          terminal, after a second\n"
	     "      --server            read from a server, not from files\n"
	     "      --help              this text\n");
	cg_options_help();
	puts("\n"
	     "Exit code: 0 nothing at level error, 1 at least one finding at level error,\n"
	     "2 something could not be checked. Rules: cnameguard explain.");
}

static bool take_own(check_t *check, int option)
{
	switch (option) {
	case OPTION_FORMAT:
		check->format = cg_args_word("format", optarg, FORMAT_WORDS);
		return check->format >= 0;
	case OPTION_LEVEL:
		check->level = cg_args_word("level", optarg, LEVEL_WORDS);
		return check->level >= 0;
	case OPTION_COLOR:
		check->color = cg_args_word("color", optarg, COLOR_WORDS);
		return check->color >= 0;
	case OPTION_PROGRESS:
		check->progress = CG_PROGRESS_ON;
		return true;
	case OPTION_NO_PROGRESS:
		check->progress = CG_PROGRESS_OFF;
		return true;
	case OPTION_SERVER:
		check->server = true;
		return true;
	case OPTION_HELP:
		check->help = true;
		return true;
	default:
		return cg_options_take(&check->options, option, optarg);
	}
}

static bool take_args(check_t *check, int argc, char **argv)
{
	int option;
	while ((option = cg_args_next(argc, argv, "o:", LONGS)) != -1) {
		if (option == '?' || !take_own(check, option)) {
			return false;
		}
		if (check->help) {
			return true;
		}
	}
	check->args = argv + optind;
	check->count = argc - optind;
	check->options.rules.info = (check->level == CG_LEVEL_INFO);

	if (check->server && (check->options.has_origin || check->options.include_dir != NULL)) {
		cg_say("--origin and --include-dir are for files, they do not go with --server");
		return false;
	}
	if (!check->server && check->count == 0) {
		cg_say("no file to check; cnameguard check FILE..., or --server for the zones of "
		       "a running server");
		return false;
	}
	return true;
}

/*! \brief Zones can have a slash too, such as 0/25.2.0.192.in-addr.arpa (RFC 2317). */
static bool is_socket(const char *arg)
{
	struct stat st;
	return arg[0] == '/' || strncmp(arg, "./", 2) == 0 || strncmp(arg, "../", 3) == 0 ||
	       (stat(arg, &st) == 0 && S_ISSOCK(st.st_mode));
}

static int read_subjects(check_t *check, cg_subjects_t *subjects)
{
	if (!check->server) {
		return cg_files_read(subjects, &check->options, check->args, check->count);
	}
	const char *socket = CG_SOCKET;
	if (check->count > 0 && is_socket(check->args[0])) {
		socket = *check->args++;
		check->count--;
	}
	return cg_zones_read(subjects, socket, check->args, check->count);
}

static bool use_color(const check_t *check)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	if (check->color != COLOR_AUTO) {
		return check->color == COLOR_ALWAYS;
	}
	return isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

/*! \brief Prints what was found. */
static int print_subjects(const check_t *check, const cg_subjects_t *subjects,
                          const struct timespec *since)
{
	cg_print_t print = {
		.subjects = subjects,
		.noun = check->server ? "zone" : "file",
		.level = check->level,
		.color = use_color(check),
		.excerpts = cg_excerpts_new(since),
	};
	int ret = (print.excerpts == NULL) ? KNOT_ENOMEM : cg_print(&print, FORMATS[check->format]);
	cg_excerpts_free(print.excerpts);
	return ret;
}

static int result(const cg_subjects_t *subjects)
{
	if (subjects->failed > 0) {
		return CG_EXIT_FAILED;
	}
	for (size_t i = 0; i < subjects->count; i++) {
		if (subjects->list[i].findings.errors > 0) {
			return CG_EXIT_FOUND;
		}
	}
	return CG_EXIT_CLEAN;
}

static int run(check_t *check)
{
	cg_subjects_t subjects = { 0 };
	struct timespec since;
	clock_gettime(CLOCK_REALTIME, &since);
	cg_progress_begin(check->progress);
	int ret = read_subjects(check, &subjects);
	if (ret == KNOT_EOK) {
		ret = cg_subjects_judge(&subjects, &check->options.rules);
	}
	cg_progress_end();
	if (ret == KNOT_EOK) {
		ret = print_subjects(check, &subjects, &since);
	}

	int code = result(&subjects);
	if (ret == KNOT_ENOMEM) {
		cg_say("out of memory");
	}
	if (ret != KNOT_EOK) {
		code = CG_EXIT_FAILED;
	}
	cg_subjects_free(&subjects);
	return code;
}

int cg_cli_check(int argc, char **argv)
{
	check_t check = { .level = CG_LEVEL_WARNING };
	int code = CG_EXIT_FAILED;
	cg_options_init(&check.options);
	if (take_args(&check, argc, argv)) {
		if (check.help) {
			print_help();
			code = CG_EXIT_CLEAN;
		} else {
			cg_say_also(FORMATS[check.format]->note);
			code = run(&check);
			cg_say_also(NULL);
		}
	}
	cg_options_free(&check.options);
	return code;
}
