/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief A big zone file in parts, which several threads scan and none keeps.
 *
 * The file is cut before a line that begins with an owner, so that no part needs to know the
 * owner before it. Whether such a line is the beginning of an entry cannot be seen from there:
 * it may be in the midst of parentheses or of a quoted text. So it is assumed, and so is what
 * $ORIGIN and $TTL have set up to there, and all is tried in the end: if each part was read
 * without an error, ended with an entry, and left what the next began with, then together
 * they are what cg_scan() reads. All else is KNOT_ENOTSUP: a file for cg_scan().
 */

#pragma once

#include <sys/types.h>

#include "cnameguard/scan.h"

/*! \brief What directives have set. */
typedef struct {
	knot_dname_storage_t origin;
	uint32_t ttl;
} cg_scan_state_t;

/*! \brief Octets of a part, nearly. */
#define CG_PART_SIZE	((size_t)256 << 10)

typedef struct cg_parts cg_parts_t;

/*! \brief Entries of a part, from the line of a record to that of another. */
typedef struct {
	uint32_t from;         /*!< Octets of the part before the first. */
	uint32_t to;           /*!< Octets behind the last. */
	uint32_t line;         /*!< Lines of the part before the first. */
} cg_part_range_t;

/*! \brief One record at a first look. Valid until the callback returns. */
typedef struct {
	const knot_dname_t *owner; /*!< As spelled. */
	const uint8_t *rdata;      /*!< Wire format. */
	uint16_t owner_size;
	uint16_t rdata_len;
	uint16_t type;
	uint16_t rclass;
	uint32_t ttl;
	/*! Lines of the part before it and the comments above it; nothing if the part is to be
	 *  read as a whole. */
	uint32_t lines;
} cg_part_rr_t;

/*! \brief A part in the hands of one thread. Zeroed is none, to be freed by cg_part_free(). */
typedef struct {
	char *text;
	size_t len;
	size_t max;
	size_t at;             /*!< Which part, from 0. */
	off_t from;            /*!< Octets of the file before it. */
	bool read;             /*!< \a text is there. */
	size_t line;           /*!< Its first one in the file, from 1; not in the first round. */
	size_t lines;          /*!< Of the part, once it was scanned. */
	bool whole;            /*!< There are directives in it, or lines that cannot be counted. */
	cg_scan_state_t begin;
	cg_scan_state_t end;
	cg_scanner_t *scanner; /*!< Private. */
} cg_part_t;

void cg_part_free(cg_part_t *part);

/*!
 * \brief Opens a zone file, a regular one.
 *
 * \param file  Borrowed.
 * \param size  Octets of a part; CG_PART_SIZE, but for tests.
 *
 * \return NULL: out of memory, or it cannot be read.
 */
cg_parts_t *cg_parts_open(const char *file, size_t size);

/*! \brief The same of a text that is there already: of what is no file. Borrowed. NULL: out of memory. */
cg_parts_t *cg_parts_open_text(const char *file, const char *text, size_t len, size_t size);

void cg_parts_close(cg_parts_t *parts);

/*! \brief Octets of the file, and of the parts so far. */
size_t cg_parts_total(const cg_parts_t *parts);
size_t cg_parts_taken(const cg_parts_t *parts);

/*! \brief As cg_scan_origin(), of a file with its SOA in the first part. KNOT_ENOTSUP: it is not there. */
int cg_parts_origin(cg_parts_t *parts, knot_dname_storage_t out);

/*! \brief Sets the origin, before the first part is taken. KNOT_EOK, KNOT_ENOMEM */
int cg_parts_begin(cg_parts_t *parts, const knot_dname_t *origin);

/*!
 * \brief Gives a part back that was scanned, if there is one, and takes the next. One thread at a time.
 *
 * Its text is there after cg_parts_read().
 *
 * \retval KNOT_EOK
 * \retval KNOT_EOF      there is none.
 * \retval KNOT_ENOTSUP  the file cannot be cut.
 * \retval KNOT_EFILE, KNOT_ENOMEM
 */
int cg_parts_take(cg_parts_t *parts, cg_part_t *part);

/*!
 * \brief Reads the text of a part that was taken, if it is not there. Any number of threads at once.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EFILE, KNOT_ENOMEM
 */
int cg_parts_read(const cg_parts_t *parts, cg_part_t *part);

/*!
 * \brief Looks at all records of a part, as fast as libzscanner is. Any thread.
 *
 * Returns as cg_parts_scan().
 */
int cg_parts_look(const cg_parts_t *parts, cg_part_t *part,
                  int (*record)(const cg_part_rr_t *rr, void *ctx), void *ctx);

/*!
 * \brief Looks at all records of a text, all of a file, as a part of its own would be looked at.
 *
 * \param scanner  One that is idle.
 *
 * Returns as cg_parts_scan().
 */
int cg_parts_look_at_text(const char *text, size_t len, const knot_dname_t *origin,
                          cg_scanner_t *scanner,
                          int (*record)(const cg_part_rr_t *rr, void *ctx), void *ctx);

/*!
 * \brief Scans a part. Any thread.
 *
 * \param record  As in cg_scan_t.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOTSUP  there is an error in it, or something else that is left to cg_scan().
 * \retval other         from \a record, KNOT_ENOMEM.
 */
int cg_parts_scan(const cg_parts_t *parts, cg_part_t *part,
                  int (*record)(const cg_scan_rr_t *rr, void *ctx), void *ctx);

/*!
 * \brief Scans some entries of a part again; as cg_parts_scan().
 *
 * \param ranges  In their order, each from a record with an owner on; not of a \a whole part.
 */
int cg_parts_scan_again(const cg_parts_t *parts, cg_part_t *part,
                        const cg_part_range_t *ranges, size_t count,
                        int (*record)(const cg_scan_rr_t *rr, void *ctx), void *ctx);

/*!
 * \brief To be called when all parts were taken and given back; afterwards they can be taken again.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOTSUP  a part did not begin as was assumed.
 * \retval KNOT_EAGAIN   the file has changed since it was opened.
 */
int cg_parts_end(cg_parts_t *parts);
