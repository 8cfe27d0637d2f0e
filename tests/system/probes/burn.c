/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Burns processor time: burn SECONDS [PROCESSES]. Prints "wall W cpu C" in seconds: what it used of
 * what went by (rows Q08 and the `cpus` quota).
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	double start = now(), end = start + (argc > 1 ? atof(argv[1]) : 1);
	int count = argc > 2 ? atoi(argv[2]) : 1;
	struct rusage usage;

	for (int i = 0; i < count; i++) {
		if (fork() == 0) {
			while (now() < end)
				;
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("wall %.3f cpu %.3f\n", now() - start,
		seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
	return 0;
}
