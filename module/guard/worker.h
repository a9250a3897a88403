/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The worker, its queue and its conversation, for the files of this layer.
 */

#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "cnameguard/clock.h"
#include "cnameguard/server.h"
#include "guard/asked.h"
#include "guard/bus.h"
#include "guard/guarded.h"
#include "guard/inbox.h"
#include "guard/zone_file.h"

/*! \brief Updates that the worker has taken out of the inbox, oldest first. */
typedef struct {
	struct cg_update *first;
	struct cg_update **last;      /*!< Where the next one is linked; NULL: the list is empty. */
	size_t octets;                /*!< Of all their messages. */
	int64_t lost_ms;              /*!< When the lost ones may be said next. */
} cg_updates_t;

/*! \brief Zones that are asked for one by one after their answer. */
#define CG_PENDING_CHECKS	64

/*! \brief Versions that the server holds, see pending.h. */
typedef struct {
	atomic_bool expected;         /*!< Some zone has external-validation. */
	cg_bus_t *bus;                /*!< Tells which are held; NULL: it has to be asked for. */
	atomic_bool told;             /*!< It has told of a zone, ... */
	atomic_bool missed;           /*!< ... or may have missed one. */
	atomic_bool deaf;             /*!< One was found by asking that nobody has told of, and no signal has come since. */
	cg_guarded_t *first;          /*!< Known to be held, the oldest first; under the lock of the guard. */
	cg_guarded_t *last;           /*!< Valid where there is a first. */
	bool found;                   /*!< Asking has found some. */
	bool unanswered;              /*!< Nobody could be told about some version. */
	atomic_bool reloaded;         /*!< Some zone was reloaded. */
	size_t readings;              /*!< Kept, see passed.h. */
	size_t unchecked;             /*!< Let through, but it was not seen that the server has heard: */
	cg_guarded_t *checks[CG_PENDING_CHECKS]; /*!< the first of them. */
	int64_t check_ms;             /*!< When that is looked at. */
	int64_t due_ms;               /*!< When it is asked again. */
	int64_t first_ms;             /*!< Not before, after a failure. */
	int64_t last_ms;              /*!< When one was answered for last. */
	int64_t since_ms;             /*!< When the first of those in a row was. */
} cg_pending_t;

/*! \brief Policies that zones can share, beside those that they have. */
#define CG_POLICIES	16

/*! \brief All that the guard of a process is. */
typedef struct {
	pthread_mutex_t lock;         /*!< Held for moments only, never while talking to the server. */
	void *tree;                   /*!< Zones by name, for tsearch(). */
	cg_guarded_t *list;           /*!< The same, newest first. */
	size_t attached;              /*!< Sum of all references. */
	unsigned generations;         /*!< Policies so far that differ from those before. */
	cg_policy_t *policies[CG_POLICIES]; /*!< References to those used last, for zones to share. */
	unsigned policies_next;       /*!< The one that gives way next. */
	bool fresh;                   /*!< Something was attached since the last sweep began. */
	unsigned interval_s;          /*!< Shortest sweep-interval of all zones; 0: there are none. */

	pthread_t thread;
	bool running;
	atomic_bool stop;
	int64_t started_s;            /*!< When the process was started, seconds since the epoch; 0: not known. */
	sem_t wake;
	cg_asked_t asked;             /*!< Names that are held. */
	_Atomic(cg_guarded_t *) queue; /*!< Wanted zones, newest first. */
	atomic_bool mute;             /*!< The server does not answer: no hook shall wait. */
	atomic_uint waiting;          /*!< Hooks that wait for a verdict. */

	cg_pin_t pin;
	cg_control_t *control;
	int64_t opened_ms;            /*!< Since when the conversation goes on. */
	unsigned conversations;       /*!< Begun so far. */
	cg_control_t *aside;          /*!< Another, in its place while a long read waits, see aside.h. */
	const cg_guarded_t *beside;   /*!< The zone whose read waits; NULL: none does. */
	int64_t aside_not_before_ms;
	int64_t read_since_ms;        /*!< When the long read began that goes on. */
	int64_t resume_ms;            /*!< When one that was broken off begins anew; 0: none was. */
	int64_t swept_ms;             /*!< When all zones were looked at last, ... */
	int64_t begun_ms;             /*!< ... and when that was begun last, in vain too. */
	int64_t listed_ms;            /*!< When their serials were asked for last. */
	size_t loaded;                /*!< Zones that had contents then. */
	bool loading;                 /*!< The server is loading zones, ... */
	int64_t loading_ms;           /*!< ... since then; 0: it is not. */
	int64_t progress_ms;          /*!< The last step of that: zones were attached, or got contents. */
	int64_t sweep_us;             /*!< What that took of processors, see pace.h. */
	int64_t judging_us;           /*!< What judging has taken so far in sweeps, and for hooks. */
	int64_t down_ms;              /*!< Since when there is none to be had; 0: there is. */
	bool down_said;
	bool recognised;              /*!< The socket is the own server's. */
	int64_t not_before_ms;        /*!< After a failure: when to try again. */
	int64_t probe_not_before_ms;  /*!< The own server did not answer a probe. */
	int64_t probe_pause_ms;       /*!< For so long it is not asked again; 0: it answered. */
	bool good_due;                /*!< Some version is to be remembered, see last_good.h. */
	int64_t good_next_ms;
	int64_t good_said_ms;         /*!< When it was said last that one could not be, ... */
	const cg_guarded_t *good_said; /*!< ... and by which zone; only to be compared. */
	cg_pending_t pending;
	bool again;                   /*!< Something was left over: sweep again soon. */

	cg_inbox_t inbox;             /*!< Dynamic updates, from the hooks. */
	atomic_bool updates_lost;     /*!< Some zone has a number of them to be said. */
	cg_updates_t updates;
} cg_guard_t;

