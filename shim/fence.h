/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From now on the shim can receive, send, read, write, wait, set a terminal's modes and size, and
 * end. No capability, no_new_privs, and a seccomp program that kills for anything else; for good. 0
 * or -errno.
 */
int fence_close(void);
