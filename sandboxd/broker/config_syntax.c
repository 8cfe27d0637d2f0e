/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in the broker at start and at reload, as root. libconfig sees only text that passed here,
 * for what it does with other text is not for a daemon:
 *   - "@include" of a directory ends the process (exit(3) in the scanner), and what is included
 *     would escape the checks of the file: refused;
 *   - 1.5 (Debian 12) cuts an integer without L to 32 bits, 5000000000 to 705032704: the L is
 * added;
 *   - a syntax error behind a string leaks the string: a reload that fails must not cost memory;
 *   - a NUL ends the text early, without a word: refused, as every byte that begins no token.
 * The grammar is what all versions of libconfig take: 1.5 has no comma behind the last element.
 */
#include "broker/config_syntax.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define BLANKS " \t\n\r\f"

enum { DEPTH_MAX = 16 };

enum token_type {
	TOKEN_END,
	TOKEN_NAME,
	TOKEN_BOOL,
	TOKEN_INTEGER,
	TOKEN_FLOAT,
	TOKEN_STRING,
	TOKEN_MARK, /* one of = : ; , ( ) [ ] { } */
};

struct token {
	enum token_type type;
	const char *start;
	size_t length;
	unsigned line;
	bool make_long;
};

struct syntax {
	const char *at, *end; /* what is left behind NOW */
	unsigned line;	      /* of AT */
	struct token now;
	FILE *out;
	unsigned out_line;
	unsigned depth;
	struct config_errors *errors;
};

static size_t span(const struct syntax *syntax, size_t from, const char *set)
{
	size_t left = (size_t)(syntax->end - syntax->at), n = from;

	while (n < left && syntax->at[n] && strchr(set, syntax->at[n]))
		n++;
	return n - from;
}

static bool sees(const struct syntax *syntax, size_t from, const char *text)
{
	size_t left = (size_t)(syntax->end - syntax->at), n = strlen(text);

	return left >= from + n && memcmp(syntax->at + from, text, n) == 0;
}

static void skip(struct syntax *syntax, size_t count)
{
	for (; count > 0; count--)
		syntax->line += *syntax->at++ == '\n';
}

/* Up to and with CLOSE. False if it never comes. */
static bool skip_behind(struct syntax *syntax, const char *close)
{
	while (syntax->at < syntax->end && !sees(syntax, 0, close))
		skip(syntax, 1);
	if (syntax->at == syntax->end)
		return false;
	skip(syntax, strlen(close));
	return true;
}

static int skip_blanks(struct syntax *syntax)
{
	unsigned line;

	for (;;) {
		skip(syntax, span(syntax, 0, BLANKS));
		line = syntax->line;
		if (sees(syntax, 0, "#") || sees(syntax, 0, "//"))
			skip_behind(syntax, "\n");
		else if (!sees(syntax, 0, "/*"))
			return 0;
		else if (skip(syntax, 2), !skip_behind(syntax, "*/"))
			return config_error_at(
				syntax->errors, line, "the comment has no end; expected */");
	}
}

/* Digits, a point, an exponent; or hexadecimal; or L. Sets the token's type and length. */
static int scan_number(struct syntax *syntax)
{
	struct token *token = &syntax->now;
	size_t sign = span(syntax, 0, "+-") ? 1 : 0, digits = span(syntax, sign, DIGITS);
	size_t n = sign + digits, exponent;
	char text[32];
	uint64_t value;

	token->type = TOKEN_INTEGER;
	if (sees(syntax, 0, "0x") || sees(syntax, 0, "0X")) {
		token->length = 2 + span(syntax, 2, DIGITS "abcdefABCDEF");
		return 0;
	}
	if (sees(syntax, n, ".")) {
		token->type = TOKEN_FLOAT;
		n += 1 + span(syntax, n + 1, DIGITS);
	}
	if (sees(syntax, n, "e") || sees(syntax, n, "E")) {
		exponent = n + 1 + (sees(syntax, n + 1, "+") || sees(syntax, n + 1, "-"));
		if (span(syntax, exponent, DIGITS)) {
			token->type = TOKEN_FLOAT;
			n = exponent + span(syntax, exponent, DIGITS);
		}
	}
	token->length = n;
	if (token->type == TOKEN_FLOAT)
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)(digits < 31 ? digits : 31), syntax->at + sign);
	if (str_to_u64(text, INT64_MAX, &value) < 0)
		return config_error_at(syntax->errors, syntax->line,
			"the number %s is too large; expected at most 9223372036854775807", text);
	token->make_long = value > INT32_MAX && !sees(syntax, n, "L");
	token->length += span(syntax, n, "L");
	return 0;
}

static int scan_string(struct syntax *syntax)
{
	const char *p = syntax->at + 1;

	for (; p < syntax->end && *p != '"'; p++) {
		if (!*p)
			break;
		if (*p == '\\' && p + 1 < syntax->end)
			p++;
	}
	if (p == syntax->end || !*p)
		return config_error_at(
			syntax->errors, syntax->line, "the string has no end; expected \"");
	syntax->now.type = TOKEN_STRING;
	syntax->now.length = (size_t)(p + 1 - syntax->at);
	return 0;
}

static void scan_word(struct syntax *syntax)
{
	struct token *token = &syntax->now;

	token->type = TOKEN_NAME;
	token->length = span(syntax, 0, LETTERS DIGITS "*_-");
	if ((token->length == 4 && strncasecmp(token->start, "true", 4) == 0) ||
		(token->length == 5 && strncasecmp(token->start, "false", 5) == 0))
		token->type = TOKEN_BOOL;
}

