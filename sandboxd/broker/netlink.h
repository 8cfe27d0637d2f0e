/* SPDX-License-Identifier: Apache-2.0 */
/* netlink(7) conversations; messages are libnl's (nlmsg_put(), nla_put()), the socket is a plain
 * one. */
#pragma once

#include <netlink/msg.h>
#include <stddef.h>

enum { NETLINK_BATCH_MAX = 8 };

/* Requests that are sent by one system call, in order; the kernel goes on after one that failed. */
struct netlink_batch {
	struct nl_msg *messages[NETLINK_BATCH_MAX];
	const char *whats[NETLINK_BATCH_MAX];
	size_t count;
};

/* A close-on-exec netlink socket of the calling process's network namespace, or -errno. */
int netlink_open(int protocol);

/* A new message of TYPE that begins with SIZE bytes of HEADER (struct ifinfomsg, ...). NULL: no
 * memory. */
struct nl_msg *netlink_message(int type, int flags, const void *header, size_t size);

/* Takes MESSAGE, which may be NULL: -ENOMEM. WHAT (a literal) says what it does. */
int netlink_batch_take(struct netlink_batch *batch, struct nl_msg *message, const char *what);
/* Frees the messages; the batch is empty afterwards. */
void netlink_batch_done(struct netlink_batch *batch);

/* Sends the batch and waits for all of it. The first failure, and *RET_WHAT says of what. */
int netlink_batch_send(int fd, struct netlink_batch *batch, const char **ret_what);

/*
 * Sends the one request MESSAGE (taken) and calls VISIT for each message of the answer until one
 * returns other than 0, which is then the result.
 */
int netlink_query(int fd, struct nl_msg *message, int (*visit)(struct nlmsghdr *answer, void *data),
	void *data);
