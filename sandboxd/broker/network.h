/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox's network: a veth pair sb<8 hex>h (host) and eth0 (sandbox), one point-to-point prefix
 * for each (v4 /31, v6 /127) out of service.addresses, a default route, and one nftables table of
 * ours. Links and addresses by rtnetlink, the table by libnftables.
 */
#pragma once

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "broker/policy.h"

/* The addresses of one sandbox; index names the pair within the prefix. */
struct network_addresses {
	uint32_t index;
	struct in_addr host, inside;
	bool has6;
	struct in6_addr host6, inside6;
};

/* How many sandboxes service.addresses has room for. */
uint32_t network_capacity(const struct service *service);
/*
 * The addresses of pair INDEX (0 .. capacity - 1). Pair 0 is not used. has6 is false where the host
 * has no IPv6.
 */
void network_addresses_get(
	const struct service *service, uint32_t index, struct network_addresses *ret);

/*
 * Checks service.addresses against the host's routes (a route that overlaps and is not by a link of
 * ours is refused) and its links (none but ours is named sb...), turns forwarding on as far as
 * sandboxes need it (run_dir remembers it), and puts the table in place in one transaction, with
 * the upstream RESOLVERS (NULL-terminated addresses as text). May be called at any time:
 * connections and what network_allow_add() added stay; but add it again for each live sandbox after
 * a start, since a table of another version, or one that somebody flushed, begins empty. On failure
 * *RET_MESSAGE is a new sentence.
 */
int network_start(const struct service *service, const char *const *resolvers, char **ret_message);
/*
 * Turns off the forwarding that network_start() turned on, and removes the table. Called by an
 * orderly stop only when no sandbox is left.
 */
void network_stop(const struct service *service);
/* Puts other resolvers into the table. */
int network_set_resolvers(const struct service *service, const char *const *resolvers);

/*
 * The host's real upstream resolvers: /run/systemd/resolve/resolv.conf, else /etc/resolv.conf,
 * without loopback addresses; a new NULL-terminated list. SEARCH (new, may be "") is the search
 * line's value.
 */
int network_read_resolvers(char ***ret_addresses, char **ret_search);

/*
 * In the broker's child, on the host's network namespace, before it leaves it: opens what is needed
 * of it.
 */
struct network_host;
int network_host_open(struct network_host **ret);
void network_host_free(struct network_host *host);
/*
 * In the broker's child, which has joined the sandbox's network namespace NETNS: lo up, the pair
 * made through HOST, addresses and default routes, sysctls (ping_group_range,
 * ip_unprivileged_port_start = 0) through the host's /proc. ID: 8 hex. ALIAS goes to the host
 * link's ifalias ("<name> <user> <id>"). ADDRESSES NULL: only lo (network.mode = none). On failure
 * *RET_WHAT (a literal) says which step; the pair, if it was made, goes with the namespace.
 */
int network_setup(struct network_host *host, int netns, const char *id, const char *alias,
	const struct network_addresses *addresses, const char **ret_what);

/*
 * Adds, or removes, what POLICY.allow opens for the sandbox ID, and port 53 of POLICY.dns: elements
 * of the table's sets, one transaction. Adding what is there, and removing what is not, is no
 * error.
 */
int network_allow_add(const struct service *service, const char *id, const struct policy *policy);
int network_allow_remove(
	const struct service *service, const char *id, const struct policy *policy);

/*
 * Forgets the connections of a sandbox that is gone, before its addresses are given to another.
 * Goes through the host's table of connections: not for the path of a login.
 */
int network_forget(const struct network_addresses *addresses);

/* Deletes the host's end of ID's pair; none is no error (the kernel removes it with the namespace).
 */
int network_link_delete(const char *id);
/* True if the host side of ID's pair exists. */
bool network_link_exists(const char *id);
