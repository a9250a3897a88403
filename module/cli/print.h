/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Findings on stdout.
 */

#pragma once

#include "cli/excerpt.h"
#include "cli/say.h"
#include "cli/subject.h"
#include "rules/text.h"

/*! \brief What is printed, and how many there were. */
typedef struct {
	const cg_subjects_t *subjects;
	const char *noun;         /*!< What the subjects are: file or zone. */
	cg_level_t level;         /*!< The least level that is printed. */
	bool color;
	cg_excerpts_t *excerpts;
	size_t counts[CG_LEVEL_ERROR + 1]; /*!< By level, without exempt ones. */
	size_t exempt;
} cg_print_t;

/*! \brief One way to print them. */
typedef struct {
	const char *name;
	/*! KNOT_EOK, KNOT_ENOMEM. Any number of threads at once, each with an \a out of its own. */
	int (*finding)(const cg_print_t *print, cg_text_t *out, const cg_subject_t *subject,
	               const cg_finding_t *finding);
	void (*summary)(const cg_print_t *print); /*!< NULL: none. */
	cg_say_also_t note;   /*!< What is told of files beside findings; NULL: only on stderr. */
} cg_format_t;

extern const cg_format_t cg_format_text;
extern const cg_format_t cg_format_json;
extern const cg_format_t cg_format_github;

/*!
 * \brief Prints all findings of the subjects, in their order, and the summary.
 *
 * Many findings are put into words by as many threads as there are processors.
 * Ends early where stdout cannot be written; ferror() tells.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM
 */
int cg_print(cg_print_t *print, const cg_format_t *format);

/*! \brief The summary in one line. */
void cg_print_summary(const cg_print_t *print);
