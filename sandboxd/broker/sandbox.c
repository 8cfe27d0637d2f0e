/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: the life of a sandbox, from the child that builds it to the last thing that is
 * freed. */
#include "broker/sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/str.h"
#include "broker/build.h"
#include "broker/identity.h"
#include "broker/ids.h"
#include "broker/info.h"
#include "broker/login.h"
#include "broker/pin.h"
#include "broker/record.h"
#include "broker/resources.h"
#include "broker/session.h"
#include "broker/upstream.h"

enum { REMOVE_PAUSE = 20 * USEC_PER_MSEC, REMOVE_PAUSE_MAX = USEC_PER_SEC };

const char *const sandbox_state_names[SANDBOX_STATE_COUNT] = {"starting", "running", "stopping"};

struct sandbox *sandbox_find(const struct broker *broker, const char *id)
{
	for (struct user *user = broker->users; user; user = user->next)
		for (struct sandbox *s = user->sandboxes; s; s = s->next)
			if (str_eq(s->id, id))
				return s;
	return NULL;
}

struct sandbox *sandbox_find_shared(const struct user *user)
{
	for (struct sandbox *s = user->sandboxes; s; s = s->next)
		if (s->policy->scope == SCOPE_USER && s->state != SANDBOX_STOPPING && !s->doomed)
			return s;
	return NULL;
}

static void unlink_from_user(struct sandbox *s)
{
	struct sandbox **at = &s->user->sandboxes;

	while (*at && *at != s)
		at = &(*at)->next;
	if (*at)
		*at = s->next;
}

void sandbox_forget(struct sandbox *s)
{
	while (s->sessions)
		session_forget(s->sessions);
	child_cancel(s->child);
	sd_event_source_disable_unref(s->pid_source);
	sd_event_source_disable_unref(s->timer);
	close_fd(s->pidfd);
	if (s->user)
		unlink_from_user(s);
	cgroup_sandbox_free(s->cgroup);
	account_free(s->account);
	policy_free(s->policy);
	free(s);
}

static void fail_waiting(struct sandbox *s, int error, const char *text)
{
	struct login *login = take_ptr(&s->waiting);

	s->first = NULL;
	while (login) {
		struct login *next = *login_next(login);

		login_on_failed(login, error, text);
		login = next;
	}
}

/* Frees what only a dead sandbox has: the record last, so that a broker that dies here is followed
 * by one that goes on. */
static void remove_remains(struct sandbox *s)
{
	struct broker *broker = s->broker;
	struct user *user = s->user;

	resources_remove(s);
	unlinkat(broker->dirs.sandboxes, s->id, 0);
	log_info("sandbox %s of %s is gone", s->id, s->account->name);
	sandbox_forget(s);
	user_put(user);
}

static int remove_cgroup(struct sandbox *s)
{
	int r;

	cgroup_sandbox_kill(s->cgroup);
	r = cgroup_sandbox_remove(s->cgroup);
	if (r < 0 && r != -EBUSY)
		log_warning("cgroup of sandbox %s: %s", s->id, strerror(-r));
	return r;
}

static int on_remove(sd_event_source *source, uint64_t now, void *userdata);

/* Ever more seldom: a process that a dead file server holds may stay for long. */
static int try_later(struct sandbox *s)
{
	s->remove_pause = s->remove_pause ? s->remove_pause * 2 : REMOVE_PAUSE;
	if (s->remove_pause > REMOVE_PAUSE_MAX)
		s->remove_pause = REMOVE_PAUSE_MAX;
	return sd_event_add_time_relative(
		s->broker->event, &s->timer, CLOCK_BOOTTIME, s->remove_pause, 0, on_remove, s);
}

/* Tries again while the kernel still has processes in the cgroup, or a session's login is still
 * being ended. */
static int on_remove(sd_event_source *source, uint64_t now, void *userdata)
{
	struct sandbox *s = userdata;

	s->timer = sd_event_source_disable_unref(s->timer);
	if (s->cgroup && remove_cgroup(s) >= 0)
		s->cgroup = NULL;
	if (s->cgroup || s->sessions)
		return try_later(s);
	remove_remains(s);
	return 0;
}

/* PID 1 is dead, and with it all of its PID namespace. */
static void on_gone(struct sandbox *s, const char *text)
{
	s->state = SANDBOX_STOPPING;
	s->pid_source = sd_event_source_disable_unref(s->pid_source);
	s->timer = sd_event_source_disable_unref(s->timer);
	fail_waiting(s, -ECANCELED, text);
	pin_remove(s->broker->dirs.pins, broker_service(s->broker)->run_dir, s->id);
	for (struct session *session = s->sessions, *next; session; session = next) {
		next = session->next;
		session_end(session, "the sandbox has ended", true);
	}
	on_remove(NULL, 0, s);
}

