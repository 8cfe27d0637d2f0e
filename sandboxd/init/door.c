/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in PID 1, uid 0 of the sandbox. What comes through the door was written by the student, so
 * PID 1 looks at who knocked and clones; the child, which has become the student by then, reads the
 * request. PID 1 reads a connection only after that, and only one-byte tokens. A pipe that closes
 * at the child's execve tells when.
 */
#include "init/door.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "init/loop.h"
#include "init/place.h"
#include "init/spawn.h"
#include "wire/protocol.h"
#include "wire/socket.h"

enum {
	CONNECTIONS_MAX = 400, /* two descriptors each: below the usual soft limit of 1024 */
	STARTING_MAX = 64,     /* that have not executed their program yet */
	DISCARDED_MAX = 128,   /* packets read of a connection that is turned away */
	START_SECONDS = 15,
	PAUSE_MSEC = 100, /* after an accept that failed for want of descriptors or memory */
};

struct connection {
	struct watch shim;     /* the socket; fd -EBADF: hung up */
	struct watch starting; /* closes at the execve; fd -EBADF: has happened */
	pid_t pid;	       /* 0: free */
	uint64_t deadline;     /* of the execve */
	bool hung_up;
};

static struct {
	const struct settings *settings;
	struct watch watch;
	unsigned count, starting_count;
	uint64_t paused_until; /* 0: not */
	bool listening, closed;
	struct connection
		connections[CONNECTIONS_MAX]; /* last: few of its pages are ever touched */
} door;

static struct connection *find(pid_t pid)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (door.connections[i].pid == pid)
			return &door.connections[i];
	return NULL;
}

/* Beyond the caps a connection waits in the socket's queue; the shim's own deadline ends its wait.
 */
static void update_listening(void)
{
	bool listen = !door.closed && door.count < CONNECTIONS_MAX &&
		      door.starting_count < STARTING_MAX && !door.paused_until;

	if (listen == door.listening)
		return;
	if (loop_change(&door.watch, listen ? EPOLLIN : 0) >= 0)
		door.listening = listen;
}

static void close_watch(struct watch *watch)
{
	if (watch->fd < 0)
		return;
	loop_remove(watch);
	watch->fd = close_fd(watch->fd);
}

/* Reads what is queued: a close with unread data would reset the peer before it has read our words.
 */
static void discard(int fd)
{
	char byte;

	for (int i = 0; i < DISCARDED_MAX; i++) {
		size_t count;
		ssize_t n = wire_receive(fd, &byte, 1, NULL, 0, &count, MSG_DONTWAIT);

		if (n == 0 || n == -EAGAIN || n == -ECONNRESET)
			return;
	}
}

static void hang_up(struct connection *c)
{
	c->hung_up = true;
	close_watch(&c->shim);
	if (c->starting.fd >= 0)
		return; /* the child sees it too; when it has executed, the program is told */
	kill(-c->pid, SIGHUP);
	kill(-c->pid, SIGCONT);
}

static void on_token(struct connection *c)
{
	unsigned char token;
	size_t count;
	ssize_t n = wire_receive(c->shim.fd, &token, 1, NULL, 0, &count, MSG_DONTWAIT);

	if (n == -EAGAIN || n == -EMSGSIZE || n == -EPROTO)
		return; /* not a token */
	if (n <= 0) {
		hang_up(c);
		return;
	}
	if (token < 1 || token >= NSIG)
		return;
	/* Stop signals too, as they are: what the program makes of TSTP is its own affair. */
	kill(-c->pid, token);
	if (token == SIGHUP)
		kill(-c->pid, SIGCONT);
}

static void on_shim_event(struct watch *watch, uint32_t events)
{
	struct connection *c =
		(struct connection *)((char *)watch - offsetof(struct connection, shim));

	if (events & EPOLLIN)
		on_token(c);
	else if (events & (EPOLLHUP | EPOLLERR))
		hang_up(c);
}

static void finish_start(struct connection *c)
{
	if (c->starting.fd < 0)
		return;
	close_watch(&c->starting);
	door.starting_count--;
}

