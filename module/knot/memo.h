/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What hooks have found at names, so that they do not look again.
 *
 * One table for the process, of fixed size and without locks: a name gives way
 * to another one, and none is remembered for longer than some seconds.
 */

#pragma once

#include "knot/instance.h"

typedef enum {
	CG_MEMO_NONE,      /*!< Nothing is noted (any more). */
	CG_MEMO_CLEAN,
	CG_MEMO_CONFLICT,
} cg_memo_t;

/*! \brief Kinds of notes: of what stands beside an alias; of a name in an answer, plus the type that it is there with. */
#define CG_MEMO_BESIDE	0
#define CG_MEMO_ANSWER	1

/*!
 * \brief Hook: stands for a name in a version, under the policy of an instance.
 *
 * \param self     NULL: the key is one under which nothing is noted.
 * \param version  Not used without \a self.
 * \param kind     Tells notes about the same name apart.
 */
uint64_t cg_memo_key(const cg_instance_t *self, const cg_version_t *version,
                     const knot_dname_t *name, uint32_t kind);

cg_memo_t cg_memo_get(uint64_t key);

void cg_memo_put(uint64_t key, cg_memo_t note);
