/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in a child of the broker: host root. The order is the point; each step says why it stands
 * where it does. Nothing of it can be reached by the student before pid1_release(): PID 1 waits, as
 * an image of the broker without a mapping, and everything is mounted while the host still owns the
 * mount namespace, so that PID 1's own copy of it has every flag locked and nothing underneath
 * (mount_namespaces(7)).
 */
#include "broker/build.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "broker/box.h"
#include "broker/pid1.h"
#include "broker/sources.h"
#include "broker/view.h"
#include "isolate/idmap.h"
#include "isolate/mount.h"
#include "isolate/namespace.h"

bool build_keeps_group(const struct build *build, gid_t gid)
{
	for (size_t i = 0; i < build->kept_count; i++)
		if (build->kept[i] == gid)
			return true;
	return false;
}

/* What is staged is charged to the user's memory, but neither their processor time nor their number
 * of processes holds the staging back: PID 1 alone goes there. */
static int enter_cgroup(struct build *b)
{
	char uid[16];
	int r = cgroup_sandbox_charge(b->cgroup);

	if (r < 0)
		return r;
	umask(0);
	/* PID 1 and all below are the student's in the audit trail; unset, the student could forge
	 * it. A kernel without audit has no such file, and -1000 may be kept from us: neither opens
	 * anything. */
	snprintf(uid, sizeof(uid), "%u", b->account->uid);
	fd_write_file_at(AT_FDCWD, "/proc/self/loginuid", uid);
	fd_write_file_at(AT_FDCWD, "/proc/self/oom_score_adj", "0");
	b->tree.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return b->tree.proc < 0 ? -errno : 0;
}

/* The netlink socket stays in the host's network namespace. */
static int open_network(struct build *b)
{
	return b->addresses ? network_host_open(&b->network) : 0;
}

static int unshare_mounts(struct build *b)
{
	view_note_host(b);
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	return mount_make_private();
}

/* PID 1's process and five namespaces. The user namespace's owner is the first id of the user's
 * range, an id that no process of the host has: neither root's limits (ucounts) are used up by it,
 * nor has the student on the host any capability in it. */
static int clone_pid1(struct build *b)
{
	_cleanup_close_ int cgroup = cgroup_sandbox_into(b->cgroup);
	uint64_t flags = 0;
	int r;

	/* Its mounts are its own when all are made, its view of cgroups when it is where it stays.
	 */
	for (size_t i = 0; i < NAMESPACE_COUNT; i++)
		if (!(namespace_table[i].flag & (CLONE_NEWNS | CLONE_NEWCGROUP)))
			flags |= namespace_table[i].flag;
	r = pid1_prepare(b);
	if (r < 0)
		return r;
	r = namespace_owner_set(b->base, b->base);
	if (r < 0)
		return r;
	b->pid1 = namespace_clone(flags, true, cgroup, &b->pid1_fd);
	if (b->pid1 == 0)
		pid1_main(b);
	if (b->pid1 < 0)
		return b->pid1;
	close_fd(b->release[0]);
	close_fd(b->executed[1]);
	return namespace_owner_reset();
}

static int write_id_maps(struct build *b)
{
	char uid_map[IDMAP_TEXT_MAX], gid_map[IDMAP_TEXT_MAX];
	uint32_t gids[ACCOUNT_KEPT_MAX + 1];
	int r;

	gids[0] = b->account->gid;
	for (size_t i = 0; i < b->kept_count; i++)
		gids[i + 1] = b->kept[i];
	r = idmap_format(b->base, &b->account->uid, 1, uid_map, sizeof(uid_map));
	if (r >= 0)
		r = idmap_format(b->base, gids, b->kept_count + 1, gid_map, sizeof(gid_map));
	if (r < 0)
		return child_fail(
			b->result, r, "uid %u or a group of it cannot be mapped", b->account->uid);
	return idmap_write(b->pid1, uid_map, gid_map);
}

static int open_netns(struct build *b)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/ns/net", (int)b->pid1);
	b->netns = openat(b->tree.proc, path, O_RDONLY | O_CLOEXEC);
	return b->netns < 0 ? -errno : 0;
}

/* From here on the child sees what PID 1 will see of processes (for proc), queues and network. */
static int join_namespaces(struct build *b)
{
	return setns(b->pid1_fd, CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET) < 0 ? -errno : 0;
}

static int pivot(struct build *b)
{
	return mount_pivot(b->tree.box);
}

static int set_up_network(struct build *b)
{
	const struct service *service = broker_service(b->broker);
	const char *what = "loopback";
	char alias[256];
	int r;

	snprintf(alias, sizeof(alias), "%s %s %s", service->name, b->account->name, b->id);
	r = network_setup(b->network, b->netns, b->id, alias, b->addresses, &what);
	if (r < 0 && !b->result->text[0])
		return child_fail(b->result, r, "network: %s", what);
	return r;
}

static const struct {
	const char *name; /* "no answer while ..." */
	int (*run)(struct build *b);
} steps[] = {
	{"entering the cgroup", enter_cgroup},
	{"opening a network socket", open_network},
	{"opening the home directory",
		sources_open_home}, /* in the host's mount namespace: autofs mounts there */
	{"opening what is bound", sources_open_binds},
	{"leaving the host's mounts", unshare_mounts},
	{"making the namespaces", clone_pid1},
	{"writing the id maps", write_id_maps},
	{"opening the network namespace", open_netns},
	{"staging the file systems", box_stage},
	{"staging the sandbox's files", box_make},
	/* The sysctls of the network namespace are written through the host's /proc, so before the
	   pivot. */
	{"joining PID 1's namespaces", join_namespaces},
	{"setting up the network", set_up_network},
	{"mounting what belongs to the namespaces", box_make_special},
	{"staging the login view", view_make},
	{"making the login view", view_make_namespace},
	{"changing the root", pivot},
	{"starting PID 1", pid1_release},
};

static void init_descriptors(struct build *b)
{
	struct build_tree *tree = &b->tree;

	*tree = (struct build_tree){.proc = -EBADF,
		.home = -EBADF,
		.terminal = -EBADF,
		.init = -EBADF,
		.stage = -EBADF,
		.tmp = -EBADF,
		.box = -EBADF,
		.view = -EBADF,
		.run_dir = -EBADF};
	for (size_t i = 0; i < BUILD_BINDS_MAX; i++)
		tree->binds[i] = -EBADF;
	b->config = b->filter = b->door = b->pid1_fd = b->netns = b->pinned_view = b->session_view =
		-EBADF;
}

void build_run(struct child_result *result, const char *volatile *step, void *input)
{
	struct build *b = input;

	b->result = result;
	init_descriptors(b);
	for (size_t i = 0; i < ELEMENTS(steps); i++) {
		uint64_t before = clock_monotonic();
		int r;

		*step = steps[i].name;
		r = steps[i].run(b);
		log_debug("sandbox %s: %s: %llu us", b->id, steps[i].name,
			(unsigned long long)(clock_monotonic() - before));
		if (r >= 0)
			continue;
		/* PID 1 reads the end of its pipe and exits, if it has not been let go. */
		if (!result->text[0])
			child_fail(result, r, "%s: %s", steps[i].name, strerror(-r));
		result->error = r;
		return;
	}
	result->number = (uint32_t)b->pid1;
	result->fds[result->fd_count++] = b->pid1_fd;
	result->fds[result->fd_count++] = b->netns;
	result->fds[result->fd_count++] = b->pinned_view;
	if (b->session_view >= 0)
		result->fds[result->fd_count++] = b->session_view;
}
