/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker. */
#include "broker/upstream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "broker/network.h"

static uint64_t newest_change(void)
{
	static const char *const files[] = {"/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"};
	uint64_t newest = 1;

	for (size_t i = 0; i < ELEMENTS(files); i++) {
		struct stat st;
		uint64_t at;

		if (stat(files[i], &st) < 0)
			continue;
		at = (uint64_t)st.st_ctim.tv_sec * 1000000000 + (uint64_t)st.st_ctim.tv_nsec;
		newest = at > newest ? at : newest;
	}
	return newest;
}

void upstream_done(struct broker *broker)
{
	for (char **at = broker->resolvers; at && *at; at++)
		free(*at);
	free(broker->resolvers);
	free(broker->search);
	broker->resolvers = NULL;
	broker->search = NULL;
}

void upstream_refresh(struct broker *broker)
{
	uint64_t changed = newest_change();
	bool first = !broker->resolvers_mtime;
	char **resolvers, *search;
	int r;

	if (changed == broker->resolvers_mtime)
		return;
	r = network_read_resolvers(&resolvers, &search);
	if (r < 0) {
		log_warning("the host's resolvers cannot be read: %s", strerror(-r));
		return;
	}
	upstream_done(broker);
	broker->resolvers = resolvers;
	broker->search = search;
	broker->resolvers_mtime = changed;
	if (first)
		return; /* network_start() gets them */
	r = network_set_resolvers(broker_service(broker), (const char *const *)resolvers);
	if (r < 0)
		log_warning("the firewall does not know the new resolvers: %s", strerror(-r));
}
