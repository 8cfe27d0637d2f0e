/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pid1_main() runs in the sandbox's new namespaces, first without any id (nothing is mapped yet),
 * then as uid 0 of the sandbox. Its memory is a copy of the broker's until execve: it is
 * undumpable, nothing hostile runs beside it before it executes, and it must not fail half-way:
 * whatever goes wrong ends it, and the building child reports.
 */
#include "broker/pid1.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/signals.h"
#include "isolate/mount.h"
#include "wire/start.h"

/* Above every number that a descriptor of PID 1 will have, so that moving them overwrites none. */
enum { FD_PARKING = START_FD_ENTER + 4 * CGROUP_FILES_MAX };

/* Hard limits are ceilings for the whole sandbox; logins bring their own soft ones
 * (security.md 4.10). */
static const struct {
	int resource;
	rlim_t soft, hard;
} limits[] = {
	{RLIMIT_NOFILE, 1024, 524288},
	{RLIMIT_NPROC, RLIM_INFINITY,
		RLIM_INFINITY}, /* pids.max counts, for all of the user's together */
	{RLIMIT_CORE, 0, RLIM_INFINITY},
	{RLIMIT_MEMLOCK, 8 << 20, 8 << 20},
	{RLIMIT_MSGQUEUE, 819200, 819200},
	{RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY},
	{RLIMIT_RTPRIO, 0, 0},
	{RLIMIT_NICE, 0, 0},
};

static int make_config(struct build *b)
{
	struct cgroup_start *start = &b->start;
	const struct policy *policy = b->policy;
	_cleanup_free_ struct wire_start *config = calloc(1, sizeof(*config));
	_cleanup_free_ void *data = malloc(START_SIZE_MAX);
	struct wire_writer w;
	size_t size;
	int r;

	if (!config || !data)
		return -ENOMEM;
	config->uid = b->account->uid;
	config->gid = b->account->gid;
	config->flags = (policy->notice ? START_NOTICE : 0) |
			(start->pids_current >= 0 ? START_HAS_PIDS : 0) |
			(start->memory_events >= 0 ? START_HAS_MEMORY : 0) |
			(start->oom_event >= 0 ? START_HAS_OOM : 0) |
			(start->into >= 0 ? START_HAS_INTO : 0) |
			(policy->scope == SCOPE_USER ? START_LINGERS : 0);
	config->user = b->account->name;
	config->home = b->account->home;
	config->shell = b->account->shell;
	config->fallback_shell = policy->shell;
	for (size_t i = 0; i < b->kept_count && i < START_GROUPS_MAX; i++)
		config->groups[config->group_count++] = b->kept[i];
	for (size_t i = 0; i < policy->env_drop.count && i < START_ENV_DROP_MAX; i++)
		config->env_drop[config->env_drop_count++] = policy->env_drop.items[i];
	config->enter_count = (uint32_t)start->enter_count;
	config->rescue_count = (uint32_t)start->rescue_count;
	config->home_count = (uint32_t)start->home_count;
	config->join_count = (uint32_t)start->join_count;
	wire_writer_init(&w, data, START_SIZE_MAX);
	wire_put_start(&w, config);
	r = wire_writer_end(&w, &size);
	if (r < 0)
		return r;
	b->config = fd_memfd_sealed("sandbox-start", data, size);
	return b->config < 0 ? b->config : 0;
}

static const struct seccomp_program *filter(const struct build *b, enum seccomp_program_id id)
{
	return &b->broker->filters[id][b->policy->abi & SECCOMP_ABI_I386 ? 1 : 0];
}

int pid1_prepare(struct build *b)
{
	const struct seccomp_program *session = filter(b, SECCOMP_SESSION);
	int r = cgroup_sandbox_start(b->cgroup, &b->start);

	if (r < 0)
		return r;
	r = make_config(b);
	if (r < 0)
		return r;
	b->filter = fd_memfd_sealed(
		"sandbox-filter", session->filter, session->count * sizeof(*session->filter));
	if (b->filter < 0)
		return b->filter;
	/* Bound later, when there is a view for it to stand in: it is this open file that PID 1
	 * inherits. */
	b->door = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (b->door < 0 || pipe2(b->release, O_CLOEXEC) < 0 || pipe2(b->executed, O_CLOEXEC) < 0)
		return -errno;
	return 0;
}

struct placement {
	int target;
	int fd;
};

static size_t place_run(struct placement *at, int first, const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		at[i] = (struct placement){first + (int)i, fds[i]};
	return count;
}

