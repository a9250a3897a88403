/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An entry is one word: the key, and in its place for the last bits the note.
 * A key is made of addresses too, which nobody outside knows, and which come first: so
 * nobody can choose two names that have one key. Hooks: no lock, no I/O, no allocation. */

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "knot/memo.h"

/*! \brief Entries, 8 octets each. */
#define ENTRIES		1024
/*! \brief A note is valid until the clock comes to the next multiple of this, seconds. */
#define VALID_S		8
/*! \brief Bits of an entry that are the note's; the key has them in the choice of the entry. */
#define NOTE_BITS	UINT64_C(3)

static _Atomic(uint64_t) entries[ENTRIES];

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 32);
}

/*! \brief Goes on with a name, eight octets at a time. */
static uint64_t mix_name(uint64_t hash, const knot_dname_t *name)
{
	uint64_t word;
	size_t size = knot_dname_size(name);
	for (; size >= sizeof(word); size -= sizeof(word), name += sizeof(word)) {
		memcpy(&word, name, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, name, size);
	return mix(hash, word);
}

uint64_t cg_memo_key(const cg_instance_t *self, const cg_version_t *version,
                     const knot_dname_t *name, uint32_t kind)
{
	if (self == NULL) {
		return 0;
	}
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);

	uint64_t hash = mix(self->generation, (uintptr_t)version->soa);
	hash = mix(hash, (uintptr_t)version->ns);
	hash = mix(hash, (uintptr_t)version->apex);
	hash = mix(hash, (uintptr_t)self->zone);
	hash = mix(hash, version->serial);
	hash = mix(hash, (uint64_t)(now.tv_sec / VALID_S) << 32 | kind);
	return mix_name(hash, name);
}

cg_memo_t cg_memo_get(uint64_t key)
{
	uint64_t entry = atomic_load_explicit(&entries[key % ENTRIES], memory_order_relaxed);
	return (key != 0 && ((entry ^ key) & ~NOTE_BITS) == 0) ? (cg_memo_t)(entry & NOTE_BITS) :
	                                                         CG_MEMO_NONE;
}

void cg_memo_put(uint64_t key, cg_memo_t note)
{
	if (key != 0) {
		atomic_store_explicit(&entries[key % ENTRIES], (key & ~NOTE_BITS) | note,
		                      memory_order_relaxed);
	}
}
