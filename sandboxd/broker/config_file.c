/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in the broker at start and at reload, as root. libconfig is not given the file but a text,
 * since three things in its scanner are not for a daemon:
 *   - "@include" of a directory ends the process (exit(3) in the scanner), and what is included
 *     would escape the checks of the file: refused;
 *   - 1.5 (Debian 12) cuts an integer without L to 32 bits: 5000000000 became 705032704. The L is
 * added;
 *   - a NUL ends the text early, without a word: refused.
 */
#include "broker/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

/* NULL if the file of STATUS may be trusted, else what is wrong with it. */
static const char *file_distrust(const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return "is not a regular file";
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return "is not owned by root: whoever owns it rules all sandboxes (chown root)";
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return "can be written by others than its owner (chmod go-w)";
	if (status->st_size > CONFIG_SIZE_MAX)
		return "is larger than 1 MiB";
	return NULL;
}

int config_file_read(const char *path, struct config_errors *errors, char **ret, size_t *ret_size)
{
	/* O_NONBLOCK: a FIFO there must not stop the broker. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;
	const char *distrust;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0)
		return config_error_at(errors, 0, "cannot be read: %s", strerror(errno));
	distrust = file_distrust(&status);
	if (distrust)
		return config_error_at(errors, 0, "%s", distrust);
	r = fd_read_all(fd, CONFIG_SIZE_MAX, ret, ret_size);
	if (r < 0 && r != -ENOMEM)
		return config_error_at(errors, 0, "cannot be read: %s", strerror(-r));
	return r;
}

/* The text that is left, and what has become of it. */
struct scanner {
	const char *at, *end;
	unsigned line;
	FILE *out;
	struct config_errors *errors;
	int result;
};

static void scanner_copy(struct scanner *scanner, size_t count)
{
	for (size_t i = 0; i < count; i++)
		scanner->line += scanner->at[i] == '\n';
	fwrite(scanner->at, 1, count, scanner->out);
	scanner->at += count;
}

static bool scanner_sees(const struct scanner *scanner, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(scanner->end - scanner->at) >= n && memcmp(scanner->at, text, n) == 0;
}

/* Copies up to and with CLOSE, from behind the OPEN bytes; all that is left if it never comes. */
static void scanner_skip(struct scanner *scanner, size_t open, const char *close)
{
	scanner_copy(scanner, open);
	while (scanner->at < scanner->end && !scanner_sees(scanner, close))
		scanner_copy(scanner, 1);
	if (scanner->at < scanner->end)
		scanner_copy(scanner, strlen(close));
}

static void scanner_skip_string(struct scanner *scanner)
{
	scanner_copy(scanner, 1);
	while (scanner->at < scanner->end && *scanner->at != '"') {
		bool escape = *scanner->at == '\\' && scanner->end - scanner->at > 1;

		scanner_copy(scanner, escape ? 2 : 1);
	}
	if (scanner->at < scanner->end)
		scanner_copy(scanner, 1);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '*' || c == '.';
}

/* Copies a number; gives it an L if it is an integer that needs one. */
static void scanner_number(struct scanner *scanner)
{
	size_t left = (size_t)(scanner->end - scanner->at), digits = 0, length;
	char text[32];
	uint64_t value;
	int r;

	while (digits < left && is_digit(scanner->at[digits]))
		digits++;
	for (length = digits; length < left && is_word(scanner->at[length]);)
		length++;
	if (length > digits && scanner->at[digits] != 'L') { /* hexadecimal, or a fraction */
		scanner_copy(scanner, length);
		return;
	}
	snprintf(text, sizeof(text), "%.*s", (int)(digits < 31 ? digits : 31), scanner->at);
	r = str_to_u64(text, INT64_MAX, &value);
	if (r < 0)
		scanner->result = config_error_at(scanner->errors, scanner->line,
			"the number %s is too large; expected at most 9223372036854775807", text);
	scanner_copy(scanner, length);
	if (r == 0 && value > INT32_MAX && length == digits)
		fputc('L', scanner->out);
}

/* At the start of a line. In a comment, too: what libconfig takes for one is not worth knowing. */
static void scanner_check_include(struct scanner *scanner)
{
	const char *p = scanner->at;

	while (p < scanner->end && (*p == ' ' || *p == '\t'))
		p++;
	if ((size_t)(scanner->end - p) >= strlen("@include") &&
		memcmp(p, "@include", strlen("@include")) == 0)
		scanner->result = config_error_at(scanner->errors, scanner->line,
			"@include is not allowed; expected all settings in this one file");
}

static void scanner_step(struct scanner *scanner)
{
	if (*scanner->at == '"')
		scanner_skip_string(scanner);
	else if (*scanner->at == '#' || scanner_sees(scanner, "//"))
		scanner_skip(scanner, 1, "\n");
	else if (scanner_sees(scanner, "/*"))
		scanner_skip(scanner, 2, "*/");
	else if (is_digit(*scanner->at))
		scanner_number(scanner);
	else if (is_word(*scanner->at))
		do
			scanner_copy(scanner, 1);
		while (scanner->at < scanner->end &&
			(is_word(*scanner->at) || *scanner->at == '-'));
	else
		scanner_copy(scanner, 1);
}

static int scanner_check_lines(struct scanner *scanner)
{
	const char *start = scanner->at;

	if (memchr(start, 0, (size_t)(scanner->end - start)))
		return config_error_at(scanner->errors, 0, "holds a NUL byte; expected text");
	while (scanner->at < scanner->end) {
		const char *next;

		scanner_check_include(scanner);
		next = memchr(scanner->at, '\n', (size_t)(scanner->end - scanner->at));
		scanner->at = next ? next + 1 : scanner->end;
		scanner->line++;
	}
	scanner->at = start;
	scanner->line = 1;
	return scanner->result;
}

int config_file_prepare(const char *text, size_t size, struct config_errors *errors, char **ret)
{
	struct scanner scanner = {.at = text, .end = text + size, .line = 1, .errors = errors};
	_cleanup_free_ char *prepared = NULL;
	size_t prepared_size;
	int r = scanner_check_lines(&scanner);

	if (r < 0)
		return r;
	scanner.out = open_memstream(&prepared, &prepared_size);
	if (!scanner.out)
		return -ENOMEM;
	while (scanner.at < scanner.end)
		scanner_step(&scanner);
	if (fclose(scanner.out) != 0 || prepared_size < size)
		return -ENOMEM;
	if (scanner.result < 0)
		return scanner.result;
	*ret = take_ptr(&prepared);
	return 0;
}
