/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finding the suspects among all names of a zone, and what they lead to. */

#include <stdlib.h>

#include "rules/run.h"
#include "rules/screen.h"

/*! \brief Of all names, one in so many may be wanted; some always may. */
#define WANTED_PART	4
#define WANTED_MIN	4096

/*! \brief Where the way of an alias goes on. */
#define NO_NEXT		UINT32_MAX
/*! \brief Links of a way. */
enum {
	WAY_NEW     = 0,
	WAY_MAX     = UINT32_MAX - 3,
	WAY_WALKED  = UINT32_MAX - 2, /*!< That is what is being found out. */
	WAY_UNKNOWN = UINT32_MAX - 1, /*!< To be looked at: a circle, or no such name at its end. */
};

/*! \brief Aliases and the number of the first. */
typedef struct {
	size_t number;
	const cg_block_t *aliases;
} indexed_t;

typedef struct {
	cg_screen_t *const *screens;
	size_t count;
	cg_screen_t *all;         /*!< The first: what the others have goes there. */
	uint32_t *before;         /*!< By screen and share: aliases that are numbered before. */
	uint32_t first[SHARES + 1]; /*!< By share: number of its first alias. */
	uint32_t *next;           /*!< By alias: the alias that it leads to, or NO_NEXT. */
	uint32_t *links;          /*!< By alias: links of its way; WAY_*. */
	/*! Suspects, then names to be asked for, by the share that told; some several times. */
	cg_list_t noted[SHARES];
	indexed_t *index;         /*!< All aliases, by number. */
	size_t indexed;
	size_t wanted[SHARES];    /*!< Names that the links of a share made wanted. */
	bool chains;              /*!< Aliases are judged by what they lead to. */
} judging_t;

static bool wants(const judging_t *judging, cg_rule_t rule)
{
	return cg_rule_wanted(judging->all->policy, rule);
}

/* --- Suspects --- */

/*! \brief Notes a name, which may be of a share that is not joined yet, or of another thread. */
static int note(judging_t *judging, size_t share, uint64_t hash)
{
	cg_block_t *block = cg_list_more(&judging->noted[share]);
	if (block == NULL) {
		return KNOT_ENOMEM;
	}
	block->names[block->count++] = (cg_slot_t){ .hash = hash };
	return KNOT_EOK;
}

void cg_screen_suspect(cg_screen_t *all, uint64_t hash)
{
	cg_slot_t *slot = cg_screen_slot(all, hash);
	if (slot != NULL && cg_slot_set(slot, SLOT_SUSPECT)) {
		cg_screen_set_mark(all, hash);
		all->suspects++;
	}
}

static void set_suspects(judging_t *judging)
{
	for (size_t share = 0; share < SHARES; share++) {
		const cg_block_t *noted = judging->noted[share].first;
		for (; noted != NULL; noted = noted->next) {
			for (size_t i = 0; i < noted->count; i++) {
				cg_screen_suspect(judging->all, noted->names[i].hash);
			}
		}
		cg_list_free(&judging->noted[share]);
	}
}

/* --- Joining --- */

static bool is_conflict(const cg_screen_t *screen, uint32_t bits)
{
	return ((bits & SEEN_CNAME) && (bits & screen->conflicting)) ||
	       ((bits & SEEN_DNAME) && (bits & SEEN_NS));
}

/*! \brief Number of an alias, from 1, that has only its place in a screen so far. */
static uint32_t number_of(const judging_t *judging, size_t screen, uint32_t alias)
{
	size_t share = alias >> ALIAS_BITS;
	uint32_t place = alias & ((1u << ALIAS_BITS) - 1);
	return (alias == 0) ? 0 : judging->before[screen * SHARES + share] + place;
}