/*! \brief Trouble with the server that lasts for longer than this is said. */
#define CG_DOWN_SAY_MS	2500

/*! \brief Zones with fewer records are judged whole as fast as a name of theirs. */
#define CG_BIG_RECORDS	1000

/*! \brief Milliseconds since a time of CLOCK_MONOTONIC. */
double cg_elapsed_ms(const struct timespec *from);

/*! \brief Pause after one more failure: the double of the last one (0: none), between bounds. */
static inline int64_t cg_longer_pause(int64_t last_ms, int64_t min_ms, int64_t max_ms)
{
	return (last_ms * 2 < min_ms) ? min_ms : (last_ms * 2 > max_ms) ? max_ms : last_ms * 2;
}

/*! \brief Thread function; \a arg is the cg_guard_t. */
void *cg_worker_run(void *arg);

/*! \brief Finds a zone by its name; under the lock of the registry. */
cg_guarded_t *cg_registry_find(cg_guard_t *guard, const knot_dname_t *name);

/*! \brief First of all zones, also of those that nobody has attached any more; worker only. */
cg_guarded_t *cg_registry_all(cg_guard_t *guard);

/*! \brief First zone that is still configured; NULL: none. Some that are not may be in front of it. */
cg_guarded_t *cg_registry_first(cg_guard_t *guard);

/*! \brief Frees zones that nobody has attached any more, and learns the interval; worker only. */
void cg_registry_clean(cg_guard_t *guard);

/*! \brief Puts the zone into the queue, once, and wakes the worker. Any thread. */
void cg_queue_put(cg_guard_t *guard, cg_guarded_t *zone);

/*! \brief Empties the queue; the result is linked by \a queued, first come first. */
cg_guarded_t *cg_queue_take(cg_guard_t *guard);

/*! \brief Something was wanted since the queue was emptied. */
static inline bool cg_queue_waiting(cg_guard_t *guard)
{
	return atomic_load_explicit(&guard->queue, memory_order_relaxed) != NULL;
}

/*!
 * \brief A conversation with the server: the running one, or a new one.
 *
 * A conversation is ended now and then, since on Knot 3.2 all others wait
 * meanwhile. Where versions are held for their verdict, one is always open.
 */
int cg_worker_converse(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy);
void cg_worker_hang_up(cg_guard_t *guard);

/*! \brief When the one that is always open is to be replaced by another; and does it. */
int64_t cg_line_due(const cg_guard_t *guard);
void cg_line_renew(cg_guard_t *guard);

/*!
 * \brief Looks in a long read, so many names of the zone by now, whether something else is wanted.
 *
 * \param judged  The read is not for the verdict of the zone: that may be wanted too.
 *
 * \return true: it could not be served beside the read, which shall be broken off.
 */
bool cg_read_yields(cg_guard_t *guard, cg_guarded_t *zone, bool judged, size_t names);

/*! \brief A read that was broken off begins anew then. */
static inline void cg_resume_at(cg_guard_t *guard, int64_t when_ms)
{
	if (guard->resume_ms == 0 || when_ms < guard->resume_ms) {
		guard->resume_ms = when_ms;
	}
}

/*! \brief Before a version is judged: the policy, a reference; with another one, or after a return, all begins from nothing. */
cg_policy_t *cg_judge_begin(cg_guard_t *guard, cg_guarded_t *zone);

/*! \brief What hooks ask for is not known yet. */
bool cg_judge_needed(cg_guarded_t *zone);

/*!
 * \brief Judges the running version of a zone, acts by the mode and publishes.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EAGAIN  broken off, something else was wanted.
 * \retval other        could not be judged; the zone stays as it is.
 */
int cg_judge_running(cg_guard_t *guard, cg_guarded_t *zone);

/*!
 * \brief Other contents under the same serial, or a verdict that no address is known for.
 *
 * A plain reload tells nobody; where serials can come again, a changed file is
 * the reason to ask a hook for the address of what is served.
 */
bool cg_judge_reloaded(cg_guard_t *guard, cg_guarded_t *zone, cg_zone_file_look_t *file);

/*! \brief Empties the queue, as cg_queue_take(), and judges names that hooks hold ahead of their zones. */
cg_guarded_t *cg_judge_names(cg_guard_t *guard);

/*! \brief Explains a zone file that Knot did not take. */
void cg_judge_file(cg_guard_t *guard, cg_guarded_t *zone, cg_zone_file_look_t *file);
