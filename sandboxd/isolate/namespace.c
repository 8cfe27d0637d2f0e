/* SPDX-License-Identifier: Apache-2.0 */
#include "isolate/namespace.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const struct namespace_row namespace_table[NAMESPACE_COUNT] = {
	{CLONE_NEWUSER, "user"},
	{CLONE_NEWNS, "mnt"},
	{CLONE_NEWPID, "pid"},
	{CLONE_NEWIPC, "ipc"},
	{CLONE_NEWUTS, "uts"},
	{CLONE_NEWNET, "net"},
	{CLONE_NEWCGROUP, "cgroup"},
};

pid_t namespace_clone(uint64_t flags, int as_sibling, int cgroup, int *ret_pidfd)
{
	int pidfd = -EBADF;
	long pid;
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD | (as_sibling ? CLONE_PARENT : 0),
		.pidfd = (uintptr_t)&pidfd,
		/* A sibling ends with the caller's own exit signal, and the kernel wants 0 here. */
		.exit_signal = as_sibling ? 0 : SIGCHLD,
	};

	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return -errno;
	if (pid > 0)
		*ret_pidfd = pidfd;
	return (pid_t)pid;
}

struct shared_run {
	int (*run)(void *data);
	void *data;
	int result;
};

static int shared_run_main(void *argument)
{
	struct shared_run *shared = argument;

	shared->result = shared->run(shared->data);
	return 0;
}

int namespace_run(int (*run)(void *data), void *data)
{
	enum { STACK_SIZE = 64 * 1024 };
	_Alignas(16) char stack[STACK_SIZE];
	struct shared_run shared = {.run = run, .data = data, .result = -ECANCELED};
	pid_t pid = clone(shared_run_main, stack + STACK_SIZE,
		CLONE_VM | CLONE_FILES | CLONE_VFORK | SIGCHLD, &shared);

	if (pid < 0)
		return -errno;
	while (waitpid(pid, NULL, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return shared.result;
}

/* Makes every permitted capability effective again, which a change of the effective uid has
 * cleared. */
static int raise_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		data[i].effective = data[i].permitted;
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int namespace_owner_set(uid_t uid, gid_t gid)
{
	if (setegid(gid) < 0 || seteuid(uid) < 0)
		return -errno;
	return raise_capabilities();
}

int namespace_owner_reset(void)
{
	if (seteuid(0) < 0 || setegid(0) < 0)
		return -errno;
	return raise_capabilities();
}
