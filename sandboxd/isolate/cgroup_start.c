/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a sandbox's cgroups that PID 1 gets. Host root opens them here, so that a write
 * through them has host root's rights: they are only such as move the writer's own processes within
 * what the user has, or are read. Runs in the broker, or its child, as host root.
 */
#include "isolate/cgroup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "isolate/cgroup_backend.h"

static_assert((int)CGROUP_HIERARCHIES_MAX <= (int)CGROUP_FILES_MAX,
	"one of each kind for each hierarchy");

void cgroup_start_done(struct cgroup_start *start)
{
	for (size_t i = 0; i < start->join_count; i++)
		close_fd(start->join[i]);
	for (size_t i = 0; i < start->enter_count; i++)
		close_fd(start->enter[i]);
	for (size_t i = 0; i < start->rescue_count; i++)
		close_fd(start->rescue[i]);
	for (size_t i = 0; i < start->home_count; i++)
		close_fd(start->home[i]);
	close_fd(start->into);
	close_fd(start->pids_current);
	close_fd(start->pids_max);
	close_fd(start->pids_events);
	close_fd(start->memory_events);
	close_fd(start->oom_event);
}

/* Adds the file PATH below DIR, open for writing. */
static int add_file(int dir, const char *path, int *files, size_t *count)
{
	int fd = cgroup_open_file(dir, path, O_WRONLY);

	if (fd < 0)
		return fd;
	files[(*count)++] = fd;
	return 0;
}

/* Where PID 1 goes before it is executed: all but where its memory is charged, which it inherits.
 */
static int add_join(const struct cgroup_sandbox *sandbox, size_t i, struct cgroup_start *start)
{
	const struct cgroup_tree *tree = sandbox->user->tree;
	char path[CGROUP_PATH_MAX];

	if (tree->backend->is_unified || cgroup_has(&tree->hierarchies[i], CGROUP_MEMORY))
		return 0;
	return add_file(cgroup_sandbox_parent(sandbox, i),
		cgroup_sandbox_path(
			sandbox, i, tree->backend->enter_leaf, tree->backend->move_file, path),
		start->join, &start->join_count);
}

/* Where PID 1 and its children move to and from in one hierarchy. */
static int add_moves(const struct cgroup_sandbox *sandbox, size_t i, struct cgroup_start *start)
{
	const struct cgroup_backend *backend = sandbox->user->tree->backend;
	int parent = cgroup_sandbox_parent(sandbox, i), spare = sandbox->user->at[i].spare, r = 0;
	char path[CGROUP_PATH_MAX];

	/* Without leaves PID 1's children are in the right directory from birth. */
	if (spare < 0)
		return 0;
	if (!backend->is_unified)
		r = add_file(parent,
			cgroup_sandbox_path(sandbox, i, CGROUP_SESSIONS, backend->move_file, path),
			start->enter, &start->enter_count);
	if (r < 0)
		return r;
	r = add_file(parent, cgroup_sandbox_path(sandbox, i, CGROUP_INIT, backend->move_file, path),
		start->home, &start->home_count);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s%s%s", backend->rescue_leaf,
		backend->rescue_leaf[0] ? "/" : "", backend->move_file);
	return add_file(spare, path, start->rescue, &start->rescue_count);
}

static int add_pids(const struct cgroup_user *user, struct cgroup_start *start)
{
	int i = cgroup_quota_hierarchy(user->tree, QUOTA_PIDS);

	if (i < 0)
		return 0;
	start->pids_current = cgroup_open_file(user->at[i].boxes, "pids.current", O_RDONLY);
	if (start->pids_current < 0)
		return start->pids_current;
	start->pids_max = cgroup_open_file(user->at[i].boxes, "pids.max", O_RDONLY);
	return start->pids_max < 0 ? start->pids_max : 0;
}

int cgroup_sandbox_start(struct cgroup_sandbox *sandbox, struct cgroup_start *ret)
{
	struct cgroup_start start = {
		.into = -EBADF,
		.pids_current = -EBADF,
		.pids_max = -EBADF,
		.pids_events = -EBADF,
		.memory_events = -EBADF,
		.oom_event = -EBADF,
	};
	const struct cgroup_tree *tree = sandbox->user->tree;
	int r = add_pids(sandbox->user, &start);

	for (size_t i = 0; r >= 0 && i < tree->count; i++) {
		r = add_join(sandbox, i, &start);
		if (r >= 0)
			r = add_moves(sandbox, i, &start);
		if (r >= 0)
			r = tree->backend->start(sandbox, i, &start);
	}
	if (r < 0) {
		cgroup_start_done(&start);
		return r;
	}
	*ret = start;
	return 0;
}
