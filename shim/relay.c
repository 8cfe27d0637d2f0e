/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in the shim behind its fence. The program's output goes to the caller's terminal as it is,
 * as that of any program would; the descriptor from the sandbox must be a pty's master, whose reads
 * and writes do not block.
 */
#include "shim/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "wire/socket.h"

enum {
	PTMX_MAJOR = 5,
	PTMX_MINOR = 2,
	QUIET_MSEC = 100,
	DRAIN_MAX = 1024 * 1024, /* something left in the background may write for ever */
};

enum { POLL_INPUT, POLL_MASTER };

void relay_init(struct relay *relay, const struct terminal *t)
{
	*relay = (struct relay){.master = -EBADF, .input = t->input, .output = t->foreign};
	/* "su -c CMD > FILE" has its terminal at 0 and 2 only, "CMD | su -c" at 1 and 2. */
	for (int fd = STDERR_FILENO; fd > STDIN_FILENO; fd--)
		if (t->mask & (1U << fd))
			relay->output = fd;
}

int relay_take_master(struct relay *relay, int master, const struct terminal *t)
{
	unsigned number;
	struct stat st;
	int flags = fcntl(master, F_GETFL);

	if (relay->master >= 0 || flags < 0 || (flags & O_PATH) || fstat(master, &st) < 0 ||
		!S_ISCHR(st.st_mode) || st.st_rdev != makedev(PTMX_MAJOR, PTMX_MINOR) ||
		ioctl(master, TIOCGPTN, &number) < 0 ||
		fcntl(master, F_SETFL, flags | O_NONBLOCK) < 0) {
		close(master);
		return -EPROTO;
	}
	relay->master = master;
	if (t->size.ws_row && t->size.ws_col)
		ioctl(master, TIOCSWINSZ, &t->size);
	return 0;
}

int relay_prepare(const struct relay *relay, struct pollfd *polls)
{
	polls[POLL_INPUT] = (struct pollfd){.fd = -1};
	polls[POLL_MASTER] = (struct pollfd){.fd = -1};
	if (relay->master < 0)
		return -1;
	if (relay->length < RELAY_BUFFER)
		polls[POLL_INPUT] = (struct pollfd){.fd = relay->input, .events = POLLIN};
	if (relay->quiet_until)
		return QUIET_MSEC;
	polls[POLL_MASTER] = (struct pollfd){
		.fd = relay->master, .events = POLLIN | (relay->length ? POLLOUT : 0)};
	return -1;
}

static int read_typed(struct relay *relay)
{
	ssize_t n = read(relay->input, relay->typed + relay->length, RELAY_BUFFER - relay->length);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (n == 0)
		return -EPIPE; /* raw terminals have no other end of file than their own */
	relay->length += (size_t)n;
	return 0;
}

static void write_typed(struct relay *relay)
{
	ssize_t n = write(relay->master, relay->typed, relay->length);

	if (n <= 0)
		return;
	relay->length -= (size_t)n;
	memmove(relay->typed, relay->typed + n, relay->length);
}

/* The terminal may be slow, and its caller may have made it non-blocking. */
static int write_shown(int fd, const char *shown, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, shown, size);

		if (n < 0 && errno == EAGAIN && wire_wait(fd, POLLOUT, USEC_INFINITY) >= 0)
			continue;
		if (n < 0)
			return -EPIPE;
		shown += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Shows a piece of output: its size, 0 if nothing is there now, -EIO if nobody inside has the pty
 * open. */
static ssize_t show(struct relay *relay)
{
	char shown[RELAY_BUFFER];
	ssize_t n = read(relay->master, shown, sizeof(shown));
	int r;

	if (n < 0)
		return errno == EIO ? -EIO : 0;
	if (n == 0)
		return -EIO;
	r = write_shown(relay->output, shown, (size_t)n);
	return r < 0 ? r : n;
}

int relay_copy(struct relay *relay, const struct pollfd *polls)
{
	bool may_show = polls[POLL_MASTER].revents & (POLLIN | POLLHUP | POLLERR);

	if (relay->master < 0)
		return 0;
	if (polls[POLL_INPUT].revents) {
		int r = read_typed(relay);

		if (r < 0)
			return r;
	}
	if (relay->length > 0)
		write_typed(relay);
	if (relay->quiet_until && clock_monotonic() >= relay->quiet_until)
		may_show = true;
	if (may_show) {
		ssize_t n = show(relay);

		if (n == -EPIPE)
			return -EPIPE;
		relay->quiet_until = n == -EIO ? clock_monotonic() + QUIET_MSEC * USEC_PER_MSEC : 0;
	}
	return 0;
}

void relay_drain(struct relay *relay)
{
	size_t total = 0;

	while (relay->master >= 0 && total < DRAIN_MAX) {
		ssize_t n = show(relay);

		if (n <= 0)
			return;
		total += (size_t)n;
	}
}
