/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libknot/yparser/yparser.h>

#include "cli/conf_sections.h"
#include "cli/say.h"
#include "cnameguard/scan.h"

/*! \brief Files that may include each other, as in Knot. */
#define INCLUDE_DEPTH	5

typedef struct {
	cg_conf_section_t *first;
	cg_conf_section_t **end;
	cg_conf_section_t *open;  /*!< The one that items belong to; NULL: none. */
	bool inside;              /*!< Below the title of the section. */
	bool in_database;         /*!< Below that of section database. */
	char *storage;            /*!< Its item storage; NULL: not set. */
	unsigned depth;
} reading_t;

static void free_setting(cg_conf_setting_t *setting)
{
	free(setting->item);
	free(setting->value);
	free(setting->file);
	free(setting);
}

void cg_conf_sections_free(cg_conf_section_t *section)
{
	while (section != NULL) {
		for (cg_conf_setting_t *setting = section->first; setting != NULL; ) {
			cg_conf_setting_t *next = setting->next;
			free_setting(setting);
			setting = next;
		}
		cg_conf_section_t *next = section->next;
		free(section->id);
		free(section);
		section = next;
	}
}

cg_conf_section_t *cg_conf_find(cg_conf_section_t *section, const char *id)
{
	while (section != NULL && strcmp(section->id, id) != 0) {
		section = section->next;
	}
	return section;
}

static bool out_of_memory(void)
{
	cg_say("out of memory");
	return false;
}

static bool open_section(reading_t *reading, const char *file, const yp_parser_t *parser)
{
	if (strcmp(parser->key, "id") != 0) {
		cg_say_at(file, parser->line_count, "error", "a section of " CG_CONF_SECTION
		          " begins with - id: NAME, not with '%s'", parser->key);
		return false;
	}
	if (cg_conf_find(reading->first, parser->data) != NULL) {
		cg_say_at(file, parser->line_count, "error", "second section of " CG_CONF_SECTION
		          " with id '%s'", parser->data);
		return false;
	}

	cg_conf_section_t *section = calloc(1, sizeof(*section));
	if (section == NULL || (section->id = strdup(parser->data)) == NULL) {
		free(section);
		return out_of_memory();
	}
	section->end = &section->first;
	*reading->end = section;
	reading->end = &section->next;
	reading->open = section;
	return true;
}

static bool add_setting(reading_t *reading, const char *file, const yp_parser_t *parser)
{
	if (reading->open == NULL) {
		cg_say_at(file, parser->line_count, "error", "'%s' before the first - id: of "
		          CG_CONF_SECTION, parser->key);
		return false;
	}
	cg_conf_setting_t *setting = calloc(1, sizeof(*setting));
	if (setting == NULL) {
		return out_of_memory();
	}
	setting->item = strdup(parser->key);
	setting->value = strdup(parser->data_len > 0 ? parser->data : "");
	setting->file = strdup(file);
	setting->line = parser->line_count;
	if (setting->item == NULL || setting->value == NULL || setting->file == NULL) {
		free_setting(setting);
		return out_of_memory();
	}
	*reading->open->end = setting;
	reading->open->end = &setting->next;
	return true;
}

/*! \brief Takes the folder of the databases. */
static bool set_storage(reading_t *reading, const yp_parser_t *parser)
{
	if (!reading->in_database || strcmp(parser->key, "storage") != 0) {
		return true;
	}
	free(reading->storage);
	reading->storage = strdup(parser->data_len > 0 ? parser->data : "");
	return reading->storage != NULL || out_of_memory();
}

static bool read_file(reading_t *reading, const char *file);

/*! \brief Path or pattern of an include, to be freed. */
static char *include_path(const char *file, const char *name)
{
	char *path = NULL;
	if (name[0] == '/') {
		return strdup(name);
	}
	char *full = realpath(file, NULL);
	if (full == NULL || asprintf(&path, "%s/%s", dirname(full), name) < 0) {
		path = NULL;
	}
	free(full);
	return path;
}

