/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens a socket of every family, type and netlink protocol, also with bits above the 32 that the
 * kernel reads (row I12). One line each: "socket FAMILY TYPE PROTOCOL OUTCOME"; sorted, so that two
 * outputs can be compared. The test compares /proc/modules before and after.
 */
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

static const uint64_t ups[] = {0, UINT64_C(1) << 32, UINT64_C(1) << 63};

static void try_socket(uint64_t family, uint64_t type, uint64_t protocol)
{
	for (size_t i = 0; i < sizeof(ups) / sizeof(ups[0]); i++) {
		long fd = syscall(SYS_socket, family | ups[i], type, protocol | ups[i]);

		printf("socket %llu %llu %llu %s%s\n", (unsigned long long)family,
			(unsigned long long)type, (unsigned long long)protocol, probe_outcome(fd),
			i ? " up" : "");
		if (fd >= 0)
			close((int)fd);
	}
}

static void try_pair(int family)
{
	int ends[2];
	int r = socketpair(family, SOCK_STREAM, 0, ends);

	printf("socketpair %d %s\n", family, probe_outcome(r));
	if (r == 0) {
		close(ends[0]);
		close(ends[1]);
	}
}

int main(void)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_PACKET};
	static const int transports[] = {
		1, 2, 6, 17, 33, 41, 50, 51, 58, 103, 115, 132, 136, 255, 262};

	for (unsigned family = 0; family < 64; family++) {
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			try_socket(family, (uint64_t)types[i], 0);
		try_pair((int)family);
	}
	for (unsigned protocol = 0; protocol < 32; protocol++)
		try_socket(AF_NETLINK, SOCK_RAW, protocol);
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
			try_socket(AF_INET, (uint64_t)types[t], (uint64_t)transports[i]);
			try_socket(AF_INET6, (uint64_t)types[t], (uint64_t)transports[i]);
		}
	}
	return 0;
}
