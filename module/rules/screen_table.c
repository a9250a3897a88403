/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "rules/screen_table.h"

#define SLOTS_MIN	64
/*! \brief Steps to a free slot; with the tables filled to three quarters some dozens are usual. */
#define STEPS_MAX	4096

/*! \brief The slot of the hash, or the free one where it would be. NULL: too many steps. */
static cg_slot_t *find(const cg_table_t *table, uint64_t hash)
{
	size_t at = (hash & UINT32_MAX) * table->max >> 32;
	for (size_t steps = 0; steps < STEPS_MAX; steps++) {
		cg_slot_t *slot = cg_table_at(table, at);
		if (slot->hash == hash || slot->hash == 0) {
			return slot;
		}
		at = (at + 1 < table->max) ? at + 1 : 0;
	}
	return NULL;
}

/*! \brief Slots for that many names. */
static size_t slots_for(size_t count)
{
	size_t max = count + count / 3 + 1;
	return (max > SLOTS_MIN) ? max : SLOTS_MIN;
}

static size_t pieces_for(size_t max)
{
	return (max + CG_PIECE_SLOTS - 1) / CG_PIECE_SLOTS;
}

/*! \brief A table of free slots. */
static bool make(cg_table_t *table, size_t max)
{
	*table = (cg_table_t){ .pieces = calloc(pieces_for(max), sizeof(*table->pieces)) };
	while (table->pieces != NULL && table->max < max) {
		size_t slots = (max - table->max < CG_PIECE_SLOTS) ? max - table->max : CG_PIECE_SLOTS;
		cg_slot_t *piece = calloc(slots, sizeof(*piece));
		if (piece == NULL) {
			cg_table_free(table);
			return false;
		}
		table->pieces[table->max / CG_PIECE_SLOTS] = piece;
		table->max += slots;
	}
	return table->pieces != NULL;
}

static bool resize(cg_table_t *table, size_t max)
{
	cg_table_t bigger;
	if (!make(&bigger, max)) {
		return false;
	}
	for (size_t i = 0; i < table->max; i++) {
		const cg_slot_t *from = cg_table_at(table, i);
		if (from->hash == 0) {
			continue;
		}
		cg_slot_t *slot = find(&bigger, from->hash);
		if (slot == NULL) {
			cg_table_free(&bigger);
			return false;
		}
		*slot = *from;
	}
	bigger.count = table->count;
	cg_table_free(table);
	*table = bigger;
	return true;
}

bool cg_table_reserve(cg_table_t *table, size_t count)
{
	size_t max = slots_for(count);
	return max <= table->max || resize(table, max);
}

cg_slot_t *cg_table_put(cg_table_t *table, uint64_t hash)
{
	if (slots_for(table->count + 1) > table->max &&
	    !cg_table_reserve(table, table->count * 3 / 2)) {
		return NULL;
	}
	cg_slot_t *slot = find(table, hash);
	if (slot != NULL && slot->hash == 0) {
		slot->hash = hash;
		table->count++;
	}
	return slot;
}

cg_slot_t *cg_table_get(const cg_table_t *table, uint64_t hash)
{
	if (table->max == 0) {
		return NULL;
	}
	cg_slot_t *slot = find(table, hash);
	return (slot != NULL && slot->hash != 0) ? slot : NULL;
}

void cg_table_free(cg_table_t *table)
{
	for (size_t i = 0; i < pieces_for(table->max); i++) {
		free(table->pieces[i]);
	}
	free(table->pieces);
	*table = (cg_table_t){ 0 };
}
