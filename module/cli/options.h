/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The options of the policy as flags, and from a knot.conf.
 */

#pragma once

#include <getopt.h>

#include "cnameguard/plan.h"

/*! \brief The policy of one run. Zeroed is not ready: cg_options_init(). */
typedef struct {
	cg_rules_policy_t rules;
	cg_strategy_t strategy;
	cg_strategy_t fallback;
	bool has_origin;
	knot_dname_storage_t origin; /*!< -o */
	const char *include_dir;     /*!< --include-dir; NULL: the folder of each file. */
} cg_options_t;

/*!
 * \brief Rows for a subcommand's table of long options: --enforce, --ignore, --exempt,
 *        --allow-key, --chain-limit, --strategy, --fallback, --policy, --origin, --include-dir.
 */
#define CG_OPTIONS_LONG \
	{ "origin",      required_argument, NULL, 'o' }, \
	{ "policy",      required_argument, NULL, CG_OPTION_POLICY }, \
	{ "enforce",     required_argument, NULL, CG_OPTION_ENFORCE }, \
	{ "ignore",      required_argument, NULL, CG_OPTION_IGNORE }, \
	{ "exempt",      required_argument, NULL, CG_OPTION_EXEMPT }, \
	{ "allow-key",   no_argument,       NULL, CG_OPTION_ALLOW_KEY }, \
	{ "chain-limit", required_argument, NULL, CG_OPTION_CHAIN_LIMIT }, \
	{ "strategy",    required_argument, NULL, CG_OPTION_STRATEGY }, \
	{ "fallback",    required_argument, NULL, CG_OPTION_FALLBACK }, \
	{ "include-dir", required_argument, NULL, CG_OPTION_INCLUDE_DIR }

enum {
	CG_OPTION_POLICY = 0x100,
	CG_OPTION_ENFORCE,
	CG_OPTION_IGNORE,
	CG_OPTION_EXEMPT,
	CG_OPTION_ALLOW_KEY,
	CG_OPTION_CHAIN_LIMIT,
	CG_OPTION_STRATEGY,
	CG_OPTION_FALLBACK,
	CG_OPTION_INCLUDE_DIR,
	CG_OPTION_OWN,       /*!< A subcommand's own long options begin here. */
};

void cg_options_init(cg_options_t *options);
void cg_options_free(cg_options_t *options);

/*!
 * \brief Takes one option that getopt_long() gave.
 *
 * What is wrong with its value, and what would be right, is said on stderr.
 *
 * \return False: wrong value, or not one of these options (then nothing is said).
 */
bool cg_options_take(cg_options_t *options, int option, const char *value);

/*! \brief Adds rules that are enforced and ignored, whatever was said of them before. */
void cg_options_add_rules(cg_options_t *options, const cg_rules_policy_t *later);

/*! \brief Rows of --help about these options, on stdout. */
void cg_options_help(void);
