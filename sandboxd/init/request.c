/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only code that parses what comes through the door. It runs in a child that is the student
 * already: a mistake here gives nobody more than they have.
 */
#include "init/request.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "wire/socket.h"

int request_check_fd(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	/* O_PATH, or a directory: a way into the host's tree. */
	if (flags < 0 || (flags & O_PATH) || fstat(fd, &st) < 0)
		return -EINVAL;
	switch (st.st_mode & S_IFMT) {
	case S_IFIFO:
	case S_IFSOCK:
	case S_IFCHR:
	case S_IFREG:
		return 0;
	default:
		return -EINVAL;
	}
}

int request_check(const struct door_request *request)
{
	if (!str_is_hex(request->session, WIRE_ID_LENGTH) || request->umask > 0777 ||
		request->relay >= 1 << DOOR_FDS || request->rows > UINT16_MAX ||
		request->columns > UINT16_MAX)
		return -EBADMSG;
	return 0;
}

static ssize_t receive_packet(int fd, uint64_t deadline, void *data, size_t size, int *fds,
	size_t max_fds, size_t *ret_count)
{
	ssize_t n;

	do {
		int r = wire_wait(fd, POLLIN, deadline);

		if (r < 0)
			return r;
		n = wire_receive(fd, data, size, fds, max_fds, ret_count, MSG_DONTWAIT);
	} while (n == -EAGAIN);
	return n == 0 ? -ECONNRESET : n;
}

/* The first packet: header, three descriptors, the beginning of the request. */
static ssize_t receive_first(int fd, uint64_t deadline, unsigned char *buffer,
	struct door_header *ret_header, int *ret_fds)
{
	struct door_header header;
	size_t count;
	ssize_t n = receive_packet(fd, deadline, buffer, DOOR_PACKET, ret_fds, DOOR_FDS, &count);

	if (n < 0)
		return n;
	if (count != DOOR_FDS || (size_t)n < sizeof(header))
		return -EBADMSG;
	memcpy(&header, buffer, sizeof(header));
	if (header.magic != DOOR_MAGIC || header.version != DOOR_VERSION ||
		header.size > DOOR_REQUEST_MAX || (size_t)n > sizeof(header) + header.size)
		return -EBADMSG;
	*ret_header = header;
	return n;
}

static int receive_rest(int fd, uint64_t deadline, unsigned char *buffer, size_t at, size_t total)
{
	while (at < total) {
		size_t count, left = total - at;
		ssize_t n = receive_packet(fd, deadline, buffer + at,
			left < DOOR_PACKET ? left : DOOR_PACKET, NULL, 0, &count);

		if (n < 0)
			return (int)n;
		at += (size_t)n;
	}
	return 0;
}

int request_receive(int fd, uint64_t deadline, struct request *ret, int *ret_stderr)
{
	const size_t capacity = sizeof(struct door_header) + DOOR_REQUEST_MAX + DOOR_PACKET;
	struct door_header header;
	struct wire_reader reader;
	unsigned char *buffer;
	ssize_t n;
	int r;

	*ret_stderr = -EBADF;
	/* Only the pages that are written to become memory. */
	buffer = mmap(NULL, capacity, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (buffer == MAP_FAILED)
		return -errno;
	n = receive_first(fd, deadline, buffer, &header, ret->fds);
	if (n < 0)
		return (int)n;
	for (int i = 0; i < DOOR_FDS; i++) {
		r = request_check_fd(ret->fds[i]);
		if (r < 0)
			return r;
	}
	*ret_stderr = ret->fds[STDERR_FILENO];
	r = receive_rest(fd, deadline, buffer, (size_t)n, sizeof(header) + header.size);
	if (r < 0)
		return r;
	wire_reader_init(&reader, buffer + sizeof(header), header.size);
	r = wire_get_door_request(&reader, &ret->door);
	return r < 0 ? r : request_check(&ret->door);
}
