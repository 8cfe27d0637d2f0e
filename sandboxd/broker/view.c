/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in children of the broker: host root. The view shares the sandbox's /tmp, terminals and
 * home, which the student can change: nothing here resolves a path inside those.
 */
#include "broker/view.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "broker/sources.h"
#include "broker/tree.h"
#include "build_config.h"
#include "isolate/mount.h"
#include "isolate/namespace.h"
#include "wire/socket.h"

#define READ_ONLY (MOUNT_SAFE | MOUNT_ATTR_RDONLY)
#define DEVICE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
#define NEVER_EXECUTED (MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID)
#define SHIM SANDBOXD_PROGRAMS_DIR "/sandbox-shim"

enum { DOOR_BACKLOG = 64 };

#ifndef NS_GET_MNTNS_ID
/* linux/nsfs.h, from 6.11 on */
#define NS_GET_MNTNS_ID _IOR(0xb7, 0x5, uint64_t)
#endif

static const struct tree_directory directories[] = {
	{"dev", 0755},
	{"etc", 0755},
	{"home", 0755},
	{"proc", 0755},
	{"root", 0700},
	{"run", 0755},
	{"sys", 0755},
	{"tmp", 0755},
	{"usr", 0755},
	{"var", 0755},
	{"var/log", 0755},
	{"var/mail", 0755},
	{"var/tmp", 0755},
};

static const struct tree_link links[] = {
	{"var/run", "/run"},
};

static const struct tree_directory run_directories[] = {
	{"sandbox", 0755},
	{"sandbox/session", 0755},
	{"sshd", 0755},
};

static const struct tree_directory dev_directories[] = {{"pts", 0755}};

static const struct tree_link dev_links[] = {{"ptmx", "pts/ptmx"}};

