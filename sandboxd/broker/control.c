/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker. The peer is root (client.c). */
#include "broker/control.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/reload.h"
#include "broker/session.h"

enum { RECORD_SIZE = 8 * 1024, SHOW_SIZE = 1024 * 1024 };

/* Answers with a sealed memfd of what W holds, so that a slow reader makes nobody wait. */
static void answer_memfd(struct client *client, const struct wire_writer *data)
{
	unsigned char buffer[WIRE_REPLY_MAX];
	_cleanup_close_ int fd = -EBADF;
	struct wire_writer w;
	size_t size;
	int r = wire_writer_end(data, &size);

	if (r >= 0)
		r = fd = fd_memfd_sealed("sandboxd-reply", data->data, size);
	if (r < 0) {
		client_refuse(client, -r, "the answer could not be made: %s", strerror(-r));
		return;
	}
	client_begin(client, &w, buffer, "");
	client_answer(client, &w, &fd, 1);
}

static void fill_addresses(const struct sandbox *s, char *v4, char *v6, struct wire_session *ret)
{
	*v4 = *v6 = '\0';
	if (s->has_network)
		inet_ntop(AF_INET, &s->addresses.inside, v4, INET_ADDRSTRLEN);
	if (s->has_network && s->addresses.has6)
		inet_ntop(AF_INET6, &s->addresses.inside6, v6, INET6_ADDRSTRLEN);
	ret->address = v4;
	ret->address6 = v6;
}

/* SESSION NULL: a sandbox that has none, lingering or not yet answered. */
static void put_record(
	struct wire_writer *w, const struct sandbox *s, const struct session *session)
{
	struct broker *broker = s->broker;
	struct wire_session record = {.session = "", .service = "", .tty = "", .rhost = ""};
	char name[WIRE_SESSION_MAX + 1], line[16], v4[INET_ADDRSTRLEN], v6[INET6_ADDRSTRLEN];

	record.sandbox = s->id;
	record.user = s->account->name;
	record.uid = s->account->uid;
	record.scope = policy_scope_names[s->policy->scope];
	record.state = sandbox_state_names[s->state];
	record.pid = (uint32_t)s->pid;
	record.since = s->since;
	record.until = s->linger_until;
	if (session) {
		snprintf(line, sizeof(line), "sb%s", session->id);
		record.session = session_name(broker, session->id, name);
		record.service = session->service;
		record.tty = line;
		record.rhost = session->rhost;
		record.since = session->since;
		record.until = session->until;
		if (session->ending)
			record.state = sandbox_state_names[SANDBOX_STOPPING];
	} else if (s->state == SANDBOX_RUNNING && !s->waiting) {
		record.state = "lingering";
	}
	fill_addresses(s, v4, v6, &record);
	cgroup_user_usage(s->user->cgroup, QUOTA_MEMORY, &record.memory);
	cgroup_user_usage(s->user->cgroup, QUOTA_PIDS, &record.pids);
	record.memory_max = s->policy->quota.values[QUOTA_MEMORY];
	record.pids_max = s->policy->quota.values[QUOTA_PIDS];
	wire_put_session(w, &record);
}

static size_t count_records(const struct broker *broker)
{
	size_t count = 0;

	for (const struct user *user = broker->users; user; user = user->next) {
		for (const struct sandbox *s = user->sandboxes; s; s = s->next) {
			count += !s->sessions;
			for (const struct session *session = s->sessions; session;
				session = session->next)
				count++;
		}
	}
	return count;
}

void control_list(struct client *client, struct wire_reader *r)
{
	struct broker *broker = client->broker;
	size_t size = count_records(broker) * RECORD_SIZE + 1;
	_cleanup_free_ void *data = malloc(size);
	struct wire_writer w;

	if (!data || wire_reader_end(r) < 0) {
		client_refuse(client, data ? EBADMSG : ENOMEM, "list: malformed, or no memory");
		return;
	}
	wire_writer_init(&w, data, size);
	for (struct user *user = broker->users; user; user = user->next) {
		for (struct sandbox *s = user->sandboxes; s; s = s->next) {
			if (!s->sessions)
				put_record(&w, s, NULL);
			for (struct session *session = s->sessions; session;
				session = session->next)
				put_record(&w, s, session);
		}
	}
	answer_memfd(client, &w);
}

static int put_setting(const char *key, const char *value, const char *origin, void *data)
{
	wire_put_setting(data, &(struct wire_setting){key, value, origin});
	return 0;
}

