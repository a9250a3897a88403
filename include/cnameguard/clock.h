/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The clock for pauses and time-outs, which nobody sets.
 */

#pragma once

#include <stdint.h>
#include <time.h>

/*! \brief Monotonic milliseconds. */
static inline int64_t cg_now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
