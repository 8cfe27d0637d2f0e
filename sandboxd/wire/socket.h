/* SPDX-License-Identifier: Apache-2.0 */
/* SEQPACKET sockets: one message, one datagram, with its descriptors (unix(7), SCM_RIGHTS). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { WIRE_FDS_MAX = 8 };

/*
 * Sends SIZE bytes with COUNT descriptors in one datagram; the descriptors stay the caller's.
 * FLAGS as send(2), MSG_NOSIGNAL is added. 0 or -errno (-EAGAIN if the socket does not block).
 */
int wire_send(int fd, const void *data, size_t size, const int *fds, size_t count, int flags);

/*
 * Receives one datagram. Returns its size (0: the peer closed), or -errno; -EMSGSIZE if it was
 * larger than SIZE, -EPROTO if it carried more than MAX_FDS descriptors. The received descriptors
 * are close-on-exec and the caller's; on failure none is left open. *RET_COUNT may be 0.
 */
ssize_t wire_receive(int fd, void *data, size_t size, int *ret_fds, size_t max_fds,
	size_t *ret_count, int flags);

/*
 * Waits until FD is ready for EVENTS (poll(2)) or the DEADLINE (microseconds of CLOCK_MONOTONIC)
 * has passed: 0, or -ETIMEDOUT. EINTR does not lengthen the wait.
 */
int wire_wait(int fd, short events, uint64_t deadline);

/* Who connected (SO_PEERCRED, fixed at connect); any pointer may be NULL. 0 or -errno. */
int wire_peer(int fd, pid_t *ret_pid, uid_t *ret_uid, gid_t *ret_gid);

/* Binds and listens with the socket FD at PATH (at most 107 bytes, may be relative); MODE is its
 * file's. */
int wire_bind(int fd, const char *path, mode_t mode, int backlog);

/* A close-on-exec, non-blocking listening SEQPACKET socket at PATH (at most 107 bytes); MODE is its
 * file's. */
int wire_listen(const char *path, mode_t mode, int backlog);

/*
 * A close-on-exec, non-blocking socket connected to PATH. -EAGAIN: the server's queue is full, try
 * again. -ENAMETOOLONG, -ENOENT, -ECONNREFUSED as connect(2).
 */
int wire_connect(const char *path);
