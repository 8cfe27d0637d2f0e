/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker. */
#include "broker/resources.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/ids.h"
#include "broker/info.h"
#include "isolate/idmap.h"

enum { FORGET_TIMEOUT = 30 * USEC_PER_SEC };

/* The next pair of addresses that no sandbox has: round robin, since the kernel takes a while to
 * remove a link. */
static int take_addresses(struct sandbox *s)
{
	struct broker *broker = s->broker;
	uint32_t capacity = network_capacity(broker_service(broker));

	for (uint32_t tried = 0; tried < capacity; tried++) {
		uint32_t index = broker->next_network + 1 < capacity ? broker->next_network + 1 : 1;
		bool used = false;

		broker->next_network = index;
		for (struct user *user = broker->users; user && !used; user = user->next)
			for (struct sandbox *other = user->sandboxes; other && !used;
				other = other->next)
				used = other != s && other->has_network &&
				       other->addresses.index == index;
		if (!used) {
			network_addresses_get(broker_service(broker), index, &s->addresses);
			s->has_network = true;
			return 0;
		}
	}
	return -ENOSPC;
}

/* A range of /etc/subuid, unless it overlaps that of another user who is here. */
static int take_range(struct sandbox *s, uint32_t base)
{
	for (struct user *user = s->broker->users; user; user = user->next)
		for (struct sandbox *other = user->sandboxes; other; other = other->next)
			if (user != s->user && base < other->base + IDMAP_SIZE &&
				other->base < base + IDMAP_SIZE)
				return -EEXIST;
	s->base = base;
	return 0;
}

int resources_make(struct sandbox *s, uint32_t base, char **ret_text)
{
	struct broker *broker = s->broker;
	int r = base ? take_range(s, base) : ids_range(broker->ids, s->account->uid, &s->base);

	if (r == -EEXIST) {
		*ret_text = str_format("the range of uid %u in /etc/subuid overlaps another user's",
			s->account->uid);
		return r;
	}
	if (r < 0) {
		*ret_text = str_format("no range of service.ids is left for uid %u: %s",
			s->account->uid, strerror(-r));
		return r;
	}
	if (s->policy->network == NETWORK_NAT) {
		r = take_addresses(s);
		if (r < 0) {
			*ret_text = str_format("every address of service.addresses is in use");
			return r;
		}
	}
	r = cgroup_sandbox_new(s->user->cgroup, s->id, s->base, s->base, &s->cgroup);
	if (r < 0) {
		*ret_text = str_format("the sandbox's cgroup could not be made: %s", strerror(-r));
		return r;
	}
	r = sandbox_write_info(s);
	if (r < 0)
		*ret_text = str_format(
			"the sandbox's directory could not be written: %s", strerror(-r));
	return r;
}

static void run_forget(struct child_result *result, const char *volatile *step, void *input)
{
	*step = "forgetting the connections of a sandbox";
	result->error = network_forget(input);
}

/* The next who has the addresses must not inherit them; the kernel's table may be long, so a child
 * looks through it. */
static void forget_connections(struct broker *broker, struct network_addresses *addresses)
{
	int r = child_start(broker, run_forget, addresses, FORGET_TIMEOUT, NULL, NULL, NULL);

	if (r < 0)
		log_warning("the connections of a sandbox that is gone are not forgotten: %s",
			strerror(-r));
}

void resources_remove(struct sandbox *s)
{
	struct broker *broker = s->broker;

	if (s->has_network) {
		network_allow_remove(broker_service(broker), s->id, s->policy);
		forget_connections(broker, &s->addresses);
	}
	info_remove(broker->dirs.info, s->id);
}
