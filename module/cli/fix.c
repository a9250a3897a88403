/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/say.h"

enum { OPTION_HELP = CG_OPTION_OWN };

static const struct option LONGS[] = {
	CG_OPTIONS_LONG,
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL }
};

int cg_cli_fix(int argc, char **argv)
{
	if (cg_args_next(argc, argv, "o:", LONGS) == OPTION_HELP) {
		puts("Usage: cnameguard fix [OPTION]... FILE\n"
		     "\n"
		     "      --help              this text\n");
		cg_options_help();
		return CG_EXIT_CLEAN;
	}
	cg_say("fix: not yet");
	return CG_EXIT_FAILED;
}
