/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The only file that knows RCU. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <urcu.h>

#include "cnameguard/verdict.h"

/* ThreadSanitizer does not see the barriers inside liburcu: it is told what they order. */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
static char order;
#define ORDER_BEFORE()	__tsan_release(&order)
#define ORDER_AFTER()	__tsan_acquire(&order)
#else
#define ORDER_BEFORE()
#define ORDER_AFTER()
#endif

/*! \brief What is allocated for a table: freed by call_rcu() after a grace period. */
typedef struct {
	struct rcu_head head;
	cg_table_t table;   /*!< Last. */
} holder_t;

/*! \brief Empty, with room for one more than there are. */
static cg_table_t *new_table(const cg_verdicts_t *verdicts)
{
	const cg_table_t *old = verdicts->table;
	size_t most = (old == NULL) ? 1 : (old->count < CG_VERDICTS) ? old->count + 1 : CG_VERDICTS;
	holder_t *holder = calloc(1, sizeof(*holder) + most * sizeof(holder->table.list[0]));
	if (holder == NULL) {
		return NULL;
	}
	holder->table.generation = verdicts->generation;
	holder->table.newest.soa = holder; /* That is none. */
	return &holder->table;
}

bool cg_version_same(const cg_version_t *judged, const cg_version_t *seen)
{
	return judged->serial == seen->serial &&
	       (judged->soa == NULL ||
	        (judged->soa == seen->soa && judged->ns == seen->ns &&
	         judged->apex == seen->apex));
}

static bool descends(const cg_verdict_t *verdict, const cg_version_t *seen)
{
	return verdict->descent && verdict->gate == CG_GATE_OPEN &&
	       verdict->version.ns != NULL && verdict->version.ns == seen->ns &&
	       (int32_t)(seen->serial - verdict->version.serial) > 0;
}

const cg_verdict_t *cg_table_find(const cg_table_t *table, const cg_version_t *version)
{
	if (table == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < table->count; i++) {
		if (cg_version_same(&table->list[i].version, version)) {
			return &table->list[i];
		}
	}
	/* Only the newest verdict can have descendants that are served now. */
	if (table->count > 0 && descends(&table->list[0], version)) {
		return &table->list[0];
	}
	return NULL;
}

int cg_names_compare(const knot_dname_t *left, const knot_dname_t *right)
{
	size_t left_size = knot_dname_size(left);
	size_t right_size = knot_dname_size(right);

	if (left_size != right_size) {
		return (left_size < right_size) ? -1 : 1;
	}
	return memcmp(left, right, left_size);
}

static int compare_names(const void *a, const void *b)
{
	return cg_names_compare(*(knot_dname_t *const *)a, *(knot_dname_t *const *)b);
}

bool cg_names_find(const cg_names_t *names, const knot_dname_t *name)
{
	return names->count > 0 &&
	       bsearch(&name, names->list, names->count, sizeof(*names->list),
	               compare_names) != NULL;
}

bool cg_table_cleared(const cg_table_t *table, const cg_version_t *version,
                      const knot_dname_t *name)
{
	if (table == NULL || !cg_version_same(&table->cleared_version, version)) {
		return false;
	}
	for (size_t i = 0; i < table->cleared.count; i++) {
		if (knot_dname_is_equal(table->cleared.list[i], name)) {
			return true;
		}
	}
	return false;
}

int cg_names_add(cg_names_t *names, const knot_dname_t *name)
{
	if ((names->count & (names->count + 1)) == 0) { /* 0, 1, 3, 7, ...: full. */
		void *grown = realloc(names->list, 2 * (names->count + 1) * sizeof(*names->list));
		if (grown == NULL) {
			return KNOT_ENOMEM;
		}
		names->list = grown;
	}
	names->list[names->count] = knot_dname_copy(name, NULL);
	if (names->list[names->count] == NULL) {
		return KNOT_ENOMEM;
	}
	names->bits |= cg_name_bit(name);
	names->count++;
	return KNOT_EOK;
}

void cg_names_free(cg_names_t *names)
{
	for (size_t i = 0; i < names->count; i++) {
		knot_dname_free(names->list[i], NULL);
	}
	free(names->list);
	*names = (cg_names_t){ 0 };
}

static void free_verdict(cg_verdict_t *verdict)
{
	cg_names_free(&verdict->refused);
	cg_names_free(&verdict->wildcards);
	cg_answers_unref(verdict->answers);
}

static void free_table(cg_table_t *table)
{
	if (table == NULL) {
		return;
	}
	for (size_t i = 0; i < table->count; i++) {
		free_verdict(&table->list[i]);
	}
	cg_names_free(&table->cleared);
	free(caa_container_of(table, holder_t, table));
}

