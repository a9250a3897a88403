/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <libknot/libknot.h>

#include "cli/crew.h"

size_t cg_crew_size(void)
{
	cpu_set_t set;
	size_t size = (sched_getaffinity(0, sizeof(set), &set) == 0) ? CPU_COUNT(&set) : 1;
	return (size < CG_CREW_MAX) ? size : CG_CREW_MAX;
}

typedef struct {
	int (*work)(size_t number, void *ctx);
	void *ctx;
	size_t number;
	int ret;
} worker_t;

static void *run(void *arg)
{
	worker_t *worker = arg;
	worker->ret = worker->work(worker->number, worker->ctx);
	return NULL;
}

int cg_crew_work(size_t size, int (*work)(size_t number, void *ctx), void *ctx)
{
	worker_t workers[CG_CREW_MAX];
	pthread_t threads[CG_CREW_MAX];
	size_t begun = 1;
	for (size_t i = 0; i < CG_CREW_MAX && (i < size || i == 0); i++) {
		workers[i] = (worker_t){ work, ctx, i, KNOT_EOK };
	}
	while (begun < size && begun < CG_CREW_MAX &&
	       pthread_create(&threads[begun], NULL, run, &workers[begun]) == 0) {
		begun++;
	}
	run(&workers[0]);

	int ret = workers[0].ret;
	for (size_t i = 1; i < begun; i++) {
		pthread_join(threads[i], NULL);
		ret = (ret == KNOT_EOK) ? workers[i].ret : ret;
	}
	return ret;
}

typedef struct {
	int (*piece)(size_t at, void *ctx);
	void *ctx;
	size_t count;
	atomic_size_t next;
	atomic_bool failed;
} pieces_t;

static int do_pieces(size_t number, void *ctx)
{
	(void)number;
	pieces_t *pieces = ctx;
	size_t at;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && !pieces->failed && (at = pieces->next++) < pieces->count) {
		ret = pieces->piece(at, pieces->ctx);
	}
	if (ret != KNOT_EOK) {
		pieces->failed = true;
	}
	return ret;
}

int cg_crew_each(size_t count, int (*piece)(size_t at, void *ctx), void *ctx)
{
	pieces_t pieces = { .piece = piece, .ctx = ctx, .count = count };
	size_t size = cg_crew_size();
	return cg_crew_work((count < size) ? (count > 0 ? count : 1) : size, do_pieces, &pieces);
}
