/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel itself takes for a sandbox and its login view: the same namespaces, mounts,
 * files, veth, addresses and cgroup directories that the broker makes, by as few system calls as
 * will do, and nothing else: no wire, no policy, no records, no checks. Root, in a mount namespace
 * of its own.
 *
 *   bench-kernel COUNT LEAF [DIRECTORY|=FILE]...
 *
 * DIRECTORY is a cgroup directory to make (in this order), "%" in it the run's number; =FILE a
 * `tasks` or `cgroup.procs` that PID 1's parent writes "0" into. Prints one line a run:
 * microseconds from the first mkdir until PID 1 (LEAF, static) has been executed.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "broker/network.h"

/* sys/mount.h and linux/mount.h exclude each other with glibc 2.36. */
extern int mount(const char *source, const char *target, const char *type, unsigned long flags,
	const void *data);
extern int umount2(const char *target, int flags);
enum {
	READ_ONLY = 1,
	NO_SUID = 2,
	NO_DEV = 4,
	NO_EXEC = 8,
	BIND = 4096,
	RECURSIVE = 16384,
	PRIVATE = 1 << 18,
	DETACH = 2,
};

#define STAGE "/mnt/bench-stage"
enum { BASE = 1 << 24, STUDENT = 1000 };

static int cgroup_count;
static char **cgroups;
static volatile pid_t *pid1; /* shared with the helper */

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "bench-kernel: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void must(long result, const char *what)
{
	if (result < 0)
		fail(what);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	close(fd);
}

/* ---- the trees ---- */

static const char *const box_directories[] = {"dev", "dev/pts", "dev/shm", "dev/mqueue", "etc",
	"home", "home/bench", "media", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp",
	"usr", "var", "var/cache", "var/lib", "var/log", "var/mail", "var/spool", "var/tmp"};
static const char *const view_directories[] = {"dev", "etc", "home", "home/bench", "proc", "root",
	"run", "sys", "tmp", "usr", "var", "var/log", "var/mail", "var/tmp"};
static const char *const stage_directories[] = {
	"box", "etc", "tmp", "view", "view-run", "view-dev", "view-log", "info"};
static const char *const tmp_directories[] = {
	"tmp", "var-tmp", "shm", "run", "run/lock", "run/sandbox"};
static const char *const view_run_directories[] = {"sandbox", "sandbox/session", "sshd", "lock"};
static const char *const etc_files[] = {"hosts", "hostname", "resolv.conf"};
static const char *const links[] = {"bin", "sbin", "lib", "lib64"};
static const char *const box_devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
static const char *const view_devices[] = {"null", "zero", "urandom", "random", "tty"};

static void make_directories(const char *root, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", root, names[i]);
		must(mkdir(path, 0755), path);
	}
}

static void make_file(const char *root, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	must(fd, path);
	close(fd);
}

static void make_links(const char *root)
{
	for (size_t i = 0; i < ELEMENTS(links); i++) {
		char path[256], target[64];

		snprintf(path, sizeof(path), "%s/%s", root, links[i]);
		snprintf(target, sizeof(target), "usr/%s", links[i]);
		must(symlink(target, path), path);
	}
}

static void attach(const char *source, const char *root, const char *target, unsigned long flags)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, target);
	must(mount(source, path, NULL, BIND | flags, NULL), path);
}

static void bind_devices(const char *root, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char source[64], target[64];

		snprintf(source, sizeof(source), "/dev/%s", names[i]);
		snprintf(target, sizeof(target), "dev/%s", names[i]);
		make_file(root, target);
		attach(source, root, target, 0);
	}
}

static void set_attributes(const char *path, bool recursive, uint64_t set)
{
	struct mount_attr attributes = {.attr_set = set};

	must(syscall(SYS_mount_setattr, AT_FDCWD, path, recursive ? 0x8000 /* AT_RECURSIVE */ : 0,
		     &attributes, sizeof(attributes)),
		"mount_setattr");
}

