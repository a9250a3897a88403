/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What was flattened from where: which records of a zone stand in the place of CNAMEs.
 *
 * Kept in memory and in the file STATE/flattened/ZONE.json. One thread at a
 * time. The file is replaced as a whole: whoever reads it, also after a kill,
 * sees the old one or the new one. Functions with a folder may block on the disk;
 * what they say of a file is in cg_store_error().
 */

#pragma once

#include "cnameguard/rules.h"

/*! \brief Records of one name, sorted; owned, data too. */
typedef struct {
	cg_rr_t *list;
	size_t count;
} cg_rrs_t;

/*! \brief One name that was flattened. */
typedef struct {
	knot_dname_t *owner;   /*!< Lower-cased wire format. */
	char *spelling;        /*!< Absolute, presentation format. */
	cg_rule_t rule;        /*!< Why it was repaired. */
	cg_rrs_t cnames;       /*!< As in the source. */
	cg_rrs_t put;          /*!< What was put in their place. */
	cg_rrs_t before;       /*!< What stood there before an edit that may not have been made; none: it was. */
	int64_t failed_ms;     /*!< Since when its targets give nothing; 0: they do. Not in the file. */
	bool said;             /*!< That was said. Not in the file. */
} cg_flat_name_t;

/*! \brief A zone that the records depend on. */
typedef struct {
	knot_dname_t *zone;
	uint32_t serial;       /*!< When it was read. */
	bool there;            /*!< It had contents. Not in the file, as is \a version. */
	unsigned version;      /*!< Tells contents from others of the same serial. */
} cg_flat_zone_t;

/*! \brief All flattened names of a zone. Zeroed is empty. */
typedef struct {
	cg_flat_name_t *names;
	size_t names_count;
	cg_flat_zone_t *zones;
	size_t zones_count;
} cg_flattened_t;

/*! \brief Adds a copy of a record. */
int cg_rrs_add(cg_rrs_t *rrs, const cg_rr_t *rr);

/*! \brief Whether both have the same records, with the same TTLs. */
bool cg_rrs_same(const cg_rrs_t *a, const cg_rrs_t *b);

/*! \brief Whether a record is among them, with its TTL. */
bool cg_rrs_has(const cg_rrs_t *rrs, const cg_rr_t *rr);

void cg_rrs_clear(cg_rrs_t *rrs);

/*! \brief NULL: there is no such name. Valid until a name is added or removed, as are those below. */
cg_flat_name_t *cg_flattened_find(const cg_flattened_t *flattened, const knot_dname_t *owner);

/*! \brief A name without records; one that is there is emptied. NULL: out of memory. */
cg_flat_name_t *cg_flattened_add(cg_flattened_t *flattened, const knot_dname_t *owner,
                                 const char *spelling, cg_rule_t rule);

/*! \brief Removes a name; the last takes its place. */
void cg_flattened_remove(cg_flattened_t *flattened, cg_flat_name_t *name);

/*! \brief A zone that the records depend on; one that is there is left as it is. NULL: out of memory. */
cg_flat_zone_t *cg_flattened_zone(cg_flattened_t *flattened, const knot_dname_t *zone);

/*! \brief Makes it empty. */
void cg_flattened_clear(cg_flattened_t *flattened);

/*!
 * \brief Replaces the file, safe on the disk; without names there is none.
 *
 * \retval KNOT_EOK, KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM
 */
int cg_flattened_write(const char *state, const knot_dname_t *zone, const cg_flattened_t *flattened);

/*!
 * \brief Reads the file.
 *
 * \param[out] out  To be freed by cg_flattened_clear(); empty after an error.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOENT  there is none.
 * \retval KNOT_EMALF   torn, altered or another zone's.
 * \retval KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM
 */
int cg_flattened_read(const char *state, const knot_dname_t *zone, cg_flattened_t *out);
