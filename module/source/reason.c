/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libzscanner/scanner.h>

#include "source/reason.h"

/*! \brief Characters of a word that are shown. */
#define WORD_MAX	60

/*! \brief A piece of the file, made printable. */
typedef struct {
	char text[WORD_MAX + 4];
} word_t;

static bool is_delimiter(char c)
{
	return c == '\0' || strchr(" \t\r\n;()", c) != NULL;
}

static word_t word_between(const char *text, size_t begin, size_t end)
{
	word_t word = { "" };
	size_t used = 0;
	for (; begin < end && used < WORD_MAX; begin++) {
		char c = text[begin];
		word.text[used++] = (c > ' ' && c <= '~') ? c : '?';
	}
	strcpy(word.text + used, (begin < end) ? "..." : "");
	return word;
}

/*! \brief The word at a position; where there is none, the one before it on the line. */
static word_t word_at(const cg_stumble_t *s)
{
	size_t end = s->at;
	while (end < s->len && !is_delimiter(s->text[end]) && end - s->at < WORD_MAX) {
		end++;
	}
	if (end == s->at) {
		while (end > s->begin && is_delimiter(s->text[end - 1]) &&
		       s->text[end - 1] != '\n') {
			end--;
		}
	}
	size_t begin = end;
	while (begin > s->begin && !is_delimiter(s->text[begin - 1]) && end - begin < 4096) {
		begin--;
	}
	return word_between(s->text, begin, end);
}

/*! \brief Whether nothing but a comment follows on the line. */
static bool at_line_end(const cg_stumble_t *s)
{
	size_t at = s->at;
	while (at < s->len && (s->text[at] == ' ' || s->text[at] == '\t')) {
		at++;
	}
	return at == s->len || s->text[at] == '\n' || s->text[at] == ';';
}

static bool goes_on(const cg_stumble_t *s)
{
	return s->text[s->begin] == ' ' || s->text[s->begin] == '\t';
}

static void directive(const cg_stumble_t *s, char *out)
{
	size_t end = s->begin;
	while (end < s->len && !is_delimiter(s->text[end])) {
		end++;
	}
	word_t word = word_between(s->text, s->begin, end);
	if (strcasecmp(word.text, "$GENERATE") == 0) {
		snprintf(out, CG_REASON_SIZE, "$GENERATE is a directive of BIND that Knot does not "
		         "read; write out the records that it stands for");
	} else {
		snprintf(out, CG_REASON_SIZE, "unknown directive %s; there are $ORIGIN, $TTL and "
		         "$INCLUDE", word.text);
	}
}

static void type(const cg_stumble_t *s, const char *word, char *out)
{
	static const char *CLASSES[] = { "CH", "HS", "CS", "ANY", "NONE" };
	for (size_t i = 0; i < sizeof(CLASSES) / sizeof(CLASSES[0]); i++) {
		if (strcasecmp(word, CLASSES[i]) == 0) {
			snprintf(out, CG_REASON_SIZE, "class %s: Knot reads records of class IN only",
			         word);
			return;
		}
	}
	snprintf(out, CG_REASON_SIZE, "\"%s\" is no record type that Knot knows%s", word,
	         goes_on(s) ? "; a line that begins with a blank has no owner of its own" : "");
}

/*! \brief In other words than the scanner's, where those do not say what to do. */
static const char *say(int code)
{
	switch (code) {
	case ZS_DOS_NEWLINE:
		return "a carriage return (CR) that ends no line";
	case ZS_UNCOVERED_STATE:
		return "this line is not understood";
	case ZS_LEFT_PARENTHESIS:
		return "a parenthesis is opened inside of others";
	case ZS_RIGHT_PARENTHESIS:
		return "a parenthesis is closed that was not opened";
	case ZS_BAD_PREVIOUS_OWNER:
		return "the line begins with a blank, and there is no valid owner before it to go on with";
	case ZS_BAD_OWNER:
		return "the line begins with no valid owner name";
	case ZS_LABEL_OVERFLOW:
		return "a label of the name is longer than 63 octets";
	case ZS_DNAME_OVERFLOW:
		return "the name is longer than 255 octets";
	case ZS_BAD_REST:
		return "there is more than the record takes";
	case ZS_BAD_TTL:
		return "$TTL wants a time in seconds, or like 1h30m";
	case ZS_BAD_ORIGIN:
		return "$ORIGIN wants an absolute name, one that ends with a dot";
	case ZS_BAD_INCLUDE_FILENAME:
		return "$INCLUDE wants the name of a file";
	case ZS_BAD_INCLUDE_ORIGIN:
		return "the origin of $INCLUDE has to be an absolute name, one that ends with a dot";
	default:
		return zs_strerror(code) != NULL ? zs_strerror(code) : "syntax error";
	}
}

void cg_reason(const cg_stumble_t *s, char out[CG_REASON_SIZE])
{
	word_t word = s->has_at ? word_at(s) : (word_t) { "" };

	if (s->code == ZS_BAD_DIRECTIVE) {
		directive(s, out);
	} else if (s->code == ZS_UNSUPPORTED_TYPE && word.text[0] != '\0') {
		type(s, word.text, out);
	} else if (s->code == ZS_BAD_PREVIOUS_OWNER || s->code == ZS_DOS_NEWLINE ||
	           word.text[0] == '\0') {
		snprintf(out, CG_REASON_SIZE, "%s", say(s->code));
	} else if (s->code == ZS_BAD_RDATA && at_line_end(s)) {
		snprintf(out, CG_REASON_SIZE, "data are missing behind \"%s\"", word.text);
	} else {
		snprintf(out, CG_REASON_SIZE, "%s: \"%s\"", say(s->code), word.text);
	}
}
