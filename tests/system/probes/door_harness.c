/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox and a login view made by hand, without a broker: namespaces, a devpts, a door, PID 1
 * with the descriptors of wire/start.h. Runs as root in a mount namespace of its own, leaves
 * nothing behind.
 *
 *   door_harness INIT SHIM COMMAND [ARGUMENT...]
 *
 * COMMAND runs as root in the view: /bin/bash and /bin/sh are the shim, /run/sandbox holds the
 * door, and /run/hostpts is a devpts that is not the sandbox's. The environment tells
 * DOOR_INIT_PID. With DOOR_CGROUP=DIR (a v1 pids cgroup), boxes, init, sessions and spare are made
 * below it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <grp.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "wire/protocol.h"
#include "wire/socket.h"
#include "wire/start.h"

enum { STUDENT = 2001, RANGE = 655360000, DEVPTS_GROUP = RANGE + 5 };

static const char *cgroup;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "door_harness: %s: %s\n", what, strerror(errno));
	exit(99);
}

static int check(int r, const char *what)
{
	if (r == -1)
		give_up(what);
	return r;
}

static void make_cgroups(void)
{
	static const char *const names[] = {"", "boxes", "boxes/init", "boxes/sessions", "spare"};
	char path[512];

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", cgroup, names[i]);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			give_up(path);
	}
	snprintf(path, sizeof(path), "%s/boxes/pids.max", cgroup);
	fd_write_file_at(AT_FDCWD, path, "24");
	snprintf(path, sizeof(path), "%s/spare/pids.max", cgroup);
	fd_write_file_at(AT_FDCWD, path, "16");
}

static void remove_cgroups(void)
{
	static const char *const names[] = {"boxes/sessions", "boxes/init", "boxes", "spare", ""};
	char path[512];

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", cgroup, names[i]);
		for (int n = 0; rmdir(path) < 0 && errno == EBUSY && n < 100; n++)
			usleep(10000);
	}
}

static void mount_at(const char *source, const char *target, const char *type, unsigned long flags,
	const char *data)
{
	check(mount(source, target, type, flags, data), target);
}

static void write_file(const char *path, const char *text)
{
	int fd = check(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);

	if (write(fd, text, strlen(text)) < 0)
		give_up(path);
	close(fd);
}