static void make_stage(void)
{
	must(mount("bench", STAGE, "tmpfs", NO_SUID | NO_DEV, "size=8m,nr_inodes=4096,mode=0755"),
		STAGE);
	make_directories(STAGE, stage_directories, ELEMENTS(stage_directories));
	must(chown(STAGE "/box", BASE, BASE), "chown");
	must(mount("bench", STAGE "/tmp", "tmpfs", NO_SUID | NO_DEV,
		     "size=512m,nr_inodes=131072,mode=0755,uid=16777216,gid=16777216"),
		"tmp");
	make_directories(STAGE "/tmp", tmp_directories, ELEMENTS(tmp_directories));
	for (size_t i = 0; i < ELEMENTS(etc_files); i++)
		make_file(STAGE "/etc", etc_files[i]);
}

static void make_box(void)
{
	static const char box[] = STAGE "/box";

	attach(box, STAGE, "box", 0);
	make_directories(box, box_directories, ELEMENTS(box_directories));
	make_links(box);
	attach("/usr", box, "usr", RECURSIVE);
	attach("/opt", box, "opt", RECURSIVE);
	attach("/var/lib", box, "var/lib", 0);
	attach("/var/cache", box, "var/cache", 0);
	attach(STAGE "/tmp/tmp", box, "tmp", 0);
	attach(STAGE "/tmp/var-tmp", box, "var/tmp", 0);
	attach(STAGE "/tmp/run", box, "run", 0);
	attach(STAGE "/tmp/shm", box, "dev/shm", 0);
	must(mount("bench", STAGE "/box/etc", "overlay", READ_ONLY, "lowerdir=" STAGE "/etc:/etc"),
		"etc");
	attach(STAGE "/info", box, "run/sandbox", 0);
	attach("/home", box, "home/bench", 0);
	set_attributes(box, true, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	bind_devices(box, box_devices, ELEMENTS(box_devices));
}

/* What shows namespaces: the caller has joined those of PID 1. */
static void make_special(void)
{
	unsigned long flags = NO_SUID | NO_DEV | NO_EXEC;
	pid_t pid;
	int status;

	must(mount("devpts", STAGE "/box/dev/pts", "devpts", NO_SUID | NO_EXEC,
		     "newinstance,ptmxmode=0666,mode=0620,gid=16777221,max=256"),
		"devpts");
	must(mount("mqueue", STAGE "/box/dev/mqueue", "mqueue", flags, NULL), "mqueue");
	must(mount("sysfs", STAGE "/box/sys", "sysfs", flags | READ_ONLY, NULL), "sysfs");
	/* As the broker's child does it: proc belongs to the PID namespace of who mounts it, and
	 * the parent waits for two system calls anyway. */
	pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
	if (pid == 0)  /* NOLINTNEXTLINE(clang-analyzer-unix.Vfork) */
		_exit(mount("proc", STAGE "/box/proc", "proc", flags, NULL) < 0);
	must(pid, "vfork");
	must(waitpid(pid, &status, 0), "wait");
	set_attributes(STAGE "/box", false, MOUNT_ATTR_RDONLY);
}

static void make_view(const char *leaf)
{
	static const char view[] = STAGE "/view";
	struct stat st;

	attach(view, STAGE, "view", 0);
	make_directories(view, view_directories, ELEMENTS(view_directories));
	make_directories(STAGE "/view-run", view_run_directories, ELEMENTS(view_run_directories));
	must(mkdir(STAGE "/view-dev/pts", 0755), "pts");
	make_links(view);
	attach("/usr", view, "usr", 0);
	attach(STAGE "/box/etc", view, "etc", 0);
	attach(STAGE "/box/tmp", view, "tmp", 0);
	attach(STAGE "/box/var/tmp", view, "var/tmp", 0);
	attach(STAGE "/view-run", view, "run", 0);
	attach(STAGE "/view-dev", view, "dev", 0);
	attach(STAGE "/view-log", view, "var/log", 0);
	attach(STAGE "/box/dev/pts", view, "dev/pts", 0);
	bind_devices(view, view_devices, ELEMENTS(view_devices));
	if (stat("/dev/log", &st) == 0) {
		make_file(view, "dev/log");
		attach("/dev/log", view, "dev/log", 0);
	}
	make_file(view, "var/log/lastlog");
	attach("/var/log/lastlog", view, "var/log/lastlog", 0);
	attach("/var/mail", view, "var/mail", 0);
	attach("/home", view, "home/bench", 0);
	make_file(view, "run/utmp");
	make_file(view, "var/log/wtmp");
	make_file(view, "var/log/btmp");
	set_attributes(view, true, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	attach(leaf, view, "usr/bin/bash", 0);
	attach(leaf, view, "usr/bin/dash", 0);
	set_attributes(view, false, MOUNT_ATTR_RDONLY);
}

static void pivot(const char *root)
{
	must(chdir(root), root);
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", DETACH), "detach");
}

/* In a process that shares memory and descriptors, as the view's root is not the box's. */
static int split_view(void *ret_fd)
{
	must(unshare(CLONE_NEWNS), "unshare");
	*(int *)ret_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	pivot(STAGE "/view");
	must(mount("session", "/run/sandbox/session", "tmpfs", NO_SUID | NO_DEV | NO_EXEC,
		     "size=16k,nr_inodes=4,mode=0755"),
		"session");
	make_file("/run/sandbox/session", "id");
	_exit(0);
}

static int make_view_namespace(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	int fd = -1, status;
	pid_t pid = clone(split_view, stack + sizeof(stack),
		CLONE_VM | CLONE_FILES | CLONE_VFORK | SIGCHLD, &fd);

	must(pid, "clone");
	must(waitpid(pid, &status, 0), "wait");
	return fd;
}

/* ---- the processes ---- */

struct pipes {
	int go[2], executed[2];
};

static _Noreturn void become_pid1(const struct pipes *pipes, int leaf)
{
	char *const argv[] = {(char[]){"leaf"}, (char[]){"wait"}, NULL};
	char byte;

	close(pipes->go[1]);
	if (read(pipes->go[0], &byte, 1) != 1)
		_exit(1);
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(0, 0, 0), "setresgid");
	must(setresuid(0, 0, 0), "setresuid");
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, RECURSIVE | PRIVATE, NULL), "private");
	must(sethostname("bench", 5), "sethostname");
	syscall(SYS_execveat, leaf, "", argv, (char *const[]){NULL}, AT_EMPTY_PATH);
	fail("execveat");
}

