/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <stdio.h>

#include "cli/crew.h"
#include "cli/print.h"

/*! \brief Findings that a thread puts into words before it looks for more. */
#define CHUNK	64
/*! \brief Octets that are written before there are more. */
#define TEXT_MAX	(1 << 20)
/*! \brief Chunks in words that wait for one before them at the most. */
#define WAITING_MAX	CG_CREW_MAX

/*! \brief A chunk in words. */
typedef struct {
	cg_text_t text;
	bool ready;     /*!< All of it is there. */
	bool failed;    /*!< No memory: it is not. */
} chunk_t;

/*! \brief The findings of a subject. */
typedef struct {
	const cg_print_t *print;
	const cg_format_t *format;
	const cg_subject_t *subject;
	pthread_mutex_t lock;
	pthread_cond_t turned;
	size_t next;    /*!< Chunk that is put into words next. */
	size_t turn;    /*!< Chunk that is written next. */
	bool writing;   /*!< Somebody writes what is ready, in order. */
	bool ended;     /*!< Nothing more is: no memory, or nobody to read it. */
	chunk_t waiting[WAITING_MAX]; /*!< From \a turn on, by number. */
} printing_t;

/*! \brief Takes the next chunk; false: there is none to be written. */
static bool take_chunk(printing_t *printing, size_t *chunk)
{
	pthread_mutex_lock(&printing->lock);
	*chunk = printing->next;
	bool taken = *chunk * CHUNK < printing->subject->findings.count && !printing->ended;
	printing->next += taken;
	pthread_mutex_unlock(&printing->lock);
	return taken;
}

static void write_text(cg_text_t *text)
{
	if (text->len > 0) {
		fwrite(text->str, 1, text->len, stdout);
	}
	text->len = 0;
}

/*! \brief Writes what is there of a long chunk when all chunks before it are written. */
static void write_part(printing_t *printing, size_t chunk, cg_text_t *text)
{
	pthread_mutex_lock(&printing->lock);
	while (printing->turn != chunk) {
		pthread_cond_wait(&printing->turned, &printing->lock);
	}
	bool ended = printing->ended;
	pthread_mutex_unlock(&printing->lock);
	text->len = ended ? 0 : text->len;
	write_text(text);
}

/*! \brief Writes what is ready, in order; called with the lock, which others get meanwhile. */
static void write_ready(printing_t *printing)
{
	chunk_t *chunk;
	printing->writing = true;
	while ((chunk = &printing->waiting[printing->turn % WAITING_MAX])->ready) {
		printing->ended |= chunk->failed;
		bool ended = printing->ended;
		pthread_mutex_unlock(&printing->lock);
		chunk->text.len = ended ? 0 : chunk->text.len;
		write_text(&chunk->text);
		bool broken = ferror(stdout);
		pthread_mutex_lock(&printing->lock);
		printing->ended |= broken;
		chunk->ready = false;
		printing->turn++;
	}
	printing->writing = false;
	pthread_cond_broadcast(&printing->turned);
}

/*!
 * \brief Gives a chunk away, to be written in its turn, and takes an empty text for the next.
 *
 * They are taken in order: whoever has the one that others wait for is at work on it.
 */
static void end_chunk(printing_t *printing, size_t chunk, int ret, cg_text_t *text)
{
	pthread_mutex_lock(&printing->lock);
	while (chunk - printing->turn >= WAITING_MAX) {
		pthread_cond_wait(&printing->turned, &printing->lock);
	}
	chunk_t *place = &printing->waiting[chunk % WAITING_MAX];
	cg_text_t empty = place->text;
	*place = (chunk_t){ .text = *text, .ready = true, .failed = ret != KNOT_EOK };
	*text = empty;
	if (!printing->writing) {
		write_ready(printing);
	}
	pthread_mutex_unlock(&printing->lock);
}