/*! \brief Puts names of a screen into the table of their share. */
static int put_names(judging_t *judging, size_t screen, size_t share, const cg_block_t *names)
{
	cg_screen_t *all = judging->all;
	int ret = KNOT_EOK;
	for (size_t i = 0; i < names->count && ret == KNOT_EOK; i++) {
		const cg_slot_t *name = &names->names[i];
		cg_slot_t *slot = cg_table_put(&all->shares[share], name->hash);
		if (slot == NULL) {
			return KNOT_ENOMEM;
		}
		cg_slot_join(slot, name->bits, number_of(judging, screen, name->alias));
		if ((slot->bits & SLOT_SUSPECT) || is_conflict(all, slot->bits)) {
			slot->bits &= ~(uint32_t)SLOT_SUSPECT; /* Set, and counted, when all are joined. */
			ret = note(judging, share, name->hash);
		}
	}
	return ret;
}

static int join_share(judging_t *judging, size_t at)
{
	cg_screen_t *all = judging->all;
	size_t names = 0;
	for (size_t i = 0; i < judging->count; i++) {
		names += judging->screens[i]->names[at].count;
	}
	int ret = (names == 0 || cg_table_reserve(&all->shares[at], names)) ? KNOT_EOK : KNOT_ENOMEM;
	for (size_t i = 0; i < judging->count; i++) {
		cg_list_t *list = &judging->screens[i]->names[at];
		for (cg_block_t *names = list->first; names != NULL && ret == KNOT_EOK;
		     names = names->next) {
			ret = put_names(judging, i, at, names);
		}
		cg_list_free(list);
	}
	for (size_t i = 1; i < judging->count; i++) {
		cg_list_join(&all->aliases[at], &judging->screens[i]->aliases[at]);
		cg_list_join(&all->hosts[at], &judging->screens[i]->hosts[at]);
		cg_list_join(&all->above[at], &judging->screens[i]->above[at]);
	}
	return ret;
}

/*! \brief Numbers the aliases: by share, and there by screen. */
static int number_aliases(judging_t *judging)
{
	judging->before = calloc(judging->count * SHARES, sizeof(*judging->before));
	if (judging->before == NULL) {
		return KNOT_ENOMEM;
	}
	size_t count = 0;
	for (size_t share = 0; share < SHARES; share++) {
		judging->first[share] = count;
		for (size_t i = 0; i < judging->count; i++) {
			judging->before[i * SHARES + share] = count;
			count += judging->screens[i]->aliases[share].count;
		}
	}
	judging->first[SHARES] = count;
	return (count < WAY_MAX) ? KNOT_EOK : KNOT_ENOTSUP;
}

static void join_counts(judging_t *judging)
{
	cg_screen_t *all = judging->all;
	for (size_t i = 1; i < judging->count; i++) {
		cg_screen_t *screen = judging->screens[i];
		all->records += screen->records;
		all->outside += screen->outside;
		all->unseen |= screen->unseen;
		cg_list_join(&all->dnames, &screen->dnames);
	}
}

static int begin(judging_t *judging)
{
	join_counts(judging);
	int ret = number_aliases(judging);
	size_t aliases = judging->first[SHARES] + 1;
	judging->next = malloc(aliases * sizeof(*judging->next));
	judging->links = malloc(aliases * sizeof(*judging->links));
	judging->all->marks = calloc(MARKS / 8, 1);
	if (judging->next == NULL || judging->links == NULL || judging->all->marks == NULL) {
		ret = KNOT_ENOMEM;
	}
	return ret;
}

/* --- What leads where --- */

/*! \brief Hosts of records: those that are aliases make a suspect. */
static int look_at_hosts(judging_t *judging, size_t share, const cg_block_t *hosts)
{
	const cg_screen_t *all = judging->all;
	int ret = KNOT_EOK;
	for (size_t i = 0; i < hosts->count && ret == KNOT_EOK; i++) {
		const cg_slot_t *slot = cg_table_get(&all->shares[share], hosts->links[i].to);
		uint32_t bits = (slot != NULL) ? slot->bits : 0;
		if ((bits & (SEEN_CNAME | SLOT_COVERED)) || (all->unseen && !cg_slot_owns(bits))) {
			ret = note(judging, share, hosts->links[i].from);
		}
	}
	return ret;
}

