/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What a screen keeps of a zone: 16 octets for each owner name.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! \brief What is known of a name, beside the bits of its types (SEEN_*). */
enum {
	SLOT_TYPES    = (1 << 20) - 1,
	SLOT_SUSPECT  = 1 << 20, /*!< There may be a finding at it. */
	SLOT_WANTED   = 1 << 21, /*!< What is to be judged depends on its records. */
	SLOT_ASKED    = 1 << 22, /*!< It owns nothing: is there a name below it? */
	SLOT_BELOW    = 1 << 23, /*!< There is, and that is wanted. */
	SLOT_FOLLOWED = 1 << 24, /*!< All that it leads to is known to be wanted. */
	SLOT_COVERED  = 1 << 25, /*!< It is below a DNAME. */
};

/*! \brief One name. */
typedef struct {
	uint64_t hash;  /*!< 0: free. */
	uint32_t bits;  /*!< Types at the name and SLOT_*. */
	uint32_t alias; /*!< Place of its alias, from 1; 0: none that leads into the zone. */
} cg_slot_t;

/*! \brief Octets that lists and tables are made of, so that what a list frees is what a table needs. */
#define CG_PIECE_SIZE	4096
#define CG_PIECE_SLOTS	(CG_PIECE_SIZE / sizeof(cg_slot_t))

/*! \brief Names by their hash. Zeroed is empty. */
typedef struct {
	cg_slot_t **pieces; /*!< Of CG_PIECE_SLOTS slots each, the last of what is left. */
	size_t max;         /*!< Slots, less than 2^32. */
	size_t count;
} cg_table_t;

/*! \brief A slot by its place, free or not. */
static inline cg_slot_t *cg_table_at(const cg_table_t *table, size_t at)
{
	return &table->pieces[at / CG_PIECE_SLOTS][at % CG_PIECE_SLOTS];
}

/*!
 * \brief Finds a name or makes room for it.
 *
 * \return NULL: out of memory, or the hashes crowd as they do not by chance.
 */
cg_slot_t *cg_table_put(cg_table_t *table, uint64_t hash);

/*! \brief Makes room for that many names. False: out of memory, or as above. */
bool cg_table_reserve(cg_table_t *table, size_t count);

/*! \brief Finds a name. NULL: it is not there. */
cg_slot_t *cg_table_get(const cg_table_t *table, uint64_t hash);

void cg_table_free(cg_table_t *table);
