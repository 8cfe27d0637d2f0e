/* SPDX-License-Identifier: Apache-2.0 */
/* Processes by pidfd. A number alone names nobody: it goes with a start time or a pidfd. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A close-on-exec pidfd of PID, or -errno (-ESRCH: no such process). */
int process_open(pid_t pid);

/* Start time in clock ticks after boot, field 22 of /proc/PID/stat (proc(5)). 0 is success. */
int process_start_time(pid_t pid, uint64_t *ret_ticks);

/*
 * A pidfd of the process that had PID and START: opened, compared, and checked to be alive still,
 * so that a reused number is never taken for it. -ESRCH if it is gone.
 */
int process_open_exact(pid_t pid, uint64_t start, int *ret_pidfd);

int process_signal(int pidfd, int signal);

/* True once the process of PIDFD has exited (a zombie too). */
bool process_has_exited(int pidfd);

/* Inode of a namespace of PID: NAME is "mnt", "net", ...; -errno as stat(2). */
int process_namespace_inode(pid_t pid, const char *name, uint64_t *ret_inode);

/* Closes every descriptor from FIRST on (close_range(2)). */
int process_close_from(int first);
