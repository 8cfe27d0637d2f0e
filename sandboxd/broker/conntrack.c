/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connection tracking outlives a sandbox: its TCP sockets go with the namespace, without a word to
 * the other ends, and the host keeps their connections for up to five days. Whoever has the address
 * next could go on with them: read what a server still sends, and reach a service of the host that
 * only the last one was allowed. So they are forgotten when a sandbox is gone. Runs in the broker,
 * as root.
 */
#include "broker/network.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "broker/netlink.h"

/* Bit of CTA_IP_V4_SRC in CTA_FILTER_ORIG_FLAGS; the kernel's header does not show it. */
enum { FILTER_ADDRESS_SOURCE = 1 << 0 };

static struct nl_msg *conntrack_message(int type, int flags, int family)
{
	struct nfgenmsg header = {.nfgen_family = (uint8_t)family, .version = NFNETLINK_V0};

	return netlink_message(NFNL_SUBSYS_CTNETLINK << 8 | type, flags, &header, sizeof(header));
}

/* Those whose first packet came from ADDRESS. The kernel compares what CTA_FILTER names, since 5.8.
 */
static int put_source(struct nl_msg *m, const struct in_addr *address)
{
	struct nlattr *tuple = nla_nest_start(m, CTA_TUPLE_ORIG), *ip, *filter;

	ip = tuple ? nla_nest_start(m, CTA_TUPLE_IP) : NULL;
	if (!ip || nla_put(m, CTA_IP_V4_SRC, sizeof(*address), address) < 0)
		return -1;
	nla_nest_end(m, ip);
	nla_nest_end(m, tuple);
	filter = nla_nest_start(m, CTA_FILTER);
	if (!filter || nla_put_u32(m, CTA_FILTER_ORIG_FLAGS, FILTER_ADDRESS_SOURCE) < 0 ||
		nla_put_u32(m, CTA_FILTER_REPLY_FLAGS, 0) < 0)
		return -1;
	nla_nest_end(m, filter);
	return 0;
}

static int send_one(int fd, struct nl_msg *taken)
{
	_cleanup_(netlink_batch_done) struct netlink_batch batch = {0};
	const char *what;
	int r = netlink_batch_take(&batch, taken, "");

	return r < 0 ? r : netlink_batch_send(fd, &batch, &what);
}

static int forget4(int fd, const struct in_addr *address)
{
	struct nl_msg *m = conntrack_message(IPCTNL_MSG_CT_DELETE, 0, AF_INET);

	if (m && put_source(m, address) < 0) {
		nlmsg_free(m);
		return -ENOMEM;
	}
	return send_one(fd, m);
}

struct forget6 {
	int fd; /* another than the one that is being read */
	const struct in6_addr *address;
};

static int delete_one(int fd, const struct nlattr *tuple)
{
	struct nl_msg *m = conntrack_message(IPCTNL_MSG_CT_DELETE, 0, AF_INET6);
	int r;

	if (m && nla_put(m, NLA_F_NESTED | CTA_TUPLE_ORIG, nla_len(tuple), nla_data(tuple)) < 0) {
		nlmsg_free(m);
		return -ENOMEM;
	}
	r = send_one(fd, m);
	return r == -ENOENT ? 0 : r; /* it has just ended */
}

static int visit_connection(struct nlmsghdr *answer, void *data)
{
	const struct forget6 *forget = data;
	struct nlattr *tuple, *source;
	struct nlattr *tuples[CTA_TUPLE_MAX + 1], *addresses[CTA_IP_MAX + 1];

	tuple = nlmsg_find_attr(answer, sizeof(struct nfgenmsg), CTA_TUPLE_ORIG);
	if (!tuple || nla_parse_nested(tuples, CTA_TUPLE_MAX, tuple, NULL) < 0 ||
		!tuples[CTA_TUPLE_IP] ||
		nla_parse_nested(addresses, CTA_IP_MAX, tuples[CTA_TUPLE_IP], NULL) < 0)
		return -EBADMSG;
	source = addresses[CTA_IP_V6_SRC];
	if (!source || nla_len(source) != sizeof(*forget->address) ||
		memcmp(nla_data(source), forget->address, sizeof(*forget->address)) != 0)
		return 0;
	return delete_one(forget->fd, tuple);
}

/*
 * Of IPv6, one by one: kernels (6.18 too) compare the addresses of a filter the wrong way around
 * and would take all connections but these.
 */
static int forget6(int fd, const struct in6_addr *address)
{
	_cleanup_close_ int second = netlink_open(NETLINK_NETFILTER);
	struct forget6 forget = {second, address};

	if (second < 0)
		return second;
	return netlink_query(fd, conntrack_message(IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_INET6),
		visit_connection, &forget);
}

int network_forget(const struct network_addresses *addresses)
{
	_cleanup_close_ int fd = netlink_open(NETLINK_NETFILTER);
	int r;

	if (fd < 0)
		return fd;
	r = forget4(fd, &addresses->inside);
	return r < 0 || !addresses->has6 ? r : forget6(fd, &addresses->inside6);
}
