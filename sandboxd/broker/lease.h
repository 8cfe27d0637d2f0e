/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lease of a session: a FIFO in <run_dir>/leases whose write end the login's process holds.
 * What is written to it is thrown away; that nobody holds it any more ends the session, also while
 * no broker ran.
 */
#pragma once

#include <stdbool.h>

/* Makes the FIFO ID in the directory LEASES: the read end, which does not block, and the write end.
 */
int lease_new(int leases, const char *id, int *ret_read, int *ret_write);
/* Opens an earlier broker's. -ENOENT. */
int lease_open(int leases, const char *id, int *ret_read);
/* Reads it empty; true while somebody holds it. */
bool lease_is_held(int fd);
void lease_remove(int leases, const char *id);
