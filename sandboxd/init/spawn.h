/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "init/settings.h"

/*
 * A login's child of PID 1, from the clone to the execve: becomes the student, takes the request
 * from the connection DOOR and executes what it asks for. STARTING is close-on-exec: its closing
 * tells PID 1 that the request has been taken. MOVED is how place_fork() ended in the child. Fails
 * with one line on the login's descriptor 2 and status 126 or 127, as a shell would.
 */
_Noreturn void spawn_child(const struct settings *s, int door, int starting, int moved);
