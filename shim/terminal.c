/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in the shim, with the student's rights and the host's terminal: nothing here depends on what
 * the sandbox says.
 */
#include "shim/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PTY_MAJOR_FIRST = 136, PTY_MAJOR_LAST = 143 };

/*
 * The view shows the devpts of the sandbox: its terminals are of that device. A view for login or
 * su has the caller's terminal at /dev/pts instead, but its /dev/ptmx is the sandbox's (su -P).
 */
static bool is_of_sandbox(const struct stat *st)
{
	static const char *const instances[] = {"/dev/pts", "/dev/ptmx"};
	unsigned type = major(st->st_rdev);

	if (type < PTY_MAJOR_FIRST || type > PTY_MAJOR_LAST)
		return false;
	for (unsigned i = 0; i < sizeof(instances) / sizeof(*instances); i++) {
		struct stat instance;

		if (stat(instances[i], &instance) == 0 && instance.st_dev == st->st_dev)
			return true;
	}
	return false;
}

/*
 * What is typed is the program's if it is at descriptor 0, or if the kernel's job control keeps us
 * from taking it away from the caller's other jobs: "su -c CMD < FILE &" leads a session of its
 * own, and would read what is meant for the shell that runs it.
 */
static bool may_read(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY)
		return false;
	return fd == STDIN_FILENO || tcgetsid(fd) == getsid(0);
}

void terminal_inspect(struct terminal *ret)
{
	struct terminal t = {.own = -1, .foreign = -1, .input = -1};

	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		struct stat st;

		if (!isatty(fd) || fstat(fd, &st) < 0)
			continue;
		if (is_of_sandbox(&st)) {
			t.own = t.own < 0 ? fd : t.own;
			continue;
		}
		t.foreign = t.foreign < 0 ? fd : t.foreign;
		t.mask |= 1U << fd;
		if (t.input < 0 && may_read(fd))
			t.input = fd;
	}
	if (t.foreign >= 0)
		ioctl(t.foreign, TIOCGWINSZ, &t.size);
	*ret = t;
}

void terminal_give_up(const struct terminal *t)
{
	/* Where another process leads its session (a shell under script), it stays that one's. */
	if (t->own < 0 || getsid(0) != getpid() || tcgetsid(t->own) != getpid())
		return;
	/* Not blocked but ignored: a blocked SIGHUP would be kept, and passed on to the program. */
	signal(SIGHUP, SIG_IGN);
	ioctl(t->own, TIOCNOTTY);
}

void terminal_make_raw(struct terminal *t)
{
	struct termios raw;

	if (t->input < 0)
		return;
	if (!t->is_raw && tcgetattr(t->input, &t->saved) < 0)
		return;
	raw = t->saved;
	cfmakeraw(&raw);
	t->is_raw = tcsetattr(t->input, TCSANOW, &raw) == 0;
}

void terminal_restore(struct terminal *t)
{
	if (!t->is_raw)
		return;
	/* The caller may have put us in the background: its own modes it shall have all the same.
	 */
	signal(SIGTTOU, SIG_IGN);
	tcsetattr(t->input, TCSANOW, &t->saved);
	t->is_raw = false;
}
