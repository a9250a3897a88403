/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Zone files (RFC 1035, 5) record by record, with their places; parsed by libzscanner.
 *
 * One thread at a time. All paths and texts are borrowed.
 *
 * What Knot does not read is an error here too. So is more than that: text in parentheses
 * that are not closed where the next record begins, and data behind \# that are none of
 * their type. libzscanner takes both, and means something else or lets others crash.
 */

#pragma once

#include "cnameguard/record.h"

/*! \brief What scans one file after the other; making one takes as long as scanning a small file. */
typedef struct cg_scanner cg_scanner_t;

/*! \brief To be freed by cg_scanner_free(). NULL: out of memory. */
cg_scanner_t *cg_scanner_new(void);

void cg_scanner_free(cg_scanner_t *scanner);

/*! \brief One record where it stands. Valid until the callback returns, but for \a file. */
typedef struct {
	const knot_dname_t *owner; /*!< As spelled. */
	uint16_t owner_size;       /*!< Octets of it. */
	uint16_t type;
	uint16_t rclass;           /*!< libzscanner knows IN only, others are errors. */
	uint32_t ttl;              /*!< Seconds; what holds for the record, written or not. */
	const uint8_t *rdata;      /*!< Wire format. */
	uint16_t rdata_len;
	/*! Path as it was named, that of an included file relative to what includes it; lives
	 *  until cg_scan() returns. */
	const char *file;
	unsigned depth;            /*!< 0: in the file itself, else how deep in includes. */
	uint32_t first;            /*!< Line on which the record begins, from 1. */
	uint32_t last;             /*!< Line on which it ends. */
	size_t begin;              /*!< Octets of the file before the line \a first. */
	size_t end;                /*!< Octets up to and with the newline of the line \a last. */
	bool inherits;             /*!< The line begins with a blank: the owner is that of the record before. */
} cg_scan_rr_t;

/*! \brief What cannot be read, and why. Valid until the callback returns. */
typedef struct {
	const char *file;
	uint32_t line;             /*!< From 1; 0: the file as a whole. */
	const char *reason;        /*!< One line. */
} cg_scan_error_t;

typedef struct {
	const char *file;          /*!< Path, for messages and for relative includes; "-": standard input. */
	const char *text;          /*!< Contents, if they were read already; NULL: to be read from \a file. */
	size_t len;
	const knot_dname_t *origin;
	/*! Files outside of this folder and its subfolders (links resolved) are not
	 *  included, which is an error of the line; NULL: any file may be, "": none. */
	const char *include_dir;

	cg_scanner_t *scanner;     /*!< One that is idle; NULL: a new one. */

	/*! Takes the next record; anything but KNOT_EOK ends the scan and is returned. */
	int (*record)(const cg_scan_rr_t *rr, void *ctx);
	/*! Told of each syntax error; the scan goes on behind it. May be NULL. After 100
	 *  of them the others are only counted, and told as one error more at the end. */
	void (*error)(const cg_scan_error_t *error, void *ctx);
	/*! Called now and then with the octets read so far of \a total; may be NULL. */
	void (*progress)(size_t octets, size_t total, void *ctx);
	void *ctx;
} cg_scan_t;

/*!
 * \brief Scans a file with all that it includes.
 *
 * \retval KNOT_EOK     read to its end, errors included.
 * \retval KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM  errno says more.
 * \retval other        from \a record.
 */
int cg_scan(const cg_scan_t *scan);

/*!
 * \brief Reads a whole file, "-" standard input, into memory.
 *
 * \param[out] text     To be freed; ends with a zero octet that \a len does not count.
 * \param[out] regular  It is a file that can be read again, no pipe; may be NULL.
 *
 * \retval KNOT_EOK, KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM  errno says more.
 */
int cg_scan_text(const char *path, char **text, size_t *len, bool *regular);

/*!
 * \brief Finds out which zone a file holds.
 *
 * By the owner of its SOA where that does not depend on an origin, else by a
 * name like example.com.zone, example.com.db or db.example.com. In such a name
 * "root", and nothing at all, is the root zone. Files are not included.
 *
 * \param scanner  As in cg_scan_t.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOENT  neither tells.
 */
int cg_scan_origin(const char *file, const char *text, size_t len, cg_scanner_t *scanner,
                   knot_dname_storage_t out);
