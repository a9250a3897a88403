/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Where names are, by a hash: a short way to most of them, and nothing but that.
 *
 * A name that cannot be found in a few steps is left out. So nobody who writes a zone can make it
 * slow; whoever does not find a name here looks for it elsewhere.
 */

#pragma once

#include <stdlib.h>

#include <libknot/libknot.h>

#include "rules/screen_hash.h"

/*! \brief Steps from the first slot of a name. */
#define CG_INDEX_STEPS	8

/*! \brief Zeroed is empty. */
typedef struct {
	uint32_t *slots;   /*!< Places from 1, 0: free. */
	size_t max;        /*!< First slots of names, a power of two. */
} cg_index_t;

/*! \brief Makes room for that many names; false: there is none, and none will be found. */
static inline bool cg_index_reserve(cg_index_t *index, size_t count)
{
	size_t max = 2;
	while (max < 2 * count) {
		max *= 2;
	}
	index->slots = (count < UINT32_MAX) ? calloc(max + CG_INDEX_STEPS, sizeof(uint32_t)) : NULL;
	index->max = max;
	return index->slots != NULL;
}

/*! \brief The first slot of a name, of CG_INDEX_STEPS. */
static inline uint32_t *cg_index_slots(const cg_index_t *index, const knot_dname_t *name)
{
	static const uint64_t SEED[] = { 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9 };
	uint64_t hash = cg_hash_secret(SEED, name, knot_dname_size(name), false);
	return &index->slots[hash & (index->max - 1)];
}

static inline void cg_index_put(cg_index_t *index, const knot_dname_t *name, size_t at)
{
	uint32_t *slots = cg_index_slots(index, name);
	for (size_t i = 0; i < CG_INDEX_STEPS; i++) {
		if (slots[i] == 0) {
			slots[i] = at + 1;
			return;
		}
	}
}
