/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "init/settings.h"

/*
 * In PID 1, before its first child: empties the capability bounding set, which its children
 * inherit. PID 1 keeps what it has, for it executes nothing itself; to each login that leaves forty
 * system calls less. 0 or -errno.
 */
int identity_prepare(void);

/*
 * Turns the calling process, a child of PID 1, into the student for good: a session keyring of its
 * own, the kept groups, the student's ids, no capability in any set, no_new_privs, not dumpable.
 * Must come before a byte or a file of the student's is looked at. On failure the caller must exit.
 */
int identity_become(const struct settings *s);
