/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup v2 back end (Documentation/admin-guide/cgroup-v2.rst), kernel 5.14 or later
 * (cgroup.kill). A sandbox's directory is delegated to its owner; the limits in it and above stay
 * host root's. Runs in the broker, as host root.
 */
#include "isolate/cgroup_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

enum {
	CFS_PERIOD_USEC = 100000,
	DESCENDANTS_MAX = 128, /* of a sandbox: a host has 65,535 memory cgroups for all users */
	DEPTH_MAX = 16,
};

/* Where the broker goes when its own cgroup must have controllers for children but no processes. */
#define BROKER_LEAF "broker"

static int v2_enable(int dir, unsigned controllers)
{
	char text[256];
	ssize_t n = fd_read_file_at(dir, "cgroup.subtree_control", text, sizeof(text));
	unsigned missing;
	size_t length = 0;

	if (n < 0)
		return (int)n;
	missing = controllers & ~cgroup_controllers_in(text, " \n");
	for (size_t c = 0; c < CGROUP_CONTROLLER_COUNT; c++)
		if (missing & 1U << c)
			length += (size_t)snprintf(text + length, sizeof(text) - length, "+%s ",
				cgroup_controller_names[c]);
	return length ? fd_write_file_at(dir, "cgroup.subtree_control", text) : 0;
}

/* Moves this process alone: others that share the cgroup are the host's. */
static int move_to_leaf(int own)
{
	_cleanup_close_ int leaf = cgroup_open_dir(own, BROKER_LEAF, true);
	int r = leaf < 0 ? leaf : fd_write_file_at(leaf, "cgroup.procs", "0");

	if (r < 0)
		unlinkat(own, BROKER_LEAF, AT_REMOVEDIR);
	return r;
}

static bool has_ending(const char *name, const char *ending)
{
	size_t length = strlen(name), wanted = strlen(ending);

	return length > wanted && str_eq(name + length - wanted, ending);
}

/*
 * A unit of systemd's is started again by a move of its new process into the unit's cgroup, which
 * the kernel refuses while children there have controllers: with sandboxes below it, the unit would
 * never come back.
 */
static bool is_unit(const char *name)
{
	return has_ending(name, ".service") || has_ending(name, ".scope");
}

/*
 * PLACE's directory, or the one above: a unit's slice, or where a broker before this one had moved
 * to its leaf.
 */
