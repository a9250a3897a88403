/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief The sections mod-cnameguard of a knot.conf and of all that it includes.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

/*! \brief Title of the sections. */
#define CG_CONF_SECTION	"mod-cnameguard"

/*! \brief One item, with one of its values, where it stands. */
typedef struct cg_conf_setting {
	struct cg_conf_setting *next;
	char *item;
	char *value;
	char *file;
	size_t line;
} cg_conf_setting_t;

/*! \brief One section, with what it sets in the order of the file. */
typedef struct cg_conf_section {
	struct cg_conf_section *next;
	char *id;
	cg_conf_setting_t *first;
	cg_conf_setting_t **end;
} cg_conf_section_t;

/*!
 * \brief Reads all sections; what is wrong is said on stderr.
 *
 * \param[out] out  To be freed by cg_conf_sections_free(), also after an error.
 * \param[out] storage  The item of that name of section database, to be freed, also after an
 *                      error; NULL: not set. May be NULL itself.
 */
bool cg_conf_sections(const char *file, cg_conf_section_t **out, char **storage);

void cg_conf_sections_free(cg_conf_section_t *sections);

/*! \brief The section with that ID, or NULL. */
cg_conf_section_t *cg_conf_find(cg_conf_section_t *sections, const char *id);
