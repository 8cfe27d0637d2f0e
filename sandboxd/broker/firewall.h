/* SPDX-License-Identifier: Apache-2.0 */
/* The instance's table in nftables, `inet <service.name>`: each call is one transaction. */
#pragma once

#include <stdbool.h>

#include "broker/policy.h"

/* The families for which this instance, and not the host's admin, has turned forwarding on. */
struct forwarding {
	bool v4, v6;
};

/* True if NAME can be the name of a table: a letter, then letters, digits, '-' and '_', at most 63.
 */
bool firewall_is_name(const char *name);

/*
 * Puts the table in place, or replaces its rules: what `allow` sets hold stays, connections stay.
 * Of families in FORWARDING, what passes between two links of the host's own is dropped. On failure
 * *RET_MESSAGE is nftables' own words (new, may be NULL).
 */
int firewall_put(const struct service *service, const char *const *resolvers,
	const struct forwarding *forwarding, char **ret_message);
/* Deletes the table; 0 too if there is none. */
int firewall_delete(const struct service *service);
