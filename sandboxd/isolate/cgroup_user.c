/* SPDX-License-Identifier: Apache-2.0 */
/* A user's level: the directories that carry the quotas. Runs in the broker, as host root. */
#include "isolate/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "isolate/cgroup_backend.h"

enum { PIDS_LIMIT = 4194304, REMOVE_DEPTH = 4 };

static const char *user_name(uid_t uid, char buffer[24])
{
	snprintf(buffer, 24, "u%u", uid);
	return buffer;
}

void cgroup_user_free(struct cgroup_user *user)
{
	if (!user)
		return;
	for (size_t i = 0; i < user->tree->count; i++) {
		close_fd(user->at[i].spare);
		close_fd(user->at[i].boxes);
		close_fd(user->at[i].user);
	}
	free(user);
}

static void cleanup_user(struct cgroup_user **user)
{
	cgroup_user_free(*user);
}

static int make_dirs(struct cgroup_user *user, size_t i)
{
	const struct cgroup_backend *backend = user->tree->backend;
	const struct cgroup_hierarchy *h = &user->tree->hierarchies[i];
	struct cgroup_user_dirs *at = &user->at[i];
	bool has_spare = backend->is_unified || cgroup_has(h, CGROUP_PIDS);
	char name[24];
	int fd, r;

	at->user = cgroup_open_dir(h->dir, user_name(user->uid, name), true);
	r = at->user < 0 ? at->user : backend->enable(at->user, h->controllers);
	if (r < 0)
		return r;
	at->boxes = cgroup_open_dir(at->user, "boxes", true);
	r = at->boxes < 0 ? at->boxes : backend->enable(at->boxes, h->controllers);
	if (r < 0 || !has_spare)
		return r;
	at->spare = cgroup_open_dir(at->user, "spare", true);
	r = at->spare < 0 ? at->spare : backend->enable(at->spare, h->controllers);
	if (r < 0 || !backend->rescue_leaf[0])
		return r;
	fd = cgroup_open_dir(at->spare, backend->rescue_leaf, true);
	close_fd(fd);
	return fd < 0 ? fd : 0;
}

/* After a failure: the kernel keeps what is in use. */
static void remove_unused(struct cgroup_user *user)
{
	const struct cgroup_backend *backend = user->tree->backend;
	char name[24];

	for (size_t i = 0; i < user->tree->count; i++) {
		struct cgroup_user_dirs *at = &user->at[i];

		if (at->spare >= 0 && backend->rescue_leaf[0])
			unlinkat(at->spare, backend->rescue_leaf, AT_REMOVEDIR);
		if (at->user >= 0) {
			unlinkat(at->user, "spare", AT_REMOVEDIR);
			unlinkat(at->user, "boxes", AT_REMOVEDIR);
		}
		unlinkat(user->tree->hierarchies[i].dir, user_name(user->uid, name), AT_REMOVEDIR);
	}
}

/* u<UID> has room for `spare` beyond `boxes`; the kernel takes no number above PIDS_LIMIT. */
static int set_pids(const struct cgroup_user_dirs *at, uint64_t pids)
{
	uint64_t both =
		pids > PIDS_LIMIT - CGROUP_SPARE_PIDS ? UINT64_MAX : pids + CGROUP_SPARE_PIDS;
	int r = cgroup_write_u64(at->user, "pids.max", both, "max");

	if (r >= 0)
		r = cgroup_write_u64(at->boxes, "pids.max", pids, "max");
	return r < 0 ? r : cgroup_write_u64(at->spare, "pids.max", CGROUP_SPARE_PIDS, "max");
}

static int set_quota(struct cgroup_user *user, enum quota_id id, const struct quota *quota)
{
	const struct cgroup_backend *backend = user->tree->backend;
	int i = cgroup_quota_hierarchy(user->tree, id);

	if (i < 0)
		return i;
	if (id == QUOTA_PIDS)
		return set_pids(&user->at[i], quota->values[id]);
	return backend->set(user, user->at[i].user, id, quota);
}

int cgroup_user_apply(struct cgroup_user *user, const struct quota *quota)
{
	int refused = 0;

	for (enum quota_id id = 0; id < QUOTA_COUNT; id++) {
		int r;

		if (!user->tree->holds[id])
			continue;
		if (user->is_applied[id] && user->applied.values[id] == quota->values[id])
			continue;
		user->is_applied[id] = false;
		r = set_quota(user, id, quota);
		if (r == -EBUSY) {
			refused |= 1 << id;
			continue;
		}
		if (r < 0)
			return r;
		user->applied.values[id] = quota->values[id];
		user->is_applied[id] = true;
	}
	return refused;
}

int cgroup_user_open(
	struct cgroup_tree *tree, uid_t uid, const struct quota *quota, struct cgroup_user **ret)
{
	_cleanup_(cleanup_user) struct cgroup_user *user = calloc(1, sizeof(*user));
	int r = 0;

	if (!user)
		return -ENOMEM;
	user->tree = tree;
	user->uid = uid;
	for (size_t i = 0; i < tree->count; i++)
		user->at[i] = (struct cgroup_user_dirs){-EBADF, -EBADF, -EBADF};
	for (size_t i = 0; r >= 0 && i < tree->count; i++)
		r = make_dirs(user, i);
	if (r >= 0)
		r = cgroup_user_apply(user, quota);
	if (r < 0) {
		remove_unused(user);
		return r;
	}
	*ret = take_ptr(&user);
	return r;
}

int cgroup_user_usage(struct cgroup_user *user, enum quota_id id, uint64_t *ret)
{
	int i = cgroup_quota_hierarchy(user->tree, id);

	if (i < 0 || !user->tree->holds[id])
		return -ENODATA;
	return user->tree->backend->usage(user->at[i].user, id, ret);
}

int cgroup_user_remove(struct cgroup_user *user)
{
	char name[24];
	int result = 0;

	for (size_t i = 0; i < user->tree->count; i++) {
		int r = cgroup_remove(
			user->tree->hierarchies[i].dir, user_name(user->uid, name), REMOVE_DEPTH);

		if (r < 0)
			result = r;
	}
	if (result >= 0)
		cgroup_user_free(user);
	return result;
}
