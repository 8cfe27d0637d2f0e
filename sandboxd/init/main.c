/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox-init: PID 1 of a sandbox, uid 0 of its user namespace, executed by the broker's child
 * with the descriptors of wire/start.h. It opens the door, starts a login for each connection,
 * reaps, tells the student about limits and what the broker says, and ends with the last process
 * once it is told to stop. One is there for each login that the machine has, so it has no heap and
 * touches little memory.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "init/door.h"
#include "init/identity.h"
#include "init/loop.h"
#include "init/notice.h"
#include "init/place.h"
#include "init/reap.h"
#include "init/settings.h"

static bool is_stopping;
static bool has_children = true;

/* Everything in the sandbox is asked to end; PID 1 itself is not among those that -1 names. */
static void stop(void)
{
	is_stopping = true;
	door_close();
	kill(-1, SIGHUP);
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	has_children = reap_all();
}

static void on_signal(struct watch *watch, uint32_t events)
{
	struct signalfd_siginfo info;

	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		has_children = reap_all();
	else if (info.ssi_signo == SIGUSR1)
		notice_show_message();
	else
		stop();
}

static int watch_signals(struct watch *watch)
{
	sigset_t all, watched;

	signals_reset();
	/* All are blocked: in PID 1 nothing but what it reads from here has an effect. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGUSR1);
	sigaddset(&watched, SIGINT);
	watch->on_event = on_signal;
	watch->fd = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	return watch->fd < 0 ? -errno : loop_add(watch, EPOLLIN);
}

/* Does what is due; when something will be. */
static uint64_t check_times(void)
{
	uint64_t door = door_check_deadlines();
	uint64_t notice = notice_check(door_is_used());

	return door < notice ? door : notice;
}

int main(void)
{
	/* Not static: the stack's page is there anyway, and both live as long as the sandbox. */
	struct settings settings;
	struct watch signals;

	if (settings_read(&settings) < 0 || place_join(&settings) < 0 || identity_prepare() < 0)
		return EXIT_FAILURE;
	prctl(PR_SET_NAME, "sandbox-init", 0, 0, 0);
	if (loop_init() < 0 || watch_signals(&signals) < 0 || door_open(&settings) < 0)
		return EXIT_FAILURE;
	notice_open(&settings);
	while (!is_stopping || has_children)
		loop_turn(check_times());
	return EXIT_SUCCESS;
}
