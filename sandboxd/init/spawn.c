/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step by step: in the session's cgroup (place.c), own session, the student's ids and nothing else,
 * and only then the request; descriptors, terminal, program; the session's filter, execve. What the
 * login's caller had and is not listed here (affinity, nice, timers) stays outside: a child of PID
 * 1 is made of PID 1.
 */
#include "init/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/say.h"
#include "init/identity.h"
#include "init/program.h"
#include "init/request.h"
#include "init/terminal.h"
#include "wire/protocol.h"
#include "wire/socket.h"

enum {
	EXIT_CANNOT_EXECUTE = 126,
	EXIT_NOT_FOUND = 127,
	REQUEST_SECONDS = 10, /* less than PID 1's patience: a reason is better than SIGKILL */
};

static void close_between(unsigned first, unsigned last)
{
	if (first <= last)
		syscall(SYS_close_range, first, last, 0);
}

/* Everything but 0 to 2 and the two: the door, the filter and the cgroups are PID 1's. */
static void close_others(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	close_between(3, low - 1);
	close_between(low + 1, high - 1);
	close_between(high + 1, UINT32_MAX);
}

static _Noreturn void fail(int fd, const char *object, int r)
{
	if (fd >= 0)
		say(fd, "sandbox: ", object, ": ", say_errno(-r), "\n", NULL);
	_exit(r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

/* The request is not for uid 0 to read, so there is no descriptor to complain to: the shim has it.
 */
static _Noreturn void fail_early(int door, int r)
{
	const unsigned char failed[2] = {DOOR_FAILED, (unsigned char)-r};

	wire_send(door, failed, sizeof(failed), NULL, 0, MSG_DONTWAIT);
	_exit(EXIT_CANNOT_EXECUTE);
}

static int install_descriptors(const struct request *request)
{
	/* They were received above 2, where PID 1 has /dev/null: none overwrites another. */
	for (int i = 0; i < DOOR_FDS; i++)
		if (dup2(request->fds[i], i) < 0)
			return -errno;
	return 0;
}

static void set_limits(const struct door_request *request)
{
	for (size_t i = 0; i < request->rlimit_count; i++) {
		int resource = (int)request->rlimits[i].resource;
		rlim_t soft = request->rlimits[i].soft;
		struct rlimit limit;

		/* An unknown resource is one of a newer kernel on neither side: nothing to set. */
		if (resource < 0 || getrlimit((unsigned)resource, &limit) < 0)
			continue;
		soft = soft < limit.rlim_max ? soft : limit.rlim_max;
		if (soft == limit.rlim_cur)
			continue;
		limit.rlim_cur = soft;
		setrlimit((unsigned)resource, &limit);
	}
}

static void enter_directory(const struct wire_start *start, const char *directory)
{
	int error;

	if ((*directory && chdir(directory) == 0) || chdir(start->home) == 0)
		return;
	error = errno;
	/* In sshd's words, which scripts know. */
	if (chdir("/") == 0)
		say(STDERR_FILENO, "Could not chdir to home directory ", start->home, ": ",
			say_errno(error), "\n", NULL);
}

static int load_filter(const struct settings *s)
{
	const struct sock_fprog program = {
		.len = (unsigned short)s->filter_count,
		.filter = (struct sock_filter *)(uintptr_t)s->filter,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
}

static _Noreturn void execute(
	const struct settings *s, const struct program *program, const struct door_request *request)
{
	sigset_t none;
	int r;

	umask((mode_t)request->umask);
	set_limits(request);
	r = load_filter(s);
	if (r < 0)
		fail(STDERR_FILENO, "session filter", r);
	/* PID 1 blocks all of them, and has given each its default action. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(program->path, program->argv, program->envp);
	fail(STDERR_FILENO, program->path, -errno);
}

_Noreturn void spawn_child(const struct settings *s, int door, int starting, int moved)
{
	struct request request;
	struct program program;
	int stderr_fd, r;

	if (moved < 0)
		fail_early(door, moved);
	close_others(door, starting);
	setsid();
	r = identity_become(s);
	if (r < 0)
		fail_early(door, r);
	r = request_receive(
		door, clock_monotonic() + REQUEST_SECONDS * USEC_PER_SEC, &request, &stderr_fd);
	if (r < 0)
		fail(stderr_fd, "request of this login", r);
	if (request.door.relay) {
		r = terminal_open_relay(door, &request);
		if (r < 0)
			fail(stderr_fd, "/dev/ptmx", r);
	}
	r = install_descriptors(&request);
	if (r < 0)
		fail(stderr_fd, "descriptors of this login", r);
	close_others(starting, starting);
	terminal_control();
	r = program_choose(&s->start, &request.door, &program);
	if (r < 0)
		fail(STDERR_FILENO, "arguments of this login", r);
	enter_directory(&s->start, request.door.directory);
	if (settings_has(s, START_NOTICE) && isatty(STDIN_FILENO) && program_is_login(program.argv))
		terminal_greet(s);
	execute(s, &program, &request.door);
}