/*!
 * \brief Targets of aliases: where they go on, and how far that is if they do not.
 *
 * \param number  Of the first alias.
 */
static void look_at_targets(judging_t *judging, size_t share, const cg_block_t *aliases,
                            size_t number)
{
	bool mail = wants(judging, CG_RULE_CNAME_MAIL);
	uint32_t *next = &judging->next[number];
	uint32_t *links = &judging->links[number];
	for (size_t i = 0; i < aliases->count; i++) {
		const cg_slot_t *slot = cg_table_get(&judging->all->shares[share],
		                                     aliases->links[i].to);
		uint32_t bits = (slot != NULL) ? slot->bits : 0;
		next[i] = NO_NEXT;
		links[i] = 1;
		if (!cg_slot_owns(bits) || (bits & SLOT_COVERED) || (mail && (bits & SEEN_MX))) {
			links[i] = WAY_UNKNOWN;
		} else if ((bits & SEEN_CNAME) && slot->alias != 0) {
			next[i] = slot->alias - 1;
			links[i] = WAY_NEW;
		} else if (bits & SEEN_CNAME) {
			links[i] = 2; /* And out of the zone. */
		}
	}
}

/*! \brief Joins one share and looks at all that leads there, while it is in a processor's cache. */
static int judge_share(size_t at, void *work)
{
	judging_t *judging = work;
	size_t number = judging->first[at];
	int ret = join_share(judging, at);
	const cg_block_t *hosts = judging->all->hosts[at].first;
	for (; hosts != NULL && ret == KNOT_EOK; hosts = hosts->next) {
		ret = look_at_hosts(judging, at, hosts);
	}
	for (const cg_block_t *i = judging->all->aliases[at].first; i != NULL; i = i->next) {
		look_at_targets(judging, at, i, number);
		number += i->count;
	}
	return ret;
}

/*! \brief Goes the way of an alias to where it is known, and once more to write down how far it was. */
static void measure(judging_t *judging, uint32_t first)
{
	uint32_t steps = 0, i = first;
	for (; judging->links[i] == WAY_NEW; i = judging->next[i]) {
		judging->links[i] = WAY_WALKED;
		steps++;
	}
	uint32_t rest = judging->links[i];
	bool known = rest < WAY_MAX && steps < WAY_MAX - rest;
	for (i = first; judging->links[i] == WAY_WALKED; i = judging->next[i]) {
		judging->links[i] = known ? rest + steps-- : WAY_UNKNOWN;
	}
}

static void judge_block(judging_t *judging, const cg_block_t *aliases, uint32_t number)
{
	uint32_t limit = judging->all->policy->chain_limit;
	limit = (limit == 0) ? CG_CHAIN_LIMIT : limit;
	for (size_t i = 0; i < aliases->count; i++, number++) {
		if (judging->links[number] == WAY_NEW) {
			measure(judging, number);
		}
		if (judging->links[number] > limit) {
			cg_screen_suspect(judging->all, aliases->links[i].from);
		}
	}
}

static void judge_ways(judging_t *judging)
{
	uint32_t number = 0;
	for (size_t share = 0; share < SHARES; share++) {
		const cg_block_t *aliases = judging->all->aliases[share].first;
		for (; aliases != NULL; aliases = aliases->next) {
			judge_block(judging, aliases, number);
			number += aliases->count;
		}
	}
}

/* --- What is wanted --- */

/*! \brief Makes what target_of() looks aliases up in. */
static int index_aliases(judging_t *judging)
{
	size_t blocks = 0, number = 0;
	for (size_t share = 0; share < SHARES; share++) {
		for (const cg_block_t *i = judging->all->aliases[share].first; i; i = i->next) {
			blocks++;
		}
	}
	judging->index = malloc((blocks + 1) * sizeof(*judging->index));
	if (judging->index == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t share = 0; share < SHARES; share++) {
		for (const cg_block_t *i = judging->all->aliases[share].first; i; i = i->next) {
			judging->index[judging->indexed++] = (indexed_t){ number, i };
			number += i->count;
		}
	}
	return KNOT_EOK;
}

