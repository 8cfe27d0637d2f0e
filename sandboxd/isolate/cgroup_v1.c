/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup v1 back end (Documentation/admin-guide/cgroup-v1/), for hybrid hosts too. Nothing is
 * delegated: v1 has no bound on how many cgroups a delegate makes. Runs in the broker, as host
 * root.
 */
#include "isolate/cgroup_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/process.h"
#include "base/str.h"

enum {
	CFS_PERIOD_USEC = 100000,
	SHARES_OF_WEIGHT_100 = 1024,
	KILL_BATCH = 256,
	TCP_MEMORY_PART = 8
};

static int v1_open(
	const struct cgroup_place *place, struct cgroup_hierarchy *ret, char **ret_message)
{
	_cleanup_close_ int own = cgroup_open_dir(AT_FDCWD, place->path, false);
	struct statfs fs;

	if (own < 0)
		return own;
	if (fstatfs(own, &fs) < 0)
		return -errno;
	if (fs.f_type != CGROUP_SUPER_MAGIC) {
		*ret_message = str_format("%s is covered by another mount", place->path);
		return -ENOTSUP;
	}
	ret->own = take_fd(&own);
	ret->controllers = place->controllers;
	return 0;
}

/* Limits of a parent hold for its children only with use_hierarchy; since 5.11 there is nothing
 * else. */
static int v1_enable(int dir, unsigned controllers)
{
	uint64_t on;
	int r;

	if (!(controllers & 1U << CGROUP_MEMORY))
		return 0;
	r = cgroup_read_u64(dir, "memory.use_hierarchy", &on);
	if (r == -ENOENT || (r == 0 && on == 1))
		return 0;
	return r < 0 ? r : fd_write_file_at(dir, "memory.use_hierarchy", "1");
}

/*
 * v1 counts the buffers of TCP apart, and only where they have a limit: without one, a user could
 * take all that tcp_mem has for the whole host.
 */
static int set_tcp_memory(int dir, uint64_t memory)
{
	int r = cgroup_write_u64(dir, "memory.kmem.tcp.limit_in_bytes",
		memory == QUOTA_UNLIMITED ? memory : memory / TCP_MEMORY_PART, "-1");

	return r == -ENOENT ? 0 : r; /* a kernel that has dropped it, or counts no kernel memory */
}

/*
 * memory.memsw limits the sum of memory and swap, and may at no moment be below the limit of
 * memory: what grows is written sum first, what shrinks sum last.
 */
static int set_sum(int dir, uint64_t memory, uint64_t swap)
{
	static const char *const memory_file = "memory.limit_in_bytes";
	static const char *const sum_file = "memory.memsw.limit_in_bytes";
	uint64_t sum, present;
	int r = cgroup_read_u64(dir, sum_file, &present);

	if (r < 0)
		return r;
	if (__builtin_add_overflow(memory, swap, &sum))
		sum = UINT64_MAX;
	if (sum >= present) {
		r = cgroup_write_u64(dir, sum_file, sum, "-1");
		return r < 0 ? r : cgroup_write_u64(dir, memory_file, memory, "-1");
	}
	r = cgroup_write_u64(dir, memory_file, memory, "-1");
	return r < 0 ? r : cgroup_write_u64(dir, sum_file, sum, "-1");
}

static int set_memory(
	const struct cgroup_user *user, int dir, enum quota_id id, const struct quota *quota)
{
	uint64_t memory = quota->values[QUOTA_MEMORY];
	int r = user->tree->holds[QUOTA_SWAP]
			? set_sum(dir, memory, quota->values[QUOTA_SWAP])
			: cgroup_write_u64(dir, "memory.limit_in_bytes", memory, "-1");

	return r < 0 ? r : set_tcp_memory(dir, memory);
}

/* A tighter limit on a cgroup above refuses ours with EINVAL: then that one holds. */
static int set_cpus(
	const struct cgroup_user *user, int dir, enum quota_id id, const struct quota *quota)
{
	uint64_t cpus = quota->values[id];
	int r = cgroup_write_u64(dir, "cpu.cfs_quota_us",
		cpus == QUOTA_UNLIMITED ? cpus : cpus * CFS_PERIOD_USEC / 1000, "-1");

	return r == -EINVAL ? fd_write_file_at(dir, "cpu.cfs_quota_us", "-1") : r;
}

static int set_cpu_weight(
	const struct cgroup_user *user, int dir, enum quota_id id, const struct quota *quota)
{
	uint64_t weight = quota->values[id];

	if (weight == QUOTA_UNLIMITED)
		weight = quota_table[id].standard;
	return cgroup_write_u64(dir, "cpu.shares", weight * SHARES_OF_WEIGHT_100 / 100, "");
}

