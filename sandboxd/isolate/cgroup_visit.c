/* SPDX-License-Identifier: Apache-2.0 */
/* Finding what an earlier broker left. Runs in the broker, as host root, at its start. */
#include "isolate/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "isolate/cgroup_backend.h"

/* One that was found; the first of its kind has index 0 in a list that grows. */
struct found {
	uid_t uid;
	char id[CGROUP_ID_LENGTH + 1]; /* "" for the user */
};

struct found_list {
	struct found *items;
	size_t count;
};

static void cleanup_found_list(struct found_list *list)
{
	free(list->items);
}

/* Once only: the same directory stands in several hierarchies. */
static int add(struct found_list *list, uid_t uid, const char *id)
{
	struct found *items;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].uid == uid && str_eq(list->items[i].id, id))
			return 0;
	items = reallocarray(list->items, list->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	items[list->count] = (struct found){.uid = uid};
	memcpy(items[list->count++].id, id, strlen(id));
	return 0;
}

/* Opens the directory PATH below DIR for reading; NULL if there is none. */
static DIR *open_list(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list)
		close_fd(fd);
	return list;
}

static int find_sandboxes(int dir, uid_t uid, struct found_list *list)
{
	static const char *const parents[] = {"boxes", "spare"};
	char path[CGROUP_PATH_MAX];

	for (size_t p = 0; p < ELEMENTS(parents); p++) {
		_cleanup_closedir_ DIR *entries = NULL;

		snprintf(path, sizeof(path), "u%u/%s", uid, parents[p]);
		entries = open_list(dir, path);
		for (struct dirent *e; entries && (e = readdir(entries));) {
			if (str_is_hex(e->d_name, CGROUP_ID_LENGTH)) {
				int r = add(list, uid, e->d_name);

				if (r < 0)
					return r;
			}
		}
	}
	return 0;
}

static int find_users(int dir, struct found_list *list)
{
	_cleanup_closedir_ DIR *entries = open_list(dir, ".");

	for (struct dirent *e; entries && (e = readdir(entries));) {
		uint64_t uid;
		int r;

		if (e->d_name[0] != 'u' || str_to_u64(e->d_name + 1, UINT32_MAX, &uid) < 0)
			continue;
		r = add(list, (uid_t)uid, "");
		if (r >= 0)
			r = find_sandboxes(dir, (uid_t)uid, list);
		if (r < 0)
			return r;
	}
	return entries ? 0 : -errno;
}

int cgroup_tree_visit(
	struct cgroup_tree *tree, void (*visit)(uid_t uid, const char *id, void *data), void *data)
{
	_cleanup_(cleanup_found_list) struct found_list list = {0};

	for (size_t i = 0; i < tree->count; i++) {
		int r = find_users(tree->hierarchies[i].dir, &list);

		if (r < 0)
			return r;
	}
	/* The list is complete before VISIT is called, which may make and remove. */
	for (size_t i = 0; i < list.count; i++)
		visit(list.items[i].uid, list.items[i].id[0] ? list.items[i].id : NULL, data);
	return 0;
}
