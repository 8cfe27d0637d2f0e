/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The id maps of a sandbox (user_namespaces(7)): inside 0..65535 is a range of the host that is one
 * user's alone, except the ids in KEPT (the user's own uid; the primary gid and the kept groups),
 * which are themselves.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	IDMAP_SIZE = 65536,
	IDMAP_KEPT_MAX = 80,
	/* The kernel takes a page of text and 340 lines. */
	IDMAP_TEXT_MAX = 4096,
};

/*
 * Writes the text of a uid_map or gid_map: BASE is the first host id, KEPT holds COUNT ids in any
 * order, with repetitions. Returns the length, -E2BIG if it does not fit, -EINVAL if a kept id is 0
 * or lies in BASE .. BASE + 65535.
 */
int idmap_format(uint32_t base, const uint32_t *kept, size_t count, char *buffer, size_t size);

/* Writes both maps of PID; /proc/PID/setgroups stays "allow". The caller is root outside. */
int idmap_write(pid_t pid, const char *uid_map, const char *gid_map);
