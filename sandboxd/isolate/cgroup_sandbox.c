/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sandbox's directories. Runs in the broker, as host root; cgroup_sandbox_enter() in the child
 * that will make the sandbox, still as host root.
 */
#include "isolate/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "isolate/cgroup_backend.h"

enum {
	PIDS_RESERVE = 2,  /* what a login needs at the least: PID 1 and a shell */
	KILL_ROUNDS = 8,   /* before the caller is told to come again */
	REMOVE_DEPTH = 32, /* beyond what v2 lets a delegate make */
};

static const char *const leaves[] = {CGROUP_INIT, CGROUP_SESSIONS};

static const struct cgroup_backend *backend_of(const struct cgroup_sandbox *sandbox)
{
	return sandbox->user->tree->backend;
}

static bool has_leaves(const struct cgroup_sandbox *sandbox, size_t i)
{
	return backend_of(sandbox)->is_unified ||
	       cgroup_has(&sandbox->user->tree->hierarchies[i], CGROUP_PIDS);
}

int cgroup_sandbox_parent(const struct cgroup_sandbox *sandbox, size_t hierarchy)
{
	const struct cgroup_user_dirs *at = &sandbox->user->at[hierarchy];

	return sandbox->in_spare && at->spare >= 0 ? at->spare : at->boxes;
}

const char *cgroup_sandbox_path(const struct cgroup_sandbox *sandbox, size_t hierarchy,
	const char *leaf, const char *file, char buffer[CGROUP_PATH_MAX])
{
	bool has_leaf = leaf[0] && has_leaves(sandbox, hierarchy);

	snprintf(buffer, CGROUP_PATH_MAX, "%s%s%s%s%s", sandbox->id, has_leaf ? "/" : "",
		has_leaf ? leaf : "", file[0] ? "/" : "", file);
	return buffer;
}

static int remove_in(const struct cgroup_sandbox *sandbox, size_t i)
{
	int parent = cgroup_sandbox_parent(sandbox, i);
	char path[CGROUP_PATH_MAX];

	/* The usual leaves by name, without reading the directory. */
	for (size_t l = 0; l < ELEMENTS(leaves) && has_leaves(sandbox, i); l++)
		unlinkat(
			parent, cgroup_sandbox_path(sandbox, i, leaves[l], "", path), AT_REMOVEDIR);
	return cgroup_remove(parent, sandbox->id, REMOVE_DEPTH);
}

/* All of it or nothing; -EEXIST leaves alone what was there. */
static int make_in(const struct cgroup_sandbox *sandbox, size_t i, uid_t uid, gid_t gid)
{
	int parent = cgroup_sandbox_parent(sandbox, i);
	char path[CGROUP_PATH_MAX];
	int r = 0;

	if (mkdirat(parent, sandbox->id, 0755) < 0)
		return -errno;
	for (size_t l = 0; r >= 0 && l < ELEMENTS(leaves) && has_leaves(sandbox, i); l++)
		if (mkdirat(parent, cgroup_sandbox_path(sandbox, i, leaves[l], "", path), 0755) < 0)
			r = -errno;
	if (r >= 0)
		r = backend_of(sandbox)->delegate(parent, sandbox->id, uid, gid);
	if (r < 0)
		remove_in(sandbox, i);
	return r;
}

/* True if `boxes` has no room for a login. */
static bool is_full(const struct cgroup_user *user)
{
	int i = cgroup_quota_hierarchy(user->tree, QUOTA_PIDS);
	uint64_t current, max;

	if (i < 0 || cgroup_read_u64(user->at[i].boxes, "pids.max", &max) < 0 ||
		max == UINT64_MAX ||
		cgroup_read_u64(user->at[i].boxes, "pids.current", &current) < 0)
		return false;
	return current + PIDS_RESERVE >= max;
}

static int sandbox_init(struct cgroup_sandbox *sandbox, struct cgroup_user *user, const char *id)
{
	if (!str_is_hex(id, CGROUP_ID_LENGTH))
		return -EINVAL;
	*sandbox = (struct cgroup_sandbox){.user = user};
	memcpy(sandbox->id, id, CGROUP_ID_LENGTH);
	return 0;
}

int cgroup_sandbox_new(struct cgroup_user *user, const char *id, uid_t owner_uid, gid_t owner_gid,
	struct cgroup_sandbox **ret)
{
	_cleanup_free_ struct cgroup_sandbox *sandbox = malloc(sizeof(*sandbox));
	int r;

	if (!sandbox)
		return -ENOMEM;
	r = sandbox_init(sandbox, user, id);
	if (r < 0)
		return r;
	sandbox->in_spare = is_full(user);
	for (size_t i = 0; i < user->tree->count; i++) {
		r = make_in(sandbox, i, owner_uid, owner_gid);
		if (r >= 0)
			continue;
		while (i > 0)
			remove_in(sandbox, --i);
		return r;
	}
	*ret = take_ptr(&sandbox);
	return 0;
}

