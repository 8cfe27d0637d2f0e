/* SPDX-License-Identifier: Apache-2.0 */
/* The broker's record of id ranges: a small text file, replaced as a whole. */
#include "broker/ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "isolate/idmap.h"

enum { FIRST_UID = 1000, RECORD_MAX = 1024 * 1024, LINE_MAX_LENGTH = 24 };

struct ids {
	uint64_t first;
	uint32_t lower; /* places whose user follows from the uid */
	uint32_t upper; /* places behind them, given out one by one */
	int state_dir;	/* borrowed */
	uid_t *owners;	/* of the upper places, in order: place N belongs to owners[N] */
	uint32_t count;
};

void ids_free(struct ids *ids)
{
	if (!ids)
		return;
	free(ids->owners);
	free(ids);
}

static void cleanup_ids(struct ids **ids)
{
	ids_free(*ids);
}

static int parse_record(struct ids *ids, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned uid, place;
		char extra;
		uid_t *owners;

		if (sscanf(line, "%u %u%c", &uid, &place, &extra) != 2 || place != ids->count ||
			place >= ids->upper)
			return -EBADMSG;
		owners = reallocarray(ids->owners, ids->count + 1, sizeof(*owners));
		if (!owners)
			return -ENOMEM;
		ids->owners = owners;
		ids->owners[ids->count++] = uid;
	}
	return 0;
}

int ids_open(const struct service *service, int state_dir, struct ids **ret)
{
	_cleanup_(cleanup_ids) struct ids *ids = calloc(1, sizeof(*ids));
	_cleanup_free_ char *text = malloc(RECORD_MAX);
	uint64_t places = service->ids_count / IDMAP_SIZE;
	ssize_t n;
	int r;

	if (!ids || !text)
		return -ENOMEM;
	ids->first = service->ids_first;
	ids->lower = (uint32_t)(places * 3 / 4);
	ids->upper = (uint32_t)(places - ids->lower);
	ids->state_dir = state_dir;
	n = fd_read_file_at(state_dir, "ids", text, RECORD_MAX);
	if (n < 0 && n != -ENOENT)
		return (int)n;
	if (n > 0) {
		r = parse_record(ids, text);
		if (r < 0)
			return r;
	}
	*ret = take_ptr(&ids);
	return 0;
}

static int write_record(struct ids *ids)
{
	size_t size = (size_t)ids->count * LINE_MAX_LENGTH + 1, length = 0;
	_cleanup_free_ char *text = malloc(size);

	if (!text)
		return -ENOMEM;
	for (uint32_t i = 0; i < ids->count; i++)
		length += (size_t)snprintf(
			text + length, size - length, "%u %u\n", ids->owners[i], i);
	return fd_replace_file_at(ids->state_dir, "ids", text, length, 0600);
}

static int upper_place(struct ids *ids, uid_t uid, uint32_t *ret)
{
	uid_t *owners;
	int r;

	for (uint32_t i = 0; i < ids->count; i++) {
		if (ids->owners[i] == uid) {
			*ret = i;
			return 0;
		}
	}
	if (ids->count >= ids->upper)
		return -ENOSPC;
	owners = reallocarray(ids->owners, ids->count + 1, sizeof(*owners));
	if (!owners)
		return -ENOMEM;
	ids->owners = owners;
	ids->owners[ids->count++] = uid;
	r = write_record(ids);
	if (r < 0) {
		ids->count--;
		return r;
	}
	*ret = ids->count - 1;
	return 0;
}

int ids_range(struct ids *ids, uid_t uid, uint32_t *ret_base)
{
	uint32_t place;
	int r;

	if (uid >= FIRST_UID && uid - FIRST_UID < ids->lower) {
		place = uid - FIRST_UID;
	} else {
		r = upper_place(ids, uid, &place);
		if (r < 0)
			return r;
		place += ids->lower;
	}
	*ret_base = (uint32_t)(ids->first + (uint64_t)place * IDMAP_SIZE);
	return 0;
}

bool ids_contains(const struct service *service, uint32_t id)
{
	return !service->ids_subuid && id >= service->ids_first &&
	       id - service->ids_first < service->ids_count;
}
