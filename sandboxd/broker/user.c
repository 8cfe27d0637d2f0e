/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: see user.h. */
#include "broker/user.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "broker/session.h"

enum { RETRY_INTERVAL = 5 * USEC_PER_SEC };

struct user *user_find(struct broker *broker, uid_t uid)
{
	for (struct user *user = broker->users; user; user = user->next)
		if (user->uid == uid)
			return user;
	return NULL;
}

static int on_retry(sd_event_source *source, uint64_t now, void *userdata)
{
	struct broker *broker = userdata;

	broker->retry_timer = sd_event_source_disable_unref(broker->retry_timer);
	for (struct user *user = broker->users; user; user = user->next)
		if (user->retry && user->sandboxes)
			user_apply(user, &user->sandboxes->policy->quota);
	return 0;
}

/* The kernel refuses MASK for now: it is tried again until it takes it. */
static int retry_later(struct user *user, int mask)
{
	struct broker *broker = user->broker;

	user->retry = mask > 0;
	/* cgroup v1 refuses a memory limit below what is in use: when the use falls, it will take
	 * it. */
	if (mask > 0 && !broker->retry_timer)
		return sd_event_add_time_relative(broker->event, &broker->retry_timer,
			CLOCK_BOOTTIME, RETRY_INTERVAL, 0, on_retry, broker);
	return 0;
}

int user_get(struct broker *broker, uid_t uid, const struct quota *quota, struct user **ret)
{
	struct user *user = user_find(broker, uid);
	int mask;

	if (user) {
		*ret = user;
		return user_apply(user, quota);
	}
	user = calloc(1, sizeof(*user));
	if (!user)
		return -ENOMEM;
	mask = cgroup_user_open(broker->cgroups, uid, quota, &user->cgroup);
	if (mask < 0) {
		free(user);
		return mask;
	}
	user->broker = broker;
	user->uid = uid;
	user->next = broker->users;
	broker->users = user;
	*ret = user;
	return retry_later(user, mask);
}

void user_free(struct user *user)
{
	struct user **at = &user->broker->users;

	while (*at != user)
		at = &(*at)->next;
	*at = user->next;
	cgroup_user_free(user->cgroup);
	free(user);
}

void user_put(struct user *user)
{
	int r;

	if (user->sandboxes)
		return;
	r = cgroup_user_remove(user->cgroup);
	if (r < 0)
		log_warning("cgroup of uid %u: %s", user->uid, strerror(-r));
	else
		user->cgroup = NULL;
	user_free(user);
}

int user_apply(struct user *user, const struct quota *quota)
{
	int mask = cgroup_user_apply(user->cgroup, quota);

	return mask < 0 ? mask : retry_later(user, mask);
}

uint64_t user_count_sessions(const struct user *user)
{
	uint64_t count = 0;

	for (const struct sandbox *sandbox = user->sandboxes; sandbox; sandbox = sandbox->next)
		for (const struct session *session = sandbox->sessions; session;
			session = session->next)
			count += session_counts(session) && !session->ending;
	return count;
}
