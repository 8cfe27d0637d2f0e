/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the broker: OPEN and ENTER from request to answer. The order: who is it and what is the
 * policy; may this user open here; a sandbox (joined, or made by a child); a view (made along with
 * it, or copied by a child); the session with its lease and record; the answer.
 */
#include "broker/login.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/accounting.h"
#include "broker/identity.h"
#include "broker/ids.h"
#include "broker/session.h"
#include "broker/subuid.h"
#include "broker/view.h"

enum {
	LOGINS_OF_USER = 32, /* at work at once; beyond them a login waits, within its deadline */
	DEADLINE_MIN = 500,
	DEADLINE_MAX = 600 * 1000,
	DEADLINE_MARGIN = 1000
};

struct login {
	struct client *client;
	struct login *next; /* of those that wait for one sandbox */
	struct sandbox *sandbox;
	struct child *child; /* at work on a copy of the view */
	char session[WIRE_ID_LENGTH + 1];
	char *service;
	char *tty;
	char *rhost;
	char *shell;
	struct account *account; /* until a sandbox has them */
	struct policy *policy;
	uint64_t deadline; /* of the login itself, CLOCK_MONOTONIC */
	bool parked;	   /* too many of its user's are at work */
	bool enter;	   /* sandboxctl's: the answer says who the user is */
};

static int on_room(sd_event_source *source, void *userdata);

/* Room for a parked login, when this turn of the loop is over. */
static void make_room(struct broker *broker)
{
	if (broker->parked_count)
		sd_event_add_defer(broker->event, NULL, on_room, broker);
}

static void login_free(struct login *login)
{
	struct broker *broker = login->client->broker;

	if (login->parked)
		broker->parked_count--;
	else
		make_room(broker);
	child_cancel(login->child);
	account_free(login->account);
	policy_free(login->policy);
	free(login->service);
	free(login->tty);
	free(login->rhost);
	free(login->shell);
	free(login);
}

void login_join(struct login *login, struct sandbox *sandbox)
{
	login->sandbox = sandbox;
	login->next = sandbox->waiting;
	sandbox->waiting = login;
	sandbox_on_used(sandbox);
}

static void leave_queue(struct login *login)
{
	struct login **at = login->sandbox ? &login->sandbox->waiting : NULL;

	while (at && *at && *at != login)
		at = &(*at)->next;
	if (at && *at)
		*at = login->next;
	if (login->sandbox && login->sandbox->first == login)
		login->sandbox->first = NULL;
}

void login_cancel(struct login *login)
{
	struct sandbox *sandbox = login->sandbox;

	leave_queue(login);
	login->client->login = NULL;
	login_free(login);
	/* What was made for it alone goes with it. */
	if (sandbox)
		sandbox_on_idle(sandbox);
}

struct login **login_next(struct login *login)
{
	return &login->next;
}

void login_view(const struct login *login, struct view_request *ret)
{
	snprintf(ret->session, sizeof(ret->session), "%s", login->session);
	ret->terminal = login->client->terminal;
	ret->tty = login->tty;
	ret->shell = login->shell;
}

uint64_t login_time_left(const struct login *login)
{
	uint64_t now = clock_monotonic();
	uint64_t least = DEADLINE_MIN * USEC_PER_MSEC;

	return login->deadline > now + least ? login->deadline - now : least;
}

static void refuse(struct login *login, int status, const char *text)
{
	struct client *client = login->client;
	struct sandbox *sandbox = login->sandbox;

	client->login = NULL;
	leave_queue(login);
	login_free(login);
	client_refuse(client, status, "%s", text);
	if (sandbox)
		sandbox_on_idle(sandbox);
}

