/* SPDX-License-Identifier: Apache-2.0 */
/* Host processes that are still in a login view: an sshd child whose monitor was killed, a waiting
 * shim. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/*
 * Sends SIGNAL to every process of UID or root that is in the login view of SESSION (8 hex): its
 * mount namespace has the inode VIEW and says itself that it is that session's, since the inode of
 * one that is gone may be another's by now. Found by a look through /proc, held by pidfd, looked at
 * again, then signalled. Returns how many there were. SIGNAL 0 only counts.
 */
int leftover_signal(const char *session, uint64_t view, uid_t uid, int signal);