/*! \brief Hash of what an alias leads to. */
static uint64_t target_of(const judging_t *judging, uint32_t number)
{
	size_t low = 0, high = judging->indexed;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (judging->index[mid].number <= number) {
			low = mid;
		} else {
			high = mid;
		}
	}
	const indexed_t *found = &judging->index[low];
	return found->aliases->links[number - found->number].to;
}

/*! \brief Wants the records at a slot, and what they lead to if it is an alias; names that were not. */
static size_t want_slot(judging_t *judging, cg_slot_t *slot)
{
	cg_screen_t *all = judging->all;
	size_t wanted = 0;
	while (slot != NULL && cg_slot_set(slot, SLOT_WANTED)) {
		cg_screen_set_mark(all, slot->hash);
		wanted++;
		slot = (slot->alias == 0) ? NULL :
		       cg_screen_slot(all, target_of(judging, slot->alias - 1));
	}
	return wanted;
}

/*! \brief Wants a name, and what it leads to if it is an alias; asks for it where it owns nothing. */
static int want(judging_t *judging, uint64_t hash)
{
	cg_screen_t *all = judging->all;
	cg_slot_t *slot = cg_screen_slot(all, hash);
	if (slot == NULL && cg_screen_may_be_above(all, hash)) {
		slot = cg_table_put(cg_screen_share(all, hash), hash);
		if (slot == NULL) {
			return KNOT_ENOMEM;
		}
		cg_slot_set(slot, SLOT_ASKED);
		all->asked = true;
	}
	all->wanted += want_slot(judging, slot);
	return KNOT_EOK;
}

/*! \brief Wants what suspects lead to; names that own nothing are noted, to be asked for later. */
static int want_block(judging_t *judging, size_t share, const cg_block_t *links)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < links->count && ret == KNOT_EOK; i++) {
		uint64_t from = links->links[i].from;
		if (!cg_screen_has_mark(judging->all, from)) {
			continue;
		}
		const cg_slot_t *slot = cg_screen_slot(judging->all, from);
		if (slot == NULL || (cg_slot_bits(slot) & SLOT_SUSPECT) == 0) {
			continue;
		}
		cg_slot_t *to = cg_screen_slot(judging->all, links->links[i].to);
		judging->wanted[share] += want_slot(judging, to);
		if (to == NULL) {
			ret = note(judging, share, links->links[i].to);
		}
	}
	return ret;
}

static int want_share(size_t share, void *work)
{
	judging_t *judging = work;
	const cg_list_t *lists[] = { &judging->all->aliases[share], &judging->all->hosts[share] };
	int ret = KNOT_EOK;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const cg_block_t *links = lists[i]->first;
		for (; links != NULL && ret == KNOT_EOK; links = links->next) {
			ret = want_block(judging, share, links);
		}
	}
	return ret;
}

static int want_links(judging_t *judging, cg_each_t each)
{
	int ret = each(SHARES, want_share, judging);
	for (size_t share = 0; share < SHARES; share++) {
		const cg_block_t *late = judging->noted[share].first;
		judging->all->wanted += judging->wanted[share];
		for (; late != NULL; late = late->next) {
			for (size_t i = 0; i < late->count && ret == KNOT_EOK; i++) {
				ret = want(judging, late->names[i].hash);
			}
		}
	}
	return ret;
}