static const struct tree_mount mounts[] = {
	{TREE_TREES, "usr", "/usr", 0, READ_ONLY},
	{TREE_BOX, "etc", "/etc", 0, READ_ONLY},
	{TREE_BOX, "tmp", "/tmp", 0, MOUNT_SAFE},
	{TREE_BOX, "var/tmp", "/var/tmp", 0, MOUNT_SAFE},
	{TREE_STAGE, "view-run", "/run", 0, MOUNT_SAFE},
	{TREE_STAGE, "view-dev", "/dev", 0, MOUNT_SAFE},
	{TREE_STAGE, "view-log", "/var/log", 0, MOUNT_SAFE},
	{TREE_BOX, "dev/pts", "/dev/pts", 0, DEVICE},
	{TREE_HOST, "/dev/null", "/dev/null", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/zero", "/dev/zero", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/urandom", "/dev/urandom", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/random", "/dev/random", TREE_FILE, DEVICE},
	{TREE_HOST, "/dev/tty", "/dev/tty", TREE_FILE, DEVICE},
	/* The datagram socket alone, never its directory: that one holds streams which `ssh -L`
	   could reach. */
	{TREE_HOST, "/dev/log", "/dev/log", TREE_FILE | TREE_OPTIONAL, MOUNT_SAFE},
	{TREE_HOST, "/var/log/lastlog", "/var/log/lastlog", TREE_FILE | TREE_OPTIONAL, MOUNT_SAFE},
	{TREE_HOST, "/var/mail", "/var/mail", TREE_OPTIONAL, READ_ONLY},
};

/* sshd, login and su write a record here; the host's own, with a line that is its own, is the
 * broker's to write. */
static const char *const private_records[] = {"/run/utmp", "/var/log/wtmp", "/var/log/btmp"};

static int make_file(int root, const char *path)
{
	int fd = mount_target(root, path, false);

	close_fd(fd);
	return fd < 0 ? fd : 0;
}

static int make_tree(struct build *b)
{
	_cleanup_close_ int run =
		openat(b->tree.stage, "view-run", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int dev =
		openat(b->tree.stage, "view-dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (run < 0 || dev < 0)
		return -errno;
	r = tree_make_directories(b, run, run_directories, ELEMENTS(run_directories));
	if (r >= 0)
		r = tree_make_directories(b, dev, dev_directories, ELEMENTS(dev_directories));
	if (r >= 0)
		r = tree_make_links(b, dev, dev_links, ELEMENTS(dev_links));
	if (r >= 0)
		r = tree_make_directories(b, b->tree.view, directories, ELEMENTS(directories));
	if (r >= 0)
		r = tree_make_links(b, b->tree.view, links, ELEMENTS(links));
	if (r >= 0)
		r = tree_make_system_links(b, b->tree.view, READ_ONLY);
	if (r >= 0)
		r = tree_attach(b, b->tree.view, mounts, ELEMENTS(mounts));
	return r;
}

static int mount_account(struct build *b)
{
	int r = 0;

	if (b->tree.home >= 0)
		r = tree_attach_copy(
			b, b->tree.view, b->tree.home, b->account->home, true, MOUNT_SAFE);
	for (size_t i = 0; r >= 0 && i < b->policy->bind_count; i++) {
		struct stat st;

		if (fstat(b->tree.binds[i], &st) < 0)
			return -errno;
		r = tree_attach_copy(b, b->tree.view, b->tree.binds[i], b->policy->binds[i].target,
			S_ISDIR(st.st_mode), 0);
	}
	for (size_t i = 0; r >= 0 && i < ELEMENTS(private_records); i++)
		r = make_file(b->tree.view, private_records[i]);
	return r;
}

/* The door's name is a relative one: it shows inside, in /proc/net/unix, and tells nothing of the
 * host. */
static int open_door(struct build *b)
{
	_cleanup_close_ int dir =
		openat(b->tree.stage, "view-run/sandbox", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || fchdir(dir) < 0)
		return -errno;
	return wire_bind(b->door, "door", 0666, DOOR_BACKLOG);
}

/* Binds the SHIM (a detached mount, used up) over the file that PATH means in the view. */
static int cover(int root, int shim, const char *path)
{
	_cleanup_close_ int target = mount_target(root, path, false);

	return target < 0 ? target : mount_attach(shim, target);
}

static int clone_shim(void)
{
	return mount_clone_at(AT_FDCWD, SHIM, false, READ_ONLY);
}

/*
 * Is the file that PATH means below ROOT a shim already? Nothing else of a view can be executed.
 * One that was installed anew since is another file than ours, and no mount point any more.
 */
static bool is_covered(int root, const char *path)
{
	_cleanup_close_ int target = mount_target(root, path, false);
	struct statvfs fs;

	return target >= 0 && fstatvfs(target, &fs) == 0 && !(fs.f_flag & ST_NOEXEC);
}

/* Covers what a login may execute: the account's shell, and /bin/sh for cron lines, xauth,
 * ~/.ssh/rc and the like. */
static int cover_shells(struct build *b)
{
	const char *const shells[] = {b->account->shell, "/bin/sh"};

	for (size_t i = 0; i < ELEMENTS(shells); i++) {
		_cleanup_close_ int shim = clone_shim();
		int r = shim;

		if (r >= 0 && is_covered(b->tree.view, shells[i]))
			continue;
		if (r >= 0)
			r = cover(b->tree.view, shim, shells[i]);
		if (r < 0)
			return child_fail(b->result, r, "the shell %s cannot be covered: %s",
				shells[i], strerror(-r));
	}
	return 0;
}

int view_make(struct build *b)
{
	int r;

	b->tree.view = tree_make_root(b, "view");
	if (b->tree.view < 0)
		return b->tree.view;
	r = make_tree(b);
	if (r >= 0)
		r = mount_account(b);
	if (r >= 0)
		r = open_door(b);
	/* Everything that is mounted so far, and nothing that follows. */
	if (r >= 0)
		r = mount_set(b->tree.view, true, NEVER_EXECUTED, 0);
	if (r >= 0)
		r = cover_shells(b);
	if (r >= 0)
		r = mount_set(b->tree.view, false, READ_ONLY, 0);
	return r;
}

/* Says in the view of ROOT which session it is: a tiny tmpfs of its own, since all of a sandbox's
 * views share /run. */
static int add_session(int root, const char *session)
{
	static const struct mount_option options[] = {
		{"size", "16k"}, {"nr_inodes", "4"}, {"mode", "0755"}, {"source", "session"}};
	_cleanup_close_ int mount =
		mount_new("tmpfs", options, ELEMENTS(options), MOUNT_SAFE | MOUNT_ATTR_NOEXEC);
	_cleanup_close_ int file = -EBADF, target = -EBADF;
	int r;

	if (mount < 0)
		return mount;
	file = openat(mount, "id", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	r = file < 0 ? -errno : fd_write_all(file, session, strlen(session));
	if (r < 0)
		return r;
	target = mount_target(root, SANDBOX_RUN_DIR "/session", true);
	return target < 0 ? target : mount_attach(mount, target);
}

/*
 * Covers the directory of pseudo-terminals with one that has the sandbox's ptmx alone, since the
 * number of the caller's terminal may be in use by the sandbox too.
 */
static int cover_pts(int root)
{
	static const struct mount_option options[] = {
		{"size", "16k"}, {"nr_inodes", "8"}, {"mode", "0755"}};
	_cleanup_close_ int ptmx = mount_clone_at(root, "dev/pts/ptmx", false, DEVICE);
	_cleanup_close_ int pts =
		mount_new("tmpfs", options, ELEMENTS(options), MOUNT_SAFE | MOUNT_ATTR_NOEXEC);
	_cleanup_close_ int dir = mount_target(root, "/dev/pts", true), target = -EBADF;
	int r;

	if (ptmx < 0 || pts < 0 || dir < 0)
		return ptmx < 0 ? ptmx : pts < 0 ? pts : dir;
	r = mount_attach(pts, dir);
	if (r < 0)
		return r;
	target = mount_target(root, "/dev/pts/ptmx", false);
	return target < 0 ? target : mount_attach(ptmx, target);
}

/* The caller's own TERMINAL (detached, used up) at its path TTY below /dev. */
static int add_terminal(int root, int terminal, const char *tty)
{
	int r = strncmp(tty, "pts/", 4) == 0 ? cover_pts(root) : 0;
	_cleanup_close_ int target = -EBADF;
	char path[128];

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/dev/%s", tty);
	target = mount_target(root, path, false);
	return target < 0 ? target : mount_attach(terminal, target);
}

static int open_mount_namespace(int proc)
{
	int fd = openat(proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void view_note_host(struct build *b)
{
	_cleanup_close_ int own = open_mount_namespace(b->tree.proc);

	if (own < 0 || ioctl(own, NS_GET_MNTNS_ID, &b->host_mounts) < 0)
		b->host_mounts = 0;
}

/*
 * A mount namespace can only be bound (pinned) in one with a lower id (mnt_ns_loop() of the
 * kernel), and from 6.18 on each processor gives out ids from a range of its own: where the broker
 * is not in the first namespace, a new one may be lower. The processor that made the broker's gives
 * a higher one: each is tried.
 */
static int unshare_pinnable(struct build *b)
{
	cpu_set_t allowed;
	uint64_t id;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		CPU_ZERO(&allowed);
	for (int cpu = 0; cpu <= CPU_SETSIZE; cpu++) {
		if (unshare(CLONE_NEWNS) < 0)
			return -errno;
		close_fd(b->pinned_view);
		b->pinned_view = open_mount_namespace(b->tree.proc);
		if (b->pinned_view < 0)
			return b->pinned_view;
		if (!b->host_mounts || ioctl(b->pinned_view, NS_GET_MNTNS_ID, &id) < 0 ||
			id > b->host_mounts)
			return 0;
		while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &allowed))
			cpu++;
		if (cpu < CPU_SETSIZE) {
			cpu_set_t one;

			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof(one), &one);
		}
	}
	return child_fail(b->result, -EBUSY, "no mount namespace could be made that can be pinned");
}

/* In a child that shares descriptors: the namespace of the view that is pinned, then that of a
 * foreign terminal. */
static int make_namespaces(void *data)
{
	struct build *b = data;
	_cleanup_close_ int root = -EBADF;
	int r;

	/* A descriptor goes on naming the old namespace's mount; the working directory follows
	 * into the copy. */
	if (fchdir(b->tree.view) < 0)
		return -errno;
	r = unshare_pinnable(b);
	if (r < 0)
		return r;
	root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	r = mount_pivot(root);
	if (r >= 0)
		r = add_session(AT_FDCWD, b->view.session);
	if (r < 0 || b->tree.terminal < 0)
		return r;
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	b->session_view = open_mount_namespace(b->tree.proc);
	if (b->session_view < 0)
		return b->session_view;
	return add_terminal(AT_FDCWD, b->tree.terminal, b->view.tty);
}

int view_make_namespace(struct build *b)
{
	return namespace_run(make_namespaces, b);
}

static int copy_view(const struct view_copy *copy, int proc, int shim, int terminal)
{
	const struct view_request *request = &copy->request;
	_cleanup_close_ int root = -EBADF;
	int r;

	if (setns(copy->pinned, CLONE_NEWNS) < 0 || unshare(CLONE_NEWNS) < 0)
		return -errno;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	r = add_session(root, request->session);
	/* The account may have another shell by now. */
	if (r >= 0 && !is_covered(root, request->shell))
		r = cover(root, shim, request->shell);
	if (r >= 0 && terminal >= 0)
		r = add_terminal(root, terminal, request->tty);
	return r < 0 ? r : open_mount_namespace(proc);
}

void view_copy_run(struct child_result *result, const char *volatile *step, void *input)
{
	const struct view_copy *copy = input;
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int terminal = -EBADF;
	_cleanup_close_ int shim = clone_shim();
	int view;

	*step = "making a login view";
	umask(0);
	if (copy->request.terminal >= 0) {
		terminal = sources_clone_terminal(copy->request.terminal, copy->request.tty);
		if (terminal < 0) {
			child_fail(result, terminal, "the terminal %s cannot be taken along",
				copy->request.tty);
			return;
		}
	}
	view = proc < 0 ? -EBADF : shim < 0 ? shim : copy_view(copy, proc, shim, terminal);
	if (view < 0) {
		child_fail(result, view, "making a login view: %s", strerror(-view));
		return;
	}
	result->fds[result->fd_count++] = view;
}
