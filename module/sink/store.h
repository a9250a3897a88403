/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the parts of the store share: paths, first lines, errors.
 */

#pragma once

#include <sys/types.h>

#include "cnameguard/hash.h"
#include "cnameguard/store.h"

/*! \brief The first lines are never longer; a name may have 1004 octets. */
#define CG_STORE_HEAD_MAX 2048

/*! \brief A zone as text: lower case, absolute. */
typedef char cg_store_zone_t[KNOT_DNAME_TXT_MAXLEN + 1];

/*! \brief Remembers for cg_store_error() what errno says of a file, and maps it. */
int cg_store_fail(const char *path);

/*! \brief Remembers that a file is not what it should be. KNOT_EMALF. */
int cg_store_malformed(const char *path, const char *reason);

int cg_store_zone_text(const knot_dname_t *zone, cg_store_zone_t out);

/*! \brief Joins a folder and a name. KNOT_EFILE: too long. */
int cg_store_join(char out[PATH_MAX], const char *folder, const char *name);

/*!
 * \brief The folder of a kind of files of a zone, the name of the draft in it, and, for the
 *        last good version, its name.
 */
int cg_store_paths(const char *state, const char *zone, cg_store_kind_t kind,
                   char folder[PATH_MAX], char draft[NAME_MAX + 1], char name[NAME_MAX + 1]);

/*!
 * \brief The paths of a file of its own of a zone: STATE/BELOW/ZONE and a suffix.
 *
 * \param suffix  Five octets, with the dot.
 */
int cg_store_file_paths(const char *state, const char *zone, const char *below, const char *suffix,
                        char folder[PATH_MAX], char draft[NAME_MAX + 1], char name[NAME_MAX + 1]);

/*! \brief Makes the folders of a kind of files of a zone. */
int cg_store_folders(const char *state, const char *folder, cg_store_kind_t kind);

/*! \brief Begins a draft; what a killed process left of one is removed. */
int cg_store_draft_open(const char *path, int *fd);

/*! \brief Writes all of it. */
int cg_store_draft_write(int fd, const char *path, const char *data, size_t len, off_t offset);

/*! \brief Makes a draft safe on the disk; \a fd is -1 unless only that failed. */
int cg_store_draft_close(int *fd, const char *path);

/*! \brief Makes what was renamed or removed in a folder safe. */
int cg_store_sync(const char *folder);

/*! \brief A time that the first lines have room for. */
int64_t cg_store_time(int64_t now);

/*! \brief Writes the first lines, whose length depends on the zone only. */
size_t cg_store_head(const cg_stored_t *stored, const char *zone, char out[CG_STORE_HEAD_MAX]);

/*!
 * \brief Reads the first lines.
 *
 * \param[in,out] stored  Set but for name and path; left as it is where they are damaged.
 *
 * \return Their length; 0: damaged, or another zone's.
 */
size_t cg_store_head_read(const char *text, size_t len, const char *zone, cg_stored_t *stored);

/*!
 * \brief Reads a stored file.
 *
 * \param stored   With name and path.
 * \param deep     Whether all octets are checked, not only the first lines and how many there are.
 * \param[out] text  The whole file; NULL: not wanted.
 *
 * \retval KNOT_EOK     \a stored->damaged says whether it is whole.
 * \retval KNOT_ENOENT, KNOT_EACCES, KNOT_EFILE, KNOT_ENOMEM
 */
int cg_store_check(cg_stored_t *stored, const char *zone, bool deep, char **text, size_t *len);

/*! \brief Reads the name of an original: time, serial. False: not one. */
bool cg_store_kept_name(const char *name, cg_stored_t *stored);

/*!
 * \brief Originals in a folder, newest first, whole or not.
 *
 * \param[out] list  To be freed, also after an error.
 */
int cg_store_kept(const char *folder, const char *zone, bool deep, cg_stored_t **list,
                  size_t *count);