static bool exists(const struct cgroup_sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->user->tree->count; i++)
		if (faccessat(cgroup_sandbox_parent(sandbox, i), sandbox->id, F_OK, 0) == 0)
			return true;
	return false;
}

int cgroup_sandbox_find(struct cgroup_user *user, const char *id, struct cgroup_sandbox **ret)
{
	_cleanup_free_ struct cgroup_sandbox *sandbox = malloc(sizeof(*sandbox));
	int i = cgroup_quota_hierarchy(user->tree, QUOTA_PIDS), r;

	if (!sandbox)
		return -ENOMEM;
	r = sandbox_init(sandbox, user, id);
	if (r < 0)
		return r;
	/* Once it is gone from where pids are counted, its place there does not matter. */
	sandbox->in_spare = i >= 0 && faccessat(user->at[i].spare, id, F_OK, 0) == 0;
	if (!exists(sandbox))
		return -ENOENT;
	*ret = take_ptr(&sandbox);
	return 0;
}

/* Moves the caller into the sandbox, in all hierarchies or only where memory is charged. */
static int move_self(const struct cgroup_sandbox *sandbox, bool only_memory)
{
	const struct cgroup_backend *backend = backend_of(sandbox);
	const struct cgroup_tree *tree = sandbox->user->tree;
	char path[CGROUP_PATH_MAX];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < tree->count; i++)
		if (!only_memory || cgroup_has(&tree->hierarchies[i], CGROUP_MEMORY))
			r = fd_write_file_at(cgroup_sandbox_parent(sandbox, i),
				cgroup_sandbox_path(
					sandbox, i, backend->enter_leaf, backend->move_file, path),
				"0");
	return r;
}

int cgroup_sandbox_enter(struct cgroup_sandbox *sandbox)
{
	return move_self(sandbox, false);
}

int cgroup_sandbox_charge(struct cgroup_sandbox *sandbox)
{
	return backend_of(sandbox)->is_unified ? 0 : move_self(sandbox, true);
}

int cgroup_sandbox_into(struct cgroup_sandbox *sandbox)
{
	if (backend_of(sandbox)->version != 2)
		return -EBADF;
	return cgroup_open_dir(cgroup_sandbox_parent(sandbox, 0), sandbox->id, false);
}

/* The sum of what VISIT returns for each directory of the sandbox that can have processes. */
static int each_directory(
	const struct cgroup_sandbox *sandbox, int (*visit)(int dir, const char *path))
{
	bool covers_leaves = backend_of(sandbox)->is_unified;
	char path[CGROUP_PATH_MAX];
	int sum = 0;

	for (size_t i = 0; i < sandbox->user->tree->count; i++) {
		int parent = cgroup_sandbox_parent(sandbox, i);
		size_t count = has_leaves(sandbox, i) && !covers_leaves ? ELEMENTS(leaves) : 0;
		int r = visit(parent, sandbox->id);

		for (size_t l = 0; r >= 0 && l < count; l++) {
			sum += r;
			r = visit(parent, cgroup_sandbox_path(sandbox, i, leaves[l], "", path));
		}
		if (r < 0)
			return r;
		sum += r;
	}
	return sum;
}

/* No fork succeeds any more, so that the killing comes to an end. */
static void forbid_forks(const struct cgroup_sandbox *sandbox)
{
	int i = cgroup_quota_hierarchy(sandbox->user->tree, QUOTA_PIDS);
	char path[CGROUP_PATH_MAX];

	if (i >= 0)
		fd_write_file_at(cgroup_sandbox_parent(sandbox, (size_t)i),
			cgroup_sandbox_path(sandbox, (size_t)i, "", "pids.max", path), "0");
}

int cgroup_sandbox_kill(struct cgroup_sandbox *sandbox)
{
	forbid_forks(sandbox);
	for (int round = 0; round < KILL_ROUNDS; round++) {
		int r = each_directory(sandbox, backend_of(sandbox)->kill);

		if (r <= 0)
			return r;
	}
	return -EBUSY;
}

bool cgroup_sandbox_is_populated(struct cgroup_sandbox *sandbox)
{
	return each_directory(sandbox, backend_of(sandbox)->populated) > 0;
}

int cgroup_sandbox_remove(struct cgroup_sandbox *sandbox)
{
	int result = 0;

	if (cgroup_sandbox_is_populated(sandbox))
		return -EBUSY;
	for (size_t i = 0; i < sandbox->user->tree->count; i++) {
		int r = remove_in(sandbox, i);

		if (r < 0)
			result = r;
	}
	if (result >= 0)
		cgroup_sandbox_free(sandbox);
	return result;
}

void cgroup_sandbox_free(struct cgroup_sandbox *sandbox)
{
	free(sandbox);
}
