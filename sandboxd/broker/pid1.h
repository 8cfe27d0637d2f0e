/* SPDX-License-Identifier: Apache-2.0 */
/* The process that becomes PID 1: what it takes along, how it waits, and how it executes
 * sandbox-init. */
#pragma once

#include "broker/build.h"

/* In the building child, before the clone: everything that PID 1 gets, so that it inherits it. */
int pid1_prepare(struct build *build);

/* In the new process. It waits for pid1_release(), or exits when the building child is gone. */
_Noreturn void pid1_main(struct build *build);

/* In the building child: lets PID 1 go and waits until it has executed sandbox-init. */
int pid1_release(struct build *build);
