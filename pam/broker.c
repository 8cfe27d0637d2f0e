/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker, as the module sees it. Part of pam_sandbox.so: root, inside sshd, login, su and cron.
 * Only a socket and a peer of uid 0 are believed: whoever can put a socket of their own in the
 * broker's place would else choose where a login goes.
 */
#include "pam/broker.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "wire/socket.h"

#define RETRY_USEC (50 * USEC_PER_MSEC)
#define CALL_ADMIN "an administrator must look at sandboxd"

static void sleep_until(uint64_t usec)
{
	struct timespec until = {
		.tv_sec = (time_t)(usec / USEC_PER_SEC),
		.tv_nsec = (long)(usec % USEC_PER_SEC * 1000),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

/* Errors that a broker which starts, restarts or has too many callers shows. */
static bool may_go_away(int error)
{
	return error == -ENOENT || error == -ECONNREFUSED || error == -EAGAIN ||
	       error == -ECONNRESET || error == -EPIPE;
}

static int unreachable(const char *socket, int error, struct refusal *refusal)
{
	return refuse(refusal, "the sandbox service cannot be reached at %s (%s): " CALL_ADMIN,
		socket, strerrordesc_np(-error));
}

/* A connection to a socket that root made, with root at the other end: a descriptor, or -errno. */
static int connect_to_root(const char *socket)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat st;
	uid_t uid;
	int r;

	if (lstat(socket, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	if (st.st_uid != 0)
		return -EACCES;
	fd = wire_connect(socket);
	if (fd < 0)
		return fd;
	r = wire_peer(fd, NULL, &uid, NULL);
	if (r < 0)
		return r;
	return uid == 0 ? take_fd(&fd) : -EACCES;
}

static int send_open(int fd, struct wire_open *open, int tty, uint64_t deadline, void *buffer)
{
	uint64_t now = clock_monotonic();
	struct wire_writer w;
	size_t length;
	int r;

	if (now >= deadline)
		return -ETIMEDOUT;
	open->deadline_msec = (uint32_t)((deadline - now) / USEC_PER_MSEC);
	wire_writer_init(&w, buffer, WIRE_REQUEST_MAX);
	wire_put_open(&w, open);
	r = wire_writer_end(&w, &length);
	if (r >= 0)
		r = wire_wait(fd, POLLOUT, deadline);
	return r < 0 ? r : wire_send(fd, buffer, length, &tty, tty >= 0, 0);
}

int broker_read_reply(
	const void *data, size_t size, size_t fd_count, char *ret_session, struct refusal *refusal)
{
	const char *text, *session;
	struct wire_reader reader;
	int status, r;

	wire_reader_init(&reader, data, size);
	r = wire_get_reply(&reader, WIRE_OPEN, &status, &text);
	if (r == -EPROTONOSUPPORT)
		return refuse(refusal,
			"the sandbox service is of another version than pam_sandbox.so: an "
			"administrator must restart sandboxd");
	if (r < 0)
		return refuse(refusal, "the sandbox service gave no proper answer: " CALL_ADMIN);
	if (status)
		return refuse(
			refusal, "%s", *text ? text : "the sandbox service refuses this login");
	session = wire_get_string(&reader, WIRE_SESSION_MAX);
	if (wire_reader_end(&reader) < 0 || fd_count != VIEW_FD_COUNT)
		return refuse(refusal,
			"the sandbox service gave half an answer (%zu descriptors of "
			"%d): " CALL_ADMIN,
			fd_count, VIEW_FD_COUNT);
	snprintf(ret_session, WIRE_SESSION_MAX + 1, "%s", session);
	return 0;
}

/* Waits for the reply. 0, REFUSED, or -errno: none came. */
static int receive_view(
	int fd, uint64_t deadline, void *buffer, struct view *view, struct refusal *refusal)
{
	size_t count = 0;
	ssize_t n;
	int r = wire_wait(fd, POLLIN, deadline);

	if (r < 0)
		return r;
	n = wire_receive(fd, buffer, WIRE_REPLY_MAX, view->fds, VIEW_FD_COUNT, &count, 0);
	if (n < 0)
		*view = VIEW_NONE; /* closed already */
	if (n == -EMSGSIZE || n == -EPROTO)
		return refuse(refusal,
			"the sandbox service gave too large an answer, or too few files may be "
			"opened here: " CALL_ADMIN);
	if (n < 0)
		return (int)n;
	if (n == 0 && count == 0)
		return -ECONNRESET;
	return broker_read_reply(buffer, (size_t)n, count, view->session, refusal);
}

/* 0, REFUSED, or -errno: there was no answer. */
static int ask_once(const char *socket, struct wire_open *open, int tty, uint64_t deadline,
	void *buffer, struct view *ret, struct refusal *refusal)
{
	_cleanup_(view_done) struct view view = VIEW_NONE;
	_cleanup_close_ int fd = connect_to_root(socket);
	int r;

	if (fd == -EACCES || fd == -ENOTSOCK)
		return refuse(refusal,
			"what is at %s is not the sandbox service of this host (%s): " CALL_ADMIN,
			socket, fd == -EACCES ? "it is not root's" : "it is no socket");
	if (fd < 0)
		return fd;
	r = send_open(fd, open, tty, deadline, buffer);
	if (r == -EMSGSIZE)
		return refuse(refusal, "what is known of your account is too long: " CALL_ADMIN);
	if (r < 0)
		return r;
	r = receive_view(fd, deadline, buffer, &view, refusal);
	if (r == 0)
		r = view_check(&view, refusal);
	if (r == 0) {
		*ret = view;
		view = VIEW_NONE;
	}
	return r;
}

int broker_open(const char *socket, struct wire_open *open, int tty, uint64_t deadline,
	struct view *ret, struct refusal *refusal)
{
	_cleanup_free_ void *buffer = malloc(WIRE_REQUEST_MAX);

	if (!buffer)
		return refuse(refusal, "no memory to ask for a sandbox: try again later");
	for (;;) {
		int r = ask_once(socket, open, tty, deadline, buffer, ret, refusal);
		uint64_t again = clock_monotonic() + RETRY_USEC;

		if (r >= 0)
			return r;
		if (r == -ETIMEDOUT)
			return refuse(refusal,
				"the sandbox service did not answer in time: try again, or ask the "
				"administrator to look at sandboxd");
		if (!may_go_away(r) || again >= deadline)
			return unreachable(socket, r, refusal);
		sleep_until(again);
	}
}
