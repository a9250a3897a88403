/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/cli.h"

int main(void)
{
	return CG_EXIT_FAILED;
}
