/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A bump allocator: many small pieces, freed all at once.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

struct cg_chunk;

/*! \brief Zeroed is empty and ready. */
typedef struct {
	struct cg_chunk *chunk; /*!< The one in use; older ones hang behind it. */
} cg_pool_t;

/*! \brief A position in a pool. */
typedef struct {
	struct cg_chunk *chunk;
	size_t used;
} cg_pool_mark_t;

/*! \brief Aligned for any type, not cleared. NULL: out of memory. */
void *cg_pool_alloc(cg_pool_t *pool, size_t size);

/*! \brief Copy of \a len octets, not aligned. NULL: out of memory. */
void *cg_pool_bytes(cg_pool_t *pool, const void *src, size_t len);

/*! \brief Copy of a string. NULL: out of memory. */
char *cg_pool_str(cg_pool_t *pool, const char *str);

cg_pool_mark_t cg_pool_mark(const cg_pool_t *pool);

/*! \brief Whether nothing was taken since \a mark. */
bool cg_pool_is_at(const cg_pool_t *pool, cg_pool_mark_t mark);

/*! \brief Gives back all that was taken since \a mark. */
void cg_pool_rewind(cg_pool_t *pool, cg_pool_mark_t mark);

/*! \brief All that was taken from the other one is of the first, too; the other one is empty again. */
void cg_pool_join(cg_pool_t *pool, cg_pool_t *other);

void cg_pool_free(cg_pool_t *pool);
