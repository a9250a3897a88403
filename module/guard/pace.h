/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief How often all zones are looked at, by what one such look costs.
 *
 * A sweep is short with ten thousand zones, and half a second of a processor
 * with a hundred thousand, most of it the server's for listing their serials.
 */

#pragma once

#include <stdint.h>
#include <time.h>

/*! \brief Sweeps take no more than one part in so many of the time of one processor, ... */
#define CG_PACE_SHARE	120
/*! \brief ... but for their cost alone none is put off for longer than this. */
#define CG_PACE_MAX_MS	120000

/*! \brief Microseconds of a processor that this thread has used. */
static inline int64_t cg_thread_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/*!
 * \brief Pause between two sweeps, milliseconds.
 *
 * \param interval_ms  The shortest that is wanted.
 * \param cost_us      Microseconds of processors that the last one took, without what it judged.
 */
static inline int64_t cg_pace_ms(int64_t interval_ms, int64_t cost_us)
{
	int64_t pause_ms = cost_us * CG_PACE_SHARE / 1000;
	pause_ms = (pause_ms < CG_PACE_MAX_MS) ? pause_ms : CG_PACE_MAX_MS;
	return (pause_ms > interval_ms) ? pause_ms : interval_ms;
}
