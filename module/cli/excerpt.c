/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libknot/libknot.h>

#include "cli/excerpt.h"
#include "cnameguard/scan.h"

/*! \brief Every so many lines their place is noted: one word for 64 lines. */
#define STRIDE	64

/*! \brief A text and the places of its lines. */
typedef struct {
	char *file;
	const char *text;  /*!< NULL: cannot be read, or has changed. */
	char *own;         /*!< The text, if it is to be freed. */
	size_t len;
	size_t *marks;     /*!< Where the lines 1, 1 + STRIDE and so on begin. */
	size_t lines;
	const cg_lines_t *kept; /*!< All that there is of it; NULL: it has a text. */
} source_t;

struct cg_excerpts {
	struct timespec since;
	pthread_mutex_t lock; /*!< Of what follows; a source does not change. */
	void *tree;           /*!< Of source_t by name (tsearch). */
	_Atomic(source_t *) last; /*!< That was found last; to be read without the lock, too. */
};

cg_excerpts_t *cg_excerpts_new(const struct timespec *since)
{
	cg_excerpts_t *excerpts = calloc(1, sizeof(*excerpts));
	if (excerpts != NULL) {
		excerpts->since = *since;
		pthread_mutex_init(&excerpts->lock, NULL);
	}
	return excerpts;
}

static void free_source(void *node)
{
	source_t *source = node;
	free(source->file);
	free(source->own);
	free(source->marks);
	free(source);
}

void cg_excerpts_clear(cg_excerpts_t *excerpts)
{
	tdestroy(excerpts->tree, free_source);
	excerpts->tree = NULL;
	excerpts->last = NULL;
}

void cg_excerpts_free(cg_excerpts_t *excerpts)
{
	if (excerpts != NULL) {
		cg_excerpts_clear(excerpts);
		pthread_mutex_destroy(&excerpts->lock);
		free(excerpts);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const source_t *)a)->file, ((const source_t *)b)->file);
}

/*! \brief Notes where a line begins, if it is one to be noted. */
static bool mark_line(source_t *source, size_t line, size_t at, size_t *max)
{
	if (line % STRIDE != 0) {
		return true;
	}
	if (line / STRIDE == *max) {
		*max = (*max == 0) ? 64 : *max * 2;
		size_t *bigger = realloc(source->marks, *max * sizeof(*bigger));
		if (bigger == NULL) {
			return false;
		}
		source->marks = bigger;
	}
	source->marks[line / STRIDE] = at;
	return true;
}

/*! \brief Takes a text; one whose lines cannot be counted has none. */
static void set_text(source_t *source, const char *text, size_t len)
{
	size_t lines = 0, max = 0;
	for (const char *at = text; at < text + len; lines++) {
		if (!mark_line(source, lines, at - text, &max)) {
			return;
		}
		const char *newline = memchr(at, '\n', text + len - at);
		at = (newline != NULL) ? newline + 1 : text + len;
	}
	source->text = text;
	source->len = len;
	source->lines = lines;
}

/*! \brief Whether the file is a plain one and as old as it was then. */
static bool unchanged(const cg_excerpts_t *excerpts, const char *file)
{
	struct stat st;
	const struct timespec *since = &excerpts->since;
	return stat(file, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_ctim.tv_sec < since->tv_sec ||
	        (st.st_ctim.tv_sec == since->tv_sec && st.st_ctim.tv_nsec <= since->tv_nsec));
}

static source_t *add_source(cg_excerpts_t *excerpts, const char *file)
{
	source_t *source = calloc(1, sizeof(*source));
	if (source == NULL || (source->file = strdup(file)) == NULL ||
	    tsearch(source, &excerpts->tree, compare) == NULL) {
		free(source != NULL ? source->file : NULL);
		free(source);
		return NULL;
	}
	return source;
}

void cg_excerpts_keep(cg_excerpts_t *excerpts, const char *file, const char *text, size_t len)
{
	source_t *source = add_source(excerpts, file);
	if (source != NULL) {
		set_text(source, text, len);
	}
}

void cg_excerpts_keep_lines(cg_excerpts_t *excerpts, const char *file, const cg_lines_t *lines)
{
	source_t *source = add_source(excerpts, file);
	if (source != NULL) {
		source->kept = lines;
	}
}

/*! \brief The source that was found last, if it is that one. */
static source_t *last_source(cg_excerpts_t *excerpts, const char *file)
{
	source_t *last = atomic_load_explicit(&excerpts->last, memory_order_acquire);
	return (last != NULL && strcmp(last->file, file) == 0) ? last : NULL;
}

static source_t *look_up(cg_excerpts_t *excerpts, const char *file)
{
	source_t key = { .file = (char *)file };
	source_t **found = tfind(&key, &excerpts->tree, compare);
	source_t *source = (found != NULL) ? *found : NULL;
	if (source == NULL) {
		source = add_source(excerpts, file);
		size_t len = 0;
		if (source != NULL && unchanged(excerpts, file) &&
		    cg_scan_text(file, &source->own, &len, NULL) == KNOT_EOK) {
			set_text(source, source->own, len);
		}
	}
	atomic_store_explicit(&excerpts->last, source, memory_order_release);
	return source;
}

static source_t *find_source(cg_excerpts_t *excerpts, const char *file)
{
	source_t *source = last_source(excerpts, file);
	if (source == NULL) {
		pthread_mutex_lock(&excerpts->lock);
		source = look_up(excerpts, file);
		pthread_mutex_unlock(&excerpts->lock);
	}
	return source;
}

/*! \brief Finds a line of a text. */
static bool find_line(const source_t *source, uint32_t line, const char **text, size_t *len)
{
	if (source->text == NULL || line == 0 || line > source->lines) {
		return false;
	}

	const char *at = source->text + source->marks[(line - 1) / STRIDE];
	const char *end = source->text + source->len;
	for (size_t skip = (line - 1) % STRIDE; skip > 0; skip--) {
		at = (const char *)memchr(at, '\n', end - at) + 1;
	}
	const char *newline = memchr(at, '\n', end - at);
	*text = at;
	*len = ((newline != NULL) ? newline : end) - at;
	return true;
}

bool cg_excerpts_line(cg_excerpts_t *excerpts, const char *file, uint32_t line,
                      const char **text, size_t *len)
{
	const source_t *source = find_source(excerpts, file);
	if (source == NULL || !(source->kept != NULL ? cg_lines_find(source->kept, line, text, len)
	                                             : find_line(source, line, text, len))) {
		return false;
	}
	if (*len > 0 && (*text)[*len - 1] == '\r') {
		(*len)--;
	}
	return true;
}
