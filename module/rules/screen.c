/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Filling a screen: the part that is done for each record. */

#include <stdlib.h>
#include <string.h>

#include "rules/screen.h"

cg_screen_t *cg_screen_new(const knot_dname_t *origin, const cg_rules_policy_t *policy,
                           const cg_screen_seed_t *seed)
{
	/* Threads that fill two screens must not share a line of their caches. */
	cg_screen_t *screen = aligned_alloc(CACHE_LINES, sizeof(*screen));
	if (screen == NULL) {
		return NULL;
	}
	memset(screen, 0, sizeof(*screen));
	knot_dname_copy_lower(screen->origin, origin);
	screen->origin_size = knot_dname_size(origin);
	screen->seed = *seed;
	screen->seed.word[1] |= 1;
	screen->share_shift = 63 - SHARE_BITS;
	screen->policy = policy;
	screen->conflicting = SLOT_TYPES & ~(uint32_t)(SEEN_CNAME | SEEN_BESIDE);
	if (policy->allow_key) {
		screen->conflicting &= ~(uint32_t)SEEN_KEY;
	}
	screen->references = cg_references_wanted(policy);
	return screen;
}

void cg_screen_set_small(cg_screen_t *screen)
{
	screen->share_shift = 63;
}

void cg_screen_set_out(cg_screen_t *screen, cg_screen_out_t out, void *ctx)
{
	screen->out = out;
	screen->out_ctx = ctx;
}

void cg_screen_free(cg_screen_t *screen)
{
	if (screen == NULL) {
		return;
	}
	for (size_t i = 0; i < SHARES; i++) {
		cg_table_free(&screen->shares[i]);
		cg_list_free(&screen->names[i]);
		cg_list_free(&screen->aliases[i]);
		cg_list_free(&screen->hosts[i]);
		cg_list_free(&screen->above[i]);
	}
	cg_list_free(&screen->dnames);
	cg_table_free(&screen->found_covers);
	free(screen->below);
	free(screen->marks);
	free(screen);
}

/* --- Names --- */

/*! \brief Whether a name ends like the origin, letter case aside. */
static bool ends_alike(const cg_screen_t *screen, const knot_dname_t *end)
{
	if (cg_same_octets(end, screen->origin, screen->origin_size)) {
		return true;
	}
	size_t same = 0;
	while (same < screen->origin_size && cg_lower8(end[same]) == screen->origin[same]) {
		same++;
	}
	return same == screen->origin_size;
}

bool cg_screen_inside(const cg_screen_t *screen, const knot_dname_t *name, size_t size,
                      size_t *octets)
{
	if (size < screen->origin_size) {
		return false;
	}
	*octets = size - screen->origin_size;
	const knot_dname_t *end = name + *octets;
	if (!ends_alike(screen, end)) {
		return false;
	}
	while (name < end) {
		name += 1 + *name;
	}
	return name == end;
}

/*! \brief Adds a link to those of its target's share. */
static int link_add(const cg_screen_t *screen, cg_list_t *shares, uint64_t from, uint64_t to)
{
	cg_list_t *links = &shares[cg_share_of(screen, to)];
	cg_block_t *block = cg_list_more(links);
	if (block == NULL) {
		return KNOT_ENOMEM;
	}
	block->links[block->count++] = (cg_link_t){ from, to };
	return (links->count >> ALIAS_BITS == 0) ? KNOT_EOK : KNOT_ENOTSUP;
}

/* --- Runs --- */

/*! \brief Adds a name to those of its share. */
static cg_slot_t *name_add(cg_screen_t *screen, const cg_run_t *run)
{
	cg_block_t *block = cg_list_more(&screen->names[cg_share_of(screen, run->hash)]);
	if (block == NULL) {
		return NULL;
	}
	cg_slot_t *slot = &block->names[block->count++];
	*slot = (cg_slot_t){ run->hash, run->bits, run->alias };
	return slot;
}

/*! \brief Writes down what a run has brought; a name often goes on after one that is below it. */
static int run_end(cg_screen_t *screen)
{
	cg_run_t *run = &screen->run;
	if (run->size == 0 || !run->inside) {
		return KNOT_EOK;
	}
	screen->unseen |= (run->bits & SEEN_DNAME) ||
	                  ((run->bits & SEEN_CNAME) && run->owner[0] == 1 && run->owner[1] == '*');
	cg_slot_t *slot = screen->recent[1];
	screen->recent[1] = screen->recent[0];
	if (slot != NULL && slot->hash == run->hash) {
		cg_slot_join(slot, run->bits, run->alias);
	} else {
		slot = name_add(screen, run);
	}
	screen->recent[0] = slot;
	return (slot != NULL) ? KNOT_EOK : KNOT_ENOMEM;
}

