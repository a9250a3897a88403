/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Differences between versions of Knot DNS, and nothing else.
 */

#pragma once

#include <libknot/version.h>

/*! \brief Before 3.3, zone-read does not hold the contents that it reads. */
#define CG_KNOT_READ_UNPROTECTED	(KNOT_VERSION_HEX < 0x030300)
