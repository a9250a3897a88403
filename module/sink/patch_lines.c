/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sink/patch.h"
#include "sink/words.h"

/*! \brief What the walk over the records of the text knows at each of them. */
typedef struct {
	const cg_patch_t *patch;
	const cg_wants_t *wants;
	cg_patched_t *out;
	size_t behind;             /*!< End of the record before. */
	const cg_place_t *carrier; /*!< Record that wrote the owner; NULL: an $ORIGIN came since. */
	const cg_edit_t *removed;  /*!< Last one made that took out a record; NULL: none. */
	const cg_same_t *owner;    /*!< Whose owner a line would inherit in the result; NULL: none. */
} walk_t;

cg_splice_t *cg_patch_splice(cg_patched_t *out, cg_splice_kind_t kind, size_t begin, size_t end)
{
	/* Room grows at powers of two. */
	size_t count = out->splices_count;
	if ((count & (count - 1)) == 0) {
		size_t max = (count == 0) ? 1 : count * 2;
		cg_splice_t *bigger = realloc(out->splices, max * sizeof(*bigger));
		if (bigger == NULL) {
			return NULL;
		}
		out->splices = bigger;
	}
	cg_splice_t *splice = &out->splices[out->splices_count++];
	*splice = (cg_splice_t) { .kind = kind, .begin = begin, .end = end };

	return splice;
}

/*! \brief Whether a name between the records is another one behind them. */
static bool has_origin(const char *at, const char *end)
{
	static const char ORIGIN[] = "$ORIGIN";
	while (at < end) {
		if ((size_t)(end - at) >= strlen(ORIGIN) &&
		    strncasecmp(at, ORIGIN, strlen(ORIGIN)) == 0) {
			return true;
		}
		const char *newline = memchr(at, '\n', end - at);
		at = (newline != NULL) ? newline + 1 : end;
	}
	return false;
}

static size_t count_lines(const char *at, size_t len)
{
	size_t lines = 0;
	for (const char *end = at + len; at < end; lines++) {
		const char *newline = memchr(at, '\n', end - at);
		at = (newline != NULL) ? newline + 1 : end;
	}
	return lines;
}

/*! \brief Makes comments of the lines of a record. */
static int take_out(walk_t *walk, const cg_place_t *place, const cg_edit_t *edit)
{
	cg_splice_t *splice = cg_patch_splice(walk->out, CG_SPLICE_REMOVE, place->begin, place->end);
	if (splice == NULL) {
		return KNOT_ENOMEM;
	}
	char marker[64];
	size_t marker_len = snprintf(marker, sizeof(marker), "; cnameguard %s: ",
	                             cg_rule_info(edit->rule)->name);
	const char *from = walk->patch->text + place->begin;
	const char *end = walk->patch->text + place->end;
	char *to = cg_pool_alloc(walk->out->pool, place->end - place->begin +
	                         marker_len * count_lines(from, end - from));
	if (to == NULL) {
		return KNOT_ENOMEM;
	}

	splice->text = to;
	splice->line = place->line;
	splice->edit = edit;
	while (from < end) {
		const char *newline = memchr(from, '\n', end - from);
		size_t len = (newline != NULL) ? newline + 1 - from : end - from;
		to = mempcpy(mempcpy(to, marker, marker_len), from, len);
		from += len;
	}
	splice->len = to - splice->text;

	return KNOT_EOK;
}

/*! \brief How the owner of a record is written at its place; absolute, if it has to be. */
static cg_word_t spell_owner(const walk_t *walk, const char *absolute)
{
	cg_word_t owner = { .str = absolute, .len = strlen(absolute) };
	if (walk->carrier != NULL) {
		const char *at = walk->patch->text + walk->carrier->begin;
		(void)cg_words_next(&at, walk->patch->text + walk->carrier->end, &owner);
	}
	return owner;
}

static bool would_inherit(const walk_t *walk, const cg_place_t *place)
{
	return walk->owner != NULL && cg_same_owner(walk->owner, &place->same);
}

/*! \brief The parts of a line that is added. */
typedef struct {
	cg_word_t owner;
	cg_word_t blanks;
	cg_word_t rclass;
	const char *between; /*!< Separates all others. */
} manner_t;

/*! \brief The manner of a record: with or without owner, how it is indented, blanks or tabs. */
static manner_t manner_of(const walk_t *walk, const cg_place_t *place, const cg_edit_t *edit)
{
	static const cg_word_t BLANK = { .str = " ", .len = 1 }, NOTHING = { .str = "" };
	const char *text = walk->patch->text;
	cg_head_t head;
	if (!cg_head_read(text + place->begin, text + place->end, &head)) {
		head = (cg_head_t) { 0 }; /* It was read as a record: that cannot be. */
	}

	manner_t manner = {
		.owner = NOTHING,
		.blanks = (head.blanks.len > 0) ? head.blanks : BLANK,
		.rclass = (head.rclass.len > 0) ? head.rclass : NOTHING,
	};
	if (!place->inherits || !would_inherit(walk, place)) {
		manner.owner = spell_owner(walk, edit->spelling);
	}
	manner.between = (manner.blanks.str[manner.blanks.len - 1] == '\t') ? "\t" : " ";

	return manner;
}