/* The last step: a session with its lease, and the answer. */
static void answer(struct login *login, int view)
{
	struct client *client = login->client;
	struct sandbox *sandbox = login->sandbox;
	const struct account *account = sandbox->account;
	struct session_start start = {login->session, login->service, login->tty, login->rhost,
		client->pid, &client->pidfd, view};
	_cleanup_close_ int lease = -EBADF, netns = sandbox_open_pin(sandbox, "net");
	unsigned char buffer[WIRE_REPLY_MAX];
	char name[WIRE_SESSION_MAX + 1];
	struct session *session = NULL;
	struct wire_writer w;
	int r = netns < 0 ? netns : session_new(sandbox, &start, &session, &lease);

	if (r < 0) {
		log_error("login of %s: no session could be made: %s", account->name, strerror(-r));
		refuse(login, -r, "the session could not be recorded; tell your administrator");
		return;
	}
	session_name(sandbox->broker, session->id, name);
	log_info("session %s opened: user %s, service %s, from %s, sandbox %s", name, account->name,
		login->service, *login->rhost ? login->rhost : "here", sandbox->id);
	client_begin(client, &w, buffer, "");
	wire_put_string(&w, name);
	if (login->enter) {
		wire_put_u32(&w, account->uid);
		wire_put_u32(&w, account->gid);
		wire_put_string(&w, account->name);
		wire_put_string(&w, account->home);
		wire_put_string(&w, account->shell);
	}
	leave_queue(login);
	login_free(login);
	/* If it cannot be sent nobody holds the lease, and the session ends by that. */
	client_answer(client, &w, (const int[]){lease, view, netns}, 3);
	accounting_login(sandbox->broker, session);
}

static void on_view(struct broker *broker, struct child_result *result, void *data)
{
	struct login *login = data;

	login->child = NULL;
	if (result->error < 0 || result->fd_count != 1) {
		log_error("login of %s: %s", login->sandbox->account->name, result->text);
		refuse(login, EIO, result->text);
		return;
	}
	answer(login, result->fds[0]);
}

/* A copy of the pinned view, by a child. */
static void copy_view(struct login *login)
{
	struct sandbox *sandbox = login->sandbox;
	_cleanup_close_ int pinned = sandbox_open_pin(sandbox, "view");
	struct view_copy copy = {.broker = sandbox->broker, .pinned = pinned};
	int r = pinned;

	login_view(login, &copy.request);
	if (r >= 0)
		r = child_start(sandbox->broker, view_copy_run, &copy, login_time_left(login),
			on_view, login, &login->child);
	if (r < 0) {
		log_error("login of %s: no view: %s", sandbox->account->name, strerror(-r));
		refuse(login, -r, "the login view could not be made; tell your administrator");
	}
}

void login_on_built(struct login *login, struct sandbox *sandbox, int view)
{
	bool first = sandbox->first == login;

	login_join(login, sandbox);
	/* The view that was made along with the sandbox names the session of the login that it was
	 * made for. */
	if (first)
		answer(login, view);
	else
		copy_view(login);
}

void login_on_failed(struct login *login, int error, const char *text)
{
	/* Its sandbox is going: nothing is to be done to that any more. */
	login->sandbox = NULL;
	refuse(login, -error, text);
}

static struct login *login_new(struct client *client, const struct wire_open *open)
{
	struct login *login = calloc(1, sizeof(*login));
	uint64_t msec = open->deadline_msec;

	if (!login)
		return NULL;
	login->client = client;
	identity_new(login->session);
	login->service = strdup(open->service);
	login->tty = strdup(open->tty);
	login->rhost = strdup(open->rhost);
	login->shell = strdup(open->shell);
	if (!login->service || !login->tty || !login->rhost || !login->shell) {
		login_free(login);
		return NULL;
	}
	str_make_printable(login->service);
	str_make_printable(login->tty);
	str_make_printable(login->rhost);
	/* A second less than the login will wait, so that it hears why. */
	msec = msec > DEADLINE_MAX ? DEADLINE_MAX : msec;
	msec = msec > DEADLINE_MARGIN + DEADLINE_MIN ? msec - DEADLINE_MARGIN : DEADLINE_MIN;
	login->deadline = clock_monotonic() + msec * USEC_PER_MSEC;
	client->login = login;
	return login;
}

