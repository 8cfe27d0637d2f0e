/* SPDX-License-Identifier: Apache-2.0 */
/* Host processes that are still in a login view: an sshd child whose monitor was killed, a waiting
 * shim. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/*
 * Sends SIGNAL to every process of UID or root whose mount namespace is VIEW (an inode): found by a
 * look through /proc, held by pidfd, looked at again, then signalled. Returns how many there were.
 * SIGNAL 0 only counts.
 */
int leftover_signal(uint64_t view, uid_t uid, int signal);
