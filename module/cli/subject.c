/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

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

int cg_subjects_judge(cg_subjects_t *subjects, const cg_rules_policy_t *policy)
{
	const cg_zone_t **list = malloc((subjects->count + 1) * sizeof(*list));
	cg_findings_t *found = calloc(subjects->count + 1, sizeof(*found));
	int ret = KNOT_ENOMEM;
	if (list != NULL && found != NULL) {
		for (size_t i = 0; i < subjects->count; i++) {
			list[i] = subjects->list[i].zone;
		}
		cg_zones_t zones = { list, subjects->count };
		ret = cg_rules_zones(&zones, policy, found);
		for (size_t i = 0; i < subjects->count; i++) {
			subjects->list[i].findings = found[i];
		}
	}
	free(list);
	free(found);
	return ret;
}

void cg_subjects_free(cg_subjects_t *subjects)
{
	for (size_t i = 0; i < subjects->count; i++) {
		cg_subject_t *subject = &subjects->list[i];
		cg_findings_free(&subject->findings);
		cg_zone_free(subject->zone);
		free(subject->name);
		free(subject->text);
	}
	free(subjects->list);
	memset(subjects, 0, sizeof(*subjects));
}
