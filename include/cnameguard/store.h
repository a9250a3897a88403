/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief Zone versions kept in files: the last good one of each zone, and originals.
 *
 * The form of the files and folders is described in docs/state.md. One process
 * writes, one thread of it at a time; any number may read meanwhile, and see a
 * file whole or not at all. Every function may block on the disk.
 *
 * KNOT_EFILE, KNOT_EACCES, KNOT_ENOMEM and KNOT_EMALF leave in errno (but for
 * the last) and in cg_store_error() what is wrong with which file.
 */

#pragma once

#include <limits.h>

#include "cnameguard/zone.h"

typedef enum {
	CG_STORE_GOOD,      /*!< The last good version: one a zone, always replaced. */
	CG_STORE_ORIGINAL,  /*!< What was there before a repair: several a zone. */
} cg_store_kind_t;

/*! \brief Octets of a reason, with the zero at its end. */
#define CG_STORE_REASON_SIZE 160

/*! \brief What the first lines of a stored file say. */
typedef struct {
	cg_store_kind_t kind;
	bool raw;           /*!< A zone file octet for octet, not records one a line. */
	bool damaged;       /*!< Torn or altered since; what is said here may be wrong. */
	uint32_t serial;
	int64_t time;       /*!< When it was stored, seconds since the epoch. */
	uint64_t order;     /*!< The later an original was stored, the greater, whatever the clock said. */
	size_t records;     /*!< 0 if raw. */
	size_t octets;      /*!< Behind the first lines. */
	uint64_t digest;    /*!< As by cg_store_digest(); of the octets if raw. */
	uint64_t contents;  /*!< Checksum of the octets. */
	char reason[CG_STORE_REASON_SIZE]; /*!< One line. */
	char name[NAME_MAX + 1];           /*!< Of the file, as a user names it. */
	char path[PATH_MAX];
} cg_stored_t;

/*! \brief Octets of a time as text, with the zero at its end. */
#define CG_STORE_TIME_SIZE 21

/*! \brief A time as in the first lines: 2026-11-23T12:13:14Z. */
void cg_store_time_text(int64_t time, char out[CG_STORE_TIME_SIZE]);

/*! \brief Zeroed is that of no record. */
typedef struct {
	uint64_t sum;    /*!< Equal for equal contents. */
	size_t records;  /*!< All, also those that do not count for \a sum. */
} cg_store_digest_t;

/*!
 * \brief Adds a name to a cg_store_digest_t; has the form of cg_name_cb.
 *
 * The order of names and records does not matter. What a server makes itself
 * does not count: the SOA serial, RRSIG, NSEC, NSEC3, NSEC3PARAM, ZONEMD.
 */
int cg_store_digest(const cg_name_t *name, void *digest);

/*! \brief Whether a server makes all records of this type itself. */
bool cg_store_is_made(uint16_t type);

typedef struct cg_store_writer cg_store_writer_t;

/*!
 * \brief Begins a draft. What a killed process left of one is removed.
 *
 * \param state  Folder, made if its parent exists.
 * \param zone   Wire format, any letter case.
 * \param[out] out  To be ended by cg_store_end() or cg_store_cancel().
 *
 * \retval KNOT_EOK, KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM
 */
int cg_store_begin(const char *state, const knot_dname_t *zone, cg_store_kind_t kind,
                   cg_store_writer_t **out);

/*!
 * \brief Adds a name to the draft; has the form of cg_name_cb. Allocates nothing.
 *
 * The apex comes first, as in canonical order. After an error only
 * cg_store_end(), which then returns the same, or cg_store_cancel() may follow.
 */
int cg_store_name(const cg_name_t *name, void *writer);

/*!
 * \brief Makes a draft the stored file, safe on the disk; frees the writer, also after an error.
 *
 * An original that equals the newest whole one is not stored again: \a out is
 * the one that is there. An equal one that is older is removed.
 *
 * After an error nothing was replaced or removed, with one exception: where
 * only the sync of the folder failed, the last good version is the new one
 * already, but perhaps the old one again after a crash of the machine.
 *
 * \param reason  Of any length and contents; cut, and made one line.
 * \param keep    Originals that stay, the new one included, which always stays.
 * \param[out] out  May be NULL.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EMALF  the zone has no SOA.
 * \retval KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM
 */
int cg_store_end(cg_store_writer_t *writer, const char *reason, unsigned keep, cg_stored_t *out);

/*! \brief Removes a draft and frees the writer; NULL: does nothing. Keeps errno. */
void cg_store_cancel(cg_store_writer_t *writer);

/*! \brief Stores a zone that is in memory: the three steps above. */
int cg_store_zone(const char *state, const cg_zone_t *zone, cg_store_kind_t kind,
                  const char *reason, unsigned keep, cg_stored_t *out);

/*!
 * \brief Stores a zone file as an original, octet for octet. Files that it includes are not.
 *
 * \retval KNOT_EAGAIN  it was changed while it was read; nothing is stored.
 * \retval other        as cg_store_end().
 */
int cg_store_file(const char *state, const knot_dname_t *zone, const char *zone_file,
                  uint32_t serial, const char *reason, unsigned keep, cg_stored_t *out);

/*!
 * \brief Finds the last good version of a zone and checks that it is whole.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOENT  there is none.
 * \retval KNOT_EMALF   torn, altered or another zone's; \a out has what can be said.
 * \retval KNOT_EACCES, KNOT_EFILE  cannot be read.
 */
int cg_store_good(const char *state, const knot_dname_t *zone, cg_stored_t *out);

/*! \brief Removes the last good version, if there is one. */
int cg_store_forget(const char *state, const knot_dname_t *zone);

/*!
 * \brief Lists the originals of a zone and checks that they are whole.
 *
 * \param[out] list     First \a count whole ones, newest first, then \a damaged others; to be
 *                      freed, also if empty.
 * \param[out] damaged  May be NULL.
 *
 * \retval KNOT_EOK     also if there are none.
 * \retval KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM
 */
int cg_store_list(const char *state, const knot_dname_t *zone, cg_stored_t **list, size_t *count,
                  size_t *damaged);

/*!
 * \brief Reads a stored file as it is and checks again that it is whole.
 *
 * \param[out] text  To be freed; a zero octet that \a len does not count ends it.
 *
 * \retval KNOT_EOK
 * \retval KNOT_EMALF   torn, altered or another zone's; \a text is there all the same.
 * \retval KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM  \a text is NULL.
 */
int cg_store_text(const cg_stored_t *stored, const knot_dname_t *zone, char **text, size_t *len);

/*!
 * \brief Reads a stored version. $INCLUDE, which a raw one can have, is an error.
 *
 * \param[out] out  To be freed by cg_zone_free(); NULL after an error.
 *
 * \retval KNOT_EMALF   not whole, or with a syntax error.
 * \retval other        as cg_store_text().
 */
int cg_store_read(const cg_stored_t *stored, const knot_dname_t *zone, cg_zone_t **out);

/*! \brief Octets of that, with the zero at its end. */
#define CG_STORE_ERROR_SIZE (PATH_MAX + 256)

/*! \brief What went wrong last in this thread: path: reason. */
const char *cg_store_error(void);
