/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/cli.h"

int cg_cli_explain(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return CG_EXIT_FAILED;
}
