/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules around the sandboxes. Runs in the broker, as root in the host's network namespace;
 * touches one table, its own. What the rules promise:
 *
 * - `guard` sees each packet of a sandbox before anything else does, fragments too: its source is
 * the address whose route leads back to this very link (so only the sandbox's own, in both
 * families; the host's addresses are local, and no route leads to them), without IP options and
 * source routes.
 * - A sandbox opens connections to the outside, never to a sandbox, and to this host only what
 * `allow` and the resolvers open, and ping. What the host's own DNAT rules would turn elsewhere (a
 * published port of a container engine) is a service of the host, and refused like one. Refused
 * means told so at once, where a dropped packet would cost a student a minute.
 * - Nobody opens a connection to a sandbox, this host neither.
 * - `count` bounds the connections of one address: the host's table of them is everybody's.
 * - ICMP errors of a sandbox are dropped where they are not part of a connection: with a forged
 * inner header they would be about another's.
 *
 * The links of sandboxes are told by their names: sb, 8 hex digits, h. They need no neighbour
 * discovery (network_link.c), so none is let through.
 */
#include "broker/firewall.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "broker/addresses.h"
#include "broker/network.h"

enum { TABLE_NAME_MAX = 63 };

/* %1$s is the table. Sets are made once and live as long as it does; everything else is made anew.
 */
static const char declare[] =
	"table inet %1$s {\n"
	"	set allow4 { type ifname . ipv4_addr . inet_proto . inet_service; }\n"
	"	set allow6 { type ifname . ipv6_addr . inet_proto . inet_service; }\n"
	"	set resolvers4 { type ipv4_addr; }\n"
	"	set resolvers6 { type ipv6_addr; }\n"
	"	set connections4 { type ipv4_addr; size 65536; flags dynamic; }\n"
	"	set connections6 { type ipv6_addr; size 65536; flags dynamic; }\n"
	"}\n"
	"flush table inet %1$s\n"
	"flush set inet %1$s resolvers4\n"
	"flush set inet %1$s resolvers6\n";

/*
 * %1$s the table, %2$s and %3$s rules about the prefixes, %4$s the last rule of `forward`, %5$s
 * masquerading. `guard` stands before the reassembly of fragments (-400): nobody's fragments meet
 * those of another sender. The filters stand a little before the usual priority, so that the
 * admin's own rules see only what is left. Protocols are numbers: their names are looked up in
 * /etc/protocols, which a small host lacks.
 */
static const char rules[] =
	"table inet %1$s {\n"
	"	chain guard {\n"
	"		type filter hook prerouting priority -450; policy accept;\n"
	"		iifname != \"sb*\" accept\n"
	"		fib saddr . iif oif missing drop\n"
	"		ip6 saddr fe80::/10 drop\n"
	"		ip hdrlength != 5 drop\n"
	"		exthdr rt exists drop\n"
	"	}\n"
	"	chain refuse {\n"
	"		meta l4proto 6 reject with tcp reset\n"
	"		reject with icmpx type admin-prohibited\n"
	"	}\n"
	"	chain count {\n"
	"		add @connections4 { ip saddr ct count over %6$s } goto refuse\n"
	"		add @connections6 { ip6 saddr ct count over %6$s } goto refuse\n"
	"	}\n"
	"	chain permit {\n"
	"		iifname . ip daddr . meta l4proto . th dport @allow4 accept\n"
	"		iifname . ip6 daddr . meta l4proto . th dport @allow6 accept\n"
	"		meta l4proto { 6, 17 } th dport 53 ip daddr @resolvers4 accept\n"
	"		meta l4proto { 6, 17 } th dport 53 ip6 daddr @resolvers6 accept\n"
	"	}\n"
	"	chain to_host {\n"
	"		ct state established accept\n"
	"		ct state != new drop\n"
	"		jump count\n"
	"		jump permit\n"
	"		icmp type echo-request accept\n"
	"		icmpv6 type echo-request accept\n"
	"		goto refuse\n"
	"	}\n"
	"	chain from_sandbox {\n"
	"		oifname \"sb*\" goto refuse\n"
	"		ct state established accept\n"
	"		ct state != new drop\n"
	"		jump count\n"
	"		jump permit\n"
	"		ct status dnat goto refuse\n"
	"%2$s"
	"%3$s"
	"		ip daddr { 169.254.0.0/16, 224.0.0.0/4 } goto refuse\n"
	"		ip6 daddr { fe80::/10, fd00:ec2::254, ff00::/8 } goto refuse\n"
	"	}\n"
	"	chain to_sandbox {\n"
	"		ct state established accept\n"
	"		ct state related meta l4proto { 1, 58 } accept\n"
	"		drop\n"
	"	}\n"
	"	chain from_host {\n"
	"		ct state established,related accept\n"
	"		icmp type { destination-unreachable, time-exceeded, parameter-problem } "
	"accept\n"
	"		icmpv6 type { destination-unreachable, packet-too-big, time-exceeded,"
	" parameter-problem } accept\n"
	"		drop\n"
	"	}\n"
	"	chain input {\n"
	"		type filter hook input priority -5; policy accept;\n"
	"		iifname \"sb*\" goto to_host\n"
	"	}\n"
	"	chain forward {\n"
	"		type filter hook forward priority -5; policy accept;\n"
	"		iifname \"sb*\" goto from_sandbox\n"
	"		oifname \"sb*\" goto to_sandbox\n"
	"%4$s"
	"	}\n"
	"	chain output {\n"
	"		type filter hook output priority -5; policy accept;\n"
	"		oifname \"sb*\" goto from_host\n"
	"	}\n"
	"	chain to_outside {\n"
	"		type nat hook postrouting priority 95; policy accept;\n"
	"		oifname \"sb*\" accept\n"
	"		oifname \"lo\" accept\n"
	"%5$s"
	"	}\n"
	"}\n";