static int run_begin(cg_screen_t *screen, const knot_dname_t *owner, size_t size)
{
	cg_run_t *run = &screen->run;
	size_t octets = 0;
	bool inside = cg_screen_inside(screen, owner, size, &octets);
	bool deep = inside && octets > 1u + owner[0];
	int ret = run_end(screen);
	if (ret == KNOT_EOK && deep) {
		ret = cg_screen_note_above(screen, owner, size, octets);
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	run->size = size;
	memcpy(run->owner, owner, size);
	run->inside = inside;
	run->bits = 0;
	if (inside) {
		run->hash = cg_screen_hash(screen, owner, octets);
	}
	if (deep && screen->covers != NULL && cg_screen_is_covered(screen, owner, octets)) {
		run->bits = SLOT_COVERED;
	}
	run->alias = 0;
	run->count = 0;
	return KNOT_EOK;
}

/*! \brief Notes a record of the run; one that may have been there before makes the owner suspect. */
static void run_record(cg_screen_t *screen, const cg_screen_rr_t *rr)
{
	cg_run_t *run = &screen->run;
	bool is_name = rr->type == KNOT_RRTYPE_CNAME || rr->type == KNOT_RRTYPE_DNAME;
	uint64_t hash = cg_hash_secret(screen->seed.word, rr->rdata, rr->rdata_len, is_name) + rr->type;
	for (size_t i = 0; i < run->count; i++) {
		if (run->rr[i] == hash) {
			run->bits |= SLOT_SUSPECT;
			return;
		}
	}
	if (run->count == RUN_MAX) {
		run->bits |= SLOT_SUSPECT;
		return;
	}
	run->rr[run->count++] = hash;
}

/* --- What records lead to --- */

size_t cg_screen_host_offset(const cg_screen_rr_t *rr)
{
	size_t at = 4;
	switch (rr->type) {
	case KNOT_RRTYPE_MX:
	case KNOT_RRTYPE_SVCB:
	case KNOT_RRTYPE_HTTPS:
		return 2;
	case KNOT_RRTYPE_SRV:
		return 6;
	case KNOT_RRTYPE_NAPTR:
		for (int text = 0; text < 3 && at < rr->rdata_len; text++) {
			at += 1 + rr->rdata[at];
		}
		return at;
	default:
		return 0;
	}
}

/*! \brief Hash of the host that a record names, 0: none in the zone. */
static uint64_t host_of(const cg_screen_t *screen, const cg_screen_rr_t *rr)
{
	size_t at = cg_screen_host_offset(rr), octets;
	if (at >= rr->rdata_len || (rr->rdata[at] == 0 && rr->type != KNOT_RRTYPE_CNAME)) {
		return 0;
	}
	const knot_dname_t *host = rr->rdata + at;
	if (cg_screen_inside(screen, host, knot_dname_size(host), &octets)) {
		return cg_screen_hash(screen, host, octets);
	}
	if (screen->out != NULL) {
		screen->out(host, rr->type, screen->out_ctx);
	}
	return 0;
}

static int add_cname(cg_screen_t *screen, const cg_screen_rr_t *rr)
{
	cg_run_t *run = &screen->run;
	if (run->bits & SEEN_CNAME) {
		run->bits |= SLOT_SUSPECT;
	}
	uint64_t host = host_of(screen, rr);
	if (host == 0) {
		return KNOT_EOK;
	}
	int ret = link_add(screen, screen->aliases, run->hash, host);
	size_t share = cg_share_of(screen, host);
	run->alias = share << ALIAS_BITS | screen->aliases[share].count;
	return ret;
}

static int add_reference(cg_screen_t *screen, const cg_screen_rr_t *rr)
{
	uint64_t host = host_of(screen, rr);
	return (host == 0) ? KNOT_EOK : link_add(screen, screen->hosts, screen->run.hash, host);
}

int cg_screen_add(cg_screen_t *screen, const cg_screen_rr_t *rr)
{
	cg_run_t *run = &screen->run;
	int ret = KNOT_EOK;
	if (run->size != rr->owner_size || !cg_same_octets(run->owner, rr->owner, run->size)) {
		ret = run_begin(screen, rr->owner, rr->owner_size);
	}
	if (ret != KNOT_EOK || !run->inside) {
		screen->outside++;
		return ret;
	}

	screen->records++;
	run_record(screen, rr);
	uint32_t seen = cg_seen_type(rr->type);
	if (seen & SEEN_CNAME) {
		ret = add_cname(screen, rr);
	} else if (seen & screen->references) {
		ret = add_reference(screen, rr);
	} else if (seen & SEEN_DNAME) {
		ret = cg_screen_add_dname(screen, rr);
	}
	run->bits |= seen;
	return ret;
}

uint32_t cg_screen_mark(const cg_screen_t *screen)
{
	return screen->run.inside ? screen->run.hash & (MARKS - 1) : 0;
}

int cg_screen_end(cg_screen_t *screen)
{
	int ret = run_end(screen);
	screen->run.size = 0;
	return ret;
}
