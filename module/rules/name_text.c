/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "rules/rr.h"

/*! \brief Whether libknot writes an octet of a label as it is; of others it is asked. */
static inline bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_' || c == '*' || c == '/';
}

size_t cg_name_plain(const knot_dname_t *name, size_t size, char out[CG_NAME_PLAIN_MAX])
{
	size_t at = 0;
	if (size > KNOT_DNAME_MAXLEN) {
		size = KNOT_DNAME_MAXLEN;
	}
	while (at < size && name[at] != 0) {
		size_t end = at + 1 + name[at];
		if (name[at] > KNOT_DNAME_MAXLABELLEN || end >= size) {
			return 0;
		}
		for (at++; at < end; at++) {
			if (!is_plain(name[at])) {
				return 0;
			}
			out[at - 1] = name[at];
		}
		out[end - 1] = '.';
	}
	if (at == size || at == 0) {
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
