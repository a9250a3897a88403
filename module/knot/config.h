/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Options of mod-cnameguard, as knot.conf has them.
 */

#pragma once

#include <knot/module.h>

#define CG_OPT_MODE		"\x04""mode"
#define CG_OPT_SCOPE		"\x05""scope"
#define CG_OPT_STRATEGY		"\x08""strategy"
#define CG_OPT_FALLBACK		"\x08""fallback"
#define CG_OPT_ENFORCE		"\x07""enforce"
#define CG_OPT_IGNORE		"\x06""ignore"
#define CG_OPT_EXEMPT		"\x06""exempt"
#define CG_OPT_ALLOW_KEY	"\x09""allow-key"
#define CG_OPT_CHAIN_LIMIT	"\x0B""chain-limit"
#define CG_OPT_UNVERIFIED	"\x10""while-unverified"
#define CG_OPT_AUDIT_LOG	"\x09""audit-log"
#define CG_OPT_STATE		"\x05""state"
#define CG_OPT_KEEP		"\x04""keep"
#define CG_OPT_SWEEP		"\x0E""sweep-interval"
#define CG_OPT_CONTROL		"\x07""control"

/*! \brief Words that an option may have; the index is the value. */
typedef struct {
	const char *const *words;
	const char *error;       /*!< What would be right. */
} cg_choice_t;

extern const cg_choice_t cg_choice_mode;
extern const cg_choice_t cg_choice_scope;
extern const cg_choice_t cg_choice_strategy;
extern const cg_choice_t cg_choice_fallback;
extern const cg_choice_t cg_choice_unverified;

/*! \brief Index of the word, or -1. */
int cg_choice_find(const cg_choice_t *choice, const char *word);

/*! \brief Fewest and most originals that are kept for a zone. */
#define CG_KEEP_MIN	1
#define CG_KEEP_MAX	1000

/*! \brief Shortest and longest sweep-interval, seconds. */
#define CG_SWEEP_MIN	1
#define CG_SWEEP_MAX	86400