static uid_t login_uid(const struct login *login)
{
	const struct account *account = login->sandbox ? login->sandbox->account : login->account;

	return account ? account->uid : (uid_t)-1;
}

/*
 * The sessions of the user of LOGIN, and their other logins that are to become some: many at once
 * must not pass the limit together, nor take every place that the broker has for those that wait.
 */
static uint64_t count_sessions(const struct login *login)
{
	struct broker *broker = login->client->broker;
	uid_t uid = login->account->uid;
	const struct user *user = user_find(broker, uid);
	uint64_t count = user ? user_count_sessions(user) : 0;

	for (const struct client *client = broker->clients; client; client = client->next) {
		const struct login *other = client->login;

		if (other && other != login && identity_service_counts(other->service))
			count += login_uid(other) == uid;
	}
	return count;
}

/* Logins of UID that are neither answered nor parked. */
static size_t count_working(const struct broker *broker, uid_t uid)
{
	size_t count = 0;

	for (const struct client *client = broker->clients; client; client = client->next) {
		const struct login *login = client->login;

		if (login && !login->parked && login_uid(login) == uid)
			count++;
	}
	return count;
}

/* The one question: may this user open here? NULL, or a new sentence why not. */
static char *why_not(const struct login *login)
{
	uint64_t most = login->policy->quota.values[QUOTA_SESSIONS], count;

	if (login->client->broker->drained)
		return str_format("no new sessions are taken: the administrator drains this host; "
				  "try again later");
	if (most == QUOTA_UNLIMITED || !identity_service_counts(login->service))
		return NULL;
	count = count_sessions(login);
	if (count >= most)
		return str_format("you have %llu of %llu sessions open (quota.sessions); end one "
				  "of them first",
			(unsigned long long)count, (unsigned long long)most);
	return NULL;
}

/*
 * Joins the user's sandbox, or has a new one made, with BASE or the range of service.ids; the
 * answer comes by login_on_built() or login_on_failed().
 */
static void find_sandbox(struct login *login, uint32_t base)
{
	struct broker *broker = login->client->broker;
	_cleanup_free_ char *text = NULL;
	struct sandbox *sandbox;
	struct user *user;
	int r = user_get(broker, login->account->uid, &login->policy->quota, &user);

	if (r < 0) {
		log_error("login of %s: quotas: %s", login->account->name, strerror(-r));
		refuse(login, -r, "the quotas could not be set; tell your administrator");
		return;
	}
	sandbox = login->policy->scope == SCOPE_USER ? sandbox_find_shared(user) : NULL;
	if (sandbox) {
		login_join(login, sandbox);
		if (sandbox->state == SANDBOX_RUNNING)
			copy_view(login);
		return;
	}
	r = sandbox_new(user, &login->account, &login->policy, login, base, &text);
	if (r < 0) {
		log_error("login of uid %u: %s", user->uid, text ? text : strerror(-r));
		refuse(login, -r, text ? text : "there is no memory");
		user_put(user);
	}
}

static void on_range(struct broker *broker, struct child_result *result, void *data)
{
	struct login *login = data;

	login->child = NULL;
	if (result->error < 0) {
		log_error("login of %s: %s", login->account->name, result->text);
		refuse(login, -result->error, result->text);
		return;
	}
	find_sandbox(login, result->number);
}

/* Where the range of ids is to be asked for a child does that first. */
static void find_range(struct login *login)
{
	struct broker *broker = login->client->broker;
	int r;

	if (!broker_service(broker)->ids_subuid) {
		find_sandbox(login, 0);
		return;
	}
	r = child_start(broker, subuid_run, login->account->name, login_time_left(login), on_range,
		login, &login->child);
	if (r < 0)
		refuse(login, -r, "there is no process or memory left for the login");
}

