/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Zones in files (RFC 1035, 5), read by libzscanner.
 */

#pragma once

#include <sys/types.h>

#include "cnameguard/scan.h"
#include "cnameguard/zone.h"

/*! \brief What tells one state of a file from another. */
typedef struct {
	bool exists;
	dev_t device;
	ino_t inode;
	off_t size;
	int64_t mtime_s;  /*!< Seconds since the epoch. */
	long mtime_ns;    /*!< Nanoseconds below the second. */
	int64_t ctime_s;  /*!< When it was put there or touched, whatever time it was given. */
} cg_file_id_t;

/*! \brief Looks at a file without opening it. */
void cg_file_identify(const char *path, cg_file_id_t *id);

/*! \brief When this process was started, seconds since the epoch, rounded down; 0: not known. */
int64_t cg_process_started(void);

/*! \brief A short mark of the state: other ones have others; 0: there is no file. */
uint64_t cg_file_mark(const cg_file_id_t *id);

/*! \brief Whether it is the same state; \a ctime_s, which a mere chmod changes, does not count. */
bool cg_file_same(const cg_file_id_t *a, const cg_file_id_t *b);

typedef struct {
	size_t errors;      /*!< Syntax errors; of very many not all are counted, see cg_scan_t. */
	char first[256];    /*!< The first of them: file:line: reason. */
} cg_file_report_t;

/*! \brief What adds scanned records to a zone. Zeroed but for \a zone; \a text is to be freed. */
typedef struct {
	cg_zone_t *zone;
	size_t left_out;  /*!< Records of other classes than IN. */
	char *text;       /*!< Buffer for the presentation format of data. */
	size_t text_max;
} cg_file_adder_t;

/*! \brief Adds a record. KNOT_EOK, KNOT_ENOMEM, or that of a record that cannot be written. */
int cg_file_add(cg_file_adder_t *adder, const cg_scan_rr_t *rr);

/*!
 * \brief Reads a zone with all that its file includes.
 *
 * What could be read is in \a out also when there are syntax errors.
 *
 * \param how            As for cg_scan(); \a record may be NULL, else sees each record first.
 * \param[out] out       To be freed by cg_zone_free(); NULL after an error.
 * \param[out] left_out  Records of other classes than IN, which are not in \a out; may be NULL.
 *
 * \retval KNOT_EOK  read to its end, see \a how->error for syntax errors.
 * \retval other     as cg_scan().
 */
int cg_file_zone(const cg_scan_t *how, cg_zone_t **out, size_t *left_out);

/*!
 * \brief Reads a zone file, a regular one, with all that it includes; never waits.
 *
 * Records of another class than IN are left out. What could be read is in
 * \a out also when there are syntax errors.
 *
 * \param[out] out     To be freed by cg_zone_free().
 *
 * \retval KNOT_EOK      read to its end, see \a report for syntax errors.
 * \retval KNOT_ENOENT   there is no such file.
 * \retval KNOT_EACCES   may not be read.
 * \retval KNOT_EFILE    cannot be read.
 * \retval KNOT_ENOMEM
 */
int cg_file_read(const char *path, const knot_dname_t *origin, cg_zone_t **out,
                 cg_file_report_t *report);

/*!
 * \brief Path of a zone file from Knot's options of a zone.
 *
 * Knows the formatters %%, %s, %c[N], %c[N-M] and %l[N] of `file`.
 *
 * \param file     Option file; NULL: Knot's default, "%s.zone".
 * \param storage  Option storage, for a path that is not absolute.
 *
 * \return Allocated path; NULL: not a path that Knot would use, or out of memory.
 */
char *cg_file_path(const knot_dname_t *zone, const char *file, const char *storage);
