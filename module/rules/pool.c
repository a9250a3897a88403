/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/pool.h"

#define ALIGN      sizeof(void *)
#define CHUNK_MIN  480
#define CHUNK_MAX  (1 << 20)

struct cg_chunk {
	struct cg_chunk *older;
	size_t size;
	size_t used;
	uint8_t data[];
};

static struct cg_chunk *chunk_new(struct cg_chunk *older, size_t need)
{
	size_t size = (older == NULL) ? CHUNK_MIN : older->size * 2;
	if (size > CHUNK_MAX) {
		size = CHUNK_MAX;
	}
	if (size < need) {
		size = need;
	}
	if (size > SIZE_MAX - sizeof(struct cg_chunk)) {
		return NULL;
	}

	struct cg_chunk *chunk = malloc(sizeof(*chunk) + size);
	if (chunk == NULL) {
		return NULL;
	}
	chunk->older = older;
	chunk->size = size;
	chunk->used = 0;

	return chunk;
}

static void *take(cg_pool_t *pool, size_t size, size_t align)
{
	struct cg_chunk *chunk = pool->chunk;
	size_t start = (chunk == NULL) ? 0 : (chunk->used + align - 1) / align * align;

	if (chunk == NULL || start > chunk->size || size > chunk->size - start) {
		chunk = chunk_new(chunk, size);
		if (chunk == NULL) {
			return NULL;
		}
		pool->chunk = chunk;
		start = 0;
	}
	chunk->used = start + size;

	return chunk->data + start;
}

void *cg_pool_alloc(cg_pool_t *pool, size_t size)
{
	return take(pool, size, ALIGN);
}

void *cg_pool_bytes(cg_pool_t *pool, const void *src, size_t len)
{
	void *copy = take(pool, len, 1);
	if (copy != NULL && len > 0) {
		memcpy(copy, src, len);
	}
	return copy;
}

char *cg_pool_str(cg_pool_t *pool, const char *str)
{
	return cg_pool_bytes(pool, str, strlen(str) + 1);
}

cg_pool_mark_t cg_pool_mark(const cg_pool_t *pool)
{
	cg_pool_mark_t mark = {
		.chunk = pool->chunk,
		.used = (pool->chunk == NULL) ? 0 : pool->chunk->used
	};
	return mark;
}

bool cg_pool_is_at(const cg_pool_t *pool, cg_pool_mark_t mark)
{
	return pool->chunk == mark.chunk &&
	       (pool->chunk == NULL || pool->chunk->used == mark.used);
}

void cg_pool_rewind(cg_pool_t *pool, cg_pool_mark_t mark)
{
	while (pool->chunk != mark.chunk) {
		struct cg_chunk *older = pool->chunk->older;
		free(pool->chunk);
		pool->chunk = older;
	}
	if (pool->chunk != NULL) {
		pool->chunk->used = mark.used;
	}
}

void cg_pool_join(cg_pool_t *pool, cg_pool_t *other)
{
	struct cg_chunk *oldest = other->chunk;
	if (oldest == NULL) {
		return;
	}
	while (oldest->older != NULL) {
		oldest = oldest->older;
	}
	oldest->older = pool->chunk;
	pool->chunk = other->chunk;
	other->chunk = NULL;
}

void cg_pool_free(cg_pool_t *pool)
{
	cg_pool_mark_t empty = { NULL, 0 };
	cg_pool_rewind(pool, empty);
}
