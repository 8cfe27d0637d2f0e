/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times another program: bench-spawn COUNT COMMAND [ARGUMENT]... runs it COUNT times, silent, and
 * prints a line of microseconds from posix_spawn(3) to its end for each. A run that fails ends it.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t files;

	if (argc < 3)
		return 2;
	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd < 2; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	for (int run = 0; run < atoi(argv[1]); run++) {
		uint64_t start = clock_monotonic();
		int status = 0, error;
		pid_t pid;

		error = posix_spawnp(&pid, argv[2], &files, NULL, argv + 2, environ);
		if (error || waitpid(pid, &status, 0) < 0 || status) {
			fprintf(stderr, "%s: %s, status %#x\n", argv[2], strerror(error),
				(unsigned)status);
			return 1;
		}
		printf("%llu\n", (unsigned long long)(clock_monotonic() - start));
		fflush(stdout);
	}
	return 0;
}
