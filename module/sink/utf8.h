/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Which octets are UTF-8 (RFC 3629): names of files and texts of zones can be anything.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

/*!
 * \brief Looks at the first character.
 *
 * \param[out] code  Its code point; may be NULL.
 *
 * \return Its octets; 0: not UTF-8, or nothing is there.
 */
size_t cg_utf8_next(const char *text, size_t len, uint32_t *code);
