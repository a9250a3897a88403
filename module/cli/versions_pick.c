/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/say.h"
#include "cli/versions.h"

/*! \brief What the last good version is called. */
#define GOOD	"good"

bool cg_versions_load(cg_versions_t *versions)
{
	if (access(versions->state, R_OK | X_OK) != 0) {
		cg_say("%s cannot be read (%m); the folder is that of the option state of "
		       "mod-cnameguard: name it by --state DIR, or by --policy knot.conf",
		       versions->state);
		return false;
	}
	int ret = cg_store_list(versions->state, versions->zone, &versions->list,
	                        &versions->count, &versions->damaged);
	if (ret == KNOT_EOK) {
		ret = cg_store_good(versions->state, versions->zone, &versions->good);
		versions->has_good = (ret == KNOT_EOK || ret == KNOT_EMALF);
		ret = (ret == KNOT_EMALF || ret == KNOT_ENOENT) ? KNOT_EOK : ret;
	}
	if (ret != KNOT_EOK) {
		cg_say("%s", cg_store_error());
	}
	return ret == KNOT_EOK;
}

void cg_versions_free(cg_versions_t *versions)
{
	free(versions->state);
	free(versions->list);
	memset(versions, 0, sizeof(*versions));
}

/*! \brief The place that a number says; SIZE_MAX: it is none. */
static size_t read_number(const char *word)
{
	size_t len = strspn(word, "0123456789");
	if (len == 0 || len > 9 || word[len] != '\0') {
		return SIZE_MAX;
	}
	return strtoul(word, NULL, 10);
}

/*! \brief Whether a file is called so, with or without what it ends in. */
static bool is_called(const char *name, const char *word)
{
	size_t len = strlen(word);
	return strncmp(name, word, len) == 0 &&
	       (name[len] == '\0' || strcmp(name + len, ".zone") == 0);
}

const cg_stored_t *cg_versions_find(const cg_versions_t *versions, const char *word)
{
	size_t number = read_number(word);
	if (number != SIZE_MAX) {
		return (number >= 1 && number <= versions->count) ? &versions->list[number - 1] : NULL;
	}
	if (strcmp(word, GOOD) == 0) {
		return versions->has_good ? &versions->good : NULL;
	}
	for (size_t i = 0; i < versions->count + versions->damaged; i++) {
		if (is_called(versions->list[i].name, word)) {
			return &versions->list[i];
		}
	}
	return NULL;
}

void cg_versions_say_missing(const cg_versions_t *versions, const char *word)
{
	if (versions->count + versions->damaged == 0 && !versions->has_good) {
		cg_say("nothing is kept of %s in %s", versions->zone_text, versions->state);
	} else if (strcmp(word, GOOD) == 0) {
		cg_say("there is no last good version of %s in %s", versions->zone_text,
		       versions->state);
	} else if (versions->count == 0) {
		cg_say("there is no original '%s' of %s in %s, %s", word, versions->zone_text,
		       versions->state, (versions->damaged > 0) ? "all are damaged: name one by "
		       "its file" : "only the last good version: good");
	} else {
		cg_say("there is no original '%s' of %s in %s; there are 1 to %zu, see "
		       "cnameguard versions %s", word, versions->zone_text, versions->state,
		       versions->count, versions->zone_text);
	}
}