static pid_t clone_pid1(const struct pipes *pipes, int leaf, int *ret_pidfd)
{
	struct clone_args arguments = {
		.flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS |
			 CLONE_NEWCGROUP | CLONE_PIDFD | CLONE_PARENT,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	must(pid, "clone3");
	if (pid == 0)
		become_pid1(pipes, leaf);
	return pid;
}

static void write_maps(pid_t pid)
{
	/* The range, but the student's own id, which is itself. */
	static const char map[] = "0 16777216 1000\n1000 1000 1\n1001 16778217 64535\n";
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	write_text(path, map);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
	write_text(path, map);
}

static void enter_cgroups(int run)
{
	for (int i = 0; i < cgroup_count; i++) {
		char path[512];

		if (cgroups[i][0] != '=')
			continue;
		snprintf(path, sizeof(path), "%.*s%d%s", (int)strcspn(cgroups[i] + 1, "%"),
			cgroups[i] + 1, run, strchr(cgroups[i], '%') + 1);
		write_text(path, "0");
	}
}

static void set_up_network(struct network_host *host, int netns, int run)
{
	struct network_addresses addresses = {.has6 = true};
	const char *what = "?";
	char id[9];

	snprintf(id, sizeof(id), "bec%05x", (unsigned)run & 0xfffff);
	addresses.host.s_addr = htonl(0x0afe0000 + (uint32_t)run * 2);
	addresses.inside.s_addr = htonl(0x0afe0001 + (uint32_t)run * 2);
	memcpy(&addresses.host6, "\xfd\xbe\xbe\xbe", 4);
	memcpy(&addresses.host6.s6_addr[12], &addresses.host, 4);
	addresses.inside6 = addresses.host6;
	memcpy(&addresses.inside6.s6_addr[12], &addresses.inside, 4);
	errno = -network_setup(host, netns, id, "bench", &addresses, &what);
	if (errno)
		fail(what);
}

/* The helper: everything between the fork and PID 1's execve. Its exit says that it is done. */
static _Noreturn void build(int run, const char *leaf_path)
{
	struct network_host *host;
	struct pipes pipes;
	int pidfd, netns, leaf = open(leaf_path, O_RDONLY | O_CLOEXEC);
	char path[64], byte;
	pid_t pid;

	enter_cgroups(run);
	must(network_host_open(&host), "netlink");
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, RECURSIVE | PRIVATE, NULL), "private");
	must(pipe2(pipes.go, O_CLOEXEC) | pipe2(pipes.executed, O_CLOEXEC), "pipe");
	must(setresgid(-1, BASE, -1), "setegid");
	must(setresuid(-1, BASE, -1), "seteuid");
	pid = clone_pid1(&pipes, leaf, &pidfd);
	must(setresuid(-1, 0, -1), "seteuid");
	must(setresgid(-1, 0, -1), "setegid");
	close(pipes.executed[1]);
	write_maps(pid);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	netns = open(path, O_RDONLY | O_CLOEXEC);
	must(netns, path);
	make_stage();
	make_box();
	must(setns(pidfd, CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET), "setns");
	set_up_network(host, netns, run);
	make_special();
	make_view(leaf_path);
	must(make_view_namespace(), "view");
	pivot(STAGE "/box");
	must(write(pipes.go[1], "", 1), "go");
	if (read(pipes.executed[0], &byte, 1) != 0)
		fail("PID 1");
	*pid1 = pid;
	_exit(0);
}