/*! \brief Adds one line behind a record. */
static int add_line(walk_t *walk, const cg_place_t *place, const manner_t *manner,
                    const cg_edit_t *edit)
{
	char type[32];
	if (knot_rrtype_to_string(edit->rr.type, type, sizeof(type)) < 0) {
		return KNOT_EINVAL;
	}
	cg_splice_t *splice = cg_patch_splice(walk->out, CG_SPLICE_ADD, place->end, place->end);
	size_t max = manner->owner.len + manner->blanks.len + manner->rclass.len + strlen(type) +
	             strlen(edit->rr.data) + sizeof("\n4294967295\t\t\t\n");
	char *line = cg_pool_alloc(walk->out->pool, max);
	if (splice == NULL || line == NULL) {
		return KNOT_ENOMEM;
	}

	bool ends = walk->patch->text[place->end - 1] == '\n';
	int len = snprintf(line, max, "%s%.*s%.*s%u%s%.*s%s%s%s%s%s", ends ? "" : "\n",
	                   (int)manner->owner.len, manner->owner.str,
	                   (int)manner->blanks.len, manner->blanks.str,
	                   edit->rr.ttl, manner->between,
	                   (int)manner->rclass.len, manner->rclass.str,
	                   (manner->rclass.len > 0) ? manner->between : "",
	                   type, manner->between, edit->rr.data, ends ? "\n" : "");
	splice->text = line;
	splice->len = len;
	splice->line = place->line;
	splice->edit = edit;

	return KNOT_EOK;
}

/*! \brief Adds what comes in the place of a name's records, behind the first that was taken out. */
static int add_lines(walk_t *walk, const cg_place_t *place, cg_patch_name_t *name)
{
	const cg_edit_t *edits = walk->patch->edits + name->first;
	manner_t manner = manner_of(walk, place, edits);
	name->added = true;
	for (size_t i = 0; i < name->count; i++) {
		if (edits[i].op != CG_EDIT_ADD) {
			continue;
		}
		int ret = add_line(walk, place, &manner, &edits[i]);
		if (ret != KNOT_EOK) {
			return ret;
		}
		walk->owner = &place->same;
	}
	return KNOT_EOK;
}

/*! \brief Blanks that an owner of this length covers; one is left to separate it. */
static size_t covered(const cg_word_t *blanks, size_t owner_len)
{
	size_t count = 0;
	for (size_t column = 0; count + 1 < blanks->len; count++) {
		column = (blanks->str[count] == '\t') ? (column / 8 + 1) * 8 : column + 1;
		if (column > owner_len) {
			break;
		}
	}
	return count;
}

/*! \brief Writes out the owner of a line that would inherit another one; the columns stay. */
static int give_owner(walk_t *walk, const cg_place_t *place)
{
	const char *text = walk->patch->text;
	cg_head_t head;
	if (!cg_head_read(text + place->begin, text + place->end, &head) || walk->removed == NULL) {
		return KNOT_EINVAL; /* It was read as a record, and only what went left none. */
	}
	cg_word_t owner = spell_owner(walk, walk->removed->spelling);

	cg_splice_t *splice = cg_patch_splice(walk->out, CG_SPLICE_OWNER, place->begin,
	                                      place->begin + covered(&head.blanks, owner.len));
	char *copy = cg_pool_alloc(walk->out->pool, owner.len + 1);
	if (splice == NULL || copy == NULL) {
		return KNOT_ENOMEM;
	}
	memcpy(copy, owner.str, owner.len);
	copy[owner.len] = ' ';
	splice->text = copy;
	splice->len = owner.len + (head.blanks.len == 0); /* A parenthesis may come first. */
	splice->line = place->line;

	return KNOT_EOK;
}

/*! \brief Whether the next record goes for the same name, with nothing between them. */
static bool goes_on(const walk_t *walk, const cg_place_t *place, const cg_place_t *next,
                    const cg_wanted_t *wanted)
{
	if (next == NULL || next->file != NULL || next->begin != place->end) {
		return false;
	}
	const cg_wanted_t *other = cg_wants_find(walk->wants, CG_EDIT_REMOVE, &next->same);
	return other != NULL && other->name == wanted->name;
}

static int meet(walk_t *walk, const cg_place_t *place, const cg_place_t *next, cg_text_t *why)
{
	const char *text = walk->patch->text;
	if (!place->inherits) {
		walk->carrier = place;
	} else if (has_origin(text + walk->behind, text + place->begin)) {
		walk->carrier = NULL;
	}
	walk->behind = place->end;

	int ret = KNOT_EOK;
	const cg_wanted_t *wanted = cg_wants_find(walk->wants, CG_EDIT_REMOVE, &place->same);
	if (wanted != NULL) {
		walk->removed = wanted->edit;
		ret = take_out(walk, place, wanted->edit);
		if (ret == KNOT_EOK && !wanted->name->added && !goes_on(walk, place, next, wanted)) {
			ret = add_lines(walk, place, wanted->name);
		}
		return ret;
	}

	if (place->inherits && !would_inherit(walk, place)) {
		ret = give_owner(walk, place);
	}
	walk->owner = &place->same;
	if (ret == KNOT_EOK && place->is_soa) {
		ret = cg_patch_serial(walk->patch, place, walk->out, why);
	}
	return ret;
}

int cg_patch_lines(const cg_patch_t *patch, const cg_places_t *places, const cg_wants_t *wants,
                   cg_patched_t *out, cg_text_t *why)
{
	walk_t walk = { .patch = patch, .wants = wants, .out = out };
	int ret = KNOT_EOK;
	for (size_t i = 0; i < places->count && ret == KNOT_EOK; i++) {
		const cg_place_t *place = &places->list[i];
		const cg_place_t *next = (i + 1 < places->count) ? place + 1 : NULL;
		if (place->file == NULL) {
			ret = meet(&walk, place, next, why);
		} else if (place->is_soa) {
			ret = cg_patch_serial(patch, place, out, why);
		}
	}
	return ret;
}
