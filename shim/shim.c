/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox-shim: what a login of a sandboxed user executes in place of its shell. It runs on the
 * host side, in the login view, with the student's uid and no privilege: it hands its arguments,
 * environment and descriptors 0 to 2 through the door to PID 1 of the sandbox, which starts the
 * real shell, and ends as that shell did. Static: the loader would trust an environment that the
 * student has written.
 */
#include "shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/process.h"
#include "base/say.h"
#include "shim/fence.h"
#include "shim/knock.h"
#include "shim/wait.h"

enum { DESCRIPTORS_NEEDED = 16 };

/* By which a job of the caller's terminal is stopped, the shim too. */
static const int stopping[] = {SIGTTIN, SIGTTOU};

/* Passed on as they are. */
static const int passed_on[] = {
	SIGHUP,
	SIGINT,
	SIGQUIT,
	SIGALRM,
	SIGTERM,
	SIGUSR1,
	SIGUSR2,
	SIGCONT,
	SIGTSTP,
	SIGWINCH,
};

_Noreturn void shim_die(const struct shim *shim, int status, const char *what, const char *why)
{
	if (shim->words >= 0)
		say(shim->words, "sandbox: ", what, why ? ": " : "", why ? why : "", "\n", NULL);
	_exit(status);
}

static void reset(const int *signals, size_t count)
{
	for (size_t i = 0; i < count; i++)
		signal(signals[i], SIG_DFL);
}

/* Whatever the caller did: not readable by others of this uid, no core, no stray descriptor or
 * signal. */
static void harden(const struct shim *shim)
{
	struct rlimit limit = {0};
	sigset_t none;

	alarm(0);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &limit) < 0 ||
		process_close_from(STDERR_FILENO + 1) < 0)
		shim_die(shim, SHIM_REFUSED, "cannot be made safe", say_errno(errno));
	/* One that is ignored would never be read, nor stop; others do the shim no harm. */
	reset(passed_on, ELEMENTS(passed_on));
	reset(stopping, ELEMENTS(stopping));
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Words to a closed pipe or a full file are lost, nothing else is. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_NEEDED) {
		limit.rlim_cur =
			limit.rlim_max < DESCRIPTORS_NEEDED ? limit.rlim_max : DESCRIPTORS_NEEDED;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* A directory, a device with a file system or an O_PATH handle would be a way out of the sandbox.
 */
static bool may_pass(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_PATH) || fstat(fd, &st) < 0)
		return false;
	return S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || S_ISCHR(st.st_mode) ||
	       S_ISREG(st.st_mode);
}

static void check_descriptors(const struct shim *shim)
{
	static const char *const names[] = {"standard input", "standard output", "standard error"};

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (!may_pass(fd))
			shim_die(shim, SHIM_REFUSED, names[fd],
				"neither pipe, socket, terminal, device nor regular file");
}

static void collect_signals(struct shim *shim)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ELEMENTS(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* It was ignored while the terminal was given up. */
	signal(SIGHUP, SIG_DFL);
	shim->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (shim->signals < 0)
		shim_die(shim, SHIM_REFUSED, "signals", say_errno(errno));
}

/* The program has them now: an end of a pipe that stayed open here would be one too many. */
static void close_given(struct shim *shim)
{
	for (int fd = 0; fd < STDERR_FILENO; fd++)
		if (!(shim->terminal.mask & (1U << fd)))
			close(fd);
}

/* One shim waits for each program that runs: the pages that the way here needed are given back. */
static __attribute__((noinline)) void give_back_stack(void)
{
	enum { KEPT = 512 }; /* of this function and what it calls */

	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), size = 16 * page;
	uintptr_t end = ((uintptr_t)__builtin_frame_address(0) - KEPT) & ~(page - 1);

	if (madvise((void *)(end - size), size, MADV_DONTNEED) < 0) {
		/* A smaller stack: there is little to give back. */
	}
}

int main(int argc, char **argv)
{
	struct shim shim = {.door = -EBADF, .signals = -EBADF, .words = STDERR_FILENO};
	struct caller caller;
	int r;

	if (getuid() == 0 || geteuid() == 0)
		shim_die(&shim, SHIM_REFUSED, "root has no sandbox", NULL);
	shim.deadline = clock_monotonic() + SHIM_SECONDS * USEC_PER_SEC;
	caller_record(&caller);
	harden(&shim);
	check_descriptors(&shim);
	terminal_inspect(&shim.terminal);
	terminal_give_up(&shim.terminal);
	collect_signals(&shim);
	knock(&shim, &caller, argv, environ);
	close_given(&shim);
	give_back_stack();
	r = fence_close();
	if (r < 0)
		shim_die(&shim, SHIM_REFUSED, "cannot be made safe", say_errno(-r));
	wait_for_end(&shim);
}
