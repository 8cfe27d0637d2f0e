/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink for the broker and its children, as root. The other end is the kernel, which answers
 * within send(2): nothing here waits on anybody, and a lost answer (ENOBUFS) is an error.
 */
#include "broker/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/cleanup.h"

/*
 * A request is small; libnl's usual page for each costs a page fault for each, in a process as
 * young as the child that calls this.
 */
enum { MESSAGE_MAX = 1024, ANSWER_MAX = 32 * 1024 };

int netlink_open(int protocol)
{
	static const int on = 1;
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	/* A refusal does not repeat the request. */
	if (setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0)
		return -errno;
	return take_fd(&fd);
}

struct nl_msg *netlink_message(int type, int flags, const void *header, size_t size)
{
	struct nl_msg *message = nlmsg_alloc_size(MESSAGE_MAX);

	if (message && (!nlmsg_put(message, 0, 0, type, 0, NLM_F_REQUEST | flags) ||
			       nlmsg_append(message, (void *)(uintptr_t)header, size,
				       NLMSG_ALIGNTO) < 0)) {
		nlmsg_free(message);
		return NULL;
	}
	return message;
}

int netlink_batch_take(struct netlink_batch *batch, struct nl_msg *message, const char *what)
{
	if (!message)
		return -ENOMEM;
	if (batch->count == NETLINK_BATCH_MAX) {
		nlmsg_free(message);
		return -E2BIG;
	}
	batch->whats[batch->count] = what;
	batch->messages[batch->count++] = message;
	return 0;
}

void netlink_batch_done(struct netlink_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		nlmsg_free(batch->messages[i]);
	batch->count = 0;
}

static ssize_t receive(int fd, void *buffer, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, buffer, size, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n > size ? -EMSGSIZE : n;
}

static int send_vector(int fd, struct iovec *parts, size_t count)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct msghdr message = {.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
		.msg_iov = parts,
		.msg_iovlen = count};

	return sendmsg(fd, &message, 0) < 0 ? -errno : 0;
}

/* Reads answers up to the one for request number LAST. 0, or the first failure and its number. */
static int collect(int fd, uint32_t last, uint32_t *ret_failed)
{
	char buffer[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	int result = 0;

	for (;;) {
		ssize_t n = receive(fd, buffer, sizeof(buffer));
		int rest = (int)n;

		if (n < 0)
			return (int)n;
		for (struct nlmsghdr *h = (void *)buffer; nlmsg_ok(h, rest);
			h = nlmsg_next(h, &rest)) {
			const struct nlmsgerr *answer = nlmsg_data(h);

			if (h->nlmsg_type != NLMSG_ERROR || nlmsg_datalen(h) < (int)sizeof(*answer))
				continue;
			if (answer->error < 0 && result == 0) {
				result = answer->error;
				*ret_failed = h->nlmsg_seq;
			}
			if (h->nlmsg_seq == last)
				return result;
		}
	}
}

int netlink_batch_send(int fd, struct netlink_batch *batch, const char **ret_what)
{
	struct iovec parts[NETLINK_BATCH_MAX];
	uint32_t failed = 0;
	int r;

	if (batch->count == 0)
		return 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct nlmsghdr *h = nlmsg_hdr(batch->messages[i]);

		h->nlmsg_seq = (uint32_t)i;
		if (i + 1 == batch->count)
			h->nlmsg_flags |= NLM_F_ACK;
		parts[i] = (struct iovec){h, NLMSG_ALIGN(h->nlmsg_len)};
	}
	r = send_vector(fd, parts, batch->count);
	if (r == 0)
		r = collect(fd, (uint32_t)batch->count - 1, &failed);
	if (r < 0)
		*ret_what = batch->whats[failed];
	return r;
}

static void cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

/* Goes through one datagram of an answer. 1: more will come, 0: that was all, or -errno or VISIT's
 * result. */
static int visit_datagram(
	char *buffer, int rest, int (*visit)(struct nlmsghdr *, void *), void *data)
{
	for (struct nlmsghdr *h = (void *)buffer; nlmsg_ok(h, rest); h = nlmsg_next(h, &rest)) {
		const struct nlmsgerr *answer = nlmsg_data(h);
		int r;

		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return answer->error;
		r = visit(h, data);
		if (r != 0)
			return r;
		if (!(h->nlmsg_flags & NLM_F_MULTI))
			return 0;
	}
	return 1;
}

int netlink_query(
	int fd, struct nl_msg *taken, int (*visit)(struct nlmsghdr *answer, void *data), void *data)
{
	_cleanup_(cleanup_message) struct nl_msg *message = taken;
	char buffer[ANSWER_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct iovec part;
	int r;

	if (!message)
		return -ENOMEM;
	part = (struct iovec){nlmsg_hdr(message), nlmsg_hdr(message)->nlmsg_len};
	r = send_vector(fd, &part, 1);
	if (r < 0)
		return r;
	do {
		ssize_t n = receive(fd, buffer, sizeof(buffer));

		r = n < 0 ? (int)n : visit_datagram(buffer, (int)n, visit, data);
	} while (r > 0);
	return r;
}