static void park(struct login *login)
{
	struct broker *broker = login->client->broker;

	login->parked = true;
	broker->parked_count++;
	/* It takes no place of anybody's. */
	sd_event_source_set_enabled(broker->listener_source, SD_EVENT_ON);
}

static int on_room(sd_event_source *source, void *userdata)
{
	struct broker *broker = userdata;

	for (struct client *client = broker->clients; client; client = client->next) {
		struct login *login = client->login;

		if (!login || !login->parked ||
			count_working(broker, login->account->uid) >= LOGINS_OF_USER)
			continue;
		login->parked = false;
		broker->parked_count--;
		make_room(broker);
		/* The list of clients may be another afterwards. */
		find_range(login);
		break;
	}
	return 0;
}

void login_open(struct client *client, struct wire_reader *r)
{
	struct broker *broker = client->broker;
	_cleanup_free_ struct wire_open *open = calloc(1, sizeof(*open));
	_cleanup_free_ char *reason = NULL;
	struct login *login;
	int e = open ? wire_get_open(r, open) : -ENOMEM;

	if (e < 0) {
		client_refuse(client, -e, "the login's request is malformed");
		return;
	}
	reason = identity_problem(broker_service(broker), open, client->terminal);
	if (reason) {
		client_refuse(client, EINVAL, "%s", reason);
		return;
	}
	login = login_new(client, open);
	e = login ? account_new(open, &login->account) : -ENOMEM;
	if (e >= 0)
		e = account_policy(login->account, broker->config, &login->policy);
	if (e < 0) {
		if (login)
			refuse(login, ENOMEM, "there is no memory");
		else
			client_refuse(client, ENOMEM, "there is no memory");
		return;
	}
	reason = why_not(login);
	if (reason) {
		log_notice("login of %s by %s refused: %s", login->account->name, login->service,
			reason);
		refuse(login, EUSERS, reason);
		return;
	}
	if (count_working(broker, login->account->uid) > LOGINS_OF_USER)
		park(login);
	else
		find_range(login);
}

/* The sandbox that sandboxctl means: a session's, or the only or first running one of a user. */
static struct sandbox *find_target(struct broker *broker, const char *target)
{
	struct session *session = session_find(broker, target);

	if (session)
		return session->sandbox;
	for (struct user *user = broker->users; user; user = user->next)
		for (struct sandbox *s = user->sandboxes; s; s = s->next)
			if (s->state == SANDBOX_RUNNING && str_eq(s->account->name, target))
				return s;
	return NULL;
}

void login_enter(struct client *client, struct wire_reader *r)
{
	struct wire_open open = {
		.service = "sandboxctl", .tty = "", .rhost = "", .deadline_msec = 10 * 1000};
	const char *target = wire_get_string(r, WIRE_SESSION_MAX);
	struct sandbox *sandbox;
	struct login *login;
	char tty[WIRE_NAME_MAX + 1];

	if (wire_reader_end(r) < 0) {
		client_refuse(client, EBADMSG, "the request is malformed");
		return;
	}
	sandbox = find_target(client->broker, target);
	if (!sandbox || sandbox->state != SANDBOX_RUNNING) {
		client_refuse(client, ENOENT,
			"%s has no running sandbox, and there is no such session", target);
		return;
	}
	if (client->terminal >= 0 && identity_terminal_name(client->terminal, tty) == 0)
		open.tty = tty;
	else
		client->terminal = close_fd(client->terminal);
	open.shell = sandbox->account->shell;
	login = login_new(client, &open);
	if (!login) {
		client_refuse(client, ENOMEM, "there is no memory");
		return;
	}
	login->enter = true;
	login_join(login, sandbox);
	log_notice("an administrator (process %d) enters the sandbox %s of %s", (int)client->pid,
		sandbox->id, sandbox->account->name);
	copy_view(login);
}
