/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PAM module's part of a login without the login: asks the broker for a sandbox as root, and
 * times it.
 *
 *   bench-open SOCKET COUNT USER UID GID HOME          COUNT times: open, close, wait until it is
 * gone bench-open SOCKET COUNT USER UID GID HOME hold     COUNT sessions, held until stdin ends
 *
 * Prints one line a session: microseconds from connect(2) to the reply with its three descriptors.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "wire/protocol.h"
#include "wire/socket.h"

enum { DEADLINE_SEC = 20, FDS = 3 };

static const char *socket_path;
static unsigned char buffer[WIRE_REQUEST_MAX];

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "bench-open: %s: %s\n", what, why);
	exit(1);
}

/* Sends what WRITER holds and reads the reply into READER. */
static void ask(struct wire_writer *writer, struct wire_reader *reader, enum wire_op op, int *fds,
	size_t max, size_t *ret_count)
{
	static unsigned char reply[WIRE_REPLY_MAX];
	uint64_t deadline = clock_monotonic() + DEADLINE_SEC * USEC_PER_SEC;
	_cleanup_close_ int fd = wire_connect(socket_path);
	const char *text = "";
	size_t length;
	ssize_t n;
	int status, r;

	if (fd < 0)
		fail(socket_path, strerror(-fd));
	r = wire_writer_end(writer, &length);
	if (r >= 0)
		r = wire_send(fd, writer->data, length, NULL, 0, 0);
	if (r >= 0)
		r = wire_wait(fd, 1 /* POLLIN */, deadline);
	if (r < 0)
		fail("request", strerror(-r));
	n = wire_receive(fd, reply, sizeof(reply), fds, max, ret_count, 0);
	if (n <= 0)
		fail("reply", n < 0 ? strerror((int)-n) : "closed");
	wire_reader_init(reader, reply, (size_t)n);
	r = wire_get_reply(reader, op, &status, &text);
	if (r < 0 || status)
		fail("refused", *text ? text : strerror(r < 0 ? -r : status));
}

static double open_session(const struct wire_open *open, int *fds)
{
	uint64_t start = clock_monotonic();
	struct wire_writer writer;
	struct wire_reader reader;
	size_t count = 0;

	wire_writer_init(&writer, buffer, sizeof(buffer));
	wire_put_open(&writer, open);
	ask(&writer, &reader, WIRE_OPEN, fds, FDS, &count);
	start = clock_monotonic() - start;
	if (count != FDS)
		fail("reply", "not three descriptors");
	return (double)start;
}

/* Until the broker lists nothing: the next run meets no sandbox that is being taken down. */
static void wait_until_free(void)
{
	for (int tries = 0; tries < 4000; tries++) {
		struct wire_writer writer;
		struct wire_reader reader;
		_cleanup_close_ int list = -EBADF;
		size_t count = 0;
		off_t size;

		wire_writer_init(&writer, buffer, sizeof(buffer));
		wire_put_header(&writer, WIRE_LIST);
		ask(&writer, &reader, WIRE_LIST, &list, 1, &count);
		size = count ? lseek(list, 0, SEEK_END) : 0;
		if (size == 0)
			return;
		usleep(5000);
	}
	fail("session", "does not end");
}

static void close_all(int *fds)
{
	for (int i = 0; i < FDS; i++)
		fds[i] = close_fd(fds[i]);
}

int main(int argc, char **argv)
{
	static struct wire_open open;
	bool hold = argc > 7 && strcmp(argv[7], "hold") == 0;
	int count = argc > 2 ? atoi(argv[2]) : 0, fds[FDS];
	char byte;

	if (argc < 7)
		fail("usage", "bench-open SOCKET COUNT USER UID GID HOME [hold]");
	socket_path = argv[1];
	open = (struct wire_open){.deadline_msec = DEADLINE_SEC * 1000,
		.uid = (uint32_t)atol(argv[4]),
		.gid = (uint32_t)atol(argv[5]),
		.service = "sshd",
		.user = argv[3],
		.gecos = "",
		.home = argv[6],
		.shell = "/bin/bash",
		.tty = "ssh",
		.rhost = "127.0.0.1",
		.group_count = 1,
		.groups = {{900, "sandboxed"}}};
	for (int i = 0; i < count; i++) {
		printf("%.0f\n", open_session(&open, fds));
		fflush(stdout);
		if (hold)
			continue;
		close_all(fds);
		wait_until_free();
	}
	if (hold && read(STDIN_FILENO, &byte, 1) < 0)
		return 1;
	return 0;
}