int cg_names_copy(const cg_names_t *from, cg_names_t *to)
{
	*to = (cg_names_t){ 0 };
	if (from->count == 0) {
		return KNOT_EOK;
	}
	to->list = calloc(from->count, sizeof(*to->list));
	if (to->list == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < from->count; i++) {
		to->list[i] = knot_dname_copy(from->list[i], NULL);
		if (to->list[i] == NULL) {
			cg_names_free(to);
			return KNOT_ENOMEM;
		}
		to->count++;
	}
	to->bits = from->bits;
	return KNOT_EOK;
}

static void free_later(struct rcu_head *head)
{
	ORDER_AFTER();
	free_table(&caa_container_of(head, holder_t, head)->table);
}

#define FROM_TO(from, to)	[(from) ... (to)] = CG_LOOK_CUT
uint16_t cg_look_at[256] = {
	FROM_TO(0, KNOT_RRTYPE_CNAME - 1),
	[KNOT_RRTYPE_CNAME] = CG_LOOK_ALWAYS,
	[KNOT_RRTYPE_SOA]   = CG_LOOK_ALWAYS,
	FROM_TO(KNOT_RRTYPE_SOA + 1, KNOT_RRTYPE_DNAME - 1),
	[KNOT_RRTYPE_DNAME] = CG_LOOK_ALWAYS,
	FROM_TO(KNOT_RRTYPE_DNAME + 1, KNOT_RRTYPE_RRSIG - 1),
	[KNOT_RRTYPE_RRSIG] = CG_LOOK_ALWAYS,
	[KNOT_RRTYPE_NSEC]  = CG_LOOK_ALWAYS,
	FROM_TO(KNOT_RRTYPE_NSEC + 1, KNOT_RRTYPE_ANY - 1),
	[KNOT_RRTYPE_ANY]   = CG_LOOK_ALWAYS,
};

uint32_t cg_alerts_at[1 << CG_SLOTS_BITS];

static void look_at(uint16_t look)
{
	for (size_t i = 0; i < sizeof(cg_look_at) / sizeof(*cg_look_at); i++) {
		if (cg_look_at[i] != CG_LOOK_ALWAYS) {
			__atomic_store_n(&cg_look_at[i], look, __ATOMIC_SEQ_CST);
		}
	}
}

static void count_name(const knot_dname_t *name, int step)
{
	uint32_t *slot = &cg_alerts_at[cg_name_slot(name, knot_dname_size(name))];
	__atomic_store_n(slot, *slot + step, __ATOMIC_SEQ_CST);
}

/*! \brief A refused version cannot be told by names: all are, or some that stand for others. */
static bool by_zone(const cg_verdict_t *verdict)
{
	return verdict->gate == CG_GATE_REFUSED &&
	       (verdict->whole_zone || verdict->wildcards.count > 0);
}

/*! \brief Counts what hooks have to look for: a table comes (+1), is gone (-1). */
static void count_alerts(const cg_table_t *table, int step)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* The worker, and the end of a zone. */
	static size_t tables, zones;

	if (table == NULL || !(table->refuses || table->answers)) {
		return;
	}
	pthread_mutex_lock(&mutex);
	tables += step;
	for (size_t i = 0; i < table->count; i++) {
		const cg_verdict_t *verdict = &table->list[i];
		for (size_t j = 0; j < verdict->refused.count; j++) {
			count_name(verdict->refused.list[j], step);
		}
		for (size_t j = 0; verdict->answers != NULL && j < verdict->answers->count; j++) {
			count_name(verdict->answers->list[j].name, step);
		}
		zones += by_zone(verdict) ? step : 0;
	}
	look_at((zones > 0) ? CG_LOOK_ZONE : (tables > 0) ? CG_LOOK_NAMES : CG_LOOK_CUT);
	pthread_mutex_unlock(&mutex);
}

/*
 * Worker: pairs with cg_verdicts_get() of the hooks. The worker does not wait
 * for a grace period here: a hook may be waiting for its next verdict.
 */
static void replace(cg_verdicts_t *verdicts, cg_table_t *table)
{
	count_alerts(table, 1);
	cg_table_t *old = __atomic_exchange_n(&verdicts->table, table, __ATOMIC_SEQ_CST);
	count_alerts(old, -1);
	if (old != NULL) {
		ORDER_BEFORE();
		call_rcu(&caa_container_of(old, holder_t, table)->head, free_later);
	}
}

/*!
 * \brief Copies the verdicts of other versions behind the new one.
 *
 * \param verdict  The new one: a serial that came again has one verdict only; NULL: none.
 */
