/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The edits by which flattened names follow their targets. */

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "cnameguard/server.h"
#include "guard/follow.h"
#include "guard/report.h"
#include "rules/zone.h"

/*! \brief Edits of one transaction, which borrow from the flattened names. */
typedef struct {
	cg_edit_t *list;
	size_t count;
	size_t max;
	size_t names;
	const char *first;  /*!< Name. */
} edits_t;

static int add_edit(edits_t *edits, const cg_flat_name_t *name, cg_edit_op_t op, const cg_rr_t *rr)
{
	if (edits->count == edits->max) {
		size_t max = (edits->max == 0) ? 16 : edits->max * 2;
		cg_edit_t *bigger = realloc(edits->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return KNOT_ENOMEM;
		}
		edits->list = bigger;
		edits->max = max;
	}
	edits->list[edits->count++] = (cg_edit_t){
		.op = op, .owner = name->owner, .spelling = name->spelling, .rr = *rr,
		.rule = name->rule,
	};
	return KNOT_EOK;
}

/*! \brief From one set of records to another; one with another TTL is another record. */
static int add_edits(edits_t *edits, const cg_flat_name_t *name, const cg_rrs_t *from,
                     const cg_rrs_t *to)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < from->count && ret == KNOT_EOK; i++) {
		if (!cg_rrs_has(to, &from->list[i])) {
			ret = add_edit(edits, name, CG_EDIT_REMOVE, &from->list[i]);
		}
	}
	for (size_t i = 0; i < to->count && ret == KNOT_EOK; i++) {
		if (!cg_rrs_has(from, &to->list[i])) {
			ret = add_edit(edits, name, CG_EDIT_ADD, &to->list[i]);
		}
	}
	edits->first = (edits->names++ == 0) ? name->spelling : edits->first;
	return ret;
}

/* --- Inside the transaction --- */

typedef struct {
	const cg_rrs_t *put;
	bool stands;
} standing_t;

static int check_name(const cg_name_t *name, void *ctx)
{
	standing_t *standing = ctx;
	standing->stands = cg_follow_stands(name, standing->put);
	return KNOT_EOK;
}

/*! \brief Whether what was put is still there, now that nobody else can change it. */
static int is_standing(cg_guard_t *guard, const cg_guarded_t *zone, const cg_flat_name_t *name,
                       bool *stands)
{
	standing_t standing = { &name->put, false };
	int ret = cg_server_read(guard->control, CG_READ_TRANSACTION, zone->text, name->spelling,
	                         check_name, &standing);
	*stands = standing.stands;
	return (ret == KNOT_EDENIED) ? KNOT_EOK : ret; /* No such name. */
}

/*! \brief Finds the edits that can be made, and remembers both states of each name. */
static int find_edits(cg_guard_t *guard, cg_guarded_t *zone, cg_rrs_t *wants, edits_t *edits)
{
	struct cg_follow *follow = zone->follow;
	for (size_t i = 0; i < follow->flat.names_count; i++) {
		cg_flat_name_t *name = &follow->flat.names[i];
		bool stands = false;
		int ret = KNOT_EOK;
		if (wants[i].count > 0 && !cg_rrs_same(&wants[i], &name->put)) {
			ret = is_standing(guard, zone, name, &stands);
		}
		if (ret == KNOT_EOK && stands) {
			/* Which of both it is, is seen at the next look; see follow.h. */
			cg_rrs_clear(&name->before);
			name->before = name->put;
			name->put = wants[i];
			wants[i] = (cg_rrs_t){ 0 };
			follow->changed = true;
			ret = add_edits(edits, name, &name->before, &name->put);
		}
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return (edits->count > 0) ? KNOT_EOK : KNOT_ENOENT;
}

static int make_edits(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                      cg_rrs_t *wants, uint32_t *serial)
{
	cg_why_t why; /* The log has said it. */
	edits_t edits = { 0 };
	int ret = cg_repair_serial(guard, zone, serial);
	if (ret == KNOT_EOK) {
		ret = find_edits(guard, zone, wants, &edits);
	}
	if (ret == KNOT_EOK &&
	    !cg_repair_write_down(guard, zone, policy, *serial, edits.list, edits.count, &why)) {
		ret = KNOT_EFILE;
	}
	if (ret == KNOT_EOK) {
		ret = cg_follow_save(zone, policy);
	}
	for (size_t i = 0; i < edits.count && ret == KNOT_EOK; i++) {
		ret = cg_transaction_edit(guard->control, zone->text, &edits.list[i]);
	}
	if (ret == KNOT_EOK) {
		cg_zone_log(zone, LOG_NOTICE, "targets of flattened names have changed: %zu name%s "
		            "edited, the first is %s", edits.names, edits.names == 1 ? "" : "s",
		            edits.first);
	}
	free(edits.list);
	return ret;
}

/*! \brief Whether a name is to be edited, as far as is known before the transaction. */
static bool is_wanted(cg_guarded_t *zone, const cg_rrs_t *wants)
{
	const cg_flattened_t *flat = &zone->follow->flat;
	for (size_t i = 0; i < flat->names_count; i++) {
		if (wants[i].count > 0 && !cg_rrs_same(&wants[i], &flat->names[i].put)) {
			return true;
		}
	}
	return false;
}

/*! \brief What was committed stands alone. */
static void committed(cg_guarded_t *zone, const cg_policy_t *policy)
{
	struct cg_follow *follow = zone->follow;
	for (size_t i = 0; i < follow->flat.names_count; i++) {
		cg_rrs_clear(&follow->flat.names[i].before);
	}
	follow->changed = true;
	(void)cg_follow_save(zone, policy);
}

int cg_follow_edit(cg_guard_t *guard, cg_guarded_t *zone, const cg_policy_t *policy,
                   cg_rrs_t *wants)
{
	cg_control_t *control = guard->control;
	uint32_t serial = 0;
	if (!is_wanted(zone, wants)) {
		return KNOT_ENOENT;
	}
	if (!cg_report_writable(zone, policy)) {
		return KNOT_EFILE;
	}
	int ret = cg_transaction_begin(control, zone->text, &zone->transaction);
	if (ret != KNOT_EOK) {
		return ret;
	}
	ret = make_edits(guard, zone, policy, wants, &serial);
	if (ret != KNOT_EOK) {
		(void)cg_transaction_abort(control, zone->text, &zone->transaction);
		return (ret == KNOT_ENOENT) ? KNOT_EAGAIN : ret;
	}
	ret = cg_transaction_commit(control, zone->text, &zone->transaction);
	zone->repaired = (ret != KNOT_EDENIED); /* A lost reply may have been a yes. */
	zone->repaired_from = serial;
	zone->repair_left = SIZE_MAX;           /* It was no repair that could have gone wrong. */
	if (ret == KNOT_EOK) {
		committed(zone, policy);
	}
	return (ret == KNOT_EDENIED) ? KNOT_ESEMCHECK : ret;
}
