/* SPDX-License-Identifier: Apache-2.0 */
/* What --json prints: the pieces that jansson leaves to us. */
#pragma once

#include <jansson.h>
#include <stdint.h>

/* A string; what is not UTF-8 is replaced, since JSON cannot hold it. */
json_t *json_text(const char *s);

/* A number, or null where VALUE is UINT64_MAX: no limit. */
json_t *json_limit(uint64_t value);

/* Microseconds of CLOCK_REALTIME as "2026-01-31T12:00:00Z", or null where they are 0. */
json_t *json_time(uint64_t usec);

/* Prints VALUE, which it consumes, to stdout. Returns what sandboxctl exits with. */
int json_print(json_t *value);
