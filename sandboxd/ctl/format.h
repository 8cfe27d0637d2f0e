/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as a person reads them in a table. BUFFER holds FORMAT_TEXT_MAX bytes and is returned. */
#pragma once

#include <stdint.h>

enum { FORMAT_TEXT_MAX = 64 };

/* Three digits and a unit: 12884901 is "12.3M". UINT64_MAX, no limit, is "-". */
const char *format_bytes(uint64_t bytes, char *buffer);

/* "12.3M/2G", what is used of what may be; without a limit only the first. */
const char *format_memory_of(uint64_t used, uint64_t max, char *buffer);
const char *format_count_of(uint64_t used, uint64_t max, char *buffer);

/* Microseconds of CLOCK_REALTIME as local date and minute; 0 is "". */
const char *format_time(uint64_t usec, char *buffer);
