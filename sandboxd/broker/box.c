/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in the broker's child that builds a sandbox: host root in a mount namespace that the host
 * owns. The tables say what a student sees. Entries of the root are made with the file-system ids
 * of the sandbox's root, whose they are.
 */
#include "broker/box.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "broker/etc.h"
#include "broker/tree.h"
#include "isolate/mount.h"
#include "isolate/namespace.h"

#define READ_ONLY (MOUNT_SAFE | MOUNT_ATTR_RDONLY)
/* A device node works only where the mount is not nodev: each is bound alone. */
#define DEVICE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

/* All sandboxes together have kernel.pty.max less 1024, 3072 where nobody has raised it: no one
 * user's may take them all. */
enum { TTY_GID = 5, PTYS_OF_SESSION = 64, PTYS_OF_USER = 256, BYTES_PER_INODE = 4096 };

static const struct tree_directory directories[] = {
	{"dev", 0755},
	{"dev/pts", 0755},
	{"dev/shm", 0755},
	{"dev/mqueue", 0755},
	{"etc", 0755},
	{"home", 0755},
	{"media", 0755},
	{"mnt", 0755},
	{"opt", 0755},
	{"proc", 0755},
	{"root", 0700},
	{"run", 0755},
	{"srv", 0755},
	{"sys", 0755},
	{"tmp", 0755},
	{"usr", 0755},
	{"var", 0755},
	{"var/cache", 0755},
	{"var/lib", 0755},
	{"var/log", 0755},
	{"var/mail", 0755},
	{"var/spool", 0755},
	{"var/tmp", 0755},
};

static const struct tree_link links[] = {
	{"dev/fd", "/proc/self/fd"},
	{"dev/stdin", "/proc/self/fd/0"},
	{"dev/stdout", "/proc/self/fd/1"},
	{"dev/stderr", "/proc/self/fd/2"},
	{"dev/ptmx", "pts/ptmx"},
	{"var/run", "/run"},
	{"var/lock", "/run/lock"},
};

static const struct tree_mount mounts[] = {
	{TREE_HOST, "/usr", "/usr", TREE_RECURSIVE, READ_ONLY},
	{TREE_HOST, "/opt", "/opt", TREE_RECURSIVE | TREE_OPTIONAL, READ_ONLY},
	{TREE_TREES, "var-lib", "/var/lib", 0, READ_ONLY},
	{TREE_TREES, "var-cache", "/var/cache", 0, READ_ONLY},
	{TREE_TMP, "tmp", "/tmp", 0, MOUNT_SAFE},
	{TREE_TMP, "var-tmp", "/var/tmp", 0, MOUNT_SAFE},
	{TREE_TMP, "run", "/run", 0, MOUNT_SAFE},
	{TREE_TMP, "shm", "/dev/shm", 0, MOUNT_SAFE},
	{TREE_HOST, "/dev/null", "/dev/null", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/zero", "/dev/zero", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/full", "/dev/full", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/random", "/dev/random", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/urandom", "/dev/urandom", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/tty", "/dev/tty", TREE_FILE, DEVICE},
};

static const struct tree_directory tmp_directories[] = {
	{"tmp", 01777},
	{"var-tmp", 01777},
	{"shm", 01777},
	{"run", 0755},
	{"run/lock", 01777},
	{"run/sandbox", 0755},
};

static const struct tree_directory stage_directories[] = {
	{"box", 0755},
	{"etc", 0755},
	{"tmp", 0755},
	{"view", 0755},
	{"view-run", 0755},
	{"view-dev", 0755},
	{"view-log", 0755},
};

static void act_as(uint32_t id)
{
	setfsgid(id);
	setfsuid(id);
}

/* The stage is mounted over a directory of ours, by its path: a descriptor of the broker's would be
 * of the host's mount namespace. */
static int mount_stage(struct build *b)
{
	static const struct mount_option options[] = {
		{"size", "8m"}, {"nr_inodes", "4096"}, {"mode", "0755"}, {"source", "sandboxd"}};
	_cleanup_close_ int target = -EBADF;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/stage", broker_service(b->broker)->run_dir);
	target = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0)
		return -errno;
	b->tree.stage = mount_new("tmpfs", options, ELEMENTS(options), MOUNT_SAFE);
	if (b->tree.stage < 0)
		return b->tree.stage;
	r = mount_attach(b->tree.stage, target);
	if (r >= 0)
		r = tree_make_directories(
			b, b->tree.stage, stage_directories, ELEMENTS(stage_directories));
	if (r >= 0 && (fchownat(b->tree.stage, "box", b->base, b->base, 0) < 0 ||
			      fchownat(b->tree.stage, "etc", b->base, b->base, 0) < 0))
		r = -errno;
	return r;
}

/* One file system for all that the student may write in memory, so that one limit holds over it. */
static int mount_tmp(struct build *b)
{
	uint64_t size = b->policy->quota.values[QUOTA_TMP];
	char bytes[24], inodes[24], id[16];
	const struct mount_option options[] = {{"mode", "0755"}, {"uid", id}, {"gid", id},
		{"source", "sandbox"}, {"size", bytes}, {"nr_inodes", inodes}};
	_cleanup_close_ int target = -EBADF;

	snprintf(id, sizeof(id), "%u", b->base);
	snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)size);
	snprintf(inodes, sizeof(inodes), "%llu", (unsigned long long)(size / BYTES_PER_INODE + 64));
	/* No limit: tmpfs takes half of the memory then, as everywhere. */
	b->tree.tmp = mount_new("tmpfs", options,
		ELEMENTS(options) - (size == QUOTA_UNLIMITED ? 2 : 0), MOUNT_SAFE);
	target = openat(b->tree.stage, "tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (b->tree.tmp < 0 || target < 0)
		return b->tree.tmp < 0 ? b->tree.tmp : -errno;
	return mount_attach(b->tree.tmp, target);
}