static void build_common(void)
{
	char options[128];

	check(unshare(CLONE_NEWNS), "unshare");
	mount_at(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mount_at("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	check(mkdir("/run/hostpts", 0755), "mkdir");
	mount_at("/dev/pts", "/run/hostpts", NULL, MS_BIND, NULL);
	snprintf(options, sizeof(options), "newinstance,ptmxmode=0666,mode=0620,gid=%d",
		DEVPTS_GROUP);
	mount_at("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, options);
	mount_at("/dev/pts/ptmx", "/dev/ptmx", NULL, MS_BIND, NULL);
	mount_at("tmpfs", "/home", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	check(mkdir("/home/student", 0755), "mkdir");
	check(chown("/home/student", STUDENT, STUDENT), "chown");
	check(mkdir("/run/sandbox", 0755), "mkdir");
	write_file("/run/sandbox/notice", "sandbox: memory 2G, processes 1024\n");
	write_file("/run/sandbox/limits", "memory 2G\npids 24\n");
	write_file("/run/sandbox/message", "sandbox: it is \033 late\nnot this\n");
}

static int build_view(const char *shim)
{
	int door;

	mount_at("tmpfs", "/run/sandbox", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	check(mkdir("/run/sandbox/session", 0755), "mkdir");
	write_file(DOOR_SESSION_PATH, "0123abcd\n");
	door = wire_listen(DOOR_PATH, 0666, 128);
	if (door < 0) {
		errno = -door;
		give_up(DOOR_PATH);
	}
	mount_at(shim, "/bin/bash", NULL, MS_BIND, NULL);
	mount_at(shim, "/bin/dash", NULL, MS_BIND, NULL);
	return door;
}

static int make_start(void)
{
	static unsigned char buffer[START_SIZE_MAX];
	const char *shell = getenv("DOOR_SHELL"), *fallback = getenv("DOOR_FALLBACK");
	const char *home = getenv("DOOR_HOME");
	struct wire_start start = {
		.uid = STUDENT,
		.gid = STUDENT,
		.flags = START_NOTICE | (cgroup ? START_HAS_PIDS : 0),
		.user = "student",
		.home = home ? home : "/home/student",
		.shell = shell ? shell : "/bin/bash",
		.fallback_shell = fallback ? fallback : "/bin/bash",
		.env_drop_count = 3,
		.env_drop = {"XDG_RUNTIME_DIR", "XDG_SESSION_*", "KRB5CCNAME"},
		.enter_count = cgroup ? 1 : 0,
		.rescue_count = cgroup ? 1 : 0,
		.home_count = cgroup ? 1 : 0,
	};
	struct wire_writer writer;
	size_t length;

	wire_writer_init(&writer, buffer, sizeof(buffer));
	wire_put_start(&writer, &start);
	if (wire_writer_end(&writer, &length) < 0)
		give_up("start");
	return fd_memfd_sealed("start", buffer, length);
}

static int make_filter(void)
{
	static const struct sock_filter allow[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return fd_memfd_sealed("filter", allow, sizeof(allow));
}

/* Opened by host root before the clone: its credentials are what counts at a write. */
static int collect(int *fds)
{
	static const struct {
		int number;
		const char *path;
		int flags;
	} files[] = {
		{START_FD_PIDS_CURRENT, "boxes/pids.current", O_RDONLY},
		{START_FD_PIDS_MAX, "boxes/pids.max", O_RDONLY},
		{START_FD_PIDS_EVENTS, "boxes/sessions/pids.events", O_RDONLY},
		{START_FD_ENTER, "boxes/sessions/tasks", O_WRONLY},
		{START_FD_ENTER + 1, "spare/tasks", O_WRONLY},
		{START_FD_ENTER + 2, "boxes/init/tasks", O_WRONLY},
	};
	char path[512];

	fds[START_FD_CONFIG] = make_start();
	fds[START_FD_FILTER] = make_filter();
	if (!cgroup)
		return START_FD_ENTER;
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", cgroup, files[i].path);
		fds[files[i].number] = check(open(path, files[i].flags | O_CLOEXEC), path);
	}
	return START_FD_ENTER + 3;
}

/* In the sandbox: waits for the maps and the door, and becomes PID 1. */
static _Noreturn void run_init(int channel, const char *init, int *fds, int fd_count)
{
	const struct rlimit files = {1024, 4096};
	static char name[] = "sandbox-init";
	char *const argv[] = {name, NULL}, *const envp[] = {NULL};
	size_t count;
	char byte;
	int null = check(open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null");

	if (wire_receive(channel, &byte, 1, &fds[START_FD_DOOR], 1, &count, 0) != 1 || count != 1)
		give_up("door");
	check(setgroups(0, NULL), "setgroups");
	check(setresgid(0, 0, 0), "setresgid");
	check(setresuid(0, 0, 0), "setresuid");
	mount_at("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGINT, SIG_IGN);
	if (cgroup && write(fds[START_FD_ENTER + 2], "0", 1) != 1)
		give_up("boxes/init");
	for (int fd = 0; fd < START_FD_CONFIG; fd++)
		fds[fd] = null;
	/* Up and away first, so that no target is a source that is still needed. */
	for (int i = 0; i < fd_count; i++)
		if (fds[i] >= 0)
			fds[i] = check(fcntl(fds[i], F_DUPFD_CLOEXEC, 100), "dup");
	for (int i = 0; i < fd_count; i++)
		if (fds[i] >= 0)
			check(dup2(fds[i], i), "dup2");
		else
			close(i);
	execve(init, argv, envp);
	_exit(99);
}

static void write_maps(pid_t pid)
{
	static const char *const files[] = {"uid_map", "gid_map"};
	char path[64], map[256];

	snprintf(map, sizeof(map), "0 %d %d\n%d %d 1\n%d %d %d\n", RANGE, STUDENT, STUDENT, STUDENT,
		STUDENT + 1, RANGE + STUDENT + 1, 65535 - STUDENT);
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, files[i]);
		write_file(path, map);
	}
}

int main(int argc, char **argv)
{
	int fds[START_FD_ENTER + 3], fd_count, channel[2], door, status = 0;
	pid_t init, command;
	char number[16];

	if (argc < 4 || geteuid() != 0) {
		fprintf(stderr, "usage (as root): door_harness INIT SHIM COMMAND [ARGUMENT...]\n");
		return 99;
	}
	for (size_t i = 0; i < ELEMENTS(fds); i++)
		fds[i] = -EBADF;
	cgroup = getenv("DOOR_CGROUP");
	if (cgroup)
		make_cgroups();
	build_common();
	fd_count = collect(fds);
	check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), "socketpair");
	init = (pid_t)syscall(SYS_clone,
		CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD,
		0, 0, 0, 0);
	if (check(init, "clone") == 0)
		run_init(channel[1], argv[1], fds, fd_count);
	close(channel[1]);
	write_maps(init);
	door = build_view(argv[2]);
	if (wire_send(channel[0], "", 1, &door, 1, 0) < 0)
		give_up("channel");
	close(door);
	snprintf(number, sizeof(number), "%d", (int)init);
	setenv("DOOR_INIT_PID", number, 1);
	command = check(fork(), "fork");
	if (command == 0) {
		execvp(argv[3], argv + 3);
		give_up(argv[3]);
	}
	waitpid(command, &status, 0);
	kill(init, SIGKILL);
	waitpid(init, NULL, 0);
	if (cgroup)
		remove_cgroups();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
