/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an instance's tree is, remembered in its run directory: one line for each hierarchy, the
 * controllers and the path of <name>. A broker that starts in another cgroup than the one before it
 * finds the same sandboxes by it. Runs in the broker, as host root; the file is root's alone.
 */
#include "isolate/cgroup_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

#define RECORD_FILE "cgroups"

enum { RECORD_MAX = CGROUP_HIERARCHIES_MAX * (PATH_MAX + 64) };

/* True if PATH is a directory <name> of root's in the hierarchy with the device DEV. */
static bool is_tree(const char *path, dev_t dev)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 && st.st_dev == dev;
}

/* The place in the same hierarchy whose tree is PATH gets the directory above PATH. */
static bool use_path(const char *path, const char *name, struct cgroup_place *places, size_t count)
{
	const char *last = strrchr(path, '/');
	struct stat st;

	if (path[0] != '/' || strlen(path) >= PATH_MAX || !str_eq(last + 1, name))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct cgroup_place *place = &places[i];

		if (stat(place->path, &st) < 0 || !is_tree(path, st.st_dev))
			continue;
		snprintf(place->path, sizeof(place->path), "%.*s", (int)(last - path), path);
		return true;
	}
	return false;
}

int cgroup_record_use(int run_dir, const char *name, struct cgroup_place *places, size_t count,
	char **ret_message)
{
	_cleanup_free_ char *text = malloc(RECORD_MAX);
	char *rest = text, *line;
	ssize_t n = text ? fd_read_file_at(run_dir, RECORD_FILE, text, RECORD_MAX) : -ENOMEM;

	if (n < 0)
		return n == -ENOENT ? 0 : (int)n;
	while ((line = strsep(&rest, "\n"))) {
		const char *path = strchr(line, ' ');

		if (path && !use_path(path + 1, name, places, count) && !*ret_message)
			*ret_message = str_format("the cgroup %s of an earlier start is gone: what "
						  "ran in it has ended, and a new one is made",
				path + 1);
	}
	return 0;
}

/* "memory,cpu /sys/fs/cgroup/x/sandboxd": the path by which this process sees the tree. */
static int write_line(FILE *stream, const struct cgroup_hierarchy *h)
{
	const char *separator = "";
	char link[32], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", h->dir);
	n = readlink(link, path, sizeof(path));
	if (n < 0)
		return -errno;
	if ((size_t)n == sizeof(path))
		return -ENAMETOOLONG;
	if (memchr(path, '\n', (size_t)n))
		return -EINVAL;
	for (size_t c = 0; c < CGROUP_CONTROLLER_COUNT; c++) {
		if (!cgroup_has(h, c))
			continue;
		fprintf(stream, "%s%s", separator, cgroup_controller_names[c]);
		separator = ",";
	}
	fprintf(stream, " %.*s\n", (int)n, path);
	return 0;
}

int cgroup_record_write(int run_dir, const struct cgroup_tree *tree)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int r = 0;

	if (!stream)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < tree->count; i++)
		r = write_line(stream, &tree->hierarchies[i]);
	if (fclose(stream) != 0 && r >= 0)
		r = -ENOMEM;
	return r < 0 ? r : fd_replace_file_at(run_dir, RECORD_FILE, text, size, 0600);
}

void cgroup_record_remove(int run_dir)
{
	unlinkat(run_dir, RECORD_FILE, 0);
}
