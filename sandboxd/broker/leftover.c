/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: a bounded look through the host's /proc. */
#include "broker/leftover.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/str.h"

static bool is_in_view(pid_t pid, uint64_t view)
{
	uint64_t inode;

	return process_namespace_inode(pid, "mnt", &inode) == 0 && inode == view;
}

static bool signal_exact(pid_t pid, uint64_t view, int signal)
{
	_cleanup_close_ int pidfd = process_open(pid);

	/* The number may be another's by now: what counts is what the held process is. */
	if (pidfd < 0 || !is_in_view(pid, view) || process_has_exited(pidfd))
		return false;
	return signal == 0 || process_signal(pidfd, signal) == 0;
}

int leftover_signal(uint64_t view, uid_t uid, int signal)
{
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	int count = 0;

	if (!proc)
		return -errno;
	for (struct dirent *entry = readdir(proc); entry; entry = readdir(proc)) {
		struct stat st;
		uint64_t pid;

		if (str_to_u64(entry->d_name, INT32_MAX, &pid) < 0)
			continue;
		if (fstatat(dirfd(proc), entry->d_name, &st, 0) < 0 ||
			(st.st_uid != 0 && st.st_uid != uid))
			continue;
		if (is_in_view((pid_t)pid, view) && signal_exact((pid_t)pid, view, signal))
			count++;
	}
	return count;
}
