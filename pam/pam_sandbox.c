/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session hooks. They run as root inside sshd, login, su, runuser and cron, whose descriptors,
 * signals, limits and environment are whatever their callers made of them: nothing here sets a
 * handler, an alarm or a global, and every wait ends by a monotonic deadline.
 *
 * The order of the questions is the product. root and the exempt are left alone before anything
 * that can fail or wait; who is not in the group, before the broker is asked; and what cannot be
 * told about anyone else refuses.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "pam/account.h"
#include "pam/broker.h"
#include "pam/options.h"
#include "pam/view.h"

#define SESSION_DATA "pam_sandbox_session"
#define GROUP_FILE "/etc/group"

enum {
	UNTOUCHED = 2, /* beside 0 and REFUSED: the login is none of ours */
	LOW_FDS = 3,
	SHOWN_NAME_SIZE = 65,
};

/* What a handle keeps of its session. The lease is known by its file, too: see drop_session(). */
struct session {
	int lease;
	dev_t device;
	ino_t inode;
};

/* A login in the making. */
struct login {
	pam_handle_t *pamh;
	const char *user;
	const char *service; /* after as= */
	const char *tty;     /* without /dev/ */
	const char *rhost;
	struct options options;
	struct account account;
};

static void login_done(struct login *login)
{
	account_done(&login->account);
}

/* Descriptors that keep 0, 1 and 2 taken where the caller had closed them. */
struct low_fds {
	int fds[LOW_FDS];
	int count;
};

/* Nothing opened from now on, here, by NSS or by syslog, becomes somebody's standard output. */
static void low_fds_hold(struct low_fds *low)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	for (; fd >= 0 && fd < LOW_FDS; fd = eventfd(0, EFD_CLOEXEC))
		low->fds[low->count++] = fd;
	close_fd(fd);
}

static void low_fds_done(struct low_fds *low)
{
	while (low->count > 0)
		close(low->fds[--low->count]);
}

/* An item of the handle, "" where it is not set. */
static const char *get_item(const pam_handle_t *pamh, int type)
{
	const void *item = NULL;

	return pam_get_item(pamh, type, &item) == PAM_SUCCESS && item ? item : "";
}

/*
 * Ends a session of this process. It runs in forked children, too (su's child ends its copy of the
 * handle), which may have closed everything and opened something else since: only the same FIFO is
 * closed.
 */
static void drop_session(pam_handle_t *pamh, void *data, int error_status)
{
	struct session *session = data;
	struct stat st;

	(void)pamh;
	(void)error_status;
	if (!session)
		return;
	if (fstat(session->lease, &st) == 0 && S_ISFIFO(st.st_mode) &&
		st.st_dev == session->device && st.st_ino == session->inode)
		close(session->lease);
	free(session);
}

/* The lease becomes the handle's: it is taken out of VIEW. 0, or REFUSED. */
static int keep_lease(pam_handle_t *pamh, struct view *view, struct refusal *refusal)
{
	_cleanup_free_ struct session *session = malloc(sizeof(*session));
	struct stat st;

	if (!session || view->fds[VIEW_LEASE] < LOW_FDS || fstat(view->fds[VIEW_LEASE], &st) < 0)
		return refuse(
			refusal, "no memory or descriptor to keep a session: try again later");
	*session = (struct session){
		.lease = view->fds[VIEW_LEASE],
		.device = st.st_dev,
		.inode = st.st_ino,
	};
	if (pam_set_data(pamh, SESSION_DATA, session, drop_session) != PAM_SUCCESS)
		return refuse(refusal, "PAM cannot keep the session: try again later");
	session = NULL;
	view->fds[VIEW_LEASE] = -EBADF;
	return 0;
}

/* Services that run on a terminal which the caller already has. */
static bool has_own_terminal(const char *service)
{
	static const char services[][12] = {"login", "su", "su-l", "runuser", "runuser-l"};

	for (size_t i = 0; i < ELEMENTS(services); i++)
		if (str_eq(service, services[i]))
			return true;
	return false;
}

/* Where su and login find the name that they give PAM: the first terminal of 0, 1 and 2. */
static int find_terminal(const char *service)
{
	if (has_own_terminal(service))
		for (int fd = 0; fd < LOW_FDS; fd++)
			if (isatty(fd))
				return fd;
	return -EBADF;
}

/* Is what the broker and the log will be told of the login fit to be told? */
static int check_fields(const struct login *login, struct refusal *refusal)
{
	const struct {
		const char *what;
		const char *value;
		size_t max;
		bool may_be_empty;
	} fields[] = {
		{"service's name", login->service, WIRE_NAME_MAX, false},
		{"account's name", login->account.user, WIRE_NAME_MAX, false},
		{"account's home", login->account.home, WIRE_PATH_MAX, false},
		{"account's shell", login->account.shell, WIRE_PATH_MAX, false},
		{"terminal's name", login->tty, WIRE_NAME_MAX, true},
		{"remote host's name", login->rhost, WIRE_TEXT_MAX, true},
	};

	for (size_t i = 0; i < ELEMENTS(fields); i++)
		if (!(fields[i].may_be_empty && !*fields[i].value) &&
			!is_clean_text(fields[i].value, fields[i].max))
			return refuse(refusal,
				"this login's %s is missing, too long or has control characters: "
				"ask the administrator",
				fields[i].what);
	return 0;
}

