/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Replaces control characters (not those of UTF-8 above 0x7f) by '?', in place. */
void str_make_printable(char *s);

/* A new string; NULL when there is no memory. */
char *str_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Parses all of S as an unsigned decimal number up to MAX: no sign, no blanks. -EINVAL, -ERANGE. */
int str_to_u64(const char *s, uint64_t max, uint64_t *ret);

/* True if S is exactly COUNT lower-case hex digits. */
bool str_is_hex(const char *s, size_t count);

/* Number of edits (insert, delete, replace, swap of neighbours) between two words, for "did you
 * mean". */
size_t str_distance(const char *a, const char *b);

/* True if NAME matches PATTERN, which may end in one '*' (SSH_*). */
bool str_matches(const char *name, size_t length, const char *pattern);
