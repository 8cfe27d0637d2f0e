/* SPDX-License-Identifier: Apache-2.0 */
/* The namespaces that a sandbox has of its own, and the system calls to make and join them. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct namespace_row {
	uint64_t flag;	  /* CLONE_NEW* */
	const char *name; /* as in /proc/PID/ns (namespaces(7)) */
};

enum { NAMESPACE_COUNT = 7 };

extern const struct namespace_row namespace_table[NAMESPACE_COUNT];

/*
 * A child like fork(2)'s with new namespaces FLAGS. With AS_SIBLING it is a child of the caller's
 * own parent (CLONE_PARENT), which then reaps it. CGROUP (or -EBADF) is the directory of the cgroup
 * v2 that it is born in. Returns 0 in the child; in the parent the pid, and in *RET_PIDFD a
 * close-on-exec pidfd; or -errno. The caller has one thread and does not call abort(3) or pthread
 * functions in the child: libc's notion of the thread's id is the parent's.
 */
pid_t namespace_clone(uint64_t flags, int as_sibling, int cgroup, int *ret_pidfd);

/*
 * Runs RUN in a child that shares memory and descriptors with the caller, but neither its root and
 * directory nor what it unshares (CLONE_VM | CLONE_FILES | CLONE_VFORK): the caller sleeps until
 * RUN has returned. RUN is in the PID namespace that setns(2) chose for children. It returns 0 or
 * -errno, which is passed on.
 */
int namespace_run(int (*run)(void *data), void *data);

/*
 * Makes the caller the owner-to-be of a user namespace: effective ids UID and GID with the
 * capabilities kept effective, so that the namespace belongs to an id that no process of the host
 * has. Must be undone with namespace_owner_reset(). Caller: root with one thread.
 */
int namespace_owner_set(uid_t uid, gid_t gid);
int namespace_owner_reset(void);
