/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shim while the program runs, behind its fence. All that PID 1 can say is a status, a signal
 * that ends a process, or once a pty; anything else is nonsense and ends the shim.
 */
#include "shim/wait.h"

#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "shim/relay.h"
#include "wire/protocol.h"
#include "wire/socket.h"

enum { POLL_DOOR, POLL_SIGNALS, POLL_RELAY, POLLS = POLL_RELAY + RELAY_POLLS };

enum {
	/* The kernel tells by number, not by event, that the request has been read: look again. */
	LOOK_MSEC_FIRST = 1,
	LOOK_MSEC_LAST = 200,
	KILLED_STATUS = 128,
};

static _Noreturn void end_by_signal(int number)
{
	sigset_t none;

	signal(number, SIG_DFL);
	sigemptyset(&none);
	kill(getpid(), number);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* One whose default is to do nothing. */
	_exit(KILLED_STATUS + number);
}

static bool is_stop(int number)
{
	return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

static _Noreturn void nonsense(struct shim *shim)
{
	terminal_restore(&shim->terminal);
	shim_die(shim, SHIM_REFUSED, "the sandbox answers nonsense", NULL);
}

static _Noreturn void lost(struct shim *shim)
{
	terminal_restore(&shim->terminal);
	if (!shim->is_taken)
		shim_die(shim, SHIM_REFUSED,
			"the sandbox could not start a program (no memory, or too many processes)",
			NULL);
	shim_die(shim, SHIM_LOST, "the sandbox has ended", NULL);
}

static void on_answer(struct shim *shim, struct relay *relay)
{
	unsigned char answer[2];
	bool wants_pty = shim->terminal.mask && relay->master < 0;
	size_t count = 0;
	int fd = -EBADF;
	ssize_t n = wire_receive(
		shim->door, answer, sizeof(answer), &fd, wants_pty, &count, MSG_DONTWAIT);

	if (n == -ECONNRESET) /* PID 1 left a token unread; what it said before is still there */
		n = wire_receive(
			shim->door, answer, sizeof(answer), &fd, wants_pty, &count, MSG_DONTWAIT);
	if (n == -EAGAIN)
		return;
	if (n == 0 || n == -ECONNRESET)
		lost(shim);
	if (n == 1 && answer[0] == DOOR_PTY && count == 1) {
		shim->is_taken = true;
		if (relay_take_master(relay, fd, &shim->terminal) < 0)
			nonsense(shim);
		terminal_make_raw(&shim->terminal);
		return;
	}
	if (n != 2 || count != 0)
		nonsense(shim);
	relay_drain(relay);
	terminal_restore(&shim->terminal);
	if (answer[0] == DOOR_FAILED)
		shim_die(shim, SHIM_REFUSED, "the sandbox could not start a program",
			say_errno(answer[1]));
	if (answer[0] == DOOR_EXITED)
		_exit(answer[1]);
	if (answer[0] != DOOR_KILLED || answer[1] < 1 || answer[1] >= NSIG || is_stop(answer[1]))
		nonsense(shim);
	end_by_signal(answer[1]);
}

static void on_signal(struct shim *shim, struct relay *relay)
{
	struct signalfd_siginfo info;
	unsigned char token;

	if (read(shim->signals, &info, sizeof(info)) != sizeof(info))
		return;
	token = (unsigned char)info.ssi_signo;
	if (relay->master >= 0 && (token == SIGWINCH || token == SIGCONT)) {
		/* The pty tells the program about its size; after a stop the modes are the
		 * caller's. */
		if (token == SIGCONT)
			terminal_make_raw(&shim->terminal);
		if (ioctl(shim->terminal.foreign, TIOCGWINSZ, &shim->terminal.size) == 0)
			ioctl(relay->master, TIOCSWINSZ, &shim->terminal.size);
		if (token == SIGWINCH)
			return;
	}
	/* Full, or closed: the answer that is coming says more. */
	wire_send(shim->door, &token, sizeof(token), NULL, 0, MSG_DONTWAIT);
}

/* The terminal that was relayed has gone: the connection's closing hangs the program up. */
static _Noreturn void hang_up(struct shim *shim)
{
	terminal_restore(&shim->terminal);
	_exit(KILLED_STATUS + SIGHUP);
}

/* The request has been read: descriptor 2 is the program's alone, unless it is a terminal. */
static void on_taken(struct shim *shim)
{
	shim->is_taken = true;
	if (!isatty(shim->words))
		shim->words = close_fd(shim->words);
}

/* PID 1 answers before it throws a request away that nobody has read. */
static bool has_answer(const struct shim *shim)
{
	struct pollfd p = {.fd = shim->door, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/*
 * How long to wait until the next look at the request's fate, in milliseconds, -1: it is known. A
 * pty that was asked for belongs to it.
 */
static int look_whether_taken(struct shim *shim, const struct relay *relay, int *pause)
{
	bool wants_pty = shim->terminal.mask && relay->master < 0;
	int unread;

	if (!shim->is_taken && ioctl(shim->door, SIOCOUTQ, &unread) == 0 && unread == 0 &&
		!has_answer(shim))
		on_taken(shim);
	if (shim->is_taken && !wants_pty)
		return -1;
	if (clock_monotonic() >= shim->deadline)
		shim_die(shim, SHIM_REFUSED, "no answer from the sandbox", NULL);
	*pause = *pause < LOOK_MSEC_LAST / 2 ? *pause * 2 : LOOK_MSEC_LAST;
	return *pause;
}

static int shorter(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

_Noreturn void wait_for_end(struct shim *shim)
{
	int pause = LOOK_MSEC_FIRST;
	struct relay relay;

	relay_init(&relay, &shim->terminal);
	for (;;) {
		struct pollfd polls[POLLS] = {
			[POLL_DOOR] = {.fd = shim->door, .events = POLLIN},
			[POLL_SIGNALS] = {.fd = shim->signals, .events = POLLIN},
		};
		int timeout = look_whether_taken(shim, &relay, &pause);

		timeout = shorter(timeout, relay_prepare(&relay, polls + POLL_RELAY));
		if (poll(polls, POLLS, timeout) < 0)
			continue;
		if (polls[POLL_SIGNALS].revents)
			on_signal(shim, &relay);
		if (relay_copy(&relay, polls + POLL_RELAY) < 0)
			hang_up(shim);
		if (polls[POLL_DOOR].revents)
			on_answer(shim, &relay);
	}
}
