/* SPDX-License-Identifier: Apache-2.0 */
/* The table of quotas, and how a value is written. Pure data: needs no rights. */
#include "isolate/quota.h"

#include <assert.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/size.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define HOUR (3600 * USEC_PER_SEC)
#define SIZE_LIMIT (UINT64_C(1) << 62)
#define TIME_LIMIT (36500 * 24 * HOUR)
#define PIDS_LIMIT UINT64_C(4194304) /* PID_MAX_LIMIT of the kernel */

const struct quota_row quota_table[] = {
	[QUOTA_MEMORY] = {"memory", QUOTA_UNIT_SIZE, 4 * MIB, SIZE_LIMIT, 2 * GIB,
		{"memory", "memory.max"}, {"memory", "memory.limit_in_bytes"}, "MemoryMax"},
	/* v1 limits the sum of memory and swap. */
	[QUOTA_SWAP] = {"swap", QUOTA_UNIT_SIZE, 0, SIZE_LIMIT, 0, {"memory", "memory.swap.max"},
		{"memory", "memory.memsw.limit_in_bytes"}, "MemorySwapMax"},
	/* The kernel takes no slice below 1 ms of a period of 100 ms. */
	[QUOTA_CPUS] = {"cpus", QUOTA_UNIT_CPUS, 10, 8192 * 1000, 1500, {"cpu", "cpu.max"},
		{"cpu", "cpu.cfs_quota_us"}, "CPUQuotaPerSecUSec"},
	[QUOTA_CPU_WEIGHT] = {"cpu_weight", QUOTA_UNIT_COUNT, 1, 10000, 100, {"cpu", "cpu.weight"},
		{"cpu", "cpu.shares"}, "CPUWeight"},
	/* Below the minimum no login has room for a shell with a pipe. */
	[QUOTA_PIDS] = {"pids", QUOTA_UNIT_COUNT, 8, PIDS_LIMIT, 1024, {"pids", "pids.max"},
		{"pids", "pids.max"}, "TasksMax"},
	/* A tmpfs takes a size of 0 as no limit. */
	[QUOTA_TMP] = {"tmp", QUOTA_UNIT_SIZE, 64 * KIB, SIZE_LIMIT, 512 * MIB, {0}, {0}, NULL},
	[QUOTA_SESSIONS] = {"sessions", QUOTA_UNIT_COUNT, 1, 65535, 16, {0}, {0}, NULL},
	[QUOTA_SESSION_TIME] = {"session_time", QUOTA_UNIT_DURATION, USEC_PER_SEC, TIME_LIMIT,
		12 * HOUR, {0}, {0}, NULL},
};
static_assert(ELEMENTS(quota_table) == QUOTA_COUNT, "a quota has no row");

void quota_init(struct quota *q)
{
	for (size_t id = 0; id < QUOTA_COUNT; id++)
		q->values[id] = quota_table[id].standard;
}

/* 1500 is "1.5", 2000 is "2". */
static void format_thousandths(uint64_t value, char *buffer, size_t size)
{
	unsigned fraction = (unsigned)(value % 1000);
	int digits = 3;

	for (; digits > 0 && fraction % 10 == 0; digits--)
		fraction /= 10;
	if (digits)
		snprintf(buffer, size, "%llu.%0*u", (unsigned long long)(value / 1000), digits,
			fraction);
	else
		snprintf(buffer, size, "%llu", (unsigned long long)(value / 1000));
}

const char *quota_format(enum quota_id id, uint64_t value, char *buffer)
{
	static_assert((int)QUOTA_TEXT_MAX >= (int)SIZE_TEXT_MAX &&
			      (int)QUOTA_TEXT_MAX >= (int)DURATION_TEXT_MAX,
		"the buffer is shared");

	if (value == QUOTA_UNLIMITED) {
		snprintf(buffer, QUOTA_TEXT_MAX, "none");
		return buffer;
	}
	switch (quota_table[id].unit) {
	case QUOTA_UNIT_SIZE:
		return size_format(value, buffer);
	case QUOTA_UNIT_DURATION:
		return duration_format(value, buffer);
	case QUOTA_UNIT_CPUS:
		format_thousandths(value, buffer, QUOTA_TEXT_MAX);
		return buffer;
	case QUOTA_UNIT_COUNT:
		snprintf(buffer, QUOTA_TEXT_MAX, "%llu", (unsigned long long)value);
		return buffer;
	}
	return NULL;
}
