/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <sched.h>
#include <string.h>

#include "guard/asked.h"

/*! \brief Places that a hook looks at. */
#define TRIES	8

static bool try_place(cg_asked_name_t *place)
{
	return !atomic_flag_test_and_set_explicit(&place->busy, memory_order_acquire);
}

static void leave_place(cg_asked_name_t *place)
{
	atomic_flag_clear_explicit(&place->busy, memory_order_release);
}

void cg_asked_put(cg_asked_t *asked, const cg_guarded_t *zone, const cg_version_t *version,
                  const knot_dname_t *name)
{
	size_t size = knot_dname_size(name);
	size_t first = cg_name_slot(name, size);
	for (unsigned i = 0; i < TRIES; i++) {
		cg_asked_name_t *place = &asked->places[(first + i) % CG_ASKED];
		if (!try_place(place)) {
			continue;
		}
		const cg_guarded_t *there = atomic_load(&place->zone);
		/* A name is the beginning of no other. */
		bool same = (there == zone && memcmp(place->name, name, size) == 0);
		if (there == NULL || same) {
			place->version = *version;
			memcpy(place->name, name, size);
			atomic_store(&place->zone, zone);
			leave_place(place);
			return;
		}
		leave_place(place);
	}
}

bool cg_asked_take(cg_asked_t *asked, const cg_guarded_t *zone, cg_version_t *version,
                   knot_dname_storage_t name)
{
	for (unsigned i = 0; i < CG_ASKED; i++) {
		cg_asked_name_t *place = &asked->places[i];
		if (atomic_load(&place->zone) != zone) {
			continue;
		}
		while (!try_place(place)) {
			sched_yield(); /* A hook holds it for moments only. */
		}
		*version = place->version;
		memcpy(name, place->name, knot_dname_size(place->name));
		atomic_store(&place->zone, NULL);
		leave_place(place);
		return true;
	}
	return false;
}

void cg_asked_forget(cg_asked_t *asked, const cg_guarded_t *zone)
{
	cg_version_t version;
	knot_dname_storage_t name;
	while (cg_asked_take(asked, zone, &version, name)) {
	}
}
