/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal of a login, as a child of PID 1 sees it. */
#pragma once

#include "init/request.h"
#include "init/settings.h"

/*
 * For a login on a terminal of the host: opens a pseudo-terminal of the sandbox, sends its master
 * to the shim over DOOR, and puts the other end in the place of each descriptor that `relay` names.
 */
int terminal_open_relay(int door, struct request *request);

/* Makes the first of 0 to 2 that is a terminal of the sandbox the controlling one, if it is free.
 */
void terminal_control(void);

/* What a terminal login reads first: the broker's notice, and what of the student's still runs. */
void terminal_greet(const struct settings *s);
