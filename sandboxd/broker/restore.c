/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker, at its start, before it takes connections. The records say what should be; the
 * kernel says what is. */
#include "broker/restore.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/lease.h"
#include "broker/session.h"
#include "broker/user.h"

enum { SWEEP_TRIES = 100 };

/* Calls VISIT with each name of 8 hex digits (before a dot) in the directory DIR. */
static int for_each_id(
	struct broker *broker, int dir, void (*visit)(struct broker *broker, const char *id))
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list) {
		close_fd(copy);
		return -errno;
	}
	for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
		char id[WIRE_ID_LENGTH + 1];

		snprintf(id, sizeof(id), "%.*s", (int)strcspn(entry->d_name, "."), entry->d_name);
		if (str_is_hex(id, WIRE_ID_LENGTH))
			visit(broker, id);
		else if (entry->d_name[0] == '.' &&
			 str_starts(entry->d_name + strspn(entry->d_name, "."), "new"))
			unlinkat(dir, entry->d_name, 0);
	}
	return 0;
}

static void restore_sandbox(struct broker *broker, const char *id)
{
	int r = sandbox_restore(broker, id);

	if (r < 0) {
		log_info("sandbox %s has ended while no broker ran", id);
		sandbox_sweep(broker, id);
	}
}

static void restore_session(struct broker *broker, const char *id)
{
	int r = session_restore(broker, id);

	if (r < 0) {
		log_warning("session %s: its record cannot be read: %s", id, strerror(-r));
		unlinkat(broker->dirs.sessions, id, 0);
	}
}

static void sweep_lease(struct broker *broker, const char *id)
{
	if (!session_find(broker, id))
		lease_remove(broker->dirs.leases, id);
}

static void sweep_sandbox(struct broker *broker, const char *id)
{
	if (!sandbox_find(broker, id))
		sandbox_sweep(broker, id);
}

/* What cgroups there are, gathered first: removing while visiting would pull the floor away. */
struct leftovers {
	struct {
		uid_t uid;
		char id[WIRE_ID_LENGTH + 1]; /* "": the user's own */
	} * items;
	size_t count;
};

static void gather(uid_t uid, const char *id, void *data)
{
	struct leftovers *list = data;
	void *items = reallocarray(list->items, list->count + 1, sizeof(*list->items));

	if (!items)
		return;
	list->items = items;
	list->items[list->count].uid = uid;
	snprintf(list->items[list->count].id, sizeof(list->items[0].id), "%s", id ? id : "");
	list->count++;
}

/* A sandbox without a record: its broker died before it had answered for it. */
static void remove_cgroup(struct broker *broker, uid_t uid, const char *id)
{
	struct cgroup_sandbox *cgroup;
	struct quota quota;
	struct user *user;
	int r;

	quota_init(&quota);
	user = user_find(broker, uid);
	r = user ? 0 : user_get(broker, uid, &quota, &user);
	if (r < 0 || cgroup_sandbox_find(user->cgroup, id, &cgroup) < 0)
		return;
	for (int i = 0; i < SWEEP_TRIES; i++) {
		cgroup_sandbox_kill(cgroup);
		r = cgroup_sandbox_remove(cgroup);
		if (r != -EBUSY)
			break;
		nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
	}
	if (r < 0) {
		log_warning("cgroup of sandbox %s: %s", id, strerror(-r));
		cgroup_sandbox_free(cgroup);
	}
}

static void remove_user(struct broker *broker, uid_t uid)
{
	struct quota quota;
	struct user *user = user_find(broker, uid);

	quota_init(&quota);
	if (user || user_get(broker, uid, &quota, &user) >= 0)
		user_put(user);
}

static void sweep_cgroups(struct broker *broker)
{
	struct leftovers list = {0};

	cgroup_tree_visit(broker->cgroups, gather, &list);
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i].id[0] && !sandbox_find(broker, list.items[i].id))
			remove_cgroup(broker, list.items[i].uid, list.items[i].id);
	for (size_t i = 0; i < list.count; i++)
		if (!list.items[i].id[0])
			remove_user(broker, list.items[i].uid);
	free(list.items);
}

int restore_all(struct broker *broker)
{
	const struct broker_dirs *dirs = &broker->dirs;
	int r = for_each_id(broker, dirs->sandboxes, restore_sandbox);

	if (r >= 0)
		r = for_each_id(broker, dirs->sessions, restore_session);
	if (r >= 0)
		r = for_each_id(broker, dirs->leases, sweep_lease);
	if (r >= 0)
		r = for_each_id(broker, dirs->pins, sweep_sandbox);
	if (r >= 0)
		r = for_each_id(broker, dirs->info, sweep_sandbox);
	if (r < 0)
		return r;
	sweep_cgroups(broker);
	/* One that has neither session nor linger left has nothing to wait for. */
	for (struct user *user = broker->users, *next_user; user; user = next_user) {
		next_user = user->next;
		for (struct sandbox *s = user->sandboxes, *next; s; s = next) {
			next = s->next;
			if (!s->linger_until)
				sandbox_on_idle(s);
		}
	}
	return 0;
}
