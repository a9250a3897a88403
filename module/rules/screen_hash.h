/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Hashes with a secret: who writes a zone cannot know which names get the same.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*! \brief Both halves of the product of two numbers, mixed. */
static inline uint64_t cg_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*! \brief Whether octets are the same: names, which are short. */
static inline bool cg_same_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (len < 8) {
		return memcmp(a, b, len) == 0;
	}
	uint64_t of_a, of_b;
	for (size_t at = 0; ; at = (at + 16 < len) ? at + 8 : len - 8) {
		memcpy(&of_a, a + at, 8);
		memcpy(&of_b, b + at, 8);
		if (of_a != of_b) {
			return false;
		}
		if (at + 8 == len) {
			return true;
		}
	}
}

/*!
 * \brief Eight octets, capital letters made small.
 *
 * Lengths of labels are below all letters, so that a name in wire format may be taken as it is.
 */
static inline uint64_t cg_lower8(uint64_t octets)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t low = octets & (each * 0x7f);
	uint64_t from_a = low + each * (0x80 - 'A');
	uint64_t behind_z = low + each * (0x80 - ('Z' + 1));
	uint64_t capital = (from_a ^ behind_z) & ~octets & (each * 0x80);
	return octets | (capital >> 2);
}

/*! \brief The octets that are left, 8 at most; with their number known, no two are one. */
static inline uint64_t cg_rest8(const uint8_t *octets, size_t len)
{
	if (len >= 4) {
		uint32_t first, last;
		memcpy(&first, octets, 4);
		memcpy(&last, octets + len - 4, 4);
		return first | (uint64_t)last << 32;
	}
	return (len == 0) ? 0 : octets[0] | octets[len / 2] << 8 | octets[len - 1] << 16;
}

/*!
 * \brief Hash of octets; never 0.
 *
 * \param folded  Capital and small letters are one.
 */
static inline uint64_t cg_hash_secret(const uint64_t seed[2], const uint8_t *octets, size_t len,
                                      bool folded)
{
	uint64_t hash = seed[0] ^ len;
	uint64_t part;
	for (; len > 8; len -= 8, octets += 8) {
		memcpy(&part, octets, 8);
		hash = cg_fold(hash ^ (folded ? cg_lower8(part) : part), seed[1]);
	}
	part = cg_rest8(octets, len);
	hash = cg_fold(hash ^ (folded ? cg_lower8(part) : part), seed[1]);
	return hash + (hash == 0);
}