static int print_chunk(printing_t *printing, size_t chunk, cg_text_t *text)
{
	const cg_findings_t *findings = &printing->subject->findings;
	size_t end = (chunk + 1) * CHUNK;
	int ret = KNOT_EOK;
	for (size_t i = chunk * CHUNK; i < end && i < findings->count && ret == KNOT_EOK; i++) {
		const cg_finding_t *finding = &findings->list[i];
		if (finding->level >= printing->print->level) {
			ret = printing->format->finding(printing->print, text, printing->subject,
			                                finding);
		}
		if (text->len > TEXT_MAX) {
			write_part(printing, chunk, text);
		}
	}
	text->len = (ret == KNOT_EOK) ? text->len : 0;
	end_chunk(printing, chunk, ret, text);
	return ret;
}

static int print_chunks(size_t number, void *ctx)
{
	(void)number;
	cg_text_t text = { 0 };
	size_t chunk;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && take_chunk(ctx, &chunk)) {
		ret = print_chunk(ctx, chunk, &text);
	}
	cg_text_free(&text);
	return ret;
}

static int print_findings(const cg_print_t *print, const cg_format_t *format,
                          const cg_subject_t *subject)
{
	printing_t printing = { .print = print, .format = format, .subject = subject };
	size_t chunks = (subject->findings.count + CHUNK - 1) / CHUNK;
	if (chunks == 0) {
		return KNOT_EOK;
	}
	size_t threads = (chunks > 1) ? cg_crew_size() : 1;
	pthread_mutex_init(&printing.lock, NULL);
	pthread_cond_init(&printing.turned, NULL);
	int ret = cg_crew_work((chunks < threads) ? chunks : threads, print_chunks, &printing);
	pthread_cond_destroy(&printing.turned);
	pthread_mutex_destroy(&printing.lock);
	for (size_t i = 0; i < WAITING_MAX; i++) {
		cg_text_free(&printing.waiting[i].text);
	}
	return ret;
}

static void count_findings(cg_print_t *print, const cg_findings_t *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const cg_finding_t *finding = &findings->list[i];
		if (finding->level >= print->level) {
			(*(finding->exempt ? &print->exempt : &print->counts[finding->level]))++;
		}
	}
}

static int print_subject(cg_print_t *print, const cg_format_t *format, const cg_subject_t *subject)
{
	if (subject->text != NULL) {
		cg_excerpts_keep(print->excerpts, subject->file, subject->text, subject->len);
	}
	if (subject->lines.count > 0) {
		cg_excerpts_keep_lines(print->excerpts, subject->file, &subject->lines);
	}
	count_findings(print, &subject->findings);
	int ret = print_findings(print, format, subject);
	cg_excerpts_clear(print->excerpts);
	return ret;
}

int cg_print(cg_print_t *print, const cg_format_t *format)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < print->subjects->count && ret == KNOT_EOK && !ferror(stdout); i++) {
		ret = print_subject(print, format, &print->subjects->list[i]);
	}
	if (ret == KNOT_EOK && format->summary != NULL && !ferror(stdout)) {
		format->summary(print);
	}
	return ret;
}

static void count_things(const char *separator, size_t count, const char *thing)
{
	printf("%s%zu %s%s", separator, count, thing, (count == 1) ? "" : "s");
}

void cg_print_summary(const cg_print_t *print)
{
	const cg_subjects_t *subjects = print->subjects;
	if (subjects->count == 0 && subjects->failed > 0) {
		return; /* What there is to say was said. */
	}
	count_things("", subjects->count, print->noun);
	count_things(", ", subjects->records, "record");

	const char *separator = ": ";
	for (int level = CG_LEVEL_ERROR; level >= CG_LEVEL_INFO; level--) {
		if (print->counts[level] == 0) {
			continue;
		}
		if (level == CG_LEVEL_INFO) {
			printf("%s%zu info", separator, print->counts[level]);
		} else {
			count_things(separator, print->counts[level], cg_level_name(level));
		}
		separator = ", ";
	}
	if (print->exempt > 0) {
		printf("%s%zu exempt", separator, print->exempt);
		separator = ", ";
	}
	if (separator[0] == ':') {
		printf(": nothing found");
	}
	if (subjects->failed > 0) {
		printf("; %zu could not be checked whole", subjects->failed);
	}
	putchar('\n');
}
