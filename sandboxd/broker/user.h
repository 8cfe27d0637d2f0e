/* SPDX-License-Identifier: Apache-2.0 */
/* A user with at least one sandbox: the cgroup in which the quotas hold over all of them. */
#pragma once

#include "broker/broker.h"

struct user {
	struct broker *broker;
	struct user *next;
	uid_t uid;
	struct cgroup_user *cgroup;
	struct sandbox *sandboxes;
	bool retry; /* the kernel refused a quota for now */
};

/* Finds or makes UID's, with QUOTA in force. -errno of the cgroup. */
int user_get(struct broker *broker, uid_t uid, const struct quota *quota, struct user **ret);
struct user *user_find(struct broker *broker, uid_t uid);

/* Removes the cgroup and the object if there is no sandbox left. */
void user_put(struct user *user);

/* Frees the object alone: the cgroup stays for the next broker. */
void user_free(struct user *user);

/* Sets QUOTA; what the kernel refuses for now is tried again until it takes it. */
int user_apply(struct user *user, const struct quota *quota);

/* Sessions that count for quota.sessions: all but cron's and the admin's own. */
uint64_t user_count_sessions(const struct user *user);