/* Where each descriptor goes: wire/start.h. */
static size_t plan_descriptors(const struct build *b, int null, struct placement *plan)
{
	const struct cgroup_start *start = &b->start;
	const struct placement fixed[] = {
		{0, null},
		{1, null},
		{2, null},
		{START_FD_CONFIG, b->config},
		{START_FD_DOOR, b->door},
		{START_FD_FILTER, b->filter},
		{START_FD_PIDS_CURRENT, start->pids_current},
		{START_FD_PIDS_MAX, start->pids_max},
		{START_FD_PIDS_EVENTS, start->pids_events},
		{START_FD_MEMORY_EVENTS, start->memory_events},
		{START_FD_OOM, start->oom_event},
		{START_FD_INTO, start->into},
	};
	size_t count = 0;
	int next = START_FD_ENTER;

	for (size_t i = 0; i < ELEMENTS(fixed); i++)
		if (fixed[i].fd >= 0)
			plan[count++] = fixed[i];
	count += place_run(plan + count, next, start->enter, start->enter_count);
	next += (int)start->enter_count;
	count += place_run(plan + count, next, start->rescue, start->rescue_count);
	next += (int)start->rescue_count;
	count += place_run(plan + count, next, start->home, start->home_count);
	next += (int)start->home_count;
	count += place_run(plan + count, next, start->join, start->join_count);
	return count;
}

/* Every other descriptor keeps its close-on-exec flag and is gone with execve. */
static int place_descriptors(struct build *b)
{
	struct placement plan[16 + 4 * CGROUP_FILES_MAX];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), parked;
	size_t count;

	if (null < 0)
		return -errno;
	/* The pipe first: by it the reason of any other failure is told. */
	parked = fcntl(b->executed[1], F_DUPFD_CLOEXEC, FD_PARKING);
	if (parked < 0)
		return -errno;
	b->executed[1] = parked;
	b->tree.init = fcntl(b->tree.init, F_DUPFD_CLOEXEC, FD_PARKING);
	if (b->tree.init < 0)
		return -errno;
	count = plan_descriptors(b, null, plan);
	for (size_t i = 0; i < count; i++) {
		plan[i].fd = fcntl(plan[i].fd, F_DUPFD_CLOEXEC, FD_PARKING);
		if (plan[i].fd < 0)
			return -errno;
	}
	for (size_t i = 0; i < count; i++)
		if (dup2(plan[i].fd, plan[i].target) < 0)
			return -errno;
	return 0;
}

static int set_limits(void)
{
	for (size_t i = 0; i < ELEMENTS(limits); i++) {
		struct rlimit limit;

		if (getrlimit(limits[i].resource, &limit) < 0)
			return -errno;
		/* Only downwards: what the service itself may not have it cannot give. */
		if (limits[i].hard < limit.rlim_max)
			limit.rlim_max = limits[i].hard;
		limit.rlim_cur = limits[i].soft < limit.rlim_max ? limits[i].soft : limit.rlim_max;
		if (setrlimit(limits[i].resource, &limit) < 0)
			return -errno;
	}
	return 0;
}

/* Root of the sandbox's user namespace, in a mount namespace of its own: from here on every mount
 * is locked. */
static int become_root(const struct build *b)
{
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return -errno;
	/* The terminal that an administrator started the broker on is not its either. */
	if (setsid() < 0)
		return -errno;
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	if (sethostname(b->hostname, strlen(b->hostname)) < 0)
		return -errno;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return -errno;
	return mount_make_private();
}

static void reset_signals(void)
{
	sigset_t all;

	signals_reset();
	/* Until sandbox-init has its own handling nothing may end it. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static int execute_init(struct build *b)
{
	static const char *const arguments[] = {"sandbox-init", NULL};
	static const char *const environment[] = {NULL};
	int r = place_descriptors(b);

	if (r < 0)
		return r;
	umask(022);
	r = seccomp_program_load(filter(b, SECCOMP_OUTER));
	if (r < 0)
		return r;
	syscall(SYS_execveat, b->tree.init, "", arguments, environment, AT_EMPTY_PATH);
	return -errno;
}

_Noreturn void pid1_main(struct build *b)
{
	char go;
	int error;

	close_fd(b->release[1]);
	close_fd(b->executed[0]);
	if (read(b->release[0], &go, 1) != 1)
		_exit(EXIT_FAILURE);
	reset_signals();
	error = become_root(b);
	if (error >= 0)
		error = set_limits();
	if (error >= 0)
		error = execute_init(b);
	if (write(b->executed[1], &error, sizeof(error)) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_FAILURE);
}

int pid1_release(struct build *b)
{
	int error;
	ssize_t n;

	if (write(b->release[1], "", 1) != 1)
		return -errno;
	/* The end of the pipe comes with execve, and also with death before it. */
	n = read(b->executed[0], &error, sizeof(error));
	if (n < 0)
		return -errno;
	if (n > 0)
		return child_fail(b->result, error, "PID 1 of the sandbox cannot be executed: %s",
			strerror(-error));
	return poll(&(struct pollfd){.fd = b->pid1_fd, .events = POLLIN}, 1, 0) > 0 ? -ECHILD : 0;
}
