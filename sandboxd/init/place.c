/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups are reached by the descriptors that host root opened (wire/start.h): a "0" moves the
 * writer. On v1 the child moves itself, which costs 40 us where moving another process costs
 * milliseconds; on v2 it is born in place. Runs in PID 1, and in the child before it has parsed
 * anything.
 */
#include "init/place.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	/* A login needs a few processes to be of use: shell, ps, pkill. */
	PLACE_FREE_PIDS = 4,
};

uint64_t place_read_number(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t number = 0;

	if (n <= 0 || text[0] < '0' || text[0] > '9')
		return UINT64_MAX;
	text[n] = '\0';
	for (const char *at = text; *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return number;
}

static bool is_nearly_full(const struct settings *s)
{
	uint64_t current, max;

	if (!settings_has(s, START_HAS_PIDS))
		return false;
	current = place_read_number(START_FD_PIDS_CURRENT);
	max = place_read_number(START_FD_PIDS_MAX);
	return max != UINT64_MAX && current != UINT64_MAX && current + PLACE_FREE_PIDS > max;
}

/* Moves the caller by the COUNT descriptors from FIRST on. */
static int move_self(unsigned first, unsigned count)
{
	for (unsigned fd = first; fd < first + count; fd++)
		if (write((int)fd, "0", 1) != 1)
			return errno ? -errno : -EIO;
	return 0;
}

int place_join(const struct settings *s)
{
	unsigned join =
		START_FD_ENTER + s->start.enter_count + s->start.rescue_count + s->start.home_count;
	int r = move_self(join, s->start.join_count);

	if (r < 0)
		return r;
	for (unsigned fd = join; fd < join + s->start.join_count; fd++)
		close((int)fd);
	if (setpriority(PRIO_PROCESS, 0, 0) < 0 || unshare(CLONE_NEWCGROUP) < 0)
		return -errno;
	return 0;
}

static pid_t clone_into(int cgroup)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	long pid;

	if (cgroup >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)cgroup;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	return pid < 0 ? -errno : (pid_t)pid;
}

static pid_t fork_into_sessions(const struct settings *s, int *ret_moved)
{
	pid_t pid = clone_into(settings_has(s, START_HAS_INTO) ? START_FD_INTO : -EBADF);

	if (pid == 0)
		*ret_moved = move_self(START_FD_ENTER, s->start.enter_count);
	return pid;
}

/* PID 1 goes to `spare`, so that the child is born and stays there, and comes back. */
static pid_t fork_into_spare(const struct settings *s)
{
	unsigned rescue = START_FD_ENTER + s->start.enter_count;
	unsigned home = rescue + s->start.rescue_count;
	pid_t pid = move_self(rescue, s->start.rescue_count);

	if (pid == 0)
		pid = clone_into(-EBADF);
	if (pid != 0)
		move_self(home, s->start.home_count);
	return pid;
}

pid_t place_fork(const struct settings *s, int *ret_moved)
{
	bool may_rescue = s->start.rescue_count > 0 && s->start.home_count > 0;
	pid_t pid = -EAGAIN;

	*ret_moved = 0;
	if (may_rescue && is_nearly_full(s))
		pid = fork_into_spare(s);
	if (pid < 0)
		pid = fork_into_sessions(s, ret_moved);
	if (pid == -EAGAIN && may_rescue)
		pid = fork_into_spare(s);
	return pid;
}