int box_stage(struct build *b)
{
	int r = mount_stage(b);

	return r < 0 ? r : mount_tmp(b);
}

/* Own files over the host's /etc; root inside owns what is its own. */
static int mount_etc(struct build *b)
{
	_cleanup_close_ int layer = openat(b->tree.stage, "etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int overlay = -EBADF, target = -EBADF;
	char lower[PATH_MAX];
	struct mount_option options[] = {{"source", "sandboxd"}, {"lowerdir", lower}};
	const char *file = "";
	int r;

	if (layer < 0)
		return -errno;
	act_as(b->base);
	r = etc_write(b, layer, &file);
	act_as(0);
	if (r < 0)
		return child_fail(b->result, r, "/etc/%s: %s", file, strerror(-r));
	snprintf(lower, sizeof(lower), "%s/stage/etc:/etc", broker_service(b->broker)->run_dir);
	overlay = mount_new("overlay", options, ELEMENTS(options), READ_ONLY);
	target = mount_target(b->tree.box, "/etc", true);
	if (overlay < 0 || target < 0)
		return overlay < 0 ? overlay : target;
	return mount_attach(overlay, target);
}

static int mount_devices(struct build *b)
{
	const struct policy_list *devices = &b->policy->devices;

	for (size_t i = 0; i < devices->count; i++) {
		const char *path = devices->items[i];
		const struct tree_mount row = {TREE_HOST, path, path, TREE_FILE, DEVICE};
		int r = tree_attach(b, b->tree.box, &row, 1);

		if (r < 0)
			return r;
	}
	return 0;
}

static int mount_info(struct build *b)
{
	char path[PATH_MAX];
	const struct tree_mount row = {
		TREE_HOST, path, SANDBOX_RUN_DIR, 0, READ_ONLY | MOUNT_ATTR_NOEXEC};

	snprintf(path, sizeof(path), "%s/info/%s", broker_service(b->broker)->run_dir, b->id);
	return tree_attach(b, b->tree.box, &row, 1);
}

static int mount_account(struct build *b)
{
	int r = 0;

	if (b->tree.home >= 0)
		r = tree_attach_mount(b, b->tree.box, b->tree.home, b->account->home, true);
	for (size_t i = 0; r >= 0 && i < b->policy->bind_count; i++) {
		struct stat st;

		if (fstat(b->tree.binds[i], &st) < 0)
			return -errno;
		r = tree_attach_mount(b, b->tree.box, b->tree.binds[i], b->policy->binds[i].target,
			S_ISDIR(st.st_mode));
	}
	return r;
}

static int make_directories(struct build *b)
{
	int r;

	act_as(b->base);
	r = tree_make_directories(b, b->tree.tmp, tmp_directories, ELEMENTS(tmp_directories));
	if (r >= 0)
		r = tree_make_directories(b, b->tree.box, directories, ELEMENTS(directories));
	if (r >= 0)
		r = tree_make_links(b, b->tree.box, links, ELEMENTS(links));
	act_as(0);
	return r;
}

int box_make(struct build *b)
{
	static int (*const parts[])(struct build * b) = {
		mount_etc, mount_info, mount_devices, mount_account};
	int r;

	b->tree.box = tree_make_root(b, "box");
	if (b->tree.box < 0)
		return b->tree.box;
	r = make_directories(b);
	if (r >= 0)
		r = tree_make_system_links(b, b->tree.box, READ_ONLY);
	if (r >= 0)
		r = tree_attach(b, b->tree.box, mounts, ELEMENTS(mounts));
	for (size_t i = 0; r >= 0 && i < ELEMENTS(parts); i++)
		r = parts[i](b);
	return r;
}

static int mount_special(struct build *b, const char *type, const struct mount_option *options,
	size_t count, uint64_t attrs, const char *path)
{
	_cleanup_close_ int mount = mount_new(type, options, count, attrs);
	_cleanup_close_ int target = mount_target(b->tree.box, path, true);
	int r = mount < 0 ? mount : target < 0 ? target : mount_attach(mount, target);

	return r < 0 ? child_fail(b->result, r, "%s on %s: %s", type, path, strerror(-r)) : 0;
}

/* A new proc shows the PID namespace of who mounts it, so this runs in a child that is in the
 * sandbox's. */
static int mount_proc(void *data)
{
	return mount_special(data, "proc", NULL, 0, MOUNT_SAFE | MOUNT_ATTR_NOEXEC, "/proc");
}

int box_make_special(struct build *b)
{
	char gid[16], max[16];
	const struct mount_option devpts[] = {{"newinstance", NULL}, {"ptmxmode", "0666"},
		{"mode", "0620"}, {"gid", gid}, {"max", max}};
	uint64_t attrs = MOUNT_SAFE | MOUNT_ATTR_NOEXEC;
	int r;

	snprintf(gid, sizeof(gid), "%u", b->base + TTY_GID);
	snprintf(max, sizeof(max), "%d",
		b->policy->scope == SCOPE_USER ? PTYS_OF_USER : PTYS_OF_SESSION);
	r = mount_special(b, "devpts", devpts, ELEMENTS(devpts), DEVICE, "/dev/pts");
	if (r >= 0)
		r = mount_special(b, "mqueue", NULL, 0, attrs, "/dev/mqueue");
	if (r >= 0)
		r = mount_special(b, "sysfs", NULL, 0, attrs | MOUNT_ATTR_RDONLY, "/sys");
	if (r >= 0)
		r = namespace_run(mount_proc, b);
	if (r >= 0)
		r = mount_set(b->tree.box, false, READ_ONLY, 0);
	return r;
}
