/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "cli/crew.h"
#include "cli/subject.h"

/*! \brief Makes room for one, which is that of an origin. */
static cg_subject_t *add(cg_subjects_t *subjects, const knot_dname_t *origin)
{
	if (subjects->count == subjects->max) {
		size_t max = (subjects->max == 0) ? 16 : subjects->max * 2;
		cg_subject_t *bigger = realloc(subjects->list, max * sizeof(*bigger));
		if (bigger == NULL) {
			return NULL;
		}
		subjects->list = bigger;
		subjects->max = max;
	}

	cg_subject_t *subject = &subjects->list[subjects->count];
	memset(subject, 0, sizeof(*subject));
	subject->name = knot_dname_to_str_alloc(origin);
	subjects->count += (subject->name != NULL);
	return (subject->name != NULL) ? subject : NULL;
}

cg_subject_t *cg_subjects_add(cg_subjects_t *subjects, cg_zone_t *zone)
{
	cg_subject_t *subject = add(subjects, cg_zone_origin(zone));
	if (subject == NULL) {
		cg_zone_free(zone);
		return NULL;
	}
	subject->zone = zone;
	subjects->records += cg_zone_records(zone);
	return subject;
}

cg_subject_t *cg_subjects_add_clean(cg_subjects_t *subjects, const knot_dname_t *origin,
                                    size_t records)
{
	cg_subject_t *subject = add(subjects, origin);
	if (subject != NULL) {
		subjects->records += records;
	}
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

int cg_subjects_gather(const cg_subjects_t *subjects, cg_zones_t *zones)
{
	const cg_zone_t **list = malloc((subjects->count + 1) * sizeof(*list));
	*zones = (cg_zones_t){ .list = list };
	if (list == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < subjects->count; i++) {
		if (subjects->list[i].zone != NULL) {
			list[zones->count++] = subjects->list[i].zone;
		}
	}
	return cg_zones_index(zones);
}

static void take_findings(cg_subject_t *subject, const cg_findings_t *found)
{
	subject->findings = *found;
	if (subject->screen != NULL) {
		cg_screen_sift(subject->screen, &subject->findings);
		cg_screen_free(subject->screen);
		subject->screen = NULL;
	}
}

int cg_subjects_judge(cg_subjects_t *subjects, const cg_rules_policy_t *policy)
{
	int ret = cg_subjects_gather(subjects, &subjects->zones);
	if (ret != KNOT_EOK) {
		return ret;
	}

	cg_findings_t *found = calloc(subjects->count + 1, sizeof(*found));
	if (found == NULL) {
		return KNOT_ENOMEM;
	}
	ret = cg_rules_zones(&subjects->zones, policy, cg_crew_each, found);
	const cg_findings_t *next = found;
	for (size_t i = 0; i < subjects->count; i++) {
		if (subjects->list[i].zone != NULL) {
			take_findings(&subjects->list[i], next++);
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
		cg_reach_free(&subject->reach);
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