static int scan_token(struct syntax *syntax)
{
	size_t sign = span(syntax, 0, "+-") ? 1 : 0;

	syntax->now = (struct token){TOKEN_END, syntax->at, 0, syntax->line, false};
	if (syntax->at == syntax->end)
		return 0;
	if (sees(syntax, 0, "@include"))
		return config_error_at(syntax->errors, syntax->line,
			"@include is not allowed; expected all settings in this one file");
	if (*syntax->at == '"')
		return scan_string(syntax);
	if (span(syntax, sign, DIGITS) ||
		(sees(syntax, sign, ".") && span(syntax, sign + 1, DIGITS)))
		return scan_number(syntax);
	if (span(syntax, 0, LETTERS "*")) {
		scan_word(syntax);
		return 0;
	}
	if (!span(syntax, 0, "=:;,()[]{}"))
		return config_error_at(syntax->errors, syntax->line,
			"the byte 0x%02x begins nothing; expected a key, a value or a sign",
			(unsigned char)*syntax->at);
	syntax->now.type = TOKEN_MARK;
	syntax->now.length = 1;
	return 0;
}

/* Writes what is now, in its line, and goes on to what is next. */
static int advance(struct syntax *syntax)
{
	const struct token *token = &syntax->now;
	int r;

	for (; syntax->out_line < token->line; syntax->out_line++)
		fputc('\n', syntax->out);
	fprintf(syntax->out, " %.*s%s", (int)token->length, token->start,
		token->make_long ? "L" : "");
	skip(syntax, token->length);
	syntax->out_line = syntax->line; /* a string may have several lines */
	r = skip_blanks(syntax);
	return r < 0 ? r : scan_token(syntax);
}

static bool is_mark(const struct syntax *syntax, const char *marks)
{
	return syntax->now.type == TOKEN_MARK && strchr(marks, *syntax->now.start);
}

static int refuse(struct syntax *syntax, const char *expected)
{
	const struct token *token = &syntax->now;

	if (token->type == TOKEN_END)
		return config_error_at(syntax->errors, token->line,
			"syntax error at the end of the file; expected %s", expected);
	return config_error_at(syntax->errors, token->line, "syntax error at %.*s; expected %s",
		(int)(token->length < 40 ? token->length : 40), token->start, expected);
}

/* Goes behind one of MARKS. */
static int advance_mark(struct syntax *syntax, const char *marks, const char *expected)
{
	return is_mark(syntax, marks) ? advance(syntax) : refuse(syntax, expected);
}

static int parse_settings(struct syntax *syntax, bool inner);
static int parse_value(struct syntax *syntax);

/* What an array holds is of one type, and simple. */
static int parse_simple(struct syntax *syntax, enum token_type type)
{
	int r;

	if (type == TOKEN_END || type == TOKEN_NAME || type == TOKEN_MARK)
		return refuse(syntax, "a value");
	if (syntax->now.type != type)
		return refuse(syntax, "an element like those before it, or ( ) around the list");
	do
		r = advance(syntax);
	while (r == 0 && type == TOKEN_STRING && syntax->now.type == TOKEN_STRING);
	return r;
}

/* Behind the opening mark. ARRAY: simple elements only. */
static int parse_elements(struct syntax *syntax, bool array)
{
	const char *close = array ? "]" : ")";
	enum token_type type = syntax->now.type;
	int r = 0;

	if (is_mark(syntax, close))
		return advance(syntax);
	for (;;) {
		r = array ? parse_simple(syntax, type) : parse_value(syntax);
		if (r < 0 || !is_mark(syntax, ","))
			break;
		r = advance(syntax);
		if (r < 0)
			break;
	}
	if (r < 0)
		return r;
	return advance_mark(syntax, close, array ? "a comma or ]" : "a comma or )");
}

static int parse_value(struct syntax *syntax)
{
	char mark;
	int r;

	if (!is_mark(syntax, "([{"))
		return parse_simple(syntax, syntax->now.type);
	mark = *syntax->now.start;
	if (++syntax->depth > DEPTH_MAX)
		return refuse(syntax, "at most 16 brackets within each other");
	r = advance(syntax);
	if (r < 0)
		return r;
	r = mark == '{' ? parse_settings(syntax, true) : parse_elements(syntax, mark == '[');
	syntax->depth--;
	return r;
}

/* The whole text, or up to and with the } of a group. */
static int parse_settings(struct syntax *syntax, bool inner)
{
	int r = 0;

	while (r == 0 && syntax->now.type == TOKEN_NAME) {
		r = advance(syntax);
		if (r == 0)
			r = advance_mark(syntax, "=:", "= or : behind a key");
		if (r == 0)
			r = parse_value(syntax);
		if (r == 0 && is_mark(syntax, ";,"))
			r = advance(syntax);
	}
	if (r < 0)
		return r;
	if (inner)
		return advance_mark(syntax, "}", "a key or }");
	return syntax->now.type == TOKEN_END ? 0 : refuse(syntax, "a key");
}

int config_syntax_prepare(const char *text, size_t size, struct config_errors *errors, char **ret)
{
	struct syntax syntax = {
		.at = text, .end = text + size, .line = 1, .out_line = 1, .errors = errors};
	_cleanup_free_ char *prepared = NULL;
	size_t prepared_size;
	int r;

	syntax.out = open_memstream(&prepared, &prepared_size);
	if (!syntax.out)
		return -ENOMEM;
	r = skip_blanks(&syntax);
	if (r == 0)
		r = scan_token(&syntax);
	if (r == 0)
		r = parse_settings(&syntax, false);
	fputc('\n', syntax.out);
	if (ferror(syntax.out))
		r = -ENOMEM;
	if (fclose(syntax.out) != 0)
		r = -ENOMEM;
	if (r == 0)
		*ret = take_ptr(&prepared);
	return r;
}
