/* SPDX-License-Identifier: Apache-2.0 */
/* The door of the sandbox: who may knock, and what becomes of each connection (wire/protocol.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "init/settings.h"

/* Watches START_FD_DOOR. */
int door_open(const struct settings *s);

/* No further connections: who waits is turned away. Those that are open go on. */
void door_close(void);

/* True while a login is connected. */
bool door_is_used(void);

/* Kills what has not executed its program in time; when to look again. */
uint64_t door_check_deadlines(void);

/*
 * The child PID of PID 1 has ended, KILLED by signal VALUE or exited with status VALUE: its shim
 * is told, and the connection is over. Unknown children (orphans of the sandbox) are ignored.
 */
void door_on_exit(pid_t pid, bool killed, int value);
