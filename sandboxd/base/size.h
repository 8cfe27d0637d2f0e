/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes ("512M", "2G", "1048576") and spans of time ("15m", "12h", "1h30m", "500ms"). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes; the suffixes K, M, G, T are powers of 1024. -EINVAL, or -ERANGE beyond 2^63 - 1. */
int size_parse(const char *s, uint64_t *ret_bytes);

/* The shortest exact form: 268435456 is "256M", 1000 is "1000". BUFFER holds 24 bytes. */
const char *size_format(uint64_t bytes, char *buffer);

/* Microseconds; units ms, s, m, h, d, several in a row; a bare number is seconds. -EINVAL, -ERANGE.
 */
int duration_parse(const char *s, uint64_t *ret_usec);

/* The form that a person would write: 5400000000 is "1h30m". BUFFER holds 48 bytes. */
const char *duration_format(uint64_t usec, char *buffer);

enum { SIZE_TEXT_MAX = 24, DURATION_TEXT_MAX = 48 };