static void on_started(struct watch *watch, uint32_t events)
{
	struct connection *c =
		(struct connection *)((char *)watch - offsetof(struct connection, starting));

	finish_start(c);
	if (c->hung_up || loop_change(&c->shim, EPOLLIN) < 0)
		hang_up(c);
	update_listening();
}

static bool may_knock(int fd)
{
	pid_t pid;
	uid_t uid;

	/* Pid 0: from outside the PID namespace. What runs inside has no business here. */
	return wire_peer(fd, &pid, &uid, NULL) >= 0 && uid == door.settings->start.uid && pid == 0;
}

/* Clones the child of the connection FD, which is C's from then on. */
static int start(struct connection *c, int fd)
{
	int ends[2], moved, r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*c = (struct connection){
		.shim = {.fd = fd, .on_event = on_shim_event},
		.starting = {.fd = ends[0], .on_event = on_started},
		.deadline = clock_monotonic() + START_SECONDS * USEC_PER_SEC,
	};
	r = loop_add(&c->shim, 0);
	if (r >= 0)
		r = loop_add(&c->starting, 0);
	pid = r < 0 ? r : place_fork(door.settings, &moved);
	if (pid == 0)
		spawn_child(door.settings, fd, ends[1], moved);
	close(ends[1]);
	if (pid < 0) {
		loop_remove(&c->shim);
		close_watch(&c->starting);
		return pid;
	}
	c->pid = pid;
	door.count++;
	door.starting_count++;
	return 0;
}

static void pause_listening(void)
{
	door.paused_until = clock_monotonic() + PAUSE_MSEC * USEC_PER_MSEC;
	update_listening();
}

static void on_knock(struct watch *watch, uint32_t events)
{
	_cleanup_close_ int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			pause_listening();
		return;
	}
	if (!may_knock(fd) || start(find(0), fd) < 0) {
		discard(fd);
		return;
	}
	take_fd(&fd);
	update_listening();
}

int door_open(const struct settings *s)
{
	door.settings = s;
	door.watch = (struct watch){.fd = START_FD_DOOR, .on_event = on_knock};
	door.listening = true;
	return loop_add(&door.watch, EPOLLIN);
}

void door_close(void)
{
	int fd;

	if (door.closed)
		return;
	door.closed = true;
	/* Whoever else holds the socket: connecting to it fails from now on. */
	shutdown(door.watch.fd, SHUT_RDWR);
	while ((fd = accept4(door.watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		discard(fd);
		close(fd);
	}
	close_watch(&door.watch);
	door.listening = false;
}

bool door_is_used(void)
{
	return door.count > 0;
}

uint64_t door_check_deadlines(void)
{
	uint64_t now = clock_monotonic(), next = USEC_INFINITY;

	if (door.paused_until && now >= door.paused_until) {
		door.paused_until = 0;
		update_listening();
	}
	if (door.paused_until)
		next = door.paused_until;
	for (size_t i = 0, left = door.starting_count; left > 0 && i < CONNECTIONS_MAX; i++) {
		struct connection *c = &door.connections[i];

		if (c->pid == 0 || c->starting.fd < 0)
			continue;
		left--;
		if (now >= c->deadline) {
			kill(c->pid, SIGKILL);
			c->deadline = now + USEC_PER_SEC; /* it ends when the kernel lets it go */
		}
		if (c->deadline < next)
			next = c->deadline;
	}
	return next;
}

void door_on_exit(pid_t pid, bool killed, int value)
{
	const unsigned char end[2] = {killed ? DOOR_KILLED : DOOR_EXITED, (unsigned char)value};
	struct connection *c = find(pid);

	if (!c)
		return;
	finish_start(c);
	if (c->shim.fd >= 0) {
		wire_send(c->shim.fd, end, sizeof(end), NULL, 0, MSG_DONTWAIT);
		discard(c->shim.fd);
		close_watch(&c->shim);
	}
	c->pid = 0;
	door.count--;
	update_listening();
}