/*! \brief Wants the DNAMEs, if they are few, and all names below them. */
static int want_dnames(judging_t *judging)
{
	cg_screen_t *all = judging->all;
	int ret = KNOT_EOK;
	for (const cg_block_t *i = all->dnames.first; i != NULL && ret == KNOT_EOK; i = i->next) {
		for (size_t at = 0; at < i->count && all->dnames.count < WANTED_MIN; at++) {
			ret = (ret == KNOT_EOK) ? want(judging, i->links[at].from) : ret;
		}
	}
	for (size_t i = 0; i < SHARES && all->covers != NULL; i++) {
		for (size_t at = 0; at < all->shares[i].max; at++) {
			cg_slot_t *slot = cg_table_at(&all->shares[i], at);
			if ((slot->bits & SLOT_COVERED) && cg_slot_set(slot, SLOT_WANTED)) {
				cg_screen_set_mark(all, slot->hash);
				all->wanted++;
			}
		}
	}
	return ret;
}

/*! \brief Wants what the suspects lead to, the apex, and what stands for all names below it. */
static int want_all(judging_t *judging, cg_each_t each)
{
	cg_screen_t *all = judging->all;
	cg_slot_t *apex = cg_screen_slot(all, cg_screen_hash(all, NULL, 0));
	cg_slot_t *wildcard = cg_screen_slot(all, cg_screen_hash(all, (const uint8_t *)"\1*", 2));
	int ret = index_aliases(judging);
	if (ret == KNOT_EOK) {
		ret = cg_screen_make_below(all);
	}
	if (ret == KNOT_EOK) {
		ret = want(judging, apex->hash);
	}
	if (ret == KNOT_EOK && wildcard != NULL) {
		ret = want(judging, wildcard->hash);
	}
	if (ret == KNOT_EOK) {
		ret = want_dnames(judging);
	}
	return (ret == KNOT_EOK) ? want_links(judging, each) : ret;
}

bool cg_screen_is_few(const cg_screen_t *screen)
{
	size_t names = 0;
	for (size_t i = 0; i < SHARES; i++) {
		names += screen->shares[i].count;
	}
	return screen->suspects + screen->wanted < WANTED_MIN + names / WANTED_PART;
}

static int judge(judging_t *judging, cg_each_t each)
{
	cg_screen_t *all = judging->all;
	int ret = begin(judging);
	if (ret == KNOT_EOK) {
		ret = each(SHARES, judge_share, judging);
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	const cg_slot_t *apex = cg_screen_slot(all, cg_screen_hash(all, NULL, 0));
	if (apex == NULL || (~apex->bits & (SEEN_SOA | SEEN_NS)) || (apex->bits & SEEN_DNAME)) {
		return KNOT_ENOTSUP;
	}
	set_suspects(judging);
	ret = cg_screen_judge_dnames(all);
	if (ret == KNOT_EOK && judging->chains) {
		judge_ways(judging);
	}
	if (ret == KNOT_EOK && all->suspects > 0) {
		ret = want_all(judging, each);
	}
	return (ret == KNOT_EOK && !cg_screen_is_few(all)) ? KNOT_ENOTSUP : ret;
}

int cg_screen_judge(cg_screen_t *const *screens, size_t count, cg_each_t each)
{
	judging_t judging = { .screens = screens, .count = count, .all = screens[0] };
	judging.chains = wants(&judging, CG_RULE_CNAME_LOOP) ||
	                 wants(&judging, CG_RULE_CNAME_CHAIN) ||
	                 wants(&judging, CG_RULE_CNAME_DANGLING) ||
	                 wants(&judging, CG_RULE_CNAME_MAIL);
	int ret = judge(&judging, each);
	for (size_t i = 0; i < SHARES; i++) {
		if (ret == KNOT_EAGAIN) {
			cg_table_free(&screens[0]->shares[i]);
		}
		cg_list_free(&screens[0]->aliases[i]);
		cg_list_free(&screens[0]->hosts[i]);
		cg_list_free(&screens[0]->above[i]);
		cg_list_free(&judging.noted[i]);
	}
	cg_list_free(&screens[0]->dnames);
	screens[0]->covers = NULL;
	free(judging.before);
	free(judging.next);
	free(judging.links);
	free(judging.index);
	return ret;
}
