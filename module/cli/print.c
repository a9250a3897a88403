/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <stdio.h>

#include "cli/crew.h"
#include "cli/print.h"

/*! \brief Findings that a thread puts into words before it looks for more. */
#define CHUNK	64
/*! \brief Octets that are written before there are more. */
#define TEXT_MAX	(1 << 20)

/*! \brief The findings of a subject. */
typedef struct {
	const cg_print_t *print;
	const cg_format_t *format;
	const cg_subject_t *subject;
	pthread_mutex_t lock;
	pthread_cond_t turned;
	size_t next;    /*!< Finding that is put into words next. */
	size_t turn;    /*!< Finding that is written next. */
	bool ended;     /*!< Nothing more is: no memory, or nobody to read it. */
} printing_t;

/*! \brief Takes the next chunk; false: there is none to be written. */
static bool take_chunk(printing_t *printing, size_t *at)
{
	pthread_mutex_lock(&printing->lock);
	*at = printing->next;
	bool taken = *at < printing->subject->findings.count && !printing->ended;
	printing->next += taken ? CHUNK : 0;
	pthread_mutex_unlock(&printing->lock);
	return taken;
}

/*!
 * \brief Writes what is there of a chunk when all chunks before it are written.
 *
 * They are taken in order: whoever has the one that is waited for is at work on it.
 */
static void write_text(printing_t *printing, size_t at, cg_text_t *text)
{
	pthread_mutex_lock(&printing->lock);
	while (printing->turn != at) {
		pthread_cond_wait(&printing->turned, &printing->lock);
	}
	bool ended = printing->ended;
	pthread_mutex_unlock(&printing->lock);
	if (!ended && text->len > 0) {
		fwrite(text->str, 1, text->len, stdout);
	}
	text->len = 0;
}

/*! \brief Ends a chunk, which is written; \a ret: how it went. */
static void end_chunk(printing_t *printing, int ret)
{
	pthread_mutex_lock(&printing->lock);
	printing->ended |= ret != KNOT_EOK || ferror(stdout);
	printing->turn += CHUNK;
	pthread_cond_broadcast(&printing->turned);
	pthread_mutex_unlock(&printing->lock);
}

static int print_chunk(printing_t *printing, size_t at, cg_text_t *text)
{
	const cg_findings_t *findings = &printing->subject->findings;
	int ret = KNOT_EOK;
	for (size_t i = at; i < at + CHUNK && i < findings->count && ret == KNOT_EOK; i++) {
		const cg_finding_t *finding = &findings->list[i];
		if (finding->level >= printing->print->level) {
			ret = printing->format->finding(printing->print, text, printing->subject,
			                                finding);
		}
		if (text->len > TEXT_MAX) {
			write_text(printing, at, text);
		}
	}
	text->len = (ret == KNOT_EOK) ? text->len : 0;
	write_text(printing, at, text);
	end_chunk(printing, ret);
	return ret;
}

static int print_chunks(size_t number, void *ctx)
{
	(void)number;
	cg_text_t text = { 0 };
	size_t at;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && take_chunk(ctx, &at)) {
		ret = print_chunk(ctx, at, &text);
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
