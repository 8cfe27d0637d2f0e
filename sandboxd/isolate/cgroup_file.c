/* SPDX-License-Identifier: Apache-2.0 */
/* Small steps on directories of a cgroup hierarchy. Runs in the broker, as host root. */
#include "isolate/cgroup_backend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

int cgroup_open_dir(int dir, const char *name, bool make)
{
	int fd;

	if (make && mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cgroup_open_file(int dir, const char *path, int flags)
{
	int fd = openat(dir, path, flags | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

int cgroup_write_u64(int dir, const char *file, uint64_t value, const char *word)
{
	char text[24];

	if (value == UINT64_MAX)
		return fd_write_file_at(dir, file, word);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return fd_write_file_at(dir, file, text);
}

int cgroup_read_u64(int dir, const char *file, uint64_t *ret)
{
	char text[32];
	ssize_t n = fd_read_file_at(dir, file, text, sizeof(text));

	if (n < 0)
		return (int)n;
	text[strcspn(text, "\n")] = '\0';
	if (str_eq(text, "max")) {
		*ret = UINT64_MAX;
		return 0;
	}
	return str_to_u64(text, UINT64_MAX, ret);
}

static int remove_children(int dir, int depth)
{
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	_cleanup_closedir_ DIR *list = copy < 0 ? NULL : fdopendir(copy);
	int result = 0;

	if (!list) {
		result = -errno;
		close_fd(copy);
		return result;
	}
	for (struct dirent *e; (e = readdir(list));) {
		int r;

		if (e->d_type != DT_DIR || str_eq(e->d_name, ".") || str_eq(e->d_name, ".."))
			continue;
		r = cgroup_remove(dir, e->d_name, depth);
		if (r < 0)
			result = r;
	}
	return result;
}

int cgroup_remove(int dir, const char *name, int depth)
{
	_cleanup_close_ int child = -EBADF;
	int r;

	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY || depth <= 0)
		return -errno;
	child = cgroup_open_dir(dir, name, false);
	if (child < 0)
		return child == -ENOENT ? 0 : child;
	r = remove_children(child, depth - 1);
	if (r < 0)
		return r;
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}
