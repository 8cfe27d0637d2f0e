/* SPDX-License-Identifier: Apache-2.0 */
/* A login's request, as a child of PID 1 takes it from the door once it has become the student. */
#pragma once

#include <stdint.h>

#include "wire/protocol.h"

struct request {
	struct door_request door; /* lies in memory that stays mapped until the execve */
	int fds[DOOR_FDS];	  /* the login's 0, 1 and 2, each checked */
};

/*
 * Receives and checks it; by DEADLINE (CLOCK_MONOTONIC) or not at all. On failure -errno, and
 * *RET_STDERR is the login's descriptor 2 if it came and can be written to, else -EBADF.
 */
int request_receive(int fd, uint64_t deadline, struct request *ret, int *ret_stderr);

/* Checks the decoded fields beyond what the decoder does. 0 or -EBADMSG. */
int request_check(const struct door_request *request);

/* A pipe, socket, character device or regular file that is open for I/O; else -EINVAL. */
int request_check_fd(int fd);