/* Asks for a sandbox and steps into it. */
static int enter_sandbox(struct login *login, uint64_t deadline, struct refusal *refusal)
{
	_cleanup_(view_done) struct view view = VIEW_NONE;
	_cleanup_free_ struct wire_open *open = calloc(1, sizeof(*open));
	struct account *account = &login->account;
	char gecos[WIRE_TEXT_MAX + 1], session[WIRE_SESSION_MAX + 1];
	int r;

	if (!open)
		return refuse(refusal, "no memory to ask for a sandbox: try again later");
	open->uid = account->uid;
	open->gid = account->gid;
	open->service = login->service;
	open->user = account->user;
	open->gecos = printable_copy(account->gecos, gecos, sizeof(gecos));
	open->home = account->home;
	open->shell = account->shell;
	open->tty = login->tty;
	open->rhost = login->rhost;
	open->group_count = account->gid_count;
	for (size_t i = 0; i < account->gid_count; i++)
		open->groups[i] = (struct wire_group){account->gids[i], account->group_names[i]};
	r = broker_open(login->options.socket, open, find_terminal(login->service), deadline, &view,
		refusal);
	if (r == 0)
		r = keep_lease(login->pamh, &view, refusal);
	if (r)
		return r;
	if (login->options.debug)
		pam_syslog(login->pamh, LOG_DEBUG, "user %s: session %s", account->user,
			printable_copy(view.session, session, sizeof(session)));
	r = view_join(&view, refusal);
	if (r)
		pam_set_data(login->pamh, SESSION_DATA, NULL, NULL);
	return r;
}

/* The questions, in their order. 0 (in the sandbox), REFUSED or UNTOUCHED. */
static int open_session(
	struct login *login, uint64_t start, int argc, const char **argv, struct refusal *refusal)
{
	struct refusal mistake;
	bool member;
	int r, options_result;

	if (str_eq(login->user, "root"))
		return UNTOUCHED;
	options_result = options_parse(argc, argv, &login->options, &mistake);
	if (login->options.as)
		login->service = login->options.as;
	if (!is_clean_text(login->user, WIRE_NAME_MAX))
		return refuse(refusal,
			"the user's name is missing, too long or has control characters: "
			"ask the administrator");
	if (group_file_has_member(GROUP_FILE, login->options.exempt, login->user) > 0)
		return UNTOUCHED;
	r = account_find(login->user, &login->account, refusal);
	if (r)
		return r;
	if (login->account.uid == 0)
		return UNTOUCHED;
	if (options_result)
		return refuse(refusal, "%s", mistake.text);
	r = account_is_in_group(&login->account, login->options.group, &member, refusal);
	if (r)
		return r;
	if (!member)
		return UNTOUCHED;
	if (login->options.gate)
		return refuse(refusal,
			"gate: not in this version of pam_sandbox.so, so sandboxed users "
			"cannot use this service: ask the administrator");
	r = check_fields(login, refusal);
	if (r == 0)
		r = account_check_shell(&login->account, refusal);
	if (r == 0)
		r = account_name_groups(&login->account, refusal);
	return r ? r : enter_sandbox(login, start + login->options.deadline, refusal);
}

/* The user and the log read the same, each one line. PAM_SILENT is for chatter, not for this. */
static void report(const struct login *login, const struct refusal *refusal)
{
	char user[SHOWN_NAME_SIZE], service[SHOWN_NAME_SIZE];

	pam_syslog(login->pamh, LOG_ERR, "user \"%s\", service \"%s\": refused: %s",
		printable_copy(login->user, user, sizeof(user)),
		printable_copy(login->service, service, sizeof(service)), refusal->text);
	pam_error(login->pamh, "sandboxd: %s", refusal->text);
}

static int open_login(pam_handle_t *pamh, int argc, const char **argv)
{
	_cleanup_(low_fds_done) struct low_fds low = {0};
	_cleanup_(login_done) struct login login = {
		.pamh = pamh,
		.user = get_item(pamh, PAM_USER),
		.service = get_item(pamh, PAM_SERVICE),
		.tty = get_item(pamh, PAM_TTY),
		.rhost = get_item(pamh, PAM_RHOST),
		.account = ACCOUNT_NONE,
	};
	struct refusal refusal;
	int r;

	if (str_starts(login.tty, "/dev/"))
		login.tty += strlen("/dev/");
	low_fds_hold(&low);
	r = open_session(&login, clock_monotonic(), argc, argv, &refusal);
	if (r == UNTOUCHED)
		return PAM_IGNORE;
	if (r == 0)
		return PAM_SUCCESS;
	report(&login, &refusal);
	return PAM_SESSION_ERR;
}

__attribute__((visibility("default"))) int pam_sm_open_session(
	pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *session = NULL;

	(void)flags;
	/* su-l includes su: the second of one handle's two lines finds its work done. */
	if (pam_get_data(pamh, SESSION_DATA, &session) == PAM_SUCCESS && session)
		return PAM_SUCCESS;
	return open_login(pamh, argc, argv);
}

/* Never fails: what is left of a session, the broker ends. */
__attribute__((visibility("default"))) int pam_sm_close_session(
	pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *session = NULL;

	(void)flags;
	(void)argc;
	(void)argv;
	if (pam_get_data(pamh, SESSION_DATA, &session) == PAM_SUCCESS && session)
		pam_set_data(pamh, SESSION_DATA, NULL, NULL);
	return PAM_SUCCESS;
}
