/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: see session.h. */
#include "broker/session.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/str.h"
#include "broker/accounting.h"
#include "broker/identity.h"
#include "broker/lease.h"
#include "broker/leftover.h"
#include "broker/record.h"

enum {
	ROUND = 50 * USEC_PER_MSEC,	 /* between two looks at what is left of a session */
	TELL_TIME = 200 * USEC_PER_MSEC, /* for a line to reach the terminals */
	ROUND_PART = 4,			 /* looks take less than this part of the time */
	GRACE = 2 * USEC_PER_SEC,	 /* that a login may take to end by itself */
	TERM_TIME = 2 * USEC_PER_SEC,	 /* between SIGTERM and SIGKILL */
};

static void session_free(struct session *s)
{
	sd_event_source_disable_unref(s->opener_source);
	sd_event_source_disable_unref(s->lease_source);
	sd_event_source_disable_unref(s->timer);
	close_fd(s->opener_fd);
	close_fd(s->lease);
	free(s->service);
	free(s->tty);
	free(s->rhost);
	free(s);
}

void session_forget(struct session *s)
{
	struct session **at = &s->sandbox->sessions;

	while (*at && *at != s)
		at = &(*at)->next;
	if (*at)
		*at = s->next;
	session_free(s);
}

bool session_counts(const struct session *s)
{
	return identity_service_counts(s->service);
}

const char *session_name(const struct broker *broker, const char *id, char *buffer)
{
	snprintf(buffer, WIRE_SESSION_MAX + 1, "%s-%s", broker->host, id);
	return buffer;
}

struct session *session_find(const struct broker *broker, const char *id)
{
	char name[WIRE_SESSION_MAX + 1];

	for (struct user *user = broker->users; user; user = user->next)
		for (struct sandbox *sandbox = user->sandboxes; sandbox; sandbox = sandbox->next)
			for (struct session *s = sandbox->sessions; s; s = s->next)
				if (str_eq(s->id, id) ||
					str_eq(session_name(broker, s->id, name), id))
					return s;
	return NULL;
}

/* Nothing of it is left. */
static void finish(struct session *s)
{
	struct sandbox *sandbox = s->sandbox;
	struct broker *broker = sandbox->broker;

	accounting_logout(broker, s);
	lease_remove(broker->dirs.leases, s->id);
	unlinkat(broker->dirs.sessions, s->id, 0);
	session_forget(s);
	sandbox_on_idle(sandbox);
}

/*
 * The signal for this look. A login that gave its lease back itself (su, at the end of its session)
 * is left in peace for a while to end as it wants to; what is left of a dead one, and one that is
 * being ended, gets SIGTERM and then SIGKILL.
 */
static int next_signal(struct session *s)
{
	uint64_t now = clock_monotonic();

	if (!s->end_opener && !process_has_exited(s->opener_fd) && now - s->ended < GRACE)
		return 0;
	if (!s->pressed) {
		s->pressed = now;
		return SIGTERM;
	}
	return now - s->pressed >= TERM_TIME ? SIGKILL : 0;
}

/*
 * A look goes through all processes of the host, and one user can have many sessions end at once,
 * with many processes beside them: that must not keep the broker from the logins of others.
 */
static uint64_t next_round(const struct broker *broker, uint64_t took)
{
	uint64_t ending = 0;

	for (const struct user *user = broker->users; user; user = user->next)
		for (const struct sandbox *sandbox = user->sandboxes; sandbox;
			sandbox = sandbox->next)
			for (const struct session *s = sandbox->sessions; s; s = s->next)
				ending += s->ending;
	return ROUND + took * ending * ROUND_PART;
}

/* One look at what is left: its opener, where that has to go too, and whatever is in its view. */
static int on_round(sd_event_source *source, uint64_t now, void *userdata)
{
	struct session *s = userdata;
	int signal = next_signal(s);
	bool opener = s->end_opener && !process_has_exited(s->opener_fd);
	uint64_t began = clock_monotonic();
	int left;

	s->timer = sd_event_source_disable_unref(s->timer);
	if (opener && signal)
		process_signal(s->opener_fd, signal);
	left = leftover_signal(s->id, s->view, s->sandbox->account->uid, signal);
	if (left <= 0 && !opener) {
		finish(s);
		return 0;
	}
	return sd_event_add_time_relative(s->sandbox->broker->event, &s->timer, CLOCK_BOOTTIME,
		next_round(s->sandbox->broker, clock_monotonic() - began), 0, on_round, s);
}

static bool is_last(const struct session *s)
{
	for (const struct session *other = s->sandbox->sessions; other; other = other->next)
		if (!other->ending)
			return false;
	return !s->sandbox->waiting;
}

static int on_begin(sd_event_source *source, uint64_t now, void *userdata)
{
	struct session *s = userdata;

	/* What stops with it need not wait until its login is gone. */
	if (s->sandbox->policy->scope == SCOPE_SESSION && is_last(s))
		sandbox_stop(s->sandbox, "its last session ends");
	return on_round(source, now, s);
}