/*! \brief A folder that is not there has no files; one that cannot be read ends the search. */
static int glob_error(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

/*! \brief The files of a pattern; what is wrong is said. */
static bool find_files(const char *pattern, glob_t *found, const char *file,
                       const yp_parser_t *parser)
{
	int ret = glob(pattern, 0, glob_error, found);
	if (ret == 0 || (ret == GLOB_NOMATCH && strchr(pattern, '*') != NULL)) {
		return true;
	}
	cg_say_at(file, parser->line_count, "error", "include of '%s': %s", pattern,
	          (ret == GLOB_NOMATCH) ? "there is no such file" :
	          (ret == GLOB_NOSPACE) ? "out of memory" : "a folder cannot be read");
	return false;
}

/*! \brief Reads all files of a pattern; what is no file is left out, as Knot does. */
static bool read_pattern(reading_t *reading, const char *pattern, const char *file,
                         const yp_parser_t *parser)
{
	glob_t found = { 0 };
	if (!find_files(pattern, &found, file, parser)) {
		return false;
	}
	bool ok = true;
	for (size_t i = 0; i < found.gl_pathc && ok; i++) {
		struct stat st;
		if (stat(found.gl_pathv[i], &st) == 0 && S_ISREG(st.st_mode)) {
			ok = read_file(reading, found.gl_pathv[i]);
		}
	}
	globfree(&found);
	return ok;
}

static bool include(reading_t *reading, const char *file, const yp_parser_t *parser)
{
	if (parser->data_len == 0) {
		return true;
	}
	if (reading->depth > INCLUDE_DEPTH) {
		cg_say_at(file, parser->line_count, "error", "files include each other more than "
		          "%d deep, perhaps in a circle", INCLUDE_DEPTH);
		return false;
	}
	char *pattern = include_path(file, parser->data);
	if (pattern == NULL) {
		return out_of_memory();
	}
	reading->depth++;
	bool ok = read_pattern(reading, pattern, file, parser);
	reading->depth--;
	free(pattern);
	return ok;
}

static bool take_item(reading_t *reading, const char *file, const yp_parser_t *parser)
{
	switch (parser->event) {
	case YP_EKEY0:
		reading->inside = (strcmp(parser->key, CG_CONF_SECTION) == 0);
		reading->in_database = (strcmp(parser->key, "database") == 0);
		reading->open = NULL;
		return strcmp(parser->key, "include") != 0 || include(reading, file, parser);
	case YP_EID:
		return !reading->inside || open_section(reading, file, parser);
	case YP_EKEY1:
		return reading->inside ? add_setting(reading, file, parser)
		                       : set_storage(reading, parser);
	default:
		return true;
	}
}

/*! \brief A section never goes on from one file into another. */
static bool parse(reading_t *reading, const char *file, yp_parser_t *parser)
{
	int ret;
	bool inside = reading->inside, in_database = reading->in_database;
	cg_conf_section_t *open = reading->open;
	reading->inside = reading->in_database = false;
	reading->open = NULL;
	bool ok = true;
	while (ok && (ret = yp_parse(parser)) == KNOT_EOK) {
		ok = take_item(reading, file, parser);
	}
	if (ok && ret != KNOT_EOF) {
		cg_say_at(file, parser->line_count, "error", "%s", knot_strerror(ret));
		ok = false;
	}
	reading->inside = inside;
	reading->in_database = in_database;
	reading->open = open;
	return ok;
}

static bool read_file(reading_t *reading, const char *file)
{
	char *text = NULL;
	size_t len = 0;
	int ret = cg_scan_text(file, &text, &len, NULL);
	if (ret != KNOT_EOK) {
		cg_say("--policy: '%s' cannot be read (%m)", file);
		return false;
	}

	/* The parser is 33 kilobytes: not for a stack that includes go deep on. */
	yp_parser_t *parser = malloc(sizeof(*parser));
	if (parser == NULL) {
		free(text);
		return out_of_memory();
	}
	yp_init(parser);
	bool ok = (yp_set_input_string(parser, text, len) == KNOT_EOK) ?
	          parse(reading, file, parser) : out_of_memory();
	yp_deinit(parser);
	free(parser);
	free(text);
	return ok;
}

bool cg_conf_sections(const char *file, cg_conf_section_t **out, char **storage)
{
	reading_t reading = { 0 };
	reading.end = &reading.first;
	bool ok = read_file(&reading, file);
	*out = reading.first;
	if (storage != NULL) {
		*storage = reading.storage;
	} else {
		free(reading.storage);
	}
	return ok;
}
