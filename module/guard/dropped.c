/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "guard/dropped.h"
#include "guard/prerequisites.h"
#include "rules/rr.h"

/*! \brief A CNAME and other data: they cannot stand beside each other. */
static bool contrary(uint16_t a, uint16_t b)
{
	return (a == KNOT_RRTYPE_CNAME) != (b == KNOT_RRTYPE_CNAME) &&
	       !cg_type_beside(a) && !cg_type_beside(b);
}

static bool adds_contrary(const knot_rrset_t *op, const knot_rrset_t *rr)
{
	return op->rclass == KNOT_CLASS_IN && contrary(op->type, rr->type) &&
	       knot_dname_is_equal(op->owner, rr->owner);
}

static bool deletes_contrary(const knot_rrset_t *op, const knot_rrset_t *rr)
{
	return op->rclass != KNOT_CLASS_IN && op->type != KNOT_RRTYPE_ANY &&
	       contrary(op->type, rr->type) && knot_dname_is_equal(op->owner, rr->owner);
}

static bool has_contrary(const cg_name_t *name, uint16_t type)
{
	for (size_t i = 0; i < name->count; i++) {
		if (contrary(name->rr[i].type, type)) {
			return true;
		}
	}
	return false;
}

/*! \brief The update itself takes the record back. */
static bool revoked(const cg_sight_t *s, cg_op_t at, const knot_rrset_t *rr)
{
	const knot_rrset_t *op;
	while ((op = cg_next_op(s, &at)) != NULL && at.update == s->window->which) {
		if (cg_op_deletes(op, rr)) {
			return true;
		}
	}
	return false;
}

/*! \brief Somebody has deleted the record since, and \a contrary: put the other kind in its place. */
static bool deleted_since(const cg_sight_t *s, cg_op_t at, const knot_rrset_t *rr, bool replaced)
{
	bool deleted = false;
	const knot_rrset_t *op;
	while ((op = cg_next_op(s, &at)) != NULL) {
		deleted = deleted || cg_op_deletes(op, rr);
		if (deleted && (!replaced || adds_contrary(op, rr))) {
			return true;
		}
	}
	return false;
}

/*! \brief A later record adds one of the same type to the name. */
static bool added_since(const cg_sight_t *s, cg_op_t at, const knot_rrset_t *rr, uint16_t type)
{
	const knot_rrset_t *op;
	while ((op = cg_next_op(s, &at)) != NULL) {
		if (op->rclass == KNOT_CLASS_IN && op->type == type &&
		    knot_dname_is_equal(op->owner, rr->owner)) {
			return true;
		}
	}
	return false;
}

/*! \brief Why a record is not at a name that has no data of the other kind either. */
static bool find_gone_cause(const cg_sight_t *s, cg_op_t at, const knot_rrset_t *rr,
                            cg_drop_cause_t *cause)
{
	size_t count;
	const knot_rrset_t *ops = cg_update_records(s->window->list[s->window->which], &count);
	for (size_t i = at.pos + 1; i < count; i++) {
		if (deletes_contrary(&ops[i], rr)) {
			*cause = CG_DROP_ORDER;
			return true;
		}
	}
	for (size_t i = 0; i < at.pos; i++) {
		if (s->window->is_signed && rr->type == KNOT_RRTYPE_CNAME &&
		    deletes_contrary(&ops[i], rr)) {
			*cause = CG_DROP_SIGNED;
			return true;
		}
	}
	return false;
}

/*! \brief The record was added to what an earlier one of the same update had added. */
static bool added_both(cg_sight_t *s, cg_op_t at, const knot_rrset_t *rr, const cg_name_t *name)
{
	size_t count;
	const knot_rrset_t *ops = cg_update_records(s->window->list[s->window->which], &count);
	for (size_t i = 0; i < at.pos; i++) {
		if (adds_contrary(&ops[i], rr) && cg_name_holds(s, name, &ops[i])) {
			return true;
		}
	}
	return false;
}

static void add_drop(cg_sight_t *s, cg_drops_t *out, const knot_rrset_t *rr, cg_drop_cause_t cause)
{
	if (out->count == out->max) {
		size_t max = (out->max > 0) ? 2 * out->max : 16;
		cg_drop_t *list = realloc(out->list, max * sizeof(*list));
		if (list == NULL) {
			s->failed = true;
			return;
		}
		out->list = list;
		out->max = max;
	}
	out->list[out->count++] = (cg_drop_t){ .rr = rr, .cause = cause };
}