static int carry_over(const cg_table_t *old, const cg_verdict_t *verdict, cg_table_t *table)
{
	for (size_t i = 0; old != NULL && i < old->count && table->count < CG_VERDICTS; i++) {
		if (verdict != NULL &&
		    old->list[i].version.serial == verdict->version.serial) {
			continue;
		}
		cg_verdict_t *copy = &table->list[table->count];
		*copy = old->list[i];
		table->refuses |= (copy->gate == CG_GATE_REFUSED);
		table->answers |= (copy->answers != NULL);
		copy->wildcards = (cg_names_t){ 0 };
		(void)cg_answers_ref(copy->answers);
		int ret = cg_names_copy(&old->list[i].refused, &copy->refused);
		table->count++;
		if (ret == KNOT_EOK) {
			ret = cg_names_copy(&old->list[i].wildcards, &copy->wildcards);
		}
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return KNOT_EOK;
}

/*! \brief What hooks compare first; not a version that is bound by its serial alone. */
static void set_newest(cg_table_t *table)
{
	const cg_verdict_t *verdict = &table->list[0];
	if (table->count > 0 && verdict->version.soa != NULL && !by_zone(verdict)) {
		table->newest = verdict->version;
		table->by_names = (verdict->gate == CG_GATE_REFUSED);
	}
}

/*! \brief The next version was made by an update from this one, not by a load. */
static bool updated(const cg_version_t *from, const cg_version_t *to)
{
	return to->ns == from->ns && (to->serial == from->serial + 1 || to->serial == from->serial);
}

/*! \brief How far back every step was judged clean. */
static uint32_t clean_since(const cg_table_t *old, const cg_verdict_t *verdict)
{
	if (old != NULL && old->count > 0 && old->list[0].gate == CG_GATE_OPEN &&
	    (updated(&old->list[0].version, &verdict->version) ||
	     descends(&old->list[0], &verdict->version))) {
		return old->list[0].clean_since;
	}
	return verdict->version.serial;
}

static void sort_names(cg_names_t *names)
{
	if (names->count > 1) {
		qsort(names->list, names->count, sizeof(*names->list), compare_names);
	}
}

int cg_verdicts_publish(cg_verdicts_t *verdicts, const cg_verdict_t *verdict)
{
	const cg_table_t *old = verdicts->table;
	cg_table_t *table = new_table(verdicts);
	if (table == NULL) {
		cg_verdict_t lost = *verdict;
		free_verdict(&lost);
		return KNOT_ENOMEM;
	}

	cg_verdict_t *first = &table->list[table->count++];
	*first = *verdict;
	first->clean_since = clean_since(old, verdict);
	table->refuses = (first->gate == CG_GATE_REFUSED);
	table->answers = (first->answers != NULL);
	sort_names(&first->refused);
	sort_names(&first->wildcards);
	int ret = carry_over(old, verdict, table);
	if (ret != KNOT_EOK) {
		free_table(table);
		return ret;
	}
	set_newest(table);
	replace(verdicts, table);
	return KNOT_EOK;
}

/*! \brief Names cleared so far in this version, without the oldest when there are many. */
static int carry_cleared(const cg_table_t *old, const cg_version_t *version,
                         const knot_dname_t *name, cg_names_t *out)
{
	out->list = calloc(CG_CLEARED, sizeof(*out->list));
	if (out->list == NULL) {
		return KNOT_ENOMEM;
	}
	out->list[out->count++] = knot_dname_copy(name, NULL);
	if (old != NULL && cg_version_same(&old->cleared_version, version)) {
		for (size_t i = 0; i < old->cleared.count && out->count < CG_CLEARED; i++) {
			if (!knot_dname_is_equal(old->cleared.list[i], name)) {
				out->list[out->count++] = knot_dname_copy(old->cleared.list[i],
				                                          NULL);
			}
		}
	}
	for (size_t i = 0; i < out->count; i++) {
		if (out->list[i] == NULL) {
			return KNOT_ENOMEM;
		}
	}
	return KNOT_EOK;
}

int cg_verdicts_clear_name(cg_verdicts_t *verdicts, const cg_version_t *version,
                           const knot_dname_t *name)
{
	const cg_table_t *old = verdicts->table;
	if (cg_table_find(old, version) != NULL) {
		return KNOT_EOK; /* The zone was faster than its name. */
	}
	cg_table_t *table = new_table(verdicts);
	if (table == NULL) {
		return KNOT_ENOMEM;
	}
	table->cleared_version = *version;

	int ret = carry_cleared(old, version, name, &table->cleared);
	if (ret == KNOT_EOK) {
		ret = carry_over(old, NULL, table);
	}
	if (ret != KNOT_EOK) {
		free_table(table);
		return ret;
	}
	set_newest(table);
	replace(verdicts, table);
	return KNOT_EOK;
}

void cg_verdicts_reset(cg_verdicts_t *verdicts, unsigned generation)
{
	replace(verdicts, NULL);
	verdicts->generation = generation;
}

void cg_verdicts_free(cg_verdicts_t *verdicts)
{
	count_alerts(verdicts->table, -1);
	free_table(verdicts->table);
	verdicts->table = NULL;
}

void cg_rcu_enter_thread(void)
{
	rcu_register_thread();
}

void cg_rcu_leave_thread(void)
{
	rcu_barrier(); /* No callback of ours may be pending when the library is unmapped. */
	rcu_unregister_thread();
}

void cg_rcu_pin(void)
{
	rcu_read_lock();
}

void cg_rcu_unpin(void)
{
	ORDER_BEFORE();
	rcu_read_unlock();
}
