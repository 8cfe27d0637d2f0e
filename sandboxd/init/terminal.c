/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in a child of PID 1 that is the student already; every file here is one of the sandbox. */
#include "init/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "wire/socket.h"

#define NOTICE_PATH SANDBOX_RUN_DIR "/notice"

enum { NOTICE_MAX = 4096 };

int terminal_open_relay(int door, struct request *request)
{
	const struct winsize size = {
		.ws_row = (unsigned short)request->door.rows,
		.ws_col = (unsigned short)request->door.columns,
	};
	const unsigned char answer = DOOR_PTY;
	_cleanup_close_ int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	_cleanup_close_ int slave = -EBADF;
	int unlocked = 0;

	if (master < 0)
		return -errno;
	if (ioctl(master, TIOCSPTLCK, &unlocked) < 0)
		return -errno;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -errno;
	if (size.ws_row && size.ws_col)
		ioctl(master, TIOCSWINSZ, &size);
	for (int i = 0; i < DOOR_FDS; i++)
		if (request->door.relay & (1U << i) && dup3(slave, request->fds[i], O_CLOEXEC) < 0)
			return -errno;
	return wire_send(door, &answer, sizeof(answer), &master, 1, MSG_DONTWAIT);
}

void terminal_control(void)
{
	struct stat terminals, st;

	if (stat("/dev/pts", &terminals) < 0)
		return;
	for (int fd = 0; fd < DOOR_FDS; fd++)
		if (isatty(fd) && fstat(fd, &st) == 0 && st.st_dev == terminals.st_dev) {
			/* EPERM: some session on the host side still has it; then it is only a
			 * file. */
			ioctl(fd, TIOCSCTTY, 0);
			return;
		}
}

/* Processes of the student but this one. /proc/PID belongs to who runs it. */
static unsigned count_own_processes(const struct settings *s)
{
	_cleanup_closedir_ DIR *directory = opendir("/proc");
	struct dirent *entry;
	pid_t self = getpid();
	unsigned count = 0;

	while (directory && (entry = readdir(directory))) {
		struct stat st;

		if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
			strtol(entry->d_name, NULL, 10) == self)
			continue;
		if (fstatat(dirfd(directory), entry->d_name, &st, 0) == 0 &&
			st.st_uid == s->start.uid)
			count++;
	}
	return count;
}

static void write_terminal(const void *text, size_t size)
{
	/* A terminal takes what it is given, or has gone. */
	fd_write_all(STDIN_FILENO, text, size);
}

static void tell_what_runs(unsigned count)
{
	char line[80], *at = line + sizeof(line);
	const char *rest = count == 1 ? " process of yours is still running\n"
				      : " processes of yours are still running\n";
	size_t n = strlen(rest);

	at -= n;
	memcpy(at, rest, n);
	do
		*--at = (char)('0' + count % 10);
	while (count /= 10);
	write_terminal(at, (size_t)(line + sizeof(line) - at));
}

void terminal_greet(const struct settings *s)
{
	char notice[NOTICE_MAX];
	ssize_t length = fd_read_file_at(AT_FDCWD, NOTICE_PATH, notice, sizeof(notice));
	unsigned count = count_own_processes(s);

	if (length > 0)
		write_terminal(notice, (size_t)length);
	if (count > 0)
		tell_what_runs(count);
}
