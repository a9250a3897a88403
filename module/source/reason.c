/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libzscanner/scanner.h>

#include "source/reason.h"

/*! \brief Characters of a word that are shown. */
#define WORD_SHOWN	60
/*! \brief Characters of a word that are looked at: a line may have no end. */
#define WORD_MAX	4096

/*! \brief A piece of the file, made printable. */
typedef struct {
	char text[WORD_SHOWN + sizeof("...")];
} word_t;

static bool is_delimiter(char c)
{
	return c == '\0' || strchr(" \t\r\n;()", c) != NULL;
}

static word_t word_between(const char *text, size_t begin, size_t end)
{
	word_t word = { "" };
	size_t used = 0;
	for (; begin < end && used < WORD_SHOWN; begin++) {
		char c = text[begin];
		word.text[used++] = (c > ' ' && c <= '~') ? c : '?';
	}
	strcpy(word.text + used, (begin < end) ? "..." : "");
	return word;
}

static size_t word_end(const cg_stumble_t *s, size_t at)
{
	size_t end = at;
	while (end < s->len && end - at < WORD_MAX && !is_delimiter(s->text[end])) {
		end++;
	}
	return end;
}

/*! \brief The word at a position; where there is none, the one before it on the line. */
static word_t word_at(const cg_stumble_t *s)
{
	size_t end = word_end(s, s->at);
	if (end == s->at) {
		while (end > s->begin && s->at - end < WORD_MAX &&
		       is_delimiter(s->text[end - 1]) && s->text[end - 1] != '\n') {
			end--;
		}
	}
	size_t begin = end;
	while (begin > s->begin && end - begin < WORD_MAX && !is_delimiter(s->text[begin - 1])) {
		begin--;
	}
	return word_between(s->text, begin, end);
}

static size_t skip_blanks(const cg_stumble_t *s, size_t at)
{
	while (at < s->len && (s->text[at] == ' ' || s->text[at] == '\t')) {
		at++;
	}
	return at;
}

/*! \brief Whether nothing but a comment follows on the line. */
static bool is_line_end(const cg_stumble_t *s, size_t at)
{
	at = skip_blanks(s, at);
	return at == s->len || s->text[at] == '\n' || s->text[at] == ';';
}

static bool inherits(const cg_stumble_t *s)
{
	return s->text[s->begin] == ' ' || s->text[s->begin] == '\t';
}

/* --- Directives --- */

static word_t directive_of(const cg_stumble_t *s)
{
	return word_between(s->text, s->begin, word_end(s, s->begin));
}

static void explain_directive(const cg_stumble_t *s, char *out)
{
	word_t word = directive_of(s);
	if (strcasecmp(word.text, "$GENERATE") == 0) {
		snprintf(out, CG_REASON_SIZE, "$GENERATE is a directive of BIND that Knot does not "
		         "read; write out the records that it stands for");
	} else {
		snprintf(out, CG_REASON_SIZE, "unknown directive %s; there are $ORIGIN, $TTL and "
		         "$INCLUDE", word.text);
	}
}

/*! \brief What the directives want is said where the scanner says only what was wrong. */
static int directive_code(const cg_stumble_t *s)
{
	word_t word = directive_of(s);
	switch (s->code) {
	case ZS_BAD_NUMBER:
	case ZS_BAD_TIME_UNIT:
	case ZS_NUMBER32_OVERFLOW:
	case ZS_NUMBER64_OVERFLOW:
		return (strcasecmp(word.text, "$TTL") == 0) ? ZS_BAD_TTL : s->code;
	case ZS_UNCOVERED_STATE:
		return (strcasecmp(word.text, "$INCLUDE") == 0) ? ZS_BAD_INCLUDE_FILENAME : s->code;
	default:
		return s->code;
	}
}

/* --- Types --- */

/*! \brief Whether a word may stand between owner and type. */
static bool is_ttl_or_class(const char *word)
{
	if (strcasecmp(word, "IN") == 0) {
		return true;
	}
	return isdigit((unsigned char)word[0]) &&
	       word[strspn(word, "0123456789smhdwSMHDW")] == '\0';
}

/*! \brief Finds the word that has to be a type; "": the line ends before. */
static word_t type_word(const cg_stumble_t *s, size_t *begin)
{
	size_t end = inherits(s) ? s->begin : word_end(s, s->begin);
	word_t word;
	do {
		*begin = skip_blanks(s, end);
		end = word_end(s, *begin);
		word = word_between(s->text, *begin, end);
	} while (is_ttl_or_class(word.text));
	return word;
}

static void explain_type(const cg_stumble_t *s, const char *word, char *out)
{
	static const char *CLASSES[] = { "CH", "HS", "CS", "ANY", "NONE" };
	for (size_t i = 0; i < sizeof(CLASSES) / sizeof(CLASSES[0]); i++) {
		if (strcasecmp(word, CLASSES[i]) == 0) {
			snprintf(out, CG_REASON_SIZE, "class %s: Knot reads records of class IN only",
			         word);
			return;
		}
	}
	snprintf(out, CG_REASON_SIZE, "\"%s\" is %s%s", word,
	         isdigit((unsigned char)word[0]) ? "neither a TTL nor a record type" :
	                                           "no record type that Knot knows",
	         inherits(s) ? "; a line that begins with a blank has no owner of its own" : "");
}

