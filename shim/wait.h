/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "shim/shim.h"

/*
 * Waits for the end of the program, relays where the terminal is the host's, passes signals on, and
 * ends as the program did. The fence is closed already.
 */
_Noreturn void wait_for_end(struct shim *shim);