void session_end(struct session *s, const char *reason, bool end_opener)
{
	char name[WIRE_SESSION_MAX + 1], text[WIRE_TEXT_MAX + 1];

	if (s->ending)
		return;
	s->ending = true;
	s->ended = clock_monotonic();
	s->end_opener = end_opener;
	s->opener_source = sd_event_source_disable_unref(s->opener_source);
	s->lease_source = sd_event_source_disable_unref(s->lease_source);
	s->timer = sd_event_source_disable_unref(s->timer);
	session_name(s->sandbox->broker, s->id, name);
	log_info("session %s closed: user %s, %s", name, s->sandbox->account->name, reason);
	if (end_opener && s->sandbox->state == SANDBOX_RUNNING) {
		snprintf(text, sizeof(text), "sandbox: session %s ends: %s", name, reason);
		sandbox_tell(s->sandbox, text);
		/* The line has to pass the login that is to be ended. */
		if (sd_event_add_time_relative(s->sandbox->broker->event, &s->timer, CLOCK_BOOTTIME,
			    TELL_TIME, 0, on_begin, s) >= 0)
			return;
	}
	on_begin(NULL, 0, s);
}

static int on_opener_exit(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	session_end(userdata, "its login has ended", false);
	return 0;
}

static int on_lease(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	if (!lease_is_held(fd))
		session_end(userdata, "its lease was given back", false);
	return 0;
}

static int on_time_over(sd_event_source *source, uint64_t now, void *userdata)
{
	session_end(userdata, "its time (quota.session_time) is over", true);
	return 0;
}

int session_arm_time(struct session *s)
{
	uint64_t limit = s->sandbox->policy->quota.values[QUOTA_SESSION_TIME];
	uint64_t now = clock_realtime();

	if (s->ending)
		return 0;
	s->timer = sd_event_source_disable_unref(s->timer);
	s->until = limit == QUOTA_UNLIMITED ? 0 : s->since + limit;
	if (!s->until)
		return 0;
	return sd_event_add_time_relative(s->sandbox->broker->event, &s->timer, CLOCK_BOOTTIME,
		s->until > now ? s->until - now : 0, USEC_PER_SEC, on_time_over, s);
}

/* The opener's end before the lease's: it is what a killed login leaves first. */
static int watch(struct session *s)
{
	sd_event *event = s->sandbox->broker->event;
	int r = sd_event_add_io(event, &s->opener_source, s->opener_fd, EPOLLIN, on_opener_exit, s);

	if (r >= 0)
		r = sd_event_add_io(event, &s->lease_source, s->lease, EPOLLIN, on_lease, s);
	if (r >= 0)
		r = sd_event_source_set_priority(s->lease_source, SD_EVENT_PRIORITY_IMPORTANT);
	if (r >= 0)
		r = sd_event_source_set_description(s->opener_source, "opener");
	if (r >= 0)
		r = sd_event_source_set_description(s->lease_source, "lease");
	return r < 0 ? r : session_arm_time(s);
}

static int fill(struct session *s, struct session_start *start)
{
	struct stat st;

	s->opener_fd = take_fd(start->opener_fd);
	s->opener = start->opener;
	s->since = clock_realtime();
	snprintf(s->id, sizeof(s->id), "%s", start->id);
	s->service = strdup(start->service);
	s->tty = strdup(start->tty);
	s->rhost = strdup(start->rhost);
	if (!s->service || !s->tty || !s->rhost)
		return -ENOMEM;
	if (fstat(start->view, &st) < 0)
		return -errno;
	s->view = st.st_ino;
	return process_start_time(s->opener, &s->opener_start);
}

int session_new(
	struct sandbox *sandbox, struct session_start *start, struct session **ret, int *ret_lease)
{
	struct broker *broker = sandbox->broker;
	struct session *s = calloc(1, sizeof(*s));
	_cleanup_close_ int lease = -EBADF;
	int r;

	if (!s)
		return -ENOMEM;
	s->sandbox = sandbox;
	s->opener_fd = s->lease = -EBADF;
	r = fill(s, start);
	if (r >= 0)
		r = lease_new(broker->dirs.leases, s->id, &s->lease, &lease);
	if (r >= 0)
		r = watch(s);
	if (r >= 0)
		r = record_write_session(s);
	if (r < 0) {
		lease_remove(broker->dirs.leases, s->id);
		session_free(s);
		return r;
	}
	s->next = sandbox->sessions;
	sandbox->sessions = s;
	*ret = s;
	*ret_lease = take_fd(&lease);
	return 0;
}

/* Its sandbox is gone: what is left of the login goes at once. */
static void sweep(struct broker *broker, struct session *s)
{
	_cleanup_close_ int opener = -EBADF;

	if (process_open_exact(s->opener, s->opener_start, &opener) == 0)
		process_signal(opener, SIGTERM);
	leftover_signal(s->id, s->view, 0, SIGKILL);
	log_info("session %s closed: its sandbox ended while no broker ran", s->id);
	lease_remove(broker->dirs.leases, s->id);
	unlinkat(broker->dirs.sessions, s->id, 0);
	session_free(s);
}

int session_restore(struct broker *broker, const char *id)
{
	char sandbox[WIRE_ID_LENGTH + 1];
	struct session *s;
	int r = record_read_session(broker, id, &s, sandbox);

	if (r < 0)
		return r;
	s->sandbox = sandbox_find(broker, sandbox);
	if (!s->sandbox) {
		sweep(broker, s);
		return 0;
	}
	s->next = s->sandbox->sessions;
	s->sandbox->sessions = s;
	sandbox_on_used(s->sandbox);
	r = process_open_exact(s->opener, s->opener_start, &s->opener_fd);
	if (r >= 0)
		r = lease_open(broker->dirs.leases, id, &s->lease);
	if (r >= 0)
		r = watch(s);
	if (r < 0 && r != -ESRCH)
		log_warning("session %s cannot be taken over: %s", id, strerror(-r));
	if (r < 0 || !lease_is_held(s->lease))
		session_end(s, "it ended while no broker ran", r < 0 && r != -ESRCH);
	return 0;
}