static int on_pid1_exit(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct sandbox *s = userdata;

	if (s->state != SANDBOX_STOPPING)
		log_warning("PID 1 of sandbox %s of %s has died", s->id, s->account->name);
	on_gone(s, "the sandbox has ended while you logged in; try again");
	return 0;
}

static int watch_pid1(struct sandbox *s)
{
	int r = sd_event_add_io(
		s->broker->event, &s->pid_source, s->pidfd, EPOLLIN, on_pid1_exit, s);

	return r < 0 ? r : sd_event_source_set_description(s->pid_source, "PID 1");
}

static int on_stop_timeout(sd_event_source *source, uint64_t now, void *userdata)
{
	struct sandbox *s = userdata;

	s->timer = sd_event_source_disable_unref(s->timer);
	process_signal(s->pidfd, SIGKILL);
	return 0;
}

void sandbox_stop(struct sandbox *s, const char *reason)
{
	int r;

	if (s->state == SANDBOX_STOPPING)
		return;
	log_debug("sandbox %s of %s stops: %s", s->id, s->account->name, reason);
	s->timer = sd_event_source_disable_unref(s->timer);
	if (s->state == SANDBOX_STARTING) {
		child_cancel(take_ptr(&s->child));
		on_gone(s, reason);
		return;
	}
	s->state = SANDBOX_STOPPING;
	process_signal(s->pidfd, SIGTERM);
	r = sd_event_add_time_relative(s->broker->event, &s->timer, CLOCK_BOOTTIME,
		s->policy->stop_timeout, 0, on_stop_timeout, s);
	if (r < 0)
		process_signal(s->pidfd, SIGKILL);
}

void sandbox_end(struct sandbox *s, const char *reason)
{
	s->doomed = true;
	if (!s->sessions)
		sandbox_stop(s, reason);
}

static int on_linger_over(sd_event_source *source, uint64_t now, void *userdata)
{
	sandbox_stop(userdata, "its linger time is over");
	return 0;
}

/* Linger counts the time that the machine was suspended, too. */
static void start_lingering(struct sandbox *s, uint64_t usec)
{
	int r = sd_event_add_time_relative(
		s->broker->event, &s->timer, CLOCK_BOOTTIME, usec, USEC_PER_SEC, on_linger_over, s);

	s->linger_until = clock_realtime() + usec;
	if (r >= 0)
		r = record_write_sandbox(s);
	if (r < 0)
		log_warning("sandbox %s: linger: %s", s->id, strerror(-r));
}

void sandbox_on_idle(struct sandbox *s)
{
	if (s->state != SANDBOX_RUNNING || s->sessions || s->waiting)
		return;
	if (s->policy->scope == SCOPE_USER && s->policy->linger > 0 && !s->doomed)
		start_lingering(s, s->policy->linger);
	else
		sandbox_stop(s, "its last session has ended");
}

void sandbox_on_used(struct sandbox *s)
{
	if (s->state == SANDBOX_STOPPING)
		return;
	s->timer = sd_event_source_disable_unref(s->timer);
	s->linger_until = 0;
}

/* Pins and records what the child has made. */
static int adopt(struct sandbox *s, struct child_result *result)
{
	struct broker *broker = s->broker;
	int r;

	if (result->fd_count < 3)
		return -EBADMSG;
	s->pid = (pid_t)result->number;
	s->pidfd = take_fd(&result->fds[0]);
	r = process_start_time(s->pid, &s->start);
	if (r >= 0)
		r = pin_add(broker->dirs.pins, broker_service(broker)->run_dir, s->id, "net",
			result->fds[1]);
	if (r >= 0)
		r = pin_add(broker->dirs.pins, broker_service(broker)->run_dir, s->id, "view",
			result->fds[2]);
	if (r >= 0) {
		s->state = SANDBOX_RUNNING;
		r = record_write_sandbox(s);
	}
	if (r >= 0 && s->has_network)
		r = network_allow_add(broker_service(broker), s->id, s->policy);
	return r < 0 ? r : watch_pid1(s);
}

static void on_built(struct broker *broker, struct child_result *result, void *data)
{
	struct sandbox *s = data;
	struct login *login;
	int view;

	s->child = NULL;
	if (result->error < 0) {
		log_error("sandbox %s of %s: %s", s->id, s->account->name, result->text);
		fail_waiting(s, result->error, result->text);
		on_gone(s, result->text);
		return;
	}
	result->error = adopt(s, result);
	if (result->error < 0) {
		log_error(
			"sandbox %s of %s: %s", s->id, s->account->name, strerror(-result->error));
		process_signal(s->pidfd, SIGKILL);
		on_gone(s, "the sandbox could not be recorded; tell your administrator");
		return;
	}
	view = result->fds[result->fd_count > 3 ? 3 : 2];
	login = take_ptr(&s->waiting);
	while (login) {
		struct login *next = *login_next(login);

		login_on_built(login, s, view);
		login = next;
	}
	sandbox_on_idle(s);
}

