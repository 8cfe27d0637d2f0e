/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves where it ran: appends one line to the file that its own name with ".ran" names, or
 * argv[1]: host name, process id, uid, and the inode of its PID namespace where there is a /proc.
 * Run by tests as whatever a student may get executed; started on the host, the line says the
 * host's name.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char host[256] = "?", space[64] = "none", path[PATH_MAX];
	const char *self = (const char *)getauxval(AT_EXECFN);
	ssize_t length;
	int fd;

	gethostname(host, sizeof(host) - 1);
	length = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);
	if (length > 0)
		space[length] = '\0';
	snprintf(path, sizeof(path), "%s.ran", argc > 1 ? argv[1] : self);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0)
		return 1;
	dprintf(fd, "host=%s pid=%d uid=%d space=%s\n", host, (int)getpid(), (int)getuid(), space);
	return 0;
}
