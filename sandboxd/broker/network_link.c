/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox's links, by rtnetlink(7). network_setup() runs in the broker's child, host root,
 * between the fork and PID 1: each system call here is part of a login. So requests go in batches,
 * three in all: the kernel answers before send(2) returns, and acknowledges only the last of each.
 * Nothing waits for the state of a link.
 *
 * The two ends have one hardware address and IFF_NOARP: the kernel then sends to that address
 * without asking anybody (arp_constructor(), ndisc_constructor()), as on a point-to-point link.
 * There is nobody to ask, so there are no ARP and no neighbour discovery to forge, and the first
 * packet does not wait.
 */
#include "broker/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "broker/netlink.h"

enum { MTU_DEFAULT = 1500, MTU_MIN = 1280, ALIAS_MAX = 255 };

struct network_host {
	int fd; /* rtnetlink, of the host's network namespace */
	unsigned mtu;
};

static const char inside_name[] = "eth0";

static void host_name(const char *id, char *ret_name)
{
	snprintf(ret_name, IFNAMSIZ, "sb%sh", id);
}

/* The number of the link NAME in the namespace of FD; any socket answers this request. */
static int link_index(int fd, const char *name)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
	return ioctl(fd, SIOCGIFINDEX, &request) < 0 ? -errno : request.ifr_ifindex;
}

static int visit_route_link(struct nlmsghdr *answer, void *data)
{
	struct nlattr *link = nlmsg_find_attr(answer, sizeof(struct rtmsg), RTA_OIF);

	if (link && nla_len(link) >= 4)
		*(int *)data = (int)nla_get_u32(link);
	return 0;
}

/*
 * The MTU of the link by which this host reaches the world (the route to an address of TEST-NET-2
 * is the default route), so that a sandbox behind a tunnel does not depend on path MTU discovery.
 */
static unsigned uplink_mtu(int fd)
{
	struct rtmsg header = {.rtm_family = AF_INET, .rtm_dst_len = 32};
	struct ifreq request = {0};
	struct in_addr world = {htonl(0xc6336401)}; /* 198.51.100.1 */
	struct nl_msg *message = netlink_message(RTM_GETROUTE, 0, &header, sizeof(header));

	if (message && nla_put(message, RTA_DST, sizeof(world), &world) < 0) {
		nlmsg_free(message);
		return MTU_DEFAULT;
	}
	if (netlink_query(fd, message, visit_route_link, &request.ifr_ifindex) < 0 ||
		ioctl(fd, SIOCGIFNAME, &request) < 0 || ioctl(fd, SIOCGIFMTU, &request) < 0 ||
		request.ifr_mtu < MTU_MIN || request.ifr_mtu > 65535)
		return MTU_DEFAULT;
	return (unsigned)request.ifr_mtu;
}

int network_host_open(struct network_host **ret)
{
	struct network_host *host = malloc(sizeof(*host));

	if (!host)
		return -ENOMEM;
	host->fd = netlink_open(NETLINK_ROUTE);
	if (host->fd < 0) {
		int r = host->fd;

		free(host);
		return r;
	}
	host->mtu = uplink_mtu(host->fd);
	*ret = host;
	return 0;
}

void network_host_free(struct network_host *host)
{
	if (!host)
		return;
	close_fd(host->fd);
	free(host);
}

/*
 * What both ends of the pair have. Without a number of queues the kernel makes one for each
 * processor and at once takes all but one out of use, waiting for an RCU grace period: milliseconds
 * of a login.
 */
static int put_link(struct nl_msg *m, const char *name, const uint8_t hardware[6], unsigned mtu)
{
	int r = nla_put_string(m, IFLA_IFNAME, name);

	r |= nla_put(m, IFLA_ADDRESS, 6, hardware);
	r |= nla_put_u32(m, IFLA_MTU, mtu);
	r |= nla_put_u32(m, IFLA_NUM_TX_QUEUES, 1);
	r |= nla_put_u32(m, IFLA_NUM_RX_QUEUES, 1);
	return r;
}

/* IFLA_LINKINFO { kind veth, data { the peer } }. The peer cannot be up before the pair is one
 * (ENOTCONN). */
static int put_veth(struct nl_msg *m, int netns, const uint8_t hardware[6], unsigned mtu)
{
	struct ifinfomsg peer = {.ifi_flags = IFF_NOARP, .ifi_change = IFF_NOARP};
	struct nlattr *info, *data, *nested;

	info = nla_nest_start(m, IFLA_LINKINFO);
	if (!info || nla_put_string(m, IFLA_INFO_KIND, "veth") < 0)
		return -1;
	data = nla_nest_start(m, IFLA_INFO_DATA);
	nested = data ? nla_nest_start(m, VETH_INFO_PEER) : NULL;
	if (!nested || nlmsg_append(m, &peer, sizeof(peer), NLMSG_ALIGNTO) < 0 ||
		nla_put_u32(m, IFLA_NET_NS_FD, (uint32_t)netns) < 0 ||
		put_link(m, inside_name, hardware, mtu) != 0)
		return -1;
	nla_nest_end(m, nested);
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	return 0;
}

