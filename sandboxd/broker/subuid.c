/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in a child of the broker, as root. */
#include "broker/subuid.h"

#include <shadow/subid.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "isolate/idmap.h"

static bool covers(const struct subid_range *ranges, int count, unsigned long first)
{
	for (int i = 0; i < count; i++)
		if (first >= ranges[i].start && ranges[i].count >= IDMAP_SIZE &&
			first - ranges[i].start <= ranges[i].count - IDMAP_SIZE)
			return true;
	return false;
}

void subuid_run(struct child_result *result, const char *volatile *step, void *input)
{
	const char *name = input;
	_cleanup_free_ struct subid_range *uids = NULL;
	_cleanup_free_ struct subid_range *gids = NULL;
	int uid_count, gid_count;

	*step = "asking for the ranges of /etc/subuid";
	uid_count = subid_get_uid_ranges(name, &uids);
	gid_count = subid_get_gid_ranges(name, &gids);
	for (int i = 0; i < uid_count; i++) {
		unsigned long first = uids[i].start;

		/* Never root's, nor what wraps around. */
		if (first < IDMAP_SIZE || first > UINT32_MAX - IDMAP_SIZE)
			continue;
		if (covers(uids, uid_count, first) && covers(gids, gid_count, first)) {
			result->number = (uint32_t)first;
			return;
		}
	}
	child_fail(result, -ENOENT,
		"%s has no range of 65536 ids that both /etc/subuid and /etc/subgid name; "
		"tell your administrator",
		name);
}
