/* SPDX-License-Identifier: GPL-2.0-or-later */

/* DNAMEs, which stand for names that are not there: what is below them, and what they lead to. */

#include <stdlib.h>

#include "rules/screen.h"

/*! \brief Labels of a target, below the apex, that are looked at one by one. */
#define LABELS_MAX	16

/* --- Which names have names below them --- */

/*! \brief Whether a name is the owner of the run (\a self) or above it, spelled alike. */
static bool is_above_run(const cg_run_t *run, const knot_dname_t *name, size_t size, bool *self)
{
	const knot_dname_t *at = run->owner;
	size_t left = run->inside ? run->size : 0;
	while (left > size) {
		left -= 1 + *at;
		at += 1 + *at;
	}
	bool same = left == size && cg_same_octets(at, name, size);
	*self = same && at == run->owner;
	return same;
}

static int note(cg_screen_t *screen, uint64_t hash)
{
	return cg_list_add_hash(&screen->above[cg_share_of(screen, hash)], hash);
}

int cg_screen_note_above(cg_screen_t *screen, const knot_dname_t *owner, size_t size, size_t octets)
{
	const cg_run_t *run = &screen->run;
	bool known = false, self = false;
	int ret = KNOT_EOK;
	while (!known && ret == KNOT_EOK) {
		size -= 1 + *owner;
		octets -= 1 + *owner;
		owner += 1 + *owner;
		if (octets == 0) {
			break;
		}
		/* What is above the run was noted with that. */
		known = is_above_run(run, owner, size, &self);
		if (!known) {
			ret = note(screen, cg_screen_hash(screen, owner, octets));
		}
	}
	return self ? note(screen, run->hash) : ret;
}

/*! \brief Three bits for a hash, in one word. */
static uint64_t bits_of(uint64_t hash)
{
	return UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63) |
	       UINT64_C(1) << (hash >> 12 & 63);
}

int cg_screen_make_below(cg_screen_t *all)
{
	size_t count = 0;
	for (size_t i = 0; i < SHARES; i++) {
		count += all->above[i].count;
	}
	if (count == 0 || all->below != NULL) {
		return KNOT_EOK;
	}
	/* Four hashes a word: one of 200 others seems to be among them. */
	unsigned bits = SHARE_BITS;
	while ((size_t)1 << bits < count / 4) {
		bits++;
	}
	all->below_shift = 64 - bits;
	all->below = calloc((size_t)1 << bits, sizeof(*all->below));
	if (all->below == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < SHARES; i++) {
		for (const cg_block_t *above = all->above[i].first; above; above = above->next) {
			for (size_t at = 0; at < above->count; at++) {
				uint64_t hash = above->hashes[at];
				all->below[hash >> all->below_shift] |= bits_of(hash);
			}
		}
	}
	return KNOT_EOK;
}

bool cg_screen_may_be_above(const cg_screen_t *screen, uint64_t hash)
{
	return screen->below != NULL &&
	       (~screen->below[hash >> screen->below_shift] & bits_of(hash)) == 0;
}

/* --- Looking --- */

static int add_link(cg_screen_t *screen, uint64_t to)
{
	cg_block_t *block = cg_list_more(&screen->dnames);
	if (block == NULL) {
		return KNOT_ENOMEM;
	}
	block->links[block->count++] = (cg_link_t){ screen->run.hash, to };
	return KNOT_EOK;
}

int cg_screen_add_dname(cg_screen_t *screen, const cg_screen_rr_t *rr)
{
	cg_run_t *run = &screen->run;
	const knot_dname_t *target = rr->rdata;
	size_t octets = 0;
	if (run->bits & SEEN_DNAME) {
		run->bits |= SLOT_SUSPECT;
	}
	int ret = add_link(screen, 0);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (!cg_screen_inside(screen, target, knot_dname_size(target), &octets)) {
		if (screen->out != NULL) {
			screen->out(target, rr->type, screen->out_ctx);
		}
		return KNOT_EOK;
	}
	/* Where it or what is above it is a DNAME, too, that may be a circle. */
	for (int labels = 0; octets > 0 && labels < LABELS_MAX && ret == KNOT_EOK; labels++) {
		ret = add_link(screen, cg_screen_hash(screen, target, octets));
		octets -= 1 + *target;
		target += 1 + *target;
	}
	if (octets > 0) {
		run->bits |= SLOT_SUSPECT;
	}
	return ret;
}

bool cg_screen_is_covered(const cg_screen_t *screen, const knot_dname_t *owner, size_t octets)
{
	bool covered = false;
	octets -= 1 + *owner;
	for (owner += 1 + *owner; octets > 0; owner += 1 + *owner) {
		uint64_t hash = cg_screen_hash(screen, owner, octets);
		cg_slot_t *cover = cg_table_get(screen->covers, hash);
		if (cover != NULL) {
			cg_slot_set(cover, SLOT_BELOW);
			covered = true;
		}
		octets -= 1 + *owner;
	}
	return covered;
}

/* --- Judging --- */

/*! \brief At the first look, whether something may be below; at a second one that is known. */
static int judge_cover(cg_screen_t *all, uint64_t owner)
{
	if (all->covers != NULL) {
		const cg_slot_t *cover = cg_table_get(all->covers, owner);
		if (cover != NULL && (cover->bits & SLOT_BELOW)) {
			cg_screen_suspect(all, owner);
		}
	} else if (cg_screen_may_be_above(all, owner) &&
	           cg_table_put(&all->found_covers, owner) == NULL) {
		return KNOT_ENOMEM;
	}
	return KNOT_EOK;
}

int cg_screen_judge_dnames(cg_screen_t *all)
{
	int ret = (all->dnames.count > 0) ? cg_screen_make_below(all) : KNOT_EOK;
	for (const cg_block_t *i = all->dnames.first; i != NULL; i = i->next) {
		for (size_t at = 0; at < i->count && ret == KNOT_EOK; at++) {
			const cg_link_t *link = &i->links[at];
			const cg_slot_t *to = (link->to == 0) ? NULL : cg_screen_slot(all, link->to);
			if (link->to == 0) {
				ret = judge_cover(all, link->from);
			} else if (to != NULL && (to->bits & SEEN_DNAME)) {
				cg_screen_suspect(all, link->from);
			}
		}
	}
	return (ret == KNOT_EOK && all->found_covers.count > 0) ? KNOT_EAGAIN : ret;
}

cg_screen_t *cg_screen_new_again(cg_screen_t *judged)
{
	cg_screen_t *screen = cg_screen_new(judged->origin, judged->policy, &judged->seed);
	if (screen != NULL) {
		screen->covers = &judged->found_covers;
	}
	return screen;
}