/* The pair's one hardware address: locally administered, and the sandbox's id in it. */
static void hardware_address(const char *id, uint8_t ret[6])
{
	uint32_t number = htonl((uint32_t)strtoul(id, NULL, 16));

	ret[0] = 0x02;
	ret[1] = 0x73;
	memcpy(ret + 2, &number, sizeof(number));
}

static struct nl_msg *pair_message(
	const char *name, const char *id, const struct network_host *host, int netns)
{
	struct ifinfomsg header = {.ifi_flags = IFF_NOARP, .ifi_change = IFF_NOARP};
	struct nl_msg *m =
		netlink_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));
	uint8_t hardware[6];

	hardware_address(id, hardware);
	if (m && (put_link(m, name, hardware, host->mtu) != 0 ||
			 put_veth(m, netns, hardware, host->mtu) < 0)) {
		nlmsg_free(m);
		return NULL;
	}
	return m;
}

/* IFLA_AF_SPEC { AF_INET6 { no link-local address } }. */
static int put_no_link_local(struct nl_msg *m)
{
	struct nlattr *families = nla_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *v6 = families ? nla_nest_start(m, AF_INET6) : NULL;

	if (!v6 || nla_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE) < 0)
		return -1;
	nla_nest_end(m, v6);
	nla_nest_end(m, families);
	return 0;
}

/*
 * What cannot be said when a link is made. A link-local address of the host's end would serve
 * nobody but who looks for the host's services.
 */
static struct nl_msg *host_up_message(const char *name, const char *alias, bool has6)
{
	struct ifinfomsg header = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	struct nl_msg *m = netlink_message(RTM_NEWLINK, 0, &header, sizeof(header));

	if (m && (nla_put_string(m, IFLA_IFNAME, name) < 0 ||
			 nla_put(m, IFLA_IFALIAS, (int)strnlen(alias, ALIAS_MAX), alias) < 0 ||
			 (has6 && put_no_link_local(m) < 0))) {
		nlmsg_free(m);
		return NULL;
	}
	return m;
}

static struct nl_msg *up_message(int index)
{
	struct ifinfomsg header = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};

	return netlink_message(RTM_NEWLINK, 0, &header, sizeof(header));
}

/* NODAD: nobody else is on the link, and the address works at once. */
static struct nl_msg *address_message(int index, int family, const void *address)
{
	size_t size = family == AF_INET ? 4 : 16;
	struct ifaddrmsg header = {.ifa_family = (uint8_t)family,
		.ifa_prefixlen = family == AF_INET ? 31 : 127,
		.ifa_flags = IFA_F_NODAD | IFA_F_PERMANENT,
		.ifa_index = (unsigned)index};
	struct nl_msg *m =
		netlink_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));

	if (m && (nla_put(m, IFA_LOCAL, (int)size, address) < 0 ||
			 nla_put(m, IFA_ADDRESS, (int)size, address) < 0)) {
		nlmsg_free(m);
		return NULL;
	}
	return m;
}

static struct nl_msg *default_route_message(int index, int family, const void *gateway)
{
	struct rtmsg header = {.rtm_family = (uint8_t)family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST};
	struct nl_msg *m =
		netlink_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));

	if (m && (nla_put(m, RTA_GATEWAY, family == AF_INET ? 4 : 16, gateway) < 0 ||
			 nla_put_u32(m, RTA_OIF, (uint32_t)index) < 0)) {
		nlmsg_free(m);
		return NULL;
	}
	return m;
}

/* The sandbox's own settings, through the caller's /proc: those of the network namespace it is in.
 */
static int set_sysctls(bool has_pair, const char **ret_what)
{
	static const struct {
		const char *path;
		const char *value;
		bool pair; /* only where there is a link to the outside */
	} settings[] = {
		{"/proc/sys/net/ipv4/ip_unprivileged_port_start", "0", false},
		/* The largest group id that the kernel takes here: ping(8) works without privilege.
		 */
		{"/proc/sys/net/ipv4/ping_group_range", "0 2147483647", false},
		/* For eth0, which is not there yet: it asks no router. */
		{"/proc/sys/net/ipv6/conf/default/accept_ra", "0", true},
	};

	for (size_t i = 0; i < ELEMENTS(settings); i++) {
		int r = settings[i].pair && !has_pair
				? 0
				: fd_write_file_at(AT_FDCWD, settings[i].path, settings[i].value);

		/* A kernel without IPv6 has no such file, and needs none. */
		if (r < 0 && !(r == -ENOENT && settings[i].pair)) {
			*ret_what = settings[i].path;
			return r;
		}
	}
	return 0;
}

