/* SPDX-License-Identifier: Apache-2.0 */
#include "isolate/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"

struct map_text {
	char *buffer;
	size_t size;
	size_t length;
	bool full;
};

static void add_line(struct map_text *text, uint32_t inside, uint32_t outside, uint32_t count)
{
	int n;

	if (!count || text->full)
		return;
	n = snprintf(text->buffer + text->length, text->size - text->length, "%u %u %u\n", inside,
		outside, count);
	if (n < 0 || (size_t)n >= text->size - text->length)
		text->full = true;
	else
		text->length += (size_t)n;
}

static size_t sort_unique(const uint32_t *ids, size_t count, uint32_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		size_t at = n;

		while (at > 0 && ret[at - 1] >= ids[i])
			at--;
		if (at < n && ret[at] == ids[i])
			continue;
		memmove(ret + at + 1, ret + at, (n - at) * sizeof(*ret));
		ret[at] = ids[i];
		n++;
	}
	return n;
}

int idmap_format(uint32_t base, const uint32_t *kept, size_t count, char *buffer, size_t size)
{
	struct map_text text = {.buffer = buffer, .size = size};
	uint32_t sorted[IDMAP_KEPT_MAX], next = 0;

	if (count > IDMAP_KEPT_MAX)
		return -E2BIG;
	count = sort_unique(kept, count, sorted);
	for (size_t i = 0; i < count; i++) {
		uint32_t id = sorted[i];

		if (id == 0 || id == UINT32_MAX || (id >= base && id - base < IDMAP_SIZE))
			return -EINVAL;
		if (id < IDMAP_SIZE) {
			add_line(&text, next, base + next, id - next);
			next = id + 1;
		}
		add_line(&text, id, id, 1);
	}
	/* The kernel wants no order, only that nothing overlaps. */
	add_line(&text, next, base + next, IDMAP_SIZE - next);
	return text.full ? -E2BIG : (int)text.length;
}

int idmap_write(pid_t pid, const char *uid_map, const char *gid_map)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	r = fd_write_file_at(AT_FDCWD, path, uid_map);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
	return fd_write_file_at(AT_FDCWD, path, gid_map);
}
