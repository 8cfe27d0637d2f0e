/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens files by handle (row I25, "shocker"): a handle that name_to_handle_at gave, and made-up
 * ones of the inodes that a file system's root usually has, through each directory named. Exits 1
 * if one opened.
 */
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "probe.h"

union handle {
	struct file_handle header;
	unsigned char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

static bool try_open(const char *path, int mount, const char *what, union handle *handle)
{
	int fd = open_by_handle_at(mount, &handle->header, O_RDONLY | O_CLOEXEC);

	printf("%s %s %s\n", path, what, probe_outcome(fd));
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static bool try_directory(const char *path)
{
	static const uint32_t roots[] = {2, 128, 256};
	union handle handle = {.header.handle_bytes = MAX_HANDLE_SZ};
	bool through = false;
	int mount_id, mount = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (mount < 0) {
		printf("%s open %s\n", path, strerrorname_np(errno));
		return false;
	}
	if (name_to_handle_at(mount, "", &handle.header, &mount_id, AT_EMPTY_PATH) == 0)
		through = try_open(path, mount, "own", &handle);
	else
		printf("%s name %s\n", path, strerrorname_np(errno));
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		uint32_t number[2] = {roots[i], 0};

		handle = (union handle){.header = {.handle_bytes = 8, .handle_type = 1}};
		memcpy(handle.header.f_handle, number, sizeof(number));
		through |= try_open(path, mount, "made-up", &handle);
	}
	close(mount);
	return through;
}

int main(int argc, char **argv)
{
	bool through = false;

	for (int i = 1; i < argc; i++)
		through |= try_directory(argv[i]);
	return through;
}
