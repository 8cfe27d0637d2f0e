/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in the shim with the student's rights. The arguments and the environment are only copied
 * into the request: nothing of them decides anything here.
 */
#include "shim/knock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/say.h"
#include "base/str.h"
#include "wire/socket.h"

enum { RETRY_NSEC = 10 * 1000 * 1000 };

void caller_record(struct caller *ret)
{
	struct caller c = {0};
	struct rlimit limit;

	c.umask = umask(077);
	for (unsigned resource = 0; resource < RLIM_NLIMITS; resource++)
		if (c.rlimit_count < DOOR_RLIMITS_MAX && getrlimit(resource, &limit) == 0)
			c.rlimits[c.rlimit_count++] =
				(struct door_rlimit){.resource = resource, .soft = limit.rlim_cur};
	*ret = c;
}

static void read_session(const struct shim *shim, struct caller *c)
{
	_cleanup_close_ int fd = open(DOOR_SESSION_PATH, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, c->session, WIRE_ID_LENGTH);

	c->session[n < 0 ? 0 : n] = '\0';
	if (!str_is_hex(c->session, WIRE_ID_LENGTH))
		shim_die(shim, SHIM_REFUSED, "this login has no sandbox", DOOR_SESSION_PATH);
}

static void connect_door(struct shim *shim)
{
	const struct timespec pause = {.tv_nsec = RETRY_NSEC};
	int fd;

	while ((fd = wire_connect(DOOR_PATH)) == -EAGAIN && clock_monotonic() < shim->deadline)
		nanosleep(&pause, NULL);
	if (fd == -EAGAIN)
		shim_die(shim, SHIM_REFUSED, "no answer from the sandbox", NULL);
	if (fd == -ECONNREFUSED)
		shim_die(shim, SHIM_REFUSED, "the sandbox has ended", NULL);
	if (fd < 0)
		shim_die(shim, SHIM_REFUSED, DOOR_PATH, say_errno(-fd));
	shim->door = fd;
}

static void send_packet(
	const struct shim *shim, const void *data, size_t size, const int *fds, size_t count)
{
	int r;

	while ((r = wire_send(shim->door, data, size, fds, count, MSG_DONTWAIT)) == -EAGAIN)
		if (wire_wait(shim->door, POLLOUT, shim->deadline) < 0)
			shim_die(shim, SHIM_REFUSED, "no answer from the sandbox", NULL);
	if (r == -EPIPE || r == -ECONNRESET)
		shim_die(shim, SHIM_REFUSED, "the sandbox has ended, or has no room for a program",
			NULL);
	if (r < 0)
		shim_die(shim, SHIM_REFUSED, DOOR_PATH, say_errno(-r));
}

/* The host's terminal stays outside: something harmless goes in its place, the sandbox's pty
 * replaces it. */
static void choose_descriptors(const struct shim *shim, int *fds)
{
	int null = -EBADF;

	if (shim->terminal.mask) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null < 0)
			shim_die(shim, SHIM_REFUSED, "/dev/null", say_errno(errno));
	}
	for (int i = 0; i < DOOR_FDS; i++)
		fds[i] = shim->terminal.mask & (1U << i) ? null : i;
}

static void send_request(const struct shim *shim, const struct door_request *request)
{
	size_t size = wire_door_request_size(request), total = size + sizeof(struct door_header);
	struct door_header header = {
		.magic = DOOR_MAGIC, .version = DOOR_VERSION, .size = (uint32_t)size};
	struct wire_writer writer;
	unsigned char *data;
	int fds[DOOR_FDS];

	if (size > DOOR_REQUEST_MAX)
		shim_die(shim, SHIM_REFUSED, "arguments and environment", say_errno(E2BIG));
	data = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED)
		shim_die(shim, SHIM_REFUSED, "arguments and environment", say_errno(errno));
	memcpy(data, &header, sizeof(header));
	wire_writer_init(&writer, data + sizeof(header), size);
	wire_put_door_request(&writer, request);
	if (wire_writer_end(&writer, &size) < 0)
		shim_die(shim, SHIM_REFUSED, "arguments and environment", say_errno(E2BIG));
	choose_descriptors(shim, fds);
	for (size_t at = 0; at < total; at += DOOR_PACKET)
		send_packet(shim, data + at, total - at < DOOR_PACKET ? total - at : DOOR_PACKET,
			fds, at == 0 ? DOOR_FDS : 0);
	if (shim->terminal.mask)
		close(fds[shim->terminal.foreign]);
	munmap(data, total);
}

void knock(struct shim *shim, struct caller *caller, char **argv, char **envp)
{
	const char *executable = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	char directory[PATH_MAX];
	struct door_request request = {
		.executable = executable && strlen(executable) <= WIRE_PATH_MAX ? executable : "",
		.directory = directory,
		.umask = caller->umask,
		.relay = shim->terminal.mask,
		.rows = shim->terminal.size.ws_row,
		.columns = shim->terminal.size.ws_col,
		.rlimit_count = caller->rlimit_count,
		.argv = argv,
		.envp = envp,
	};

	read_session(shim, caller);
	request.session = caller->session;
	memcpy(request.rlimits, caller->rlimits, sizeof(request.rlimits));
	/* The library's getcwd() would go looking for a directory that has no path. */
	if (syscall(SYS_getcwd, directory, sizeof(directory)) < 0 || directory[0] != '/')
		directory[0] = '\0';
	connect_door(shim);
	send_request(shim, &request);
}
