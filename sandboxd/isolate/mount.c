/* SPDX-License-Identifier: Apache-2.0 */
#include "isolate/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

static int configure(int fs, const struct mount_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned command = options[i].value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

		if (fsconfig(fs, command, options[i].key, options[i].value, 0) < 0)
			return -errno;
	}
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno : 0;
}

int mount_new(const char *type, const struct mount_option *options, size_t count, uint64_t attrs)
{
	_cleanup_close_ int fs = fsopen(type, FSOPEN_CLOEXEC);
	int mount, r;

	if (fs < 0)
		return -errno;
	r = configure(fs, options, count);
	if (r < 0)
		return r;
	mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attrs);
	return mount < 0 ? -errno : mount;
}

int mount_set(int fd, int recursive, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};
	unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);

	return mount_setattr(fd, "", flags, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

static int clone_tree(int dirfd, const char *path, unsigned flags, int recursive, uint64_t attrs)
{
	_cleanup_close_ int mount = open_tree(dirfd, path,
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags | (recursive ? AT_RECURSIVE : 0));
	int r;

	if (mount < 0)
		return -errno;
	if (attrs) {
		r = mount_set(mount, recursive, attrs, 0);
		if (r < 0)
			return r;
	}
	return take_fd(&mount);
}

int mount_clone(int fd, int recursive, uint64_t attrs)
{
	return clone_tree(fd, "", AT_EMPTY_PATH, recursive, attrs);
}

int mount_clone_at(int dirfd, const char *path, int recursive, uint64_t attrs)
{
	return clone_tree(dirfd, path, 0, recursive, attrs);
}

int mount_attach(int mount, int target)
{
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

	return move_mount(mount, "", target, "", flags) < 0 ? -errno : 0;
}

int mount_make_private(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

int mount_pivot(int fd)
{
	if (fchdir(fd) < 0)
		return -errno;
	/* The old root lands on top of the new one, at ".": pivot_root(2), notes. */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return -errno;
	if (umount2(".", MNT_DETACH) < 0)
		return -errno;
	return chdir("/") < 0 ? -errno : 0;
}

static int open_in_root(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static int make_component(int parent, const char *name, int directory)
{
	_cleanup_close_ int made = -EBADF;

	if (directory)
		return mkdirat(parent, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
	made = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	return made < 0 && errno != EEXIST ? -errno : 0;
}

int mount_target(int root, const char *path, int directory)
{
	char part[PATH_MAX];
	size_t length = strlen(path);
	int fd = open_in_root(root, path);

	if (fd != -ENOENT)
		return fd;
	if (length >= sizeof(part))
		return -ENAMETOOLONG;
	/* Each prefix of PATH in turn: open it, or make its last component in the one before. */
	for (size_t at = 1; at <= length; at++) {
		_cleanup_close_ int parent = -EBADF, there = -EBADF;
		char *slash;
		int r;

		if (at < length && path[at] != '/')
			continue;
		memcpy(part, path, at);
		part[at] = '\0';
		there = open_in_root(root, part);
		if (there >= 0 || there != -ENOENT)
			continue;
		slash = strrchr(part, '/');
		if (!slash || !slash[1])
			continue;
		*slash = '\0';
		parent = open_in_root(root, slash == part ? "/" : part);
		if (parent < 0)
			return parent;
		r = make_component(parent, slash + 1, directory || at < length);
		if (r < 0)
			return r;
	}
	return open_in_root(root, path);
}