void control_show(struct client *client, struct wire_reader *r)
{
	_cleanup_free_ struct wire_show *show = calloc(1, sizeof(*show));
	_cleanup_free_ void *data = malloc(SHOW_SIZE);
	struct policy *policy;
	struct wire_writer w;
	int e;

	if (!show || !data) {
		client_refuse(client, ENOMEM, "there is no memory");
		return;
	}
	e = wire_get_show(r, show);
	if (e >= 0)
		e = config_policy(client->broker->config, show->user, show->groups,
			show->group_count, &policy);
	if (e < 0) {
		client_refuse(client, -e, "show: %s", strerror(-e));
		return;
	}
	wire_writer_init(&w, data, SHOW_SIZE);
	policy_visit(policy, put_setting, &w);
	policy_free(policy);
	answer_memfd(client, &w);
}

/* Ends what TARGET means: a session, or all of a user's sessions and sandboxes (NULL: everybody's).
 */
static uint32_t end_target(struct broker *broker, const char *target, const char *reason)
{
	struct session *one = target ? session_find(broker, target) : NULL;
	uint32_t count = 0;

	if (one) {
		session_end(one, reason, true);
		return 1;
	}
	for (struct user *user = broker->users, *next_user; user; user = next_user) {
		next_user = user->next;
		for (struct sandbox *s = user->sandboxes, *next; s; s = next) {
			next = s->next;
			if (target && !str_eq(s->account->name, target))
				continue;
			count += !s->sessions;
			for (struct session *session = s->sessions, *after; session;
				session = after) {
				after = session->next;
				count++;
				session_end(session, reason, true);
			}
			sandbox_end(s, reason);
		}
	}
	return count;
}

void control_kill(struct client *client, struct wire_reader *r)
{
	unsigned char buffer[WIRE_REPLY_MAX];
	const char *target = wire_get_string(r, WIRE_SESSION_MAX);
	const char *given = wire_get_string(r, WIRE_TEXT_MAX);
	char reason[WIRE_TEXT_MAX + 64];
	struct wire_writer w;
	uint32_t count;

	if (wire_reader_end(r) < 0) {
		client_refuse(client, EBADMSG, "kill: malformed");
		return;
	}
	snprintf(
		reason, sizeof(reason), "an administrator ended it%s%s", *given ? ": " : "", given);
	str_make_printable(reason);
	count = end_target(client->broker, target, reason);
	if (!count) {
		client_refuse(client, ENOENT,
			"there is no session %s, and no user of that name has a sandbox", target);
		return;
	}
	client_begin(client, &w, buffer, "");
	wire_put_u32(&w, count);
	client_answer(client, &w, NULL, 0);
}

void control_reload(struct client *client, struct wire_reader *r)
{
	unsigned char buffer[WIRE_REPLY_MAX];
	_cleanup_free_ char *text = NULL;
	struct wire_writer w;
	int e = wire_reader_end(r);

	if (e < 0) {
		client_refuse(client, -e, "reload: malformed");
		return;
	}
	e = reload_config(client->broker, &text);
	if (e < 0) {
		client_refuse(client, -e, "%s", text ? text : strerror(-e));
		return;
	}
	client_begin(client, &w, buffer, text ? text : "");
	client_answer(client, &w, NULL, 0);
}

static int on_drain_over(sd_event_source *source, uint64_t now, void *userdata)
{
	struct broker *broker = userdata;

	broker->drain_timer = sd_event_source_disable_unref(broker->drain_timer);
	end_target(broker, NULL, "the administrator drains this host");
	return 0;
}

void control_restore_drain(struct broker *broker)
{
	broker->drained = faccessat(broker->dirs.state, "drained", F_OK, 0) == 0;
	if (broker->drained)
		log_notice("drained: no new sessions are taken until `sandboxctl drain --off`");
}

static int set_drained(struct broker *broker, bool on)
{
	int r = 0;

	if (on)
		r = fd_replace_file_at(broker->dirs.state, "drained", "", 0, 0600);
	else if (unlinkat(broker->dirs.state, "drained", 0) < 0 && errno != ENOENT)
		r = -errno;
	if (r >= 0)
		broker->drained = on;
	return r;
}

void control_drain(struct client *client, struct wire_reader *r)
{
	struct broker *broker = client->broker;
	uint32_t on = wire_get_u32(r), kill_after = wire_get_u32(r);
	unsigned char buffer[WIRE_REPLY_MAX];
	struct wire_writer w;
	int e = wire_reader_end(r);

	if (e >= 0)
		e = set_drained(broker, on != 0);
	broker->drain_timer = sd_event_source_disable_unref(broker->drain_timer);
	if (e >= 0 && on && kill_after != UINT32_MAX)
		e = sd_event_add_time_relative(broker->event, &broker->drain_timer, CLOCK_BOOTTIME,
			kill_after * USEC_PER_MSEC, 0, on_drain_over, broker);
	if (e < 0) {
		client_refuse(client, -e, "drain: %s", strerror(-e));
		return;
	}
	log_notice(on ? "drained: no new sessions are taken" : "no longer drained");
	client_begin(client, &w, buffer, "");
	client_answer(client, &w, NULL, 0);
}
