/* SPDX-License-Identifier: Apache-2.0 */
/* The shim's side of the door up to the request: wire/protocol.h. */
#pragma once

#include "shim/shim.h"
#include "wire/protocol.h"

/* What the login's caller had set, before the shim changes it for itself: session, limits, umask.
 */
struct caller {
	char session[WIRE_ID_LENGTH + 1];
	unsigned umask;
	size_t rlimit_count;
	struct door_rlimit rlimits[DOOR_RLIMITS_MAX];
};

void caller_record(struct caller *ret);

/*
 * Connects and sends the request with the three descriptors; dies in words if the sandbox does not
 * answer by the deadline. SHIM->door is the connection.
 */
void knock(struct shim *shim, struct caller *caller, char **argv, char **envp);
