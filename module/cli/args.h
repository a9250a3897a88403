/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The command line.
 */

#pragma once

#include <getopt.h>
#include <stdbool.h>

/*!
 * \brief getopt_long() that says itself what is wrong with an option.
 *
 * \param argv   From the name of the subcommand on.
 * \param shorts As for getopt(), without a leading colon.
 *
 * \return As getopt_long(); '?' when something was said.
 */
int cg_args_next(int argc, char **argv, const char *shorts, const struct option *longs);

/*!
 * \brief Takes one word of a list as the value of an option; what is wrong is said.
 *
 * \param words  Ends with NULL.
 *
 * \return Its index; -1: none of them.
 */
int cg_args_word(const char *option, const char *value, const char *const *words);