/*! \brief Wrong where the type is wanted: the scanner takes that for a number, among others. */
static bool is_about_type(const cg_stumble_t *s, char *out)
{
	if (s->text[s->begin] == '$') {
		return false;
	}
	if (s->code != ZS_UNSUPPORTED_TYPE && s->code != ZS_BAD_NUMBER &&
	    s->code != ZS_BAD_TIME_UNIT && s->code != ZS_BAD_OWNER) {
		return false;
	}
	size_t begin;
	word_t word = type_word(s, &begin);
	if (word.text[0] == '\0' && is_line_end(s, begin) && is_line_end(s, s->at)) {
		snprintf(out, CG_REASON_SIZE, "the line ends without a record type");
		return true;
	}
	if (word.text[0] == '\0' || s->code == ZS_BAD_OWNER || s->at < begin ||
	    s->at > word_end(s, begin)) {
		return false;
	}
	explain_type(s, word.text, out);
	return true;
}

/* --- All others --- */

/*! \brief Characters that do not belong where they are. */
static const char *say_char(int code, unsigned char c)
{
	bool in_text = code == ZS_BAD_TEXT_CHAR || code == ZS_BAD_TEXT;
	if (in_text && c == '\n') {
		return "a quote is opened on this line and not closed";
	}
	if (in_text && c == '"') {
		return "a quote within a word; it is written \\\"";
	}
	if (in_text && c >= 0x80) {
		return "characters beyond ASCII are written octet by octet, as \\ and three digits";
	}
	if ((code == ZS_BAD_OWNER || code == ZS_BAD_DNAME_CHAR) && c >= 0x80) {
		return "names with characters beyond ASCII are written in Punycode (xn--...)";
	}
	return NULL;
}

/*! \brief In other words than the scanner's, where those do not say what to do. */
static const struct {
	int code;
	const char *text;
} SAY[] = {
	{ ZS_DOS_NEWLINE, "a carriage return (CR) that ends no line" },
	{ ZS_UNCOVERED_STATE, "the line is not understood" },
	{ ZS_LEFT_PARENTHESIS, "a parenthesis is opened inside of others" },
	{ ZS_RIGHT_PARENTHESIS, "a parenthesis is closed that was not opened" },
	{ ZS_BAD_PREVIOUS_OWNER, "the line begins with a blank, and there is no valid owner "
	                         "before it to go on with" },
	{ ZS_BAD_OWNER, "the line begins with no valid owner name" },
	{ ZS_LABEL_OVERFLOW, "a label of the name is longer than 63 octets" },
	{ ZS_DNAME_OVERFLOW, "the name is longer than 255 octets" },
	{ ZS_BAD_REST, "there is more than belongs here" },
	{ ZS_BAD_TEXT, "a quoted text with something behind it" },
	{ ZS_BAD_TTL, "$TTL wants a time, in seconds or like 1h30m" },
	{ ZS_BAD_ORIGIN, "$ORIGIN wants an absolute name, one that ends with a dot" },
	{ ZS_BAD_INCLUDE_FILENAME, "$INCLUDE wants the name of a file" },
	{ ZS_BAD_INCLUDE_ORIGIN, "the origin of an $INCLUDE has to be an absolute name, one that "
	                         "ends with a dot" },
	{ ZS_BAD_RDATA_LENGTH, "the length behind \\# is not that of the data" },
	{ ZS_CANNOT_TEXT_DATA, "data of a type without a name are written as \\#, length and "
	                       "hexadecimal digits" },
};

static const char *say(int code)
{
	for (size_t i = 0; i < sizeof(SAY) / sizeof(SAY[0]); i++) {
		if (SAY[i].code == code) {
			return SAY[i].text;
		}
	}
	const char *text = zs_strerror(code);
	return (text != NULL) ? text : "syntax error";
}

static bool is_data_missing(const cg_stumble_t *s)
{
	switch (s->code) {
	case ZS_BAD_ADDRESS_CHAR:
	case ZS_BAD_NUMBER:
	case ZS_BAD_RDATA:
	case ZS_BAD_TIME_UNIT:
		return is_line_end(s, s->at);
	default:
		return false;
	}
}

/*! \brief Whether the word says more than the reason does. */
static bool is_word_told(int code, const char *word)
{
	return word[0] != '\0' && word[0] != '$' && code != ZS_BAD_PREVIOUS_OWNER &&
	       code != ZS_DOS_NEWLINE && code != ZS_LEFT_PARENTHESIS &&
	       code != ZS_RIGHT_PARENTHESIS;
}

void cg_reason_clean(char *reason)
{
	for (; *reason != '\0'; reason++) {
		if (iscntrl((unsigned char)*reason)) {
			*reason = '?';
		}
	}
}

void cg_reason(const cg_stumble_t *s, char out[CG_REASON_SIZE])
{
	int code = directive_code(s);
	if (code == ZS_BAD_DIRECTIVE) {
		explain_directive(s, out);
		return;
	}
	if (code == ZS_BAD_PREVIOUS_OWNER && is_line_end(s, s->begin)) {
		snprintf(out, CG_REASON_SIZE, "before the first record Knot does not read empty lines "
		         "and comments that begin with a blank");
		return;
	}
	if (!s->has_at) {
		snprintf(out, CG_REASON_SIZE, "%s", say(code));
		return;
	}
	if (is_about_type(s, out)) {
		return;
	}

	word_t word = word_at(s);
	const char *why = (s->at < s->len) ? say_char(code, s->text[s->at]) : NULL;
	if (code == s->code && is_data_missing(s)) {
		snprintf(out, CG_REASON_SIZE, "data are missing behind \"%s\"", word.text);
	} else if (is_word_told(code, word.text)) {
		snprintf(out, CG_REASON_SIZE, "%s: \"%s\"", (why != NULL) ? why : say(code),
		         word.text);
	} else {
		snprintf(out, CG_REASON_SIZE, "%s", (why != NULL) ? why : say(code));
	}
}
