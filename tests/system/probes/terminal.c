/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries to type into and to paste from the terminals that it can reach (row I08): TIOCSTI and
 * TIOCLINUX with each upper bit of the request set, by ioctl(2) and, where the machine has it, the
 * i386 entry. One line for each outcome: "TIOCSTI fd0 bit33 EPERM". Exits 1 if anything got
 * through.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

static bool try_request(const char *name, uint64_t request, int fd, const char *where)
{
	bool through = false;

	for (int bit = 31; bit < 64; bit++) {
		char byte[2] = {'\n', 0};
		uint64_t number = bit == 31 ? request : request | UINT64_C(1) << bit;
		long r = syscall(SYS_ioctl, fd, number, byte);

		printf("%s %s bit%d %s\n", name, where, bit == 31 ? 0 : bit, probe_outcome(r));
		/* ENOTTY: the kernel looked, and only found that this is not such a terminal. */
		if (r >= 0 || errno != EPERM)
			through = true;
	}
	return through;
}

int main(void)
{
	static const char *const places[] = {"/dev/tty", "/dev/pts/0", "/dev/ptmx", "/dev/console"};
	bool through = try_request("TIOCSTI", TIOCSTI, 0, "fd0");

	through |= try_request("TIOCLINUX", TIOCLINUX, 0, "fd0");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int fd = open(places[i], O_RDWR | O_NOCTTY | O_CLOEXEC);

		if (fd < 0) {
			printf("open %s %s\n", places[i], strerrorname_np(errno));
			continue;
		}
		through |= try_request("TIOCSTI", TIOCSTI, fd, places[i]);
		through |= try_request("TIOCLINUX", TIOCLINUX, fd, places[i]);
		close(fd);
	}
	return through;
}
