/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the parts of a patch share.
 */

#pragma once

#include "cnameguard/patch.h"
#include "rules/pool.h"
#include "rules/text.h"

/*! \brief A record as it is compared: the same octets mean the same record. */
typedef struct {
	const uint8_t *octets; /*!< Owner, class, type, data; what has no letter case in lower case. */
	size_t len;
} cg_same_t;

/*! \brief One record of the text, or of a file that it includes. */
typedef struct {
	cg_same_t same;
	uint32_t ttl;
	uint32_t line;
	size_t begin;
	size_t end;
	const char *file;      /*!< Included file; NULL: the text itself. */
	bool inherits;
	bool is_soa;           /*!< At the apex. */
} cg_place_t;

/*! \brief All of them, in order. Zeroed is empty; to be freed by cg_places_free(). */
typedef struct {
	cg_place_t *list;
	size_t count;
	size_t max;
	cg_pool_t pool;
	cg_text_t error;       /*!< First syntax error: file:line: reason. */
	const cg_patch_t *patch;
} cg_places_t;

/*!
 * \brief Reads the records of a text.
 *
 * \retval KNOT_EOK, or as cg_scan(). There may be an \a error all the same.
 */
int cg_places_read(const cg_patch_t *patch, const char *text, size_t len, cg_places_t *out);

void cg_places_free(cg_places_t *places);

/*! \brief Makes the form for comparison in a pool. False: out of memory. */
bool cg_same_make(cg_same_t *same, const knot_dname_t *owner, const cg_scan_rr_t *rr,
                  cg_pool_t *pool);

int cg_same_cmp(const cg_same_t *a, const cg_same_t *b);

/*! \brief Whether both records have the same owner. */
bool cg_same_owner(const cg_same_t *a, const cg_same_t *b);

/*! \brief Serial of an SOA. */
uint32_t cg_same_serial(const cg_same_t *soa);

/*! \brief Whether two SOA are the same but for the serial. */
bool cg_same_but_serial(const cg_same_t *a, const cg_same_t *b);

/*! \brief The edits of one name, which are all made or none. */
typedef struct {
	size_t first;          /*!< Place in the list of edits. */
	size_t count;
	const char *why;       /*!< They cannot be made; NULL: they can. */
	bool added;            /*!< What is to be added has been. */
} cg_patch_name_t;

/*! \brief An edit that the text's records are compared with. */
typedef struct {
	const cg_edit_t *edit;
	cg_same_t same;
	cg_patch_name_t *name;
	bool found;            /*!< What is to be taken out is in the text, what is added in the result. */
} cg_wanted_t;

/*! \brief The edits. Zeroed is empty; to be freed by cg_wants_free(). */
typedef struct {
	cg_wanted_t *list;     /*!< In the order of the edits. */
	size_t count;
	cg_wanted_t **sorted[2]; /*!< Those of each op, sorted. */
	size_t sorted_count[2];
	cg_patch_name_t *names;
	size_t names_count;
	cg_pool_t pool;
} cg_wants_t;

/*! \brief Puts the edits into the form for comparison. */
int cg_wants_make(const cg_patch_t *patch, cg_wants_t *out);

void cg_wants_free(cg_wants_t *wants);

/*! \brief The edit that removes or adds a record and is not given up; NULL: none. */
cg_wanted_t *cg_wants_find(const cg_wants_t *wants, cg_edit_op_t op, const cg_same_t *same);

/*! \brief Gives up on names with a record that is not in the text or not only there. */
int cg_wants_match(cg_wants_t *wants, const cg_places_t *places);

/*!
 * \brief Makes the splices of all names that are not given up, and of the serial.
 *
 * \retval KNOT_EOK, KNOT_ENOTSUP, KNOT_ENOMEM  as cg_patch_serial().
 */
int cg_patch_lines(const cg_patch_t *patch, const cg_places_t *places, const cg_wants_t *wants,
                   cg_patched_t *out, cg_text_t *why);

/*!
 * \brief Raises the serial in an SOA of the apex; of several ones in the same way.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOTSUP  \a why says why it cannot be.
 * \retval KNOT_ENOMEM
 */
int cg_patch_serial(const cg_patch_t *patch, const cg_place_t *soa, cg_patched_t *out,
                    cg_text_t *why);

/*! \brief Adds a splice, zeroed but for what it is given; NULL: out of memory. */
cg_splice_t *cg_patch_splice(cg_patched_t *out, cg_splice_kind_t kind, size_t begin, size_t end);

/*!
 * \brief Compares the records of the result with what they have to be.
 *
 * \retval KNOT_EOK
 * \retval KNOT_ENOTSUP  they are not that; \a why says where.
 * \retval other         as cg_scan().
 */
int cg_patch_verify(const cg_patch_t *patch, const cg_places_t *places, cg_wants_t *wants,
                    const cg_patched_t *out, cg_text_t *why);
