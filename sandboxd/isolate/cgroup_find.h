/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the cgroup hierarchies are and where this process is in them, from the text of
 * /proc/self/mountinfo (proc(5)) and /proc/self/cgroup (cgroups(7)). Reads only; needs no rights.
 */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

enum cgroup_controller {
	CGROUP_MEMORY,
	CGROUP_CPU,
	CGROUP_PIDS,
	CGROUP_CONTROLLER_COUNT,
};

extern const char *const cgroup_controller_names[CGROUP_CONTROLLER_COUNT];

enum { CGROUP_HIERARCHIES_MAX = CGROUP_CONTROLLER_COUNT };

/* A mounted hierarchy. */
struct cgroup_place {
	int version;	      /* 1 or 2 */
	unsigned controllers; /* v1: mask of 1 << enum cgroup_controller; v2: 0, its files say */
	char path[PATH_MAX];  /* this process's directory in it */
};

/*
 * The places to use: the v1 hierarchies of the controllers above where there is one (a hybrid host
 * too), else the v2 hierarchy. -ENOTSUP: none is mounted where this process can see its own cgroup.
 */
int cgroup_find(FILE *mountinfo, FILE *self, struct cgroup_place ret[CGROUP_HIERARCHIES_MAX],
	size_t *ret_count);

/* The mask of the controllers that LIST names; other words are passed over. */
unsigned cgroup_controllers_in(const char *list, const char *separators);
