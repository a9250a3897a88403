/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Lists that only grow, in blocks: what is in them is never copied.
 */

#pragma once

#include <stdlib.h>

#include <libknot/libknot.h>

#include "rules/screen_table.h"

/*! \brief A name that leads to another one in the zone. */
typedef struct {
	uint64_t from;
	uint64_t to;
} cg_link_t;

/*! \brief What a block holds, beside its head. */
#define BLOCK_ITEMS	((CG_PIECE_SIZE - 16) / sizeof(cg_link_t))

typedef struct cg_block {
	struct cg_block *next;
	size_t count;
	union {
		cg_slot_t names[BLOCK_ITEMS];
		cg_link_t links[BLOCK_ITEMS];
		uint64_t hashes[2 * BLOCK_ITEMS];
	};
} cg_block_t;

/*! \brief Names, links or hashes. Zeroed is empty. */
typedef struct {
	cg_block_t *first;
	cg_block_t *last;
	size_t count;
} cg_list_t;

/*! \brief Makes room for one more in the last block, of \a max, which the caller fills. NULL: out of memory. */
static inline cg_block_t *cg_list_more_of(cg_list_t *list, size_t max)
{
	cg_block_t *last = list->last;
	if (last == NULL || last->count == max) {
		cg_block_t *block = malloc(sizeof(*block));
		if (block == NULL) {
			return NULL;
		}
		block->next = NULL;
		block->count = 0;
		*(last == NULL ? &list->first : &last->next) = block;
		list->last = last = block;
	}
	list->count++;
	return last;
}

static inline cg_block_t *cg_list_more(cg_list_t *list)
{
	return cg_list_more_of(list, BLOCK_ITEMS);
}

static inline int cg_list_add_hash(cg_list_t *list, uint64_t hash)
{
	cg_block_t *block = cg_list_more_of(list, 2 * BLOCK_ITEMS);
	if (block == NULL) {
		return KNOT_ENOMEM;
	}
	block->hashes[block->count++] = hash;
	return KNOT_EOK;
}

/*! \brief Appends one list to the other, and empties it. */
static inline void cg_list_join(cg_list_t *to, cg_list_t *from)
{
	if (from->first != NULL) {
		*(to->last == NULL ? &to->first : &to->last->next) = from->first;
		to->last = from->last;
		to->count += from->count;
		*from = (cg_list_t){ 0 };
	}
}

static inline void cg_list_free(cg_list_t *list)
{
	while (list->first != NULL) {
		cg_block_t *block = list->first;
		list->first = block->next;
		free(block);
	}
	*list = (cg_list_t){ 0 };
}
