/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sink/store.h"

/*! \brief Reads digits, as many as there are. False: none, or too great a number. */
static bool read_digits(const char **at, uint32_t *out)
{
	const char *begin = *at;
	uint64_t value = 0;
	while (**at >= '0' && **at <= '9' && value <= UINT32_MAX) {
		value = value * 10 + (*(*at)++ - '0');
	}
	*out = value;
	return *at > begin && value <= UINT32_MAX;
}

bool cg_store_kept_name(const char *name, cg_stored_t *stored)
{
	struct tm tm = { 0 };
	uint32_t number;
	const char *at = strptime(name, "%Y%m%dT%H%M%SZ-", &tm);
	if (at == NULL || at - name != sizeof("20000101T000000Z-") - 1 ||
	    !read_digits(&at, &stored->serial)) {
		return false;
	}
	if (at[0] == '.' && at[1] >= '0' && at[1] <= '9') {
		at++;
		(void)read_digits(&at, &number);
	}
	stored->time = timegm(&tm);
	return strcmp(at, ".zone") == 0;
}

/*! \brief Newest first; those whose first lines are damaged have no order and count as oldest. */
static int newer_first(const void *a_ptr, const void *b_ptr)
{
	const cg_stored_t *a = a_ptr, *b = b_ptr;
	if (a->order != b->order) {
		return (a->order > b->order) ? -1 : 1;
	}
	return -strcmp(a->name, b->name);
}

/*! \brief Whether the file could be read at another time: nothing is known of it now. */
static bool is_passing(int error)
{
	return error == ENOMEM || error == EMFILE || error == ENFILE;
}

/*! \brief Adds a file, if it is still there. */
static int add(const char *folder, const char *name, const char *zone, bool deep,
               cg_stored_t **list, size_t *count)
{
	cg_stored_t *bigger = realloc(*list, (*count + 1) * sizeof(*bigger));
	if (bigger == NULL) {
		return cg_store_fail(folder);
	}
	*list = bigger;

	cg_stored_t *stored = &bigger[*count];
	memset(stored, 0, sizeof(*stored));
	stored->kind = CG_STORE_ORIGINAL;
	if (!cg_store_kept_name(name, stored)) {
		return KNOT_EOK;
	}
	strcpy(stored->name, name);
	int ret = cg_store_join(stored->path, folder, name);
	if (ret != KNOT_EOK) {
		return ret;
	}
	ret = cg_store_check(stored, zone, deep, NULL, NULL);
	if (ret == KNOT_ENOENT) {
		return KNOT_EOK;
	}
	if (ret != KNOT_EOK && is_passing(errno)) {
		return ret;
	}
	stored->damaged |= (ret != KNOT_EOK) || stored->kind != CG_STORE_ORIGINAL;
	(*count)++;

	return KNOT_EOK;
}

int cg_store_kept(const char *folder, const char *zone, bool deep, cg_stored_t **list,
                  size_t *count)
{
	*list = NULL;
	*count = 0;
	DIR *dir = opendir(folder);
	if (dir == NULL) {
		return (errno == ENOENT) ? KNOT_EOK : cg_store_fail(folder);
	}
	int ret = KNOT_EOK;
	struct dirent *entry;
	while (ret == KNOT_EOK && (errno = 0, entry = readdir(dir)) != NULL) {
		ret = add(folder, entry->d_name, zone, deep, list, count);
	}
	if (ret == KNOT_EOK && errno != 0) {
		ret = cg_store_fail(folder);
	}
	int error = errno;
	closedir(dir);
	errno = error;
	if (*count > 0) {
		qsort(*list, *count, sizeof(**list), newer_first);
	}
	return ret;
}

/*! \brief Puts the damaged ones behind the others; their order stays. */
static void part(cg_stored_t *list, size_t all, size_t *whole)
{
	*whole = 0;
	for (size_t i = 0; i < all; i++) {
		if (!list[i].damaged) {
			cg_stored_t stored = list[i];
			memmove(&list[*whole + 1], &list[*whole], (i - *whole) * sizeof(*list));
			list[(*whole)++] = stored;
		}
	}
}

int cg_store_list(const char *state, const knot_dname_t *zone, cg_stored_t **list, size_t *count,
                  size_t *damaged)
{
	char folder[PATH_MAX], draft[NAME_MAX + 1], name[NAME_MAX + 1];
	cg_store_zone_t text;
	size_t all = 0;
	*list = NULL;
	*count = 0;
	int ret = cg_store_zone_text(zone, text);
	if (ret == KNOT_EOK) {
		ret = cg_store_paths(state, text, CG_STORE_ORIGINAL, folder, draft, name);
	}
	if (ret == KNOT_EOK) {
		ret = cg_store_kept(folder, text, true, list, &all);
	}
	if (ret == KNOT_EOK) {
		part(*list, all, count);
	} else {
		free(*list);
		*list = NULL;
		all = 0;
	}
	if (damaged != NULL) {
		*damaged = all - *count;
	}
	return ret;
}