bool firewall_is_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > TABLE_NAME_MAX || !isalpha((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
			return false;
	return true;
}

static void cleanup_nft(struct nft_ctx **nft)
{
	if (*nft)
		nft_ctx_free(*nft);
}

/* Runs COMMANDS as one transaction. libnftables tells no errno: -EIO, and its words in
 * *RET_MESSAGE. */
static int run(const char *commands, char **ret_message)
{
	_cleanup_(cleanup_nft) struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	const char *words;
	char *end;

	if (!nft || nft_ctx_buffer_error(nft) != 0 || nft_ctx_buffer_output(nft) != 0)
		return -ENOMEM;
	if (nft_run_cmd_from_buffer(nft, commands) == 0)
		return 0;
	if (!ret_message)
		return -EIO;
	words = nft_ctx_get_error_buffer(nft);
	*ret_message = strdup(words ? words : "");
	/* The first line says it; the others repeat the commands. */
	end = *ret_message ? strchr(*ret_message, '\n') : NULL;
	if (end)
		*end = '\0';
	return -EIO;
}

/* Appends the elements of RESOLVERS. Their text was an address before it came here; it is parsed
 * again. */
static int put_resolvers(FILE *f, const char *table, const char *const *resolvers)
{
	for (; *resolvers; resolvers++) {
		struct in6_addr address;
		int version = 4;

		if (inet_pton(AF_INET, *resolvers, &address) != 1) {
			if (inet_pton(AF_INET6, *resolvers, &address) != 1)
				return -EINVAL;
			version = 6;
		}
		fprintf(f, "add element inet %s resolvers%d { %s }\n", table, version, *resolvers);
	}
	return 0;
}

/* The whole text of a transaction, from its stream: -ENOMEM if not all of it could be written. */
static int finish(FILE **f)
{
	int failed = ferror(*f);

	failed |= fclose(*f);
	*f = NULL;
	return failed ? -ENOMEM : 0;
}

/* No one sandbox fills the host's table: a 64th of it at most. */
static unsigned connections_max(void)
{
	enum { MOST = 4096, SHARE = 64, LEAST = 256 };
	char text[32];
	unsigned long all = 0;

	if (fd_read_file_at(
		    AT_FDCWD, "/proc/sys/net/netfilter/nf_conntrack_max", text, sizeof(text)) > 0)
		all = strtoul(text, NULL, 10);
	if (!all || all / SHARE > MOST)
		return MOST;
	return all / SHARE < LEAST ? LEAST : (unsigned)(all / SHARE);
}

static void put_rules(FILE *f, const struct service *service, const struct forwarding *forwarding)
{
	char prefix[PREFIX_TEXT_MAX], prefix6[PREFIX_TEXT_MAX];
	char other[128], other6[128] = "", out[256], foreign[128], most[16];
	int n;

	addresses_prefix_format(&service->addresses, prefix);
	snprintf(other, sizeof(other), "\t\tip daddr %s goto refuse\n", prefix);
	n = snprintf(out, sizeof(out), "\t\tip saddr %s masquerade\n", prefix);
	if (service->has_addresses6) {
		addresses_prefix_format(&service->addresses6, prefix6);
		snprintf(other6, sizeof(other6), "\t\tip6 daddr %s goto refuse\n", prefix6);
		snprintf(
			out + n, sizeof(out) - (size_t)n, "\t\tip6 saddr %s masquerade\n", prefix6);
	}
	snprintf(most, sizeof(most), "%u", connections_max());
	snprintf(foreign, sizeof(foreign), "%s%s",
		forwarding->v4 ? "\t\tmeta nfproto ipv4 drop\n" : "",
		forwarding->v6 ? "\t\tmeta nfproto ipv6 drop\n" : "");
	fprintf(f, declare, service->name);
	fprintf(f, rules, service->name, other, other6, foreign, out, most);
}

int firewall_put(const struct service *service, const char *const *resolvers,
	const struct forwarding *forwarding, char **ret_message)
{
	_cleanup_free_ char *text = NULL, *message = NULL, *again = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;
	int r;

	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	put_rules(f, service, forwarding);
	r = put_resolvers(f, service->name, resolvers);
	if (r < 0)
		return r;
	r = finish(&f);
	if (r < 0)
		return r;
	r = run(text, &message);
	if (r != -EIO)
		return r;
	/* A table of another version's shape cannot take these rules: begin anew, in one
	 * transaction too. */
	again = str_format(
		"table inet %s\ndelete table inet %s\n%s", service->name, service->name, text);
	if (!again)
		return -ENOMEM;
	return run(again, ret_message);
}

int firewall_delete(const struct service *service)
{
	_cleanup_free_ char *text = NULL;

	/* Declared first: deleting is then no error where there is none. */
	text = str_format("table inet %s\ndelete table inet %s\n", service->name, service->name);
	return text ? run(text, NULL) : -ENOMEM;
}

int network_set_resolvers(const struct service *service, const char *const *resolvers)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;
	int r;

	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	fprintf(f, "flush set inet %1$s resolvers4\nflush set inet %1$s resolvers6\n",
		service->name);
	r = put_resolvers(f, service->name, resolvers);
	if (r < 0)
		return r;
	r = finish(&f);
	return r < 0 ? r : run(text, NULL);
}

