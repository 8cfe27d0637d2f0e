/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* More than we ever take, so that what a peer sends too much is received, and closed. */
enum { RECEIVED_FDS_MAX = 253 };

int wire_send(int fd, const void *data, size_t size, const int *fds, size_t count, int flags)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int) * WIRE_FDS_MAX)];
	} control;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (count > WIRE_FDS_MAX)
		return -EINVAL;
	if (count > 0) {
		memset(&control, 0, sizeof(control));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * count);
	}
	do
		n = sendmsg(fd, &message, flags | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

/* Collects the descriptors of all control messages; what does not fit is closed and makes it false.
 */
static bool collect_fds(struct msghdr *message, int *fds, size_t max, size_t *ret_count)
{
	size_t count = 0;
	bool fits = true;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (count < max) {
				fds[count++] = fd;
			} else {
				close(fd);
				fits = false;
			}
		}
	}
	*ret_count = count;
	return fits;
}

ssize_t wire_receive(
	int fd, void *data, size_t size, int *ret_fds, size_t max_fds, size_t *ret_count, int flags)
{
	struct iovec iov = {.iov_base = data, .iov_len = size};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int) * RECEIVED_FDS_MAX)];
	} control;
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	size_t count = 0;
	bool fits;
	ssize_t n;

	do
		n = recvmsg(fd, &message, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	fits = collect_fds(&message, ret_fds, max_fds, &count);
	if (!fits || (message.msg_flags & MSG_CTRUNC)) {
		close_all(ret_fds, count);
		return -EPROTO;
	}
	if (message.msg_flags & MSG_TRUNC) {
		close_all(ret_fds, count);
		return -EMSGSIZE;
	}
	if (ret_count)
		*ret_count = count;
	return n;
}

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int wire_wait(int fd, short events, uint64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		uint64_t now = now_usec();
		uint64_t left = now < deadline ? deadline - now : 0;
		struct timespec timeout = {
			.tv_sec = (time_t)(left / 1000000),
			.tv_nsec = (long)(left % 1000000 * 1000),
		};
		int n = ppoll(&p, 1, &timeout, NULL);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

int wire_peer(int fd, pid_t *ret_pid, uid_t *ret_uid, gid_t *ret_gid)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return -errno;
	if (ret_pid)
		*ret_pid = peer.pid;
	if (ret_uid)
		*ret_uid = peer.uid;
	if (ret_gid)
		*ret_gid = peer.gid;
	return 0;
}

static int make_address(const char *path, struct sockaddr_un *ret)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, length);
	*ret = address;
	return 0;
}

int wire_bind(int fd, const char *path, mode_t mode, int backlog)
{
	struct sockaddr_un address;
	int r = make_address(path, &address);

	if (r < 0)
		return r;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, mode) < 0 ||
		listen(fd, backlog) < 0)
		return -errno;
	return 0;
}

int wire_listen(const char *path, mode_t mode, int backlog)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r;

	if (fd < 0)
		return -errno;
	r = wire_bind(fd, path, mode, backlog);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int wire_connect(const char *path)
{
	struct sockaddr_un address;
	int fd, r = make_address(path, &address);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}
