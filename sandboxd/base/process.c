/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/fd.h"

int process_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

int process_start_time(pid_t pid, uint64_t *ret_ticks)
{
	char path[64], stat[1024], *at;
	unsigned long long ticks;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	n = fd_read_file_at(AT_FDCWD, path, stat, sizeof(stat));
	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	/* The second field, the name in parentheses, may hold anything: look behind its end. */
	at = strrchr(stat, ')');
	if (!at)
		return -EBADMSG;
	if (sscanf(at + 1,
		    " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		    "%llu",
		    &ticks) != 1)
		return -EBADMSG;
	*ret_ticks = ticks;
	return 0;
}

int process_open_exact(pid_t pid, uint64_t start, int *ret_pidfd)
{
	_cleanup_close_ int pidfd = process_open(pid);
	uint64_t ticks;
	int r;

	if (pidfd < 0)
		return pidfd;
	r = process_start_time(pid, &ticks);
	if (r < 0)
		return r;
	if (ticks != start || process_has_exited(pidfd))
		return -ESRCH;
	*ret_pidfd = take_fd(&pidfd);
	return 0;
}

int process_signal(int pidfd, int signal)
{
	return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

bool process_has_exited(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

int process_namespace_inode(pid_t pid, const char *name, uint64_t *ret_inode)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	if (stat(path, &st) < 0)
		return -errno;
	*ret_inode = st.st_ino;
	return 0;
}

int process_close_from(int first)
{
	return syscall(SYS_close_range, (unsigned)first, UINT_MAX, 0) < 0 ? -errno : 0;
}
