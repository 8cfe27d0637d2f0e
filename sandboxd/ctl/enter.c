/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandboxctl enter: a login by the admin into a running sandbox. A child goes through the student's
 * door as the student; this process, which the broker takes for the session's opener, only holds
 * the lease, waits, and ends as the program did.
 */
#include "ctl/ctl.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "base/str.h"
#include "ctl/client.h"
#include "ctl/login.h"

/* The child: never returns. MASK is the signal mask that the program gets. */
static void run_child(const struct login *login, char **argv, char **envp, const sigset_t *mask)
{
	const char *what;
	int r;

	signals_reset();
	sigprocmask(SIG_SETMASK, mask, NULL);
	r = login_exec(login, argv, envp, &what);
	complain("cannot %s: %s", what, strerror(-r));
	_exit(CTL_FAILED);
}

/* Waits for CHILD and passes on what asks us to end; the signals in WAITED are blocked. Its status.
 */
static int wait_for(pid_t child, const sigset_t *waited)
{
	int status;

	for (;;) {
		int signal_number = sigwaitinfo(waited, NULL);

		if (signal_number == SIGCHLD) {
			if (waitpid(child, &status, WNOHANG) == child)
				return status;
		} else if (signal_number > 0) {
			kill(child,
				signal_number); /* not reaped yet: the number is still its own */
		}
	}
}

/* Ends as the program did: with its exit status, or by its signal. */
static int end_as(int status)
{
	static const struct rlimit no_core = {0};
	int signal_number;
	sigset_t set;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	signal_number = WTERMSIG(status);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(signal_number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, signal_number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(signal_number);
	return 128 + signal_number;
}

static int run(const struct login *login, char *const *words, size_t count)
{
	_cleanup_(login_strings_free) char **argv = login_arguments(login, words, count);
	_cleanup_(login_strings_free) char **envp = login_environment(login);
	sigset_t waited, old;
	pid_t child;

	if (!argv || !envp) {
		complain("out of memory");
		return CTL_FAILED;
	}
	sigemptyset(&waited);
	sigaddset(&waited, SIGCHLD);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGHUP);
	sigprocmask(SIG_BLOCK, &waited, &old);
	/* What the keyboard sends goes to the child too, which shares our process group. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	child = fork();
	if (child < 0) {
		complain("fork: %s", strerror(errno));
		return CTL_FAILED;
	}
	if (child == 0)
		run_child(login, argv, envp, &old);
	return end_as(wait_for(child, &waited));
}

int ctl_enter(const struct ctl *ctl, int argc, char **argv)
{
	_cleanup_reply_ struct reply reply = {0};
	unsigned char buffer[4096];
	struct wire_writer w;
	struct login login;
	int r;

	client_request(&w, buffer, sizeof(buffer), WIRE_ENTER);
	wire_put_string(&w, argv[0]);
	r = client_call(ctl->socket, WIRE_ENTER, &w, isatty(STDIN_FILENO) ? STDIN_FILENO : -1,
		CLIENT_TIMEOUT, LOGIN_FDS, &reply);
	if (r != 0)
		return r;
	if (login_read(&reply, &login) < 0) {
		complain("the broker's answer is no login into a sandbox: nothing was started");
		return CTL_FAILED;
	}
	/* "enter USER -- COMMAND", as the habit is: no shell is to get the dashes. */
	if (argc > 1 && str_eq(argv[1], "--")) {
		argv++;
		argc--;
	}
	return run(&login, argv + 1, (size_t)argc - 1);
}
