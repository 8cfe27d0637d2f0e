/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "init/settings.h"

/*
 * Turns the calling process, a child of PID 1, into the student for good: a session keyring of its
 * own, the kept groups, the student's ids, no capability in any set, no_new_privs, not dumpable.
 * Must come before a byte or a file of the student's is looked at. On failure the caller must exit.
 */
int identity_become(const struct settings *s);