static int open_own(const struct cgroup_place *place)
{
	_cleanup_close_ int own = cgroup_open_dir(AT_FDCWD, place->path, false);
	const char *last = strrchr(place->path, '/');
	_cleanup_close_ int above = -EBADF;

	if (own < 0 || !last || !(str_eq(last + 1, BROKER_LEAF) || is_unit(last + 1)))
		return take_fd(&own);
	above = openat(own, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return above < 0 ? -errno : take_fd(&above);
}

static int v2_open(
	const struct cgroup_place *place, struct cgroup_hierarchy *ret, char **ret_message)
{
	_cleanup_close_ int own = open_own(place);
	struct statfs fs;
	char text[256];
	ssize_t n;
	int r;

	if (own < 0)
		return own;
	if (fstatfs(own, &fs) < 0)
		return -errno;
	if (fs.f_type != CGROUP2_SUPER_MAGIC) {
		*ret_message = str_format("%s is covered by another mount", place->path);
		return -ENOTSUP;
	}
	n = fd_read_file_at(own, "cgroup.controllers", text, sizeof(text));
	if (n < 0)
		return (int)n;
	ret->controllers = cgroup_controllers_in(text, " \n");
	r = v2_enable(own, ret->controllers);
	if (r == -EBUSY) {
		r = move_to_leaf(own);
		if (r >= 0)
			r = v2_enable(own, ret->controllers);
	}
	if (r == -EBUSY)
		*ret_message =
			str_format("other processes are in sandboxd's own cgroup %s, so that it "
				   "cannot have quotas below it: start sandboxd in a systemd unit "
				   "with Delegate=yes",
				place->path);
	if (r < 0)
		return r;
	ret->own = take_fd(&own);
	return 0;
}

/*
 * The kernel would kill processes until a lower limit holds. As v1 does, ask it to reclaim first
 * (memory.high) and leave the limit if the use stays above.
 */
static int set_memory(int dir, uint64_t value)
{
	uint64_t current;
	int r;

	if (value != UINT64_MAX) {
		r = cgroup_read_u64(dir, "memory.current", &current);
		if (r >= 0 && current > value) {
			r = cgroup_write_u64(dir, "memory.high", value, "max");
			if (r >= 0)
				r = cgroup_read_u64(dir, "memory.current", &current);
			fd_write_file_at(dir, "memory.high", "max");
			if (r >= 0 && current > value)
				return -EBUSY;
		}
		if (r < 0)
			return r;
	}
	return cgroup_write_u64(dir, "memory.max", value, "max");
}

static int set_swap(int dir, uint64_t value)
{
	return cgroup_write_u64(dir, "memory.swap.max", value, "max");
}

static int set_cpus(int dir, uint64_t value)
{
	char text[48];

	if (value == QUOTA_UNLIMITED)
		return fd_write_file_at(dir, "cpu.max", "max");
	snprintf(text, sizeof(text), "%llu %d",
		(unsigned long long)(value * CFS_PERIOD_USEC / 1000), CFS_PERIOD_USEC);
	return fd_write_file_at(dir, "cpu.max", text);
}

static int set_cpu_weight(int dir, uint64_t value)
{
	if (value == QUOTA_UNLIMITED)
		value = quota_table[QUOTA_CPU_WEIGHT].standard;
	return cgroup_write_u64(dir, "cpu.weight", value, "");
}

static const struct {
	int (*set)(int dir, uint64_t value);
	const char *usage;
} quotas[QUOTA_COUNT] = {
	[QUOTA_MEMORY] = {set_memory, "memory.current"},
	[QUOTA_SWAP] = {set_swap, "memory.swap.current"},
	[QUOTA_CPUS] = {set_cpus, NULL},
	[QUOTA_CPU_WEIGHT] = {set_cpu_weight, NULL},
	[QUOTA_PIDS] = {NULL, "pids.current"},
};

static int v2_set(
	const struct cgroup_user *user, int dir, enum quota_id id, const struct quota *quota)
{
	return quotas[id].set(dir, quota->values[id]);
}

static int v2_usage(int dir, enum quota_id id, uint64_t *ret)
{
	return quotas[id].usage ? cgroup_read_u64(dir, quotas[id].usage, ret) : -ENODATA;
}

/* What a delegate needs (cgroup-v2.rst, "Delegation"), and nothing else: no limit becomes the
 * owner's. */
static int delegate_one(int dir, const char *path, uid_t uid, gid_t gid)
{
	static const char *const files[] = {
		"", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"};
	char name[CGROUP_PATH_MAX];

	for (size_t i = 0; i < ELEMENTS(files); i++) {
		snprintf(name, sizeof(name), "%s%s", path, files[i]);
		if (fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
	}
	return 0;
}

static int v2_delegate(int dir, const char *id, uid_t uid, gid_t gid)
{
	static const char *const delegated[] = {"", "/" CGROUP_INIT, "/" CGROUP_SESSIONS};
	_cleanup_close_ int sandbox = cgroup_open_dir(dir, id, false);
	char path[CGROUP_PATH_MAX];
	int r = sandbox;

	if (r >= 0)
		r = cgroup_write_u64(sandbox, "cgroup.max.descendants", DESCENDANTS_MAX, "max");
	if (r >= 0)
		r = cgroup_write_u64(sandbox, "cgroup.max.depth", DEPTH_MAX, "max");
	for (size_t i = 0; r >= 0 && i < ELEMENTS(delegated); i++) {
		snprintf(path, sizeof(path), "%s%s", id, delegated[i]);
		r = delegate_one(dir, path, uid, gid);
	}
	return r;
}

/* cgroup.events has "populated 1" while a process is in the directory or below. */
static int v2_populated(int dir, const char *path)
{
	char name[CGROUP_PATH_MAX], text[128];
	ssize_t n;

	snprintf(name, sizeof(name), "%s/cgroup.events", path);
	n = fd_read_file_at(dir, name, text, sizeof(text));
	if (n < 0)
		return n == -ENOENT || n == -ENODEV ? 0 : (int)n;
	return strstr(text, "populated 1") ? 1 : 0;
}

static int v2_kill(int dir, const char *path)
{
	char name[CGROUP_PATH_MAX];
	int r;

	snprintf(name, sizeof(name), "%s/cgroup.kill", path);
	r = fd_write_file_at(dir, name, "1");
	if (r < 0)
		return r == -ENOENT || r == -ENODEV ? 0 : r;
	return v2_populated(dir, path);
}

/*
 * Before 6.11 a refused fork is counted where the process that forks is, since then where the limit
 * is, in `boxes`. The kernels that count there have pids.events.local.
 */
static int v2_start(const struct cgroup_sandbox *sandbox, size_t i, struct cgroup_start *start)
{
	const struct cgroup_hierarchy *h = &sandbox->user->tree->hierarchies[i];
	int parent = cgroup_sandbox_parent(sandbox, i);
	_cleanup_close_ int dir = cgroup_open_dir(parent, sandbox->id, false);
	bool is_counted_above;

	if (dir < 0)
		return dir;
	start->into = openat(dir, CGROUP_SESSIONS, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (start->into < 0)
		return -errno;
	if (cgroup_has(h, CGROUP_MEMORY)) {
		start->memory_events = cgroup_open_file(dir, "memory.events", O_RDONLY);
		if (start->memory_events < 0)
			return start->memory_events;
	}
	if (!cgroup_has(h, CGROUP_PIDS))
		return 0;
	is_counted_above = faccessat(parent, "pids.events.local", F_OK, 0) == 0;
	start->pids_events =
		cgroup_open_file(is_counted_above ? parent : dir, "pids.events", O_RDONLY);
	return start->pids_events < 0 ? start->pids_events : 0;
}

const struct cgroup_backend cgroup_v2 = {
	.name = "v2",
	.version = 2,
	.move_file = "cgroup.procs",
	.enter_leaf = "",
	.rescue_leaf = "rescue",
	.is_unified = true,
	.open = v2_open,
	.enable = v2_enable,
	.set = v2_set,
	.usage = v2_usage,
	.delegate = v2_delegate,
	.kill = v2_kill,
	.populated = v2_populated,
	.start = v2_start,
};
