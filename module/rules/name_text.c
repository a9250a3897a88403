/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "rules/rr.h"

#define ROW(first) \
	[first] = 1, [first + 1] = 1, [first + 2] = 1, [first + 3] = 1, [first + 4] = 1
/*! \brief Octets of labels that libknot writes as they are; of others it is asked. */
static const bool PLAIN[256] = {
	ROW('a'), ROW('f'), ROW('k'), ROW('p'), ROW('u'), ['z'] = 1,
	ROW('A'), ROW('F'), ROW('K'), ROW('P'), ROW('U'), ['Z'] = 1,
	ROW('0'), ROW('5'), ['-'] = 1, ['_'] = 1, ['*'] = 1, ['/'] = 1,
};

size_t cg_name_plain(const knot_dname_t *name, size_t size, char out[CG_NAME_PLAIN_MAX])
{
	size_t at = 0;
	bool plain = true;
	if (size > KNOT_DNAME_MAXLEN) {
		size = KNOT_DNAME_MAXLEN;
	}
	while (plain && at < size && name[at] != 0) {
		size_t end = at + 1 + name[at];
		if (name[at] > KNOT_DNAME_MAXLABELLEN || end >= size) {
			return 0;
		}
		for (at++; at < end; at++) {
			plain &= PLAIN[name[at]];
			out[at - 1] = name[at];
		}
		out[end - 1] = '.';
	}
	if (!plain || at == size || at == 0) {
		return 0;
	}
	out[at] = '\0';
	return at;
}

bool cg_name_text(const knot_dname_t *name, knot_dname_txt_storage_t out)
{
	return cg_name_plain(name, KNOT_DNAME_MAXLEN, out) > 0 ||
	       knot_dname_to_str(out, name, sizeof(knot_dname_txt_storage_t)) != NULL;
}
