/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the broker's child hands to PID 1 when it executes it: descriptors at fixed numbers, and one
 * sealed memfd with the wire_start below. PID 1 asks nobody anything else. The descriptors of
 * cgroups were opened by host root: a process that writes "0" into one moves itself there with
 * root's rights.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wire/message.h"

enum {
	START_GROUPS_MAX = 64,
	START_ENV_DROP_MAX = 128,
	START_ENTER_MAX = 8,
	START_SIZE_MAX = 64 * 1024,
};

/* Descriptors of PID 1 at its start. 0 to 2 are /dev/null; START_FD_ENTER is the first of a run. */
enum start_fd {
	START_FD_CONFIG = 3, /* sealed memfd: wire_start, encoded */
	START_FD_DOOR,	     /* listening SEQPACKET socket, non-blocking */
	START_FD_FILTER,     /* sealed memfd: struct sock_filter[], the session's seccomp program */
	START_FD_PIDS_CURRENT,	/* pids.current of `boxes` (read) */
	START_FD_PIDS_MAX,	/* pids.max of `boxes` (read) */
	START_FD_PIDS_EVENTS,	/* pids.events that counts what this sandbox met (read, POLLPRI) */
	START_FD_MEMORY_EVENTS, /* v2 memory.events, v1 memory.oom_control of the sessions (read) */
	START_FD_OOM,  /* v1: eventfd that is told of every OOM; absent on v2 (POLLPRI there) */
	START_FD_INTO, /* v2: directory of the sessions' cgroup, for clone3(CLONE_INTO_CGROUP) */
	START_FD_ENTER =
		16, /* wire_start.enter_count files: "0" moves the writer to the sessions' cgroup */
	/* then wire_start.rescue_count files: to `spare`; wire_start.home_count: back to PID 1's
	 * own; wire_start.join_count: where PID 1 goes first of all. */
};

enum start_flag {
	START_NOTICE = 1 << 0,	   /* one line at a terminal login */
	START_HAS_PIDS = 1 << 1,   /* the three pids descriptors are there */
	START_HAS_MEMORY = 1 << 2, /* START_FD_MEMORY_EVENTS is there */
	START_HAS_OOM = 1 << 3,	   /* START_FD_OOM is there: cgroup v1 */
	START_HAS_INTO = 1 << 4,   /* START_FD_INTO is there: cgroup v2 */
	START_LINGERS = 1 << 5,	   /* scope user */
};

struct wire_start {
	uint32_t uid;
	uint32_t gid;
	uint32_t flags; /* enum start_flag */
	const char *user;
	const char *home;
	const char *shell;	    /* the account's */
	const char *fallback_shell; /* policy `shell`: where the account's does not exist inside */
	size_t group_count;	    /* kept supplementary groups */
	uint32_t groups[START_GROUPS_MAX];
	size_t env_drop_count; /* names, or patterns that end in one '*' */
	const char *env_drop[START_ENV_DROP_MAX];
	uint32_t enter_count;
	uint32_t rescue_count;
	uint32_t home_count;
	uint32_t join_count;
};

void wire_put_start(struct wire_writer *w, const struct wire_start *start);

/* Strings point into the reader's buffer. 0 or -EBADMSG. */
int wire_get_start(struct wire_reader *r, struct wire_start *ret);