static int prepare_build(struct sandbox *s, struct login *login, struct build *b, char **ret_text)
{
	int kept = account_kept_groups(s->account, s->policy, b->kept);

	if (kept < 0) {
		*ret_text = str_format(
			"groups_keep keeps more than %d of your groups", ACCOUNT_KEPT_MAX);
		return kept;
	}
	for (int i = 0; i < kept; i++) {
		if (ids_contains(broker_service(s->broker), b->kept[i])) {
			*ret_text = str_format(
				"gid %u, kept by groups_keep, lies in service.ids", b->kept[i]);
			return -EINVAL;
		}
	}
	b->kept_count = (size_t)kept;
	b->broker = s->broker;
	b->account = s->account;
	b->policy = s->policy;
	b->id = s->id;
	b->hostname = s->hostname;
	b->base = s->base;
	b->addresses = s->has_network ? &s->addresses : NULL;
	b->cgroup = s->cgroup;
	login_view(login, &b->view);
	return 0;
}

int sandbox_new(struct user *user, struct account **account, struct policy **policy,
	struct login *login, uint32_t base, char **ret_text)
{
	struct sandbox *s = calloc(1, sizeof(*s));
	_cleanup_free_ struct build *b = calloc(1, sizeof(*b));
	int r;

	if (!s || !b) {
		free(s);
		return -ENOMEM;
	}
	s->broker = user->broker;
	s->user = user;
	s->pidfd = -EBADF;
	s->since = clock_realtime();
	s->account = take_ptr(account);
	s->policy = take_ptr(policy);
	do
		identity_new(s->id);
	while (sandbox_find(s->broker, s->id));
	upstream_refresh(s->broker);
	policy_hostname(s->policy, s->account->name, s->broker->host, s->hostname);
	r = resources_make(s, base, ret_text);
	if (r >= 0)
		r = prepare_build(s, login, b, ret_text);
	if (r >= 0)
		r = child_start(
			s->broker, build_run, b, login_time_left(login), on_built, s, &s->child);
	if (r < 0) {
		info_remove(s->broker->dirs.info, s->id);
		if (s->cgroup && cgroup_sandbox_remove(s->cgroup) >= 0)
			s->cgroup = NULL;
		s->user = NULL;
		sandbox_forget(s);
		return r;
	}
	s->next = user->sandboxes;
	user->sandboxes = s;
	s->first = login;
	login_join(login, s);
	return 0;
}

int sandbox_open_pin(const struct sandbox *s, const char *kind)
{
	return pin_open(s->broker->dirs.pins, s->id, kind);
}

int sandbox_write_info(struct sandbox *s)
{
	return info_write(s->broker, s);
}

void sandbox_tell(struct sandbox *s, const char *text)
{
	if (s->state == SANDBOX_STARTING || s->pidfd < 0)
		return;
	if (info_write_message(s->broker->dirs.info, s->id, text) >= 0)
		process_signal(s->pidfd, SIGUSR1);
}

int sandbox_restore(struct broker *broker, const char *id)
{
	struct sandbox *s;
	uint64_t now = clock_realtime();
	int r = record_read_sandbox(broker, id, &s);

	if (r < 0)
		return r;
	r = process_open_exact(s->pid, s->start, &s->pidfd);
	if (r >= 0)
		r = user_get(broker, s->account->uid, &s->policy->quota, &s->user);
	if (r >= 0)
		r = cgroup_sandbox_find(s->user->cgroup, id, &s->cgroup);
	if (r < 0) {
		s->user = NULL;
		sandbox_forget(s);
		return r;
	}
	s->next = s->user->sandboxes;
	s->user->sandboxes = s;
	network_addresses_get(broker_service(broker), s->addresses.index, &s->addresses);
	if (s->has_network)
		network_allow_add(broker_service(broker), s->id, s->policy);
	r = watch_pid1(s);
	if (r >= 0)
		r = sandbox_write_info(s);
	if (s->state == SANDBOX_STOPPING) {
		s->state = SANDBOX_RUNNING;
		sandbox_stop(s, "it was stopping when the broker ended");
	} else {
		s->state = SANDBOX_RUNNING;
		if (s->linger_until)
			start_lingering(s, s->linger_until > now ? s->linger_until - now : 0);
	}
	return r;
}

void sandbox_sweep(struct broker *broker, const char *id)
{
	pin_remove(broker->dirs.pins, broker_service(broker)->run_dir, id);
	info_remove(broker->dirs.info, id);
	unlinkat(broker->dirs.sandboxes, id, 0);
}
