/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The subcommands.
 */

#pragma once

/*! \brief Exit codes. */
enum {
	CG_EXIT_CLEAN  = 0, /*!< Nothing at level error. */
	CG_EXIT_FOUND  = 1, /*!< At least one finding at level error. */
	CG_EXIT_FAILED = 2, /*!< Could not do it: usage, unreadable, syntax error. */
};

/*!
 * \param argc, argv  From the name of the subcommand on.
 *
 * \return Exit code.
 */
int cg_cli_check(int argc, char **argv);
int cg_cli_fix(int argc, char **argv);
int cg_cli_explain(int argc, char **argv);
int cg_cli_versions(int argc, char **argv);
