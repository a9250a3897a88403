/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <string.h>

#include "cli/account.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/diff.h"
#include "cli/mending.h"
#include "cli/progress.h"
#include "cli/replace.h"
#include "cli/say.h"

enum {
	OPTION_SERIAL = CG_OPTION_OWN,
	OPTION_IN_PLACE,
	OPTION_DIFF,
	OPTION_HELP,
};

static const struct option LONGS[] = {
	CG_OPTIONS_LONG,
	{ "serial",   required_argument, NULL, OPTION_SERIAL },
	{ "in-place", no_argument,       NULL, OPTION_IN_PLACE },
	{ "diff",     no_argument,       NULL, OPTION_DIFF },
	{ "help",     no_argument,       NULL, OPTION_HELP },
	{ NULL }
};

typedef struct {
	cg_options_t options;
	int serial;         /*!< cg_serial_t. */
	bool in_place;
	bool diff;
	bool help;
	const char *file;
} fix_t;

static void print_help(void)
{
	puts("Usage: cnameguard fix [OPTION]... FILE\n"
	     "\n"
	     "Repairs a zone file in which an alias (CNAME) stands beside other data, and\n"
	     "prints it. Only lines that must change are changed: what is taken out stays as a\n"
	     "comment, what is added comes in its place. FILE - is standard input. What was\n"
	     "done, and what could not be, is told on stderr.\n"
	     "\n"
	     "Output:\n"
	     "      --diff              print what would change, as for patch -p0\n"
	     "      --in-place          write FILE anew, at once or not at all; the old one is\n"
	     "                          kept as FILE.orig, FILE.orig.1 and so on\n"
	     "      --serial WORD       keep the SOA serial (default), or raise it by:\n"
	     "                          increment, unixtime, dateserial (YYYYMMDDnn)\n"
	     "      --help              this text\n");
	cg_options_help();
	puts("\n"
	     "Exit code: 0 nothing at level error is left, 1 something is, 2 could not do it:\n"
	     "nothing was written.");
}

static bool take_serial(fix_t *fix, const char *value)
{
	const char *words[CG_SERIAL_DATESERIAL + 2] = { NULL };
	for (cg_serial_t scheme = 0; scheme <= CG_SERIAL_DATESERIAL; scheme++) {
		words[scheme] = cg_serial_name(scheme);
	}
	fix->serial = cg_args_word("serial", value, words);
	return fix->serial >= 0;
}

static bool take_own(fix_t *fix, int option)
{
	switch (option) {
	case OPTION_SERIAL:
		return take_serial(fix, optarg);
	case OPTION_IN_PLACE:
		fix->in_place = true;
		return true;
	case OPTION_DIFF:
		fix->diff = true;
		return true;
	case OPTION_HELP:
		fix->help = true;
		return true;
	default:
		return cg_options_take(&fix->options, option, optarg);
	}
}

static bool take_args(fix_t *fix, int argc, char **argv)
{
	int option;
	while ((option = cg_args_next(argc, argv, "o:", LONGS)) != -1) {
		if (option == '?' || !take_own(fix, option)) {
			return false;
		}
		if (fix->help) {
			return true;
		}
	}
	if (argc - optind != 1) {
		cg_say("%s, see cnameguard fix --help", (argc == optind) ? "no file to repair" :
		       "one file at a time");
		return false;
	}
	fix->file = argv[optind];
	if (fix->in_place && fix->diff) {
		cg_say("--diff shows what --in-place would do: choose one of them");
		return false;
	}
	if (fix->in_place && strcmp(fix->file, "-") == 0) {
		cg_say("standard input cannot be written in place");
		return false;
	}
	return true;
}

/*! \brief Puts the result where it was asked for; \a replace keeps the name of the old file. */
static bool output(const fix_t *fix, const cg_mending_t *mending, cg_replace_t *replace)
{
	const cg_patched_t *patched = &mending->patched;
	if (fix->in_place) {
		return patched->splices_count == 0 ||
		       cg_replace(replace, mending->text, mending->len, patched->text, patched->len);
	}
	if (fix->diff) {
		if (!cg_diff_print(stdout, fix->file, mending->text, mending->len, patched)) {
			cg_say("out of memory");
			return false;
		}
	} else {
		fwrite(patched->text, 1, patched->len, stdout);
	}
	return fflush(stdout) == 0; /* If not, that is said at the end. */
}

static int run(const fix_t *fix)
{
	cg_replace_t replace = { 0 };
	cg_mending_t mending = { 0 };
	cg_progress_begin(CG_PROGRESS_AUTO);
	bool ok = (!fix->in_place || cg_replace_begin(&replace, fix->file)) &&
	          cg_mending_read(&mending, fix->file, &fix->options) &&
	          cg_mending_make(&mending, fix->serial);
	cg_progress_end();

	int code = CG_EXIT_FAILED;
	if (ok && output(fix, &mending, &replace)) {
		cg_account_edits(&mending);
		cg_account_left(&mending);
		cg_account_sum(&mending, replace.kept);
		code = (mending.left.errors > 0) ? CG_EXIT_FOUND : CG_EXIT_CLEAN;
	}
	cg_mending_free(&mending);
	cg_replace_free(&replace);
	return code;
}

int cg_cli_fix(int argc, char **argv)
{
	fix_t fix = { 0 };
	int code = CG_EXIT_FAILED;
	cg_options_init(&fix.options);
	if (take_args(&fix, argc, argv)) {
		if (fix.help) {
			print_help();
			code = CG_EXIT_CLEAN;
		} else {
			code = run(&fix);
		}
	}
	cg_options_free(&fix.options);
	return code;
}
