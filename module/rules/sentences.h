/* SPDX-License-Identifier: GPL-2.0-or-later */
/*!
 * \file
 *
 * \brief What the files of the sentences share.
 */

#pragma once

#include "rules/explain.h"
#include "rules/text.h"

/*! \brief What the sentences are made from. */
typedef struct {
	const cg_found_t *found;
	const cg_finding_t *f;     /*!< Of found. */
	const knot_dname_t *origin;
	const cg_zones_t *zones;   /*!< NULL: nothing can be looked up. */
	const cg_zone_t *self;
	const char *target;        /*!< Data of the first CNAME or DNAME. */
	size_t targets;            /*!< Different ones. */
	bool own_address;          /*!< The name has an A or AAAA itself. */
} cg_subject_t;

typedef struct {
	void (*message)(cg_text_t *text, const cg_subject_t *s);
	void (*remedy)(cg_text_t *text, const cg_subject_t *s);
} cg_sentences_t;

/*! \brief By rule: those of one name, and those about targets. */
extern const cg_sentences_t cg_sentences_names[];
extern const cg_sentences_t cg_sentences_targets[];

bool cg_subject_has(const cg_subject_t *s, uint16_t type);

/*! \brief "CAA, MX, TXT" and so on: the types of the finding but \a except. */
void cg_say_types(cg_text_t *text, const cg_subject_t *s, uint16_t except);

/*! \brief "web.example.com. and www.example.net.": the different targets of the finding. */
void cg_say_targets(cg_text_t *text, const cg_subject_t *s, uint16_t type);

/*! \brief "give www the addresses of web instead of the CNAME", as far as can be known. */
void cg_say_replace(cg_text_t *text, const cg_subject_t *s);

/*! \brief What is to be done about a name that is not this zone's to answer for. */
void cg_say_replace_occluded(cg_text_t *text, const cg_subject_t *s);
