/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where PID 1's children are born: in the sessions' cgroup or, when the user has no process left to
 * make, in `spare`, so that a user at the limit can still log in and clean up.
 */
#pragma once

#include <sys/types.h>

#include "init/settings.h"

/*
 * PID 1's first step: it joins those of its cgroups that it was not born in, from where on the
 * user's limits and load are its own, and begins a cgroup namespace there. -errno: it must not go
 * on.
 */
int place_join(const struct settings *s);

/*
 * fork(2) into the right cgroup: 0 in the child, its pid in PID 1, or -errno (-EAGAIN: `spare` is
 * full too). In the child *RET_MOVED is 0 when it is in its cgroup, else -errno, and it must do
 * nothing but say so and exit.
 */
pid_t place_fork(const struct settings *s, int *ret_moved);

/* The number in a cgroup file of one line, from descriptor FD; UINT64_MAX for "max" and on failure.
 */
uint64_t place_read_number(int fd);