static int add_addresses(struct netlink_batch *batch, int index,
	const struct network_addresses *addresses, bool inside)
{
	int r = netlink_batch_take(batch,
		address_message(index, AF_INET, inside ? &addresses->inside : &addresses->host),
		inside ? "address of eth0" : "address of the host's end");

	if (r == 0 && addresses->has6)
		r = netlink_batch_take(batch,
			address_message(
				index, AF_INET6, inside ? &addresses->inside6 : &addresses->host6),
			inside ? "IPv6 address of eth0" : "IPv6 address of the host's end");
	return r;
}

static int set_up_host(struct network_host *host, const char *id,
	const struct network_addresses *addresses, const char **ret_what)
{
	_cleanup_(netlink_batch_done) struct netlink_batch batch = {0};
	char name[IFNAMSIZ];
	int index, r;

	host_name(id, name);
	*ret_what = "host's end of the pair";
	index = link_index(host->fd, name);
	if (index < 0)
		return index;
	r = add_addresses(&batch, index, addresses, false);
	return r < 0 ? r : netlink_batch_send(host->fd, &batch, ret_what);
}

static int set_up_inside(int fd, const struct network_addresses *addresses, const char **ret_what)
{
	_cleanup_(netlink_batch_done) struct netlink_batch batch = {0};
	int index, r;

	*ret_what = "lo";
	r = netlink_batch_take(&batch, up_message(1), "lo"); /* LOOPBACK_IFINDEX of the kernel */
	if (r == 0 && addresses) {
		*ret_what = inside_name;
		index = link_index(fd, inside_name);
		if (index < 0)
			return index;
		r = netlink_batch_take(&batch, up_message(index), inside_name);
		if (r == 0)
			r = add_addresses(&batch, index, addresses, true);
		if (r == 0)
			r = netlink_batch_take(&batch,
				default_route_message(index, AF_INET, &addresses->host),
				"default route");
		if (r == 0 && addresses->has6)
			r = netlink_batch_take(&batch,
				default_route_message(index, AF_INET6, &addresses->host6),
				"IPv6 default route");
	}
	return r < 0 ? r : netlink_batch_send(fd, &batch, ret_what);
}

static int make_pair(struct network_host *host, int netns, const char *id, const char *alias,
	bool has6, const char **ret_what)
{
	_cleanup_(netlink_batch_done) struct netlink_batch batch = {0};
	char name[IFNAMSIZ];
	int r;

	host_name(id, name);
	*ret_what = "pair of links";
	r = netlink_batch_take(&batch, pair_message(name, id, host, netns), "pair of links");
	if (r == 0)
		r = netlink_batch_take(
			&batch, host_up_message(name, alias, has6), "host's end of the pair");
	return r < 0 ? r : netlink_batch_send(host->fd, &batch, ret_what);
}

int network_setup(struct network_host *host, int netns, const char *id, const char *alias,
	const struct network_addresses *addresses, const char **ret_what)
{
	_cleanup_close_ int inside = -EBADF;
	const char *what = "id";
	int r = str_is_hex(id, 8) ? set_sysctls(addresses, &what) : -EINVAL;

	if (r == 0) {
		what = "netlink socket of the sandbox";
		inside = netlink_open(NETLINK_ROUTE);
		r = inside < 0 ? inside : 0;
	}
	if (r == 0 && addresses) {
		r = make_pair(host, netns, id, alias, addresses->has6, &what);
		if (r == 0)
			r = set_up_host(host, id, addresses, &what);
	}
	if (r == 0)
		r = set_up_inside(inside, addresses, &what);
	if (r < 0)
		*ret_what = what;
	return r;
}

int network_link_delete(const char *id)
{
	struct ifinfomsg header = {0};
	_cleanup_(netlink_batch_done) struct netlink_batch batch = {0};
	_cleanup_close_ int fd = -EBADF;
	const char *what;
	char name[IFNAMSIZ];
	struct nl_msg *m;
	int r;

	if (!str_is_hex(id, 8))
		return -EINVAL;
	host_name(id, name);
	fd = netlink_open(NETLINK_ROUTE);
	if (fd < 0)
		return fd;
	m = netlink_message(RTM_DELLINK, 0, &header, sizeof(header));
	r = netlink_batch_take(&batch, m, "pair of links");
	if (r < 0)
		return r;
	if (nla_put_string(m, IFLA_IFNAME, name) < 0)
		return -ENOMEM;
	r = netlink_batch_send(fd, &batch, &what);
	return r == -ENODEV ? 0 : r;
}

bool network_link_exists(const char *id)
{
	char name[IFNAMSIZ];

	if (!str_is_hex(id, 8))
		return false;
	host_name(id, name);
	return if_nametoindex(name) > 0;
}
