/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A hash to tell contents from others (FNV-1a, 64 bits); no protection against anybody.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*! \brief Hash of nothing. */
#define CG_HASH UINT64_C(0xcbf29ce484222325)

/*! \brief Goes on with a hash: one octet that differs always shows. */
static inline uint64_t cg_hash(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *octets = data;
	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ octets[i]) * UINT64_C(0x100000001b3);
	}
	return hash;
}

/*! \brief The same with a text, without its end. */
static inline uint64_t cg_hash_text(uint64_t hash, const char *text)
{
	return cg_hash(hash, text, strlen(text));
}
