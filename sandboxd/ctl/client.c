/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "ctl/ctl.h"
#include "wire/socket.h"

void reply_done(struct reply *reply)
{
	for (size_t i = 0; i < reply->fd_count; i++)
		close_fd(reply->fds[i]);
	reply->fd_count = 0;
}

void client_request(struct wire_writer *w, void *buffer, size_t size, enum wire_op op)
{
	wire_writer_init(w, buffer, size);
	wire_put_header(w, op);
}

/* Says why the broker could not be asked; returns what to exit with. */
static int unreachable(const char *socket, int error)
{
	switch (error) {
	case -ENOENT:
	case -ECONNREFUSED:
		complain("no broker at %s: start it (systemctl start sandboxd), or name its socket "
			 "with --socket",
			socket);
		return CTL_NO_BROKER;
	case -EACCES:
	case -EPERM:
		complain("%s is root's alone: run sandboxctl as root", socket);
		return CTL_FAILED;
	case -ETIMEDOUT:
		complain("the broker at %s does not answer: see its log, and restart it (sessions "
			 "live on)",
			socket);
		return CTL_NO_BROKER;
	case -EPIPE:
	case -ECONNRESET:
		complain("the broker at %s closed the connection without an answer: see its log, "
			 "and try again",
			socket);
		return CTL_NO_BROKER;
	case -ENAMETOOLONG:
		complain("%s is longer than the path of a socket may be (107 bytes)", socket);
		return CTL_FAILED;
	case -EPROTONOSUPPORT:
		complain("the broker at %s is of another version: restart it (sessions live on)",
			socket);
		return CTL_FAILED;
	case -EMSGSIZE:
		complain(
			"the request is larger than the broker takes (%d bytes)", WIRE_REQUEST_MAX);
		return CTL_FAILED;
	default:
		complain("%s: %s", socket, strerror(-error));
		return CTL_FAILED;
	}
}

/* Connects to the broker, waiting while its queue is full. A descriptor or -errno. */
static int connect_broker(const char *socket, uint64_t deadline)
{
	static const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

	for (;;) {
		int fd = wire_connect(socket);

		if (fd != -EAGAIN)
			return fd;
		if (clock_monotonic() >= deadline)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
}

/* Root made the socket, or, where sandboxctl runs unprivileged, the same user did. */
static int check_peer(int fd)
{
	uid_t uid;
	int r = wire_peer(fd, NULL, &uid, NULL);

	if (r < 0)
		return r;
	return uid == 0 || uid == geteuid() ? 0 : -EPERM;
}

/* One datagram there and one back; the size of the second, or -errno. */
static ssize_t exchange(const char *socket, const struct wire_writer *request, int send_fd,
	uint64_t deadline, struct reply *ret)
{
	_cleanup_close_ int fd = connect_broker(socket, deadline);
	size_t size;
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	r = check_peer(fd);
	if (r < 0)
		return r;
	r = wire_writer_end(request, &size);
	if (r < 0)
		return r;
	r = wire_send(fd, request->data, size, &send_fd, send_fd >= 0, 0);
	if (r < 0)
		return r;
	r = wire_wait(fd, POLLIN, deadline);
	if (r < 0)
		return r;
	n = wire_receive(
		fd, ret->data, sizeof(ret->data), ret->fds, CLIENT_FDS_MAX, &ret->fd_count, 0);
	return n == 0 ? -ECONNRESET : n;
}

int client_call(const char *socket, enum wire_op op, const struct wire_writer *request, int send_fd,
	uint64_t timeout, size_t fd_count, struct reply *ret)
{
	ssize_t size;
	int r, status;

	ret->fd_count = 0;
	size = exchange(socket, request, send_fd, clock_monotonic() + timeout, ret);
	if (size < 0)
		return unreachable(socket, (int)size);
	wire_reader_init(&ret->fields, ret->data, (size_t)size);
	r = wire_get_reply(&ret->fields, op, &status, &ret->text);
	if (r < 0) {
		reply_done(ret);
		return unreachable(socket, r);
	}
	if (status != 0) {
		complain_lines(*ret->text ? ret->text : strerror(status));
		reply_done(ret);
		return CTL_FAILED;
	}
	if (ret->fd_count != fd_count) {
		complain("the broker at %s answered with %zu descriptors instead of %zu", socket,
			ret->fd_count, fd_count);
		reply_done(ret);
		return CTL_FAILED;
	}
	return 0;
}

int client_read_memfd(const struct reply *reply, char **ret_data, size_t *ret_size)
{
	int seals = fcntl(reply->fds[0], F_GET_SEALS);
	int r;

	if (seals < 0 ||
		(seals & (F_SEAL_WRITE | F_SEAL_SHRINK)) != (F_SEAL_WRITE | F_SEAL_SHRINK)) {
		complain("the broker answered with something else than a sealed memfd");
		return CTL_FAILED;
	}
	r = fd_read_all(reply->fds[0], CLIENT_DATA_MAX, ret_data, ret_size);
	if (r < 0) {
		complain("the broker's answer cannot be read: %s", strerror(-r));
		return CTL_FAILED;
	}
	return 0;
}
