/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks its own mount table (rows I05 and I31) and tries on each mount all that would uncover, move
 * or loosen it. One line a mount: "PATH umount=EINVAL detach=... remount=... ". Exits 1 if an
 * attempt on a mount succeeded that was not made here.
 */
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

/* sys/mount.h and linux/mount.h cannot both be included with glibc 2.36. */
enum { DETACH = 2, NOFOLLOW = 8, REMOUNT = 32, BIND = 4096, RECURSIVE = 0x8000 };

static const struct mount_attr loosen = {
	.attr_clr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
};

static long try_umount(const char *path)
{
	return syscall(SYS_umount2, path, NOFOLLOW);
}

static long try_detach(const char *path)
{
	return syscall(SYS_umount2, path, DETACH | NOFOLLOW);
}

static long try_remount_bind(const char *path)
{
	return syscall(SYS_mount, NULL, path, NULL, REMOUNT | BIND, NULL);
}

static long try_remount(const char *path)
{
	return syscall(SYS_mount, NULL, path, NULL, REMOUNT, "size=64G");
}

static long try_setattr(const char *path)
{
	return syscall(SYS_mount_setattr, AT_FDCWD, path, 0, &loosen, sizeof(loosen));
}

static long try_clone(const char *path)
{
	int fd = (int)syscall(
		SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | 0x8000);
	long r;

	if (fd < 0)
		return -1;
	r = syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &loosen, sizeof(loosen));
	close(fd);
	return r;
}

static long try_move(const char *path)
{
	return syscall(SYS_move_mount, AT_FDCWD, path, AT_FDCWD, "/tmp", 0);
}

static long try_cover(const char *path)
{
	return syscall(SYS_mount, "/tmp", path, NULL, BIND | RECURSIVE, NULL);
}

static const struct {
	const char *name;
	long (*try)(const char *path);
} attempts[] = {
	{"remount", try_remount},
	{"remount-bind", try_remount_bind},
	{"setattr", try_setattr},
	{"clone", try_clone},
	{"move", try_move},
	{"cover", try_cover},
	{"umount", try_umount},
	{"detach", try_detach},
};

static bool walk(FILE *file)
{
	char line[8192], path[4097];
	bool through = false;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %*s %*s %4096s", path) != 1)
			continue;
		printf("%s", path);
		for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
			long r = attempts[i].try(path);

			printf(" %s=%s", attempts[i].name, probe_outcome(r));
			through |= r >= 0;
		}
		printf("\n");
	}
	return through;
}

int main(void)
{
	FILE *file;
	bool through;

	probe_refuse_host();
	file = fopen("/proc/self/mountinfo", "re");
	if (!file)
		return 2;
	through = walk(file);
	fclose(file);
	return through;
}
