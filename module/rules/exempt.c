/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "rules/exempt.h"
#include "rules/rr.h"

/*! \brief Whether the last dot ends the name, and is no escaped part of a label. */
static bool is_absolute(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || text[len - 1] != '.') {
		return false;
	}
	size_t escapes = 0;
	while (escapes < len - 1 && text[len - 2 - escapes] == '\\') {
		escapes++;
	}
	return escapes % 2 == 0;
}

/*! \brief The name that an author meant within the zone; false: that is no name. */
static bool parse(const char *text, const knot_dname_t *origin, knot_dname_storage_t out)
{
	if (strcmp(text, "@") == 0) {
		memcpy(out, origin, knot_dname_size(origin));
		return true;
	}
	if (!cg_target_wire(text, out)) {
		return false;
	}
	if (is_absolute(text)) {
		return true;
	}

	size_t keep = knot_dname_size(out) - 1;
	size_t size = knot_dname_size(origin);
	if (keep + size > KNOT_DNAME_MAXLEN) {
		return false;
	}
	memcpy(out + keep, origin, size);
	return true;
}

static int cmp(const void *a, const void *b)
{
	return cg_name_cmp(*(const knot_dname_t *const *)a, *(const knot_dname_t *const *)b);
}

int cg_exempt_make(cg_exempt_t *set, const cg_rules_policy_t *policy,
                   const knot_dname_t *origin, cg_pool_t *pool)
{
	set->count = 0;
	if (policy->exempt_count == 0) {
		return KNOT_EOK;
	}
	set->names = cg_pool_alloc(pool, policy->exempt_count * sizeof(*set->names));
	if (set->names == NULL) {
		return KNOT_ENOMEM;
	}

	for (size_t i = 0; i < policy->exempt_count; i++) {
		knot_dname_storage_t name;
		if (!parse(policy->exempt[i], origin, name)) {
			continue;
		}
		set->names[set->count] = cg_pool_bytes(pool, name, knot_dname_size(name));
		if (set->names[set->count] == NULL) {
			return KNOT_ENOMEM;
		}
		set->count++;
	}
	if (set->count > 1) {
		qsort(set->names, set->count, sizeof(*set->names), cmp);
	}

	return KNOT_EOK;
}

bool cg_exempt_has(const cg_exempt_t *set, const knot_dname_t *name)
{
	return set->count > 0 &&
	       bsearch(&name, set->names, set->count, sizeof(*set->names), cmp) != NULL;
}
