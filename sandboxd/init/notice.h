/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the student, on the terminals of the sandbox, that a limit was met. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "init/settings.h"

/* Watches the descriptors of the start that count what was met; without them nothing is told. */
void notice_open(const struct settings *s);

/*
 * Looks at what makes no event; IS_USED: somebody is logged in, who could read of it. When to look
 * again (CLOCK_MONOTONIC; USEC_INFINITY: after the next event).
 */
uint64_t notice_check(bool is_used);