static int v1_set(
	const struct cgroup_user *user, int dir, enum quota_id id, const struct quota *quota)
{
	static int (*const setters[QUOTA_COUNT])(
		const struct cgroup_user *, int, enum quota_id, const struct quota *) = {
		[QUOTA_MEMORY] = set_memory,
		[QUOTA_SWAP] = set_memory,
		[QUOTA_CPUS] = set_cpus,
		[QUOTA_CPU_WEIGHT] = set_cpu_weight,
	};

	return setters[id](user, dir, id, quota);
}

static int v1_usage(int dir, enum quota_id id, uint64_t *ret)
{
	uint64_t memory, sum;
	int r;

	switch (id) {
	case QUOTA_MEMORY:
		return cgroup_read_u64(dir, "memory.usage_in_bytes", ret);
	case QUOTA_SWAP:
		r = cgroup_read_u64(dir, "memory.usage_in_bytes", &memory);
		if (r >= 0)
			r = cgroup_read_u64(dir, "memory.memsw.usage_in_bytes", &sum);
		if (r < 0)
			return r;
		*ret = sum > memory ? sum - memory : 0;
		return 0;
	case QUOTA_PIDS:
		return cgroup_read_u64(dir, "pids.current", ret);
	default:
		return -ENODATA;
	}
}

static int v1_delegate(int dir, const char *id, uid_t uid, gid_t gid)
{
	return 0;
}

/* At most MAX numbers of processes with a thread in the directory PATH, in ascending order. */
static int list_processes(int dir, const char *path, pid_t *ret, size_t max)
{
	char name[CGROUP_PATH_MAX];
	_cleanup_fclose_ FILE *file = NULL;
	size_t count = 0;
	int fd, pid;

	snprintf(name, sizeof(name), "%s/cgroup.procs", path);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	file = fdopen(fd, "r");
	if (!file) {
		close_fd(fd);
		return -ENOMEM;
	}
	while (count < max && fscanf(file, "%d", &pid) == 1)
		if (pid > 0) /* 0: in a PID namespace that we do not see */
			ret[count++] = pid;
	return (int)count;
}

static bool is_listed(const pid_t *pids, int count, pid_t pid)
{
	for (int i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/*
 * A number that was listed may name another process by now. What is listed again after its pidfd
 * was opened is what the pidfd means, or that is dead.
 */
static int v1_kill(int dir, const char *path)
{
	pid_t first[KILL_BATCH], second[KILL_BATCH];
	int pidfds[KILL_BATCH];
	int count, again;

	count = list_processes(dir, path, first, KILL_BATCH);
	if (count <= 0)
		return count;
	for (int i = 0; i < count; i++)
		pidfds[i] = process_open(first[i]);
	again = list_processes(dir, path, second, KILL_BATCH);
	for (int i = 0; i < count; i++) {
		if (pidfds[i] >= 0 && is_listed(second, again, first[i]))
			process_signal(pidfds[i], SIGKILL);
		close_fd(pidfds[i]);
	}
	return count;
}

static int v1_populated(int dir, const char *path)
{
	pid_t pid;

	return list_processes(dir, path, &pid, 1);
}

/* memory.oom_control's oom_kill counts here, and the eventfd is told when u<UID> is at its limit.
 */
static int start_memory(int dir, struct cgroup_start *start)
{
	_cleanup_close_ int control = cgroup_open_file(dir, "memory.oom_control", O_RDONLY);
	_cleanup_close_ int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char text[32];
	int r;

	if (control < 0)
		return control;
	if (event < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d %d", event, control);
	r = fd_write_file_at(dir, "cgroup.event_control", text);
	if (r >= 0)
		start->oom_event = take_fd(&event);
	else if (r != -ENOENT && r != -EOPNOTSUPP) /* a real-time kernel has none */
		return r;
	start->memory_events = take_fd(&control);
	return 0;
}

/* v1 counts a refused fork where the process that forks is. */
static int v1_start(const struct cgroup_sandbox *sandbox, size_t i, struct cgroup_start *start)
{
	const struct cgroup_hierarchy *h = &sandbox->user->tree->hierarchies[i];
	_cleanup_close_ int dir =
		cgroup_open_dir(cgroup_sandbox_parent(sandbox, i), sandbox->id, false);
	int r = 0;

	if (dir < 0)
		return dir;
	if (cgroup_has(h, CGROUP_MEMORY))
		r = start_memory(dir, start);
	if (r >= 0 && cgroup_has(h, CGROUP_PIDS))
		r = start->pids_events =
			cgroup_open_file(dir, CGROUP_SESSIONS "/pids.events", O_RDONLY);
	return r < 0 ? r : 0;
}

const struct cgroup_backend cgroup_v1 = {
	.name = "v1",
	.version = 1,
	.move_file = "tasks",
	.enter_leaf = CGROUP_INIT,
	.rescue_leaf = "",
	.is_unified = false,
	.open = v1_open,
	.enable = v1_enable,
	.set = v1_set,
	.usage = v1_usage,
	.delegate = v1_delegate,
	.kill = v1_kill,
	.populated = v1_populated,
	.start = v1_start,
};