static void make_cgroups(int run, bool make)
{
	for (int n = 0; n < cgroup_count; n++) {
		const char *name = cgroups[make ? n : cgroup_count - 1 - n];
		char path[512];

		if (name[0] == '=')
			continue;
		snprintf(path, sizeof(path), "%.*s%d%s", (int)strcspn(name, "%"), name, run,
			strchr(name, '%') + 1);
		if (make)
			must(mkdir(path, 0755), path);
		else
			for (int tries = 0; rmdir(path) < 0 && errno == EBUSY && tries < 2000;
				tries++)
				usleep(500);
	}
}

/* One sandbox, and its end, which is not timed. */
static double run_once(int run, const char *leaf)
{
	double start = now(), taken;
	int status;
	pid_t helper;

	make_cgroups(run, true);
	helper = fork();
	if (helper == 0)
		build(run, leaf);
	must(helper, "fork");
	must(waitpid(helper, &status, 0), "wait");
	taken = now() - start;
	if (status)
		_exit(1);
	/* PID 1 is ours (CLONE_PARENT), and sends no signal at its end: hence __WALL. */
	kill(*pid1, SIGKILL);
	waitpid(*pid1, &status, __WALL);
	make_cgroups(run, false);
	return taken;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: bench-kernel COUNT LEAF [DIRECTORY|=FILE]...\n");
		return 2;
	}
	cgroups = argv + 3;
	cgroup_count = argc - 3;
	umask(0);
	pid1 = mmap(NULL, sizeof(*pid1), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(pid1 == MAP_FAILED ? -1 : 0, "mmap");
	must(mkdir(STAGE, 0755) < 0 && errno != EEXIST ? -1 : 0, STAGE);
	for (int run = 1; run <= atoi(argv[1]); run++) {
		printf("%.0f\n", run_once(run, argv[2]));
		fflush(stdout);
		usleep(20000); /* the network namespace's end is asynchronous */
	}
	return 0;
}
