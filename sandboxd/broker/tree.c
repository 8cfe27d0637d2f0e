/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in the broker's child that builds a sandbox, on trees that no student can reach yet. */
#include "broker/tree.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "isolate/mount.h"

static int failed(struct build *b, const char *path, int error)
{
	return child_fail(b->result, error, "%s: %s", path, strerror(-error));
}

int tree_make_directories(
	struct build *b, int root, const struct tree_directory *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (mkdirat(root, rows[i].path, rows[i].mode) < 0 && errno != EEXIST)
			return failed(b, rows[i].path, -errno);
	return 0;
}

int tree_make_links(struct build *b, int root, const struct tree_link *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (symlinkat(rows[i].target, root, rows[i].path) < 0)
			return failed(b, rows[i].path, -errno);
	return 0;
}

static int clone_source(struct build *b, const struct tree_mount *row)
{
	const struct service *service = broker_service(b->broker);
	bool recursive = row->flags & TREE_RECURSIVE;
	char path[PATH_MAX];

	switch (row->from) {
	case TREE_TREES:
		snprintf(path, sizeof(path), "%s/trees/%s", service->run_dir, row->source);
		return mount_clone_at(AT_FDCWD, path, recursive, row->attrs);
	case TREE_TMP:
		return mount_clone_at(b->tree.tmp, row->source, recursive, row->attrs);
	case TREE_STAGE:
		return mount_clone_at(b->tree.stage, row->source, recursive, row->attrs);
	case TREE_BOX:
		return mount_clone_at(b->tree.box, row->source, recursive, row->attrs);
	case TREE_HOST:
		break;
	}
	return mount_clone_at(AT_FDCWD, row->source, recursive, row->attrs);
}

static int attach(struct build *b, int root, int mount, const char *path, bool directory)
{
	_cleanup_close_ int target = mount_target(root, path, directory);
	int r = target < 0 ? target : mount_attach(mount, target);

	return r < 0 ? failed(b, path, r) : 0;
}

int tree_attach(struct build *b, int root, const struct tree_mount *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_close_ int mount = clone_source(b, &rows[i]);
		int r;

		if (mount == -ENOENT && (rows[i].flags & TREE_OPTIONAL))
			continue;
		if (mount < 0)
			return failed(b, rows[i].source, mount);
		r = attach(b, root, mount, rows[i].target, !(rows[i].flags & TREE_FILE));
		if (r < 0)
			return r;
	}
	return 0;
}

int tree_attach_mount(struct build *b, int root, int mount, const char *path, bool directory)
{
	return attach(b, root, mount, path, directory);
}

int tree_attach_copy(
	struct build *b, int root, int fd, const char *path, bool directory, uint64_t attrs)
{
	_cleanup_close_ int mount = mount_clone(fd, true, attrs);

	return mount < 0 ? failed(b, path, mount) : attach(b, root, mount, path, directory);
}

int tree_make_root(struct build *b, const char *name)
{
	_cleanup_close_ int mount = mount_clone_at(b->tree.stage, name, false, MOUNT_SAFE);
	_cleanup_close_ int target = openat(b->tree.stage, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (mount < 0 || target < 0)
		return failed(b, name, mount < 0 ? mount : -errno);
	r = mount_attach(mount, target);
	return r < 0 ? failed(b, name, r) : take_fd(&mount);
}

int tree_make_system_links(struct build *b, int root, uint64_t attrs)
{
	static const char *const names[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct tree_mount row = {
			TREE_HOST, NULL, names[i], TREE_RECURSIVE | TREE_OPTIONAL, attrs};
		char path[16], link[PATH_MAX];
		ssize_t n;
		int r;

		snprintf(path, sizeof(path), "/%s", names[i]);
		row.source = path;
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0) {
			r = errno == EINVAL ? tree_attach(b, root, &row, 1) : 0;
			if (r < 0)
				return r;
			continue;
		}
		link[n] = '\0';
		if (symlinkat(link, root, names[i]) < 0)
			return failed(b, names[i], -errno);
	}
	return 0;
}
