/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker, in the host's mount namespace. Names are ids of ours. */
#include "broker/pin.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"

int pin_add(int pins, const char *run_dir, const char *id, const char *kind, int namespace)
{
	char name[64], source[64], target[PATH_MAX];
	int fd;

	snprintf(name, sizeof(name), "%s.%s", id, kind);
	fd = openat(pins, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	snprintf(source, sizeof(source), "/proc/self/fd/%d", namespace);
	snprintf(target, sizeof(target), "%s/pins/%s", run_dir, name);
	return mount(source, target, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

int pin_open(int pins, const char *id, const char *kind)
{
	_cleanup_close_ int fd = -EBADF;
	struct statfs fs;
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", id, kind);
	fd = openat(pins, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	/* The file alone is there when a broker died between making it and binding. */
	return fs.f_type == NSFS_MAGIC ? take_fd(&fd) : -ENOENT;
}

void pin_remove(int pins, const char *run_dir, const char *id)
{
	static const char *const kinds[] = {"view", "net"};

	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		char name[64], target[PATH_MAX];

		snprintf(name, sizeof(name), "%s.%s", id, kinds[i]);
		snprintf(target, sizeof(target), "%s/pins/%s", run_dir, name);
		umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW);
		unlinkat(pins, name, 0);
	}
}
