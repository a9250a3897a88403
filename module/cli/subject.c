/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cli/crew.h"
#include "cli/subject.h"

cg_subject_t *cg_subjects_add(cg_subjects_t *subjects, cg_zone_t *zone)
{
	if (subjects->count == subjects->max) {
		size_t max = (subjects->max == 0) ? 16 : subjects->max * 2;
		cg_subject_t *bigger = realloc(subjects->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			cg_zone_free(zone);
			return NULL;
		}
		subjects->list = bigger;
		subjects->max = max;
	}

	cg_subject_t *subject = &subjects->list[subjects->count];
	memset(subject, 0, sizeof(*subject));
	subject->name = knot_dname_to_str_alloc(cg_zone_origin(zone));
	if (subject->name == NULL) {
		cg_zone_free(zone);
		return NULL;
	}
	subject->zone = zone;
	subjects->count++;
	subjects->records += cg_zone_records(zone);
	return subject;
}

cg_subject_t *cg_subjects_add_screened(cg_subjects_t *subjects, cg_zone_t *zone,
                                       cg_screen_t *screen, size_t records)
{
	size_t read = cg_zone_records(zone);
	cg_subject_t *subject = cg_subjects_add(subjects, zone);
	if (subject == NULL) {
		cg_screen_free(screen);
		return NULL;
	}
	subject->screen = screen;
	subjects->records += records - read;
	return subject;
}

/*! \brief The zones as the rules want them. */
static int gather(cg_subjects_t *subjects)
{
	const cg_zone_t **list = malloc((subjects->count + 1) * sizeof(*list));
	if (list == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < subjects->count; i++) {
		list[i] = subjects->list[i].zone;
	}
	subjects->zones.list = list;
	subjects->zones.count = subjects->count;
	return cg_zones_index(&subjects->zones);
}

int cg_subjects_judge(cg_subjects_t *subjects, const cg_rules_policy_t *policy)
{
	int ret = gather(subjects);
	if (ret != KNOT_EOK) {
		return ret;
	}

	cg_findings_t *found = calloc(subjects->count + 1, sizeof(*found));
	if (found == NULL) {
		return KNOT_ENOMEM;
	}
	ret = cg_rules_zones(&subjects->zones, policy, cg_crew_each, found);
	for (size_t i = 0; i < subjects->count; i++) {
		cg_subject_t *subject = &subjects->list[i];
		subject->findings = found[i];
		if (subject->screen != NULL) {
			cg_screen_sift(subject->screen, &subject->findings);
			cg_screen_free(subject->screen);
			subject->screen = NULL;
		}
	}
	free(found);
	return ret;
}

void cg_subjects_free(cg_subjects_t *subjects)
{
	for (size_t i = 0; i < subjects->count; i++) {
		cg_subject_t *subject = &subjects->list[i];
		cg_findings_free(&subject->findings);
		cg_zone_free(subject->zone);
		cg_screen_free(subject->screen);
		free(subject->name);
		free(subject->text);
		cg_lines_free(&subject->lines);
	}
	cg_zones_free_index(&subjects->zones);
	free((void *)subjects->zones.list);
	free(subjects->list);
	memset(subjects, 0, sizeof(*subjects));
}
