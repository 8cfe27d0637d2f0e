/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Knocks wrongly (rows B02 to B05, I19, I21): door PATH CASE [SESSION]. PATH is a door or the
 * broker's socket; the cases are those of the table at the end, "all" runs each. One line a case:
 * "NAME OUTCOME", the outcome being the error that stopped us, "closed", "silent" after 3 s, or
 * "answered N BYTES-IN-HEX".
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe.h"
#include "wire/protocol.h"

enum { FDS_MAX = 253, WAIT_MSEC = 3000, FLOOD = 500 };

static unsigned char buffer[DOOR_PACKET * 2];
static const char *session = "00000000";

static int knock(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return fd;
}

static long send_fds(int fd, const void *data, size_t size, const int *fds, size_t count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (count) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
		message.msg_control = control.space;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* A whole request of "true" as a shim would send it. Returns its size in the buffer. */
static size_t make_request(uint32_t announced_extra)
{
	char *argv[] = {(char[]){"-sh"}, (char[]){"-c"}, (char[]){"true"}, NULL};
	char *envp[] = {NULL};
	struct door_request request = {.session = session,
		.executable = "/bin/sh",
		.directory = "/",
		.umask = 022,
		.argv = argv,
		.envp = envp};
	struct door_header header = {DOOR_MAGIC, DOOR_VERSION, 0, 0};
	struct wire_writer w;
	size_t size = 0;

	wire_writer_init(&w, buffer + sizeof(header), sizeof(buffer) - sizeof(header));
	wire_put_door_request(&w, &request);
	wire_writer_end(&w, &size);
	header.size = (uint32_t)size + announced_extra;
	memcpy(buffer, &header, sizeof(header));
	return sizeof(header) + size;
}

static void report(const char *name, int fd)
{
	struct pollfd ready = {fd, POLLIN, 0};
	unsigned char answer[64];
	ssize_t n;

	if (poll(&ready, 1, WAIT_MSEC) <= 0) {
		printf("%s silent\n", name);
		return;
	}
	n = recv(fd, answer, sizeof(answer), 0);
	if (n <= 0) {
		printf("%s %s\n", name, n == 0 ? "closed" : strerrorname_np(errno));
		return;
	}
	printf("%s answered %zd ", name, n);
	for (ssize_t i = 0; i < n && i < 16; i++)
		printf("%02x", answer[i]);
	printf("\n");
}

enum fd_kind { NORMAL, DIRECTORY, PATH_ONLY, EPOLL, PIDFD, SELF, ROOT };

struct knock_case {
	const char *name;
	const void *data; /* NULL: a right request */
	size_t size;
	size_t fd_count;
	enum fd_kind kind;
	uint32_t announced_extra;
	size_t cut; /* bytes left out at the end */
	bool half_close;
};

static int open_kind(enum fd_kind kind, int self)
{
	switch (kind) {
	case DIRECTORY:
		return open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	case ROOT:
		return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	case PATH_ONLY:
		return open("/dev/null", O_PATH | O_CLOEXEC);
	case EPOLL:
		return epoll_create1(EPOLL_CLOEXEC);
	case PIDFD:
		return (int)syscall(SYS_pidfd_open, getpid(), 0);
	case SELF:
		return dup(self);
	default:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	}
}

static void try_case(const char *path, const struct knock_case *c)
{
	int fd = knock(path), given[FDS_MAX], one;
	const void *data = c->data ? c->data : buffer;
	size_t size = c->data ? c->size : make_request(c->announced_extra) - c->cut;

	if (fd < 0) {
		printf("%s connect %s\n", c->name, strerrorname_np(errno));
		return;
	}
	one = open_kind(c->kind, fd);
	for (size_t i = 0; i < c->fd_count; i++)
		given[i] = one;
	if (send_fds(fd, data, size, given, c->fd_count) < 0)
		printf("%s send %s\n", c->name, strerrorname_np(errno));
	else {
		if (c->half_close)
			shutdown(fd, SHUT_WR);
		report(c->name, fd);
	}
	close(one);
	close(fd);
}

/* Many connections that say nothing; then one that asks rightly must still be heard. */
static void flood(const char *path)
{
	static int held[FLOOD];
	int count = 0;

	while (count < FLOOD && (held[count] = knock(path)) >= 0)
		count++;
	printf("flood %d %s\n", count, count < FLOOD ? strerrorname_np(errno) : "ok");
	if (count > 0)
		report("flood-first", held[0]);
	while (count > 0)
		close(held[--count]);
}

static const struct door_header wrong_magic = {0x12345678, DOOR_VERSION, 0, 64};
static const struct door_header wrong_version = {DOOR_MAGIC, 99, 0, 64};
static const struct door_header size_zero = {DOOR_MAGIC, DOOR_VERSION, 0, 0};
static const struct door_header size_huge = {DOOR_MAGIC, DOOR_VERSION, 0, UINT32_MAX};
static unsigned char junk[DOOR_PACKET];

static const struct knock_case cases[] = {
	{"right", NULL, 0, 3, NORMAL, 0, 0, false},
	{"one-byte", "x", 1, 3, NORMAL, 0, 0, false},
	{"junk", junk, 4096, 3, NORMAL, 0, 0, false},
	{"junk-64k", junk, sizeof(junk), 3, NORMAL, 0, 0, false},
	{"wrong-magic", &wrong_magic, sizeof(wrong_magic), 3, NORMAL, 0, 0, false},
	{"wrong-version", &wrong_version, sizeof(wrong_version), 3, NORMAL, 0, 0, false},
	{"size-zero", &size_zero, sizeof(size_zero), 3, NORMAL, 0, 0, false},
	{"size-huge", &size_huge, sizeof(size_huge), 3, NORMAL, 0, 0, false},
	{"truncated", NULL, 0, 3, NORMAL, 0, 5, true},
	{"unfinished", NULL, 0, 3, NORMAL, 1000, 0, false},
	{"unfinished-closed", NULL, 0, 3, NORMAL, 1000, 0, true},
	{"no-descriptors", NULL, 0, 0, NORMAL, 0, 0, false},
	{"two-descriptors", NULL, 0, 2, NORMAL, 0, 0, false},
	{"four-descriptors", NULL, 0, 4, NORMAL, 0, 0, false},
	{"253-descriptors", NULL, 0, 253, NORMAL, 0, 0, false},
	{"directory", NULL, 0, 3, DIRECTORY, 0, 0, false},
	{"root-directory", NULL, 0, 3, ROOT, 0, 0, false},
	{"path-only", NULL, 0, 3, PATH_ONLY, 0, 0, false},
	{"epoll", NULL, 0, 3, EPOLL, 0, 0, false},
	{"pidfd", NULL, 0, 3, PIDFD, 0, 0, false},
	{"own-socket", NULL, 0, 3, SELF, 0, 0, false},
};

int main(int argc, char **argv)
{
	bool all = argc > 2 && strcmp(argv[2], "all") == 0;

	if (argc < 3) {
		fprintf(stderr, "usage: door PATH CASE|all|flood [SESSION]\n");
		return 2;
	}
	if (argc > 3)
		session = argv[3];
	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (unsigned char)(i * 131 + 7);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (all || strcmp(argv[2], cases[i].name) == 0)
			try_case(argv[1], &cases[i]);
	if (all || strcmp(argv[2], "flood") == 0)
		flood(argv[1]);
	return 0;
}