/*
 * One element. To remove it is to add and delete it: in one transaction that is no error where the
 * element is gone already (deleting alone would be one, and would undo the whole transaction).
 */
static void put_element(
	FILE *f, const char *table, const char *id, const struct policy_allow *allow, bool add)
{
	static const char element[] = "%s element inet %s allow%d { \"sb%sh\" . %s . %u . %u }\n";
	char address[INET6_ADDRSTRLEN] = "";
	int version = allow->family == AF_INET ? 4 : 6;

	inet_ntop(allow->family, &allow->address, address, sizeof(address));
	fprintf(f, element, "add", table, version, id, address, allow->protocol, allow->port);
	if (!add)
		fprintf(f, element, "delete", table, version, id, address, allow->protocol,
			allow->port);
}

/* The resolvers of the policy's own are opened like what it allows. */
static void put_dns(
	FILE *f, const char *table, const char *id, const struct policy *policy, bool add)
{
	static const uint8_t protocols[] = {IPPROTO_UDP, IPPROTO_TCP};

	for (size_t i = 0; i < policy->dns.count; i++) {
		struct policy_allow allow = {.family = AF_INET, .port = 53};

		if (inet_pton(AF_INET, policy->dns.items[i], &allow.address) != 1) {
			allow.family = AF_INET6;
			if (inet_pton(AF_INET6, policy->dns.items[i], &allow.address) != 1)
				continue;
		}
		for (size_t j = 0; j < ELEMENTS(protocols); j++) {
			allow.protocol = protocols[j];
			put_element(f, table, id, &allow, add);
		}
	}
}

static int change_allow(
	const struct service *service, const char *id, const struct policy *policy, bool add)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t size;
	int r;

	if (!str_is_hex(id, 8))
		return -EINVAL;
	if (policy->allow_count == 0 && policy->dns.count == 0)
		return 0;
	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < policy->allow_count; i++)
		put_element(f, service->name, id, &policy->allow[i], add);
	put_dns(f, service->name, id, policy, add);
	r = finish(&f);
	return r < 0 ? r : run(text, NULL);
}

int network_allow_add(const struct service *service, const char *id, const struct policy *policy)
{
	return change_allow(service, id, policy, true);
}

int network_allow_remove(const struct service *service, const char *id, const struct policy *policy)
{
	return change_allow(service, id, policy, false);
}
