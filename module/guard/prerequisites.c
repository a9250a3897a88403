/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "guard/prerequisites.h"
#include "rules/rr.h"

const knot_rrset_t *cg_next_op(const cg_sight_t *s, cg_op_t *at)
{
	size_t pos = at->pos + 1;
	for (size_t i = at->update; i < s->window->count; i++, pos = 0) {
		size_t count;
		const knot_rrset_t *ops = cg_update_records(s->window->list[i], &count);
		if (pos < count) {
			*at = (cg_op_t){ i, pos };
			return &ops[pos];
		}
	}
	return NULL;
}

bool cg_op_deletes(const knot_rrset_t *op, const knot_rrset_t *rr)
{
	switch (op->rclass) {
	case KNOT_CLASS_ANY:
		return (op->type == KNOT_RRTYPE_ANY || op->type == rr->type) &&
		       knot_dname_is_equal(op->owner, rr->owner);
	case KNOT_CLASS_NONE:
		return op->type == rr->type && knot_dname_is_equal(op->owner, rr->owner) &&
		       knot_rdata_cmp(op->rrs.rdata, rr->rrs.rdata) == 0;
	default:
		return false;
	}
}

cg_name_t cg_name_now(const cg_sight_t *s, const knot_dname_t *owner)
{
	cg_name_t name = { 0 };
	if (cg_zone_find(s->now, owner, &name) != KNOT_EOK) {
		name = (cg_name_t){ .owner = owner };
	}
	return name;
}

/*! \brief Without the blank that Knot 3.2 leaves at the end of some data. */
static size_t data_len(const char *data)
{
	size_t len = strlen(data);
	while (len > 0 && data[len - 1] == ' ') {
		len--;
	}
	return len;
}

bool cg_rr_is(cg_sight_t *s, const cg_rr_t *have, const knot_rrset_t *rr)
{
	if (have->type != rr->type) {
		return false;
	}
	char *data = cg_update_data(rr);
	if (data == NULL) {
		s->failed = true;
		return false;
	}
	size_t len = data_len(have->data);
	bool same = (len == strlen(data) && memcmp(data, have->data, len) == 0) ||
	            ((rr->type == KNOT_RRTYPE_CNAME || rr->type == KNOT_RRTYPE_DNAME) &&
	             cg_target_same(data, have->data));
	free(data);
	return same;
}

bool cg_name_holds(cg_sight_t *s, const cg_name_t *name, const knot_rrset_t *rr)
{
	for (size_t i = 0; i < name->count; i++) {
		if (cg_rr_is(s, &name->rr[i], rr)) {
			return true;
		}
	}
	return false;
}

/*! \brief The place before the first record of the update that is looked at. */
static cg_op_t beginning(const cg_sight_t *s)
{
	return (cg_op_t){ s->window->which, SIZE_MAX };
}

/*! \brief This update or a later one deletes something of that type (ANY: of any) at the name. */
static bool some_deleted(const cg_sight_t *s, const knot_dname_t *owner, uint16_t type)
{
	cg_op_t at = beginning(s);
	const knot_rrset_t *op;
	while ((op = cg_next_op(s, &at)) != NULL) {
		if (op->rclass != KNOT_CLASS_IN && knot_dname_is_equal(op->owner, owner) &&
		    (type == KNOT_RRTYPE_ANY || op->type == KNOT_RRTYPE_ANY || op->type == type)) {
			return true;
		}
	}
	return false;
}

static bool was_deleted(const cg_sight_t *s, const knot_rrset_t *rr)
{
	cg_op_t at = beginning(s);
	const knot_rrset_t *op;
	while ((op = cg_next_op(s, &at)) != NULL) {
		if (cg_op_deletes(op, rr)) {
			return true;
		}
	}
	return false;
}

/*! \brief This update or a later one adds the record. */
static bool was_added(cg_sight_t *s, const knot_dname_t *owner, const cg_rr_t *rr)
{
	cg_op_t at = beginning(s);
	const knot_rrset_t *op;
	while ((op = cg_next_op(s, &at)) != NULL) {
		if (op->rclass == KNOT_CLASS_IN && knot_dname_is_equal(op->owner, owner) &&
		    cg_rr_is(s, rr, op)) {
			return true;
		}
	}
	return false;
}

/*! \brief Whether there may have been such records (ANY: any) before. */
static bool may_have_been(const cg_sight_t *s, const knot_dname_t *owner, uint16_t type)
{
	cg_name_t name = cg_name_now(s, owner);
	for (size_t i = 0; i < name.count; i++) {
		if (type == KNOT_RRTYPE_ANY || name.rr[i].type == type) {
			return true;
		}
	}
	return some_deleted(s, owner, type);
}

/*! \brief Whether there may have been none before. */
static bool may_not_have_been(cg_sight_t *s, const knot_dname_t *owner, uint16_t type)
{
	cg_name_t name = cg_name_now(s, owner);
	for (size_t i = 0; i < name.count; i++) {
		const cg_rr_t *rr = &name.rr[i];
		bool meant = (type == KNOT_RRTYPE_ANY) ? !cg_type_beside(rr->type) : rr->type == type;
		if (meant && !was_added(s, owner, rr)) {
			return false;
		}
	}
	return true;
}

/*! \brief Whether the RRset that the prerequisites list may have been there, just so. */
static bool may_have_equalled(cg_sight_t *s, const knot_rrset_t *one, const knot_rrset_t *list,
                              size_t count)
{
	cg_name_t name = cg_name_now(s, one->owner);
	if (!cg_name_holds(s, &name, one) && !was_deleted(s, one)) {
		return false;
	}
	for (size_t i = 0; i < name.count; i++) {
		const cg_rr_t *rr = &name.rr[i];
		bool listed = (rr->type != one->type) || was_added(s, one->owner, rr);
		for (size_t j = 0; j < count && !listed; j++) {
			listed = list[j].rclass == KNOT_CLASS_IN &&
			         knot_dname_is_equal(list[j].owner, one->owner) &&
			         cg_rr_is(s, rr, &list[j]);
		}
		if (!listed) {
			return false;
		}
	}
	return true;
}

bool cg_prerequisites_hold(cg_sight_t *s)
{
	size_t count;
	const knot_rrset_t *list = cg_update_prerequisites(s->window->list[s->window->which],
	                                                   &count);
	bool hold = true;
	for (size_t i = 0; i < count && hold; i++) {
		switch (list[i].rclass) {
		case KNOT_CLASS_ANY:
			hold = may_have_been(s, list[i].owner, list[i].type);
			break;
		case KNOT_CLASS_NONE:
			hold = may_not_have_been(s, list[i].owner, list[i].type);
			break;
		default:
			hold = may_have_equalled(s, &list[i], list, count);
		}
	}
	return hold;
}
