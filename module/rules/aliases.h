/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief All aliases of zones that are judged together, and where each leads to.
 *
 * Each alias leads to one other at the most, so that ways and circles are found
 * in linear time, whatever their length. Aliases that no answer shows (at or
 * below a zone cut, below a DNAME) are none here.
 */

#pragma once

#include "cnameguard/each.h"
#include "rules/step.h"

#define CG_NO_ALIAS UINT32_MAX

typedef struct {
	uint32_t zone;     /*!< Place of its zone. */
	uint32_t at;       /*!< Place of its node in the zone. */
	uint16_t type;     /*!< CNAME or DNAME. */
	bool reached;      /*!< A CNAME leads to it. */
	bool loops;        /*!< Leads back to itself. */
	uint8_t state;     /*!< Of the search. */
	uint32_t hops;     /*!< DNAMEs between it and the next. */
	uint32_t next;     /*!< The alias it leads to; CG_NO_ALIAS: the way ends. */
	uint32_t tail;     /*!< The last alias on the way. */
	uint32_t links;    /*!< CNAMEs and DNAMEs on the way, itself among them; 0: without end. */
	cg_target_t end;   /*!< How the way ends. */
	uint32_t end_zone; /*!< Where it ends (CG_TARGET_FOUND). */
	size_t end_at;
} cg_alias_t;

typedef struct {
	const cg_zones_t *zones;
	cg_alias_t *list;  /*!< By zone, then in canonical order, CNAME before DNAME. */
	size_t count;
	uint32_t **places; /*!< By zone and node: its first alias. */
} cg_aliases_t;

/*!
 * \brief Finds all aliases and their ways.
 *
 * \param each  Shares the work; NULL: it is done here.
 *
 * \retval KNOT_EOK, KNOT_ENOMEM  to be freed in any case.
 */
int cg_aliases_find(const cg_zones_t *zones, cg_each_t each, cg_aliases_t *out);

void cg_aliases_free(cg_aliases_t *aliases);

/*! \brief The node of an alias. */
void cg_alias_node(const cg_aliases_t *aliases, const cg_alias_t *alias, cg_node_t *out);

/*!
 * \brief Goes from an alias to its target and through DNAMEs to what that is.
 *
 * \param name      Takes the last name that was looked at.
 * \param on_dname  Called for each DNAME on the way; may be NULL.
 */
void cg_alias_follow(const cg_aliases_t *aliases, const cg_alias_t *alias,
                     knot_dname_storage_t name, cg_step_t *step,
                     int (*on_dname)(const cg_step_t *step, void *ctx), void *ctx);
