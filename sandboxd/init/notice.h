/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the student, on the terminals of the sandbox, that a limit was met, and what the broker has
 * to say: it writes <SANDBOX_RUN_DIR>/message and sends SIGUSR1, before it ends a session.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "init/settings.h"

/* Watches the descriptors of the start that count what was met; without them nothing is told. */
void notice_open(const struct settings *s);

/* Shows the broker's message; the few of one moment each, not a flood of them. */
void notice_show_message(void);

/*
 * Looks at what makes no event; IS_USED: somebody is logged in, who could read of it. When to look
 * again (CLOCK_MONOTONIC; USEC_INFINITY: after the next event).
 */
uint64_t notice_check(bool is_used);
