/* SPDX-License-Identifier: Apache-2.0 */
/* What a login executes, and with which arguments and environment. Pure but for access(2). */
#pragma once

#include <stdbool.h>

#include "wire/protocol.h"
#include "wire/start.h"

struct program {
	const char *path;
	char **argv;
	char **envp;
};

/*
 * Decides it. The request's arrays are used and must live on; what is new is on the heap and is
 * given up to the execve. 0 or -ENOMEM.
 */
int program_choose(
	const struct wire_start *start, const struct door_request *request, struct program *ret);

/* An interactive login shell: "-bash", and not told to run a command. */
bool program_is_login(char *const *argv);