/*! \brief Looks at one added record; false: it should be there, so the update was not made. */
static bool judge_added(cg_sight_t *s, cg_op_t at, const knot_rrset_t *rr, cg_drops_t *out)
{
	cg_name_t name = cg_name_now(s, rr->owner);
	cg_drop_cause_t cause;

	if (cg_name_holds(s, &name, rr) || revoked(s, at, rr)) {
		return true;
	}
	if (has_contrary(&name, rr->type)) {
		/* Either it was there before, or somebody made room for it since. */
		if (!deleted_since(s, at, rr, true)) {
			bool both = added_both(s, at, rr, &name);
			add_drop(s, out, rr, both ? CG_DROP_BOTH : CG_DROP_BESIDE);
		}
		return true;
	}
	if (deleted_since(s, at, rr, false)) {
		return true;
	}
	if (rr->type == KNOT_RRTYPE_CNAME && added_since(s, at, rr, rr->type)) {
		return true; /* Replaced. */
	}
	if (find_gone_cause(s, at, rr, &cause)) {
		add_drop(s, out, rr, cause);
		return true;
	}
	return false;
}

/*! \brief Whether what the update deletes at a name is still there, and nobody has put it back. */
static bool still_there(cg_sight_t *s, cg_op_t at, const knot_rrset_t *op)
{
	cg_name_t name = cg_name_now(s, op->owner);
	for (size_t i = 0; i < name.count; i++) {
		uint16_t type = name.rr[i].type;
		if (!cg_type_beside(type) && (op->type == KNOT_RRTYPE_ANY || op->type == type) &&
		    (op->rclass == KNOT_CLASS_ANY || cg_rr_is(s, &name.rr[i], op)) &&
		    !added_since(s, at, op, type)) {
			return true;
		}
	}
	return false;
}

/*! \brief An update that does not get its way where it drops something was not made. */
static bool deletions_made(cg_sight_t *s, const cg_drops_t *drops)
{
	const cg_update_t *update = s->window->list[s->window->which];
	size_t count;
	const knot_rrset_t *ops = cg_update_records(update, &count);
	for (size_t i = 0; i < count && drops->count > 0; i++) {
		if (ops[i].rclass == KNOT_CLASS_IN ||
		    knot_dname_is_equal(ops[i].owner, cg_update_zone(update))) {
			continue; /* SOA and NS of the apex stay (RFC 2136, 3.4.2.3 and 3.4.2.4). */
		}
		bool concerned = false;
		for (size_t j = 0; j < drops->count && !concerned; j++) {
			concerned = knot_dname_is_equal(drops->list[j].rr->owner, ops[i].owner);
		}
		if (concerned && still_there(s, (cg_op_t){ s->window->which, i }, &ops[i])) {
			return false;
		}
	}
	return true;
}

int cg_dropped_find(const cg_drop_window_t *window, const cg_zone_t *now, cg_drops_t *out)
{
	cg_sight_t s = { .window = window, .now = now };
	size_t count;
	const knot_rrset_t *ops = cg_update_records(window->list[window->which], &count);

	bool made = cg_prerequisites_hold(&s);
	for (size_t i = 0; i < count && made; i++) {
		if (cg_update_droppable(&ops[i])) {
			made = judge_added(&s, (cg_op_t){ window->which, i }, &ops[i], out);
		}
	}
	if (!made || !deletions_made(&s, out)) {
		out->count = 0;
	}
	return s.failed ? KNOT_ENOMEM : KNOT_EOK;
}

static bool named_before(const knot_rrset_t *list, size_t count, const knot_dname_t *name,
                         bool droppable)
{
	for (size_t i = count; i > 0; i--) {
		if ((!droppable || cg_update_droppable(&list[i - 1])) &&
		    knot_dname_is_equal(list[i - 1].owner, name)) {
			return true;
		}
	}
	return false;
}

int cg_dropped_names(const cg_update_t *update, cg_dropped_name_cb cb, void *ctx)
{
	size_t ops_count, count;
	const knot_rrset_t *ops = cg_update_records(update, &ops_count);
	const knot_rrset_t *conditions = cg_update_prerequisites(update, &count);
	bool any = false;
	int ret = KNOT_EOK;

	for (size_t i = 0; i < ops_count && ret == KNOT_EOK; i++) {
		if (cg_update_droppable(&ops[i]) && !named_before(ops, i, ops[i].owner, true)) {
			any = true;
			ret = cb(ops[i].owner, ctx);
		}
	}
	for (size_t i = 0; i < count && any && ret == KNOT_EOK; i++) {
		if (!named_before(conditions, i, conditions[i].owner, false) &&
		    !named_before(ops, ops_count, conditions[i].owner, true)) {
			ret = cb(conditions[i].owner, ctx);
		}
	}
	return ret;
}
