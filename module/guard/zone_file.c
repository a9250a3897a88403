/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "guard/zone_file.h"

char *cg_zone_file(const cg_guarded_t *zone, const cg_policy_t *policy)
{
	return (policy->file != NULL) ? cg_file_path(zone->name, policy->file, policy->storage) : NULL;
}

bool cg_zone_file_identify(const cg_guarded_t *zone, const cg_policy_t *policy, cg_file_id_t *id)
{
	char *path = cg_zone_file(zone, policy);
	cg_file_identify(path, id);
	free(path);
	return path != NULL;
}

const cg_file_id_t *cg_zone_file_look(const cg_guarded_t *zone, const cg_policy_t *policy,
                                      cg_zone_file_look_t *look)
{
	if (!look->done) {
		(void)cg_zone_file_identify(zone, policy, &look->file);
		look->done = true;
	}
	return &look->file;
}
