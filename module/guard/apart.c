/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <time.h>

#include "guard/apart.h"
#include "guard/aside.h"

/*! \brief Work about fewer takes some milliseconds. */
#define RECORDS_MIN	10000
/*! \brief What could not be served is looked at again so soon. */
#define NAP_MS		25

/*! \brief Work, and the thread that does it. */
typedef struct {
	cg_guard_t *guard;
	cg_work_cb work;
	void *ctx;
	int ret;
	atomic_bool done;
} apart_t;

static void *run(void *arg)
{
	apart_t *apart = arg;
	apart->ret = apart->work(apart->ctx);
	atomic_store(&apart->done, true);
	sem_post(&apart->guard->wake);
	return NULL;
}

static void nap(cg_guard_t *guard)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += NAP_MS * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	while (sem_clockwait(&guard->wake, CLOCK_MONOTONIC, &ts) != 0 && errno == EINTR) {
	}
}

void cg_breathe(cg_guard_t *guard, cg_guarded_t *zone)
{
	if (guard->beside == NULL && cg_aside_due(guard)) {
		cg_aside_idle(guard, zone, true);
	}
}

int cg_apart(cg_guard_t *guard, cg_guarded_t *zone, bool judged, size_t records, cg_work_cb work,
             void *ctx)
{
	apart_t apart = { .guard = guard, .work = work, .ctx = ctx };
	pthread_t thread;
	if (records < RECORDS_MIN || guard->beside != NULL ||
	    pthread_create(&thread, NULL, run, &apart) != 0) {
		return work(ctx);
	}
	while (!atomic_load(&apart.done)) {
		if (cg_aside_due(guard)) {
			cg_aside_idle(guard, zone, judged);
		}
		nap(guard);
	}
	(void)pthread_join(thread, NULL);
	sem_post(&guard->wake); /* Calls that were for others. */
	return apart.ret;
}
