/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: the kernel's own notifications of nftables (NFNLGRP_NFTABLES), in the host's
 * network namespace. */
#include "broker/watch.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "broker/netlink.h"
#include "broker/network.h"
#include "broker/sandbox.h"

enum {
	EVENTS_MAX = 64 * 1024,
	EVENTS_PER_TURN = 64,
	TABLE_NAME = 1, /* NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE */
	/* Our own change of the table is told too, and is not to be answered. */
	OWN_CHANGE = USEC_PER_SEC,
};

static const int losses[] = {NFT_MSG_DELTABLE, NFT_MSG_DELCHAIN, NFT_MSG_DELRULE};

static bool is_loss(struct nlmsghdr *event, const char *table)
{
	struct nlattr *name;

	if (NFNL_SUBSYS_ID(event->nlmsg_type) != NFNL_SUBSYS_NFTABLES)
		return false;
	name = nlmsg_find_attr(event, sizeof(struct nfgenmsg), TABLE_NAME);
	if (!name || !str_eq(nla_get_string(name), table))
		return false;
	for (size_t i = 0; i < ELEMENTS(losses); i++)
		if (NFNL_MSG_TYPE(event->nlmsg_type) == losses[i])
			return true;
	return false;
}

static void put_back(struct broker *broker)
{
	const struct service *service = broker_service(broker);
	_cleanup_free_ char *message = NULL;
	int r = network_start(service, (const char *const *)broker->resolvers, &message);

	broker->firewall_changed = clock_monotonic();
	if (r < 0) {
		log_error("the table inet %s was taken away and cannot be put back: %s",
			service->name, message ? message : strerror(-r));
		return;
	}
	for (struct user *user = broker->users; user; user = user->next)
		for (struct sandbox *s = user->sandboxes; s; s = s->next)
			if (s->has_network && s->state != SANDBOX_STARTING)
				network_allow_add(service, s->id, s->policy);
	log_warning("somebody else has changed the table inet %s; it is put back", service->name);
}

/* True if one of the events that wait took something of the table away. */
static bool read_events(int fd, const char *table)
{
	_cleanup_free_ unsigned char *buffer = malloc(EVENTS_MAX);
	bool lost = false;

	for (int turn = 0; buffer && turn < EVENTS_PER_TURN; turn++) {
		ssize_t n = recv(fd, buffer, EVENTS_MAX, MSG_DONTWAIT);
		int left = (int)n;

		if (n < 0 && errno == ENOBUFS)
			lost = true; /* more than the queue takes: look ourselves */
		else if (n <= 0)
			break;
		for (struct nlmsghdr *event = (struct nlmsghdr *)buffer;
			n > 0 && nlmsg_ok(event, left); event = nlmsg_next(event, &left))
			lost = lost || is_loss(event, table);
	}
	return lost;
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct broker *broker = userdata;
	bool lost = read_events(fd, broker_service(broker)->name);

	if (lost && clock_monotonic() - broker->firewall_changed > OWN_CHANGE)
		put_back(broker);
	return 0;
}

int watch_firewall(struct broker *broker)
{
	/* Only a socket with an address is told of events. */
	static const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK, .nl_groups = 1U << (NFNLGRP_NFTABLES - 1)};
	_cleanup_close_ int fd = netlink_open(NETLINK_NETFILTER);
	sd_event_source *source = NULL;
	int r;

	if (fd < 0)
		return fd;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	broker->firewall_changed = clock_monotonic();
	r = sd_event_add_io(broker->event, &source, fd, EPOLLIN, on_events, broker);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(source, true);
	if (r >= 0)
		take_fd(&fd);
	if (r >= 0)
		r = sd_event_source_set_description(source, "nftables");
	return r < 0 ? r : sd_event_source_set_floating(source, true);
}
