/* SPDX-License-Identifier: Apache-2.0 */
/* What the probes share: how an outcome is written, and that none runs on a host by mistake. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "ok" for a result of 0 or more, else the name of errno. */
static inline const char *probe_outcome(long result)
{
	return result >= 0 ? "ok" : strerrorname_np(errno);
}

/*
 * Ends the program in the host's first user namespace: several probes would unmount, stop or fill
 * what is not theirs. PROBE_ON_HOST=1 says that the caller has made private namespaces.
 */
static inline void probe_refuse_host(void)
{
	unsigned long first = 0, outside = 0, count = 0;
	FILE *file = fopen("/proc/self/uid_map", "re");
	int n = file ? fscanf(file, "%lu %lu %lu", &first, &outside, &count) : 0;

	if (file)
		fclose(file);
	if (n == 3 && first == 0 && outside == 0 && count == 4294967295 &&
		!getenv("PROBE_ON_HOST")) {
		fprintf(stderr, "this probe attacks what it runs in: not on the host\n");
		exit(125);
	}
}
