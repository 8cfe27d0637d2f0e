/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: a bounded look through the host's /proc. */
#include "broker/leftover.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/str.h"
#include "wire/protocol.h"

struct view_id {
	const char *session;
	uint64_t inode;
};

/* The file is root's, on a mount of ours; what a sandbox could put at that path only names itself.
 */
static bool says_session(pid_t pid, const char *session)
{
	char path[64], id[WIRE_ID_LENGTH + 2] = "";
	_cleanup_close_ int fd = -EBADF;

	snprintf(path, sizeof(path), "/proc/%d/root" DOOR_SESSION_PATH, (int)pid);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && read(fd, id, sizeof(id) - 1) == WIRE_ID_LENGTH && str_eq(id, session);
}

static bool is_in_view(pid_t pid, const struct view_id *view)
{
	uint64_t inode;

	return process_namespace_inode(pid, "mnt", &inode) == 0 && inode == view->inode &&
	       says_session(pid, view->session);
}

static bool signal_exact(pid_t pid, const struct view_id *view, int signal)
{
	_cleanup_close_ int pidfd = process_open(pid);

	/* The number may be another's by now: what counts is what the held process is. */
	if (pidfd < 0 || !is_in_view(pid, view) || process_has_exited(pidfd))
		return false;
	return signal == 0 || process_signal(pidfd, signal) == 0;
}

int leftover_signal(const char *session, uint64_t view, uid_t uid, int signal)
{
	const struct view_id id = {session, view};
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
		if (is_in_view((pid_t)pid, &id) && signal_exact((pid_t)pid, &id, signal))
			count++;
	}
	return count;
}
