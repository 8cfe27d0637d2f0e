/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quotas: one table says each one's name in the config, its unit, its default, and how every
 * back end holds it. struct quota is a set of values, as a user's policy has it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum quota_id {
	QUOTA_MEMORY,	    /* bytes */
	QUOTA_SWAP,	    /* bytes */
	QUOTA_CPUS,	    /* thousandths of a processor */
	QUOTA_CPU_WEIGHT,   /* 1 to 10000, 100 is usual */
	QUOTA_PIDS,	    /* processes and threads */
	QUOTA_TMP,	    /* bytes of /tmp, /var/tmp, /run and /dev/shm together */
	QUOTA_SESSIONS,	    /* logins at once by sshd, login and su */
	QUOTA_SESSION_TIME, /* microseconds */
	QUOTA_COUNT,
};

/* UINT64_MAX is "no limit". */
#define QUOTA_UNLIMITED UINT64_MAX

struct quota {
	uint64_t values[QUOTA_COUNT];
};

enum quota_unit {
	QUOTA_UNIT_SIZE,     /* "2G" or an integer of bytes */
	QUOTA_UNIT_CPUS,     /* int or float */
	QUOTA_UNIT_COUNT,    /* integer */
	QUOTA_UNIT_DURATION, /* "12h" or an integer of seconds */
};

/* One back end's file for a quota; file NULL: not held by a cgroup. */
struct quota_file {
	const char *controller; /* "memory", "cpu", "pids" */
	const char *file;
};

struct quota_row {
	const char *name; /* key in quota: { } */
	enum quota_unit unit;
	uint64_t minimum;
	uint64_t maximum;
	uint64_t standard; /* built-in default */
	struct quota_file v2;
	struct quota_file v1;
	const char *systemd_property; /* for the systemd back end */
};

extern const struct quota_row quota_table[QUOTA_COUNT];

/* The built-in defaults. */
void quota_init(struct quota *q);

enum { QUOTA_TEXT_MAX = 48 };

/*
 * The value as the config writes it: "2G", "1.5", "100", "12h"; "none" for no limit. BUFFER holds
 * QUOTA_TEXT_MAX bytes.
 */
const char *quota_format(enum quota_id id, uint64_t value, char *buffer);
