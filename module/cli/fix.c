/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/cli.h"
#include "cli/say.h"

int cg_cli_fix(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	cg_say("fix: not yet");
	return CG_EXIT_FAILED;
}
