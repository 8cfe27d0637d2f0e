/* SPDX-License-Identifier: Apache-2.0 */
/* One request to the broker and its reply (wire/protocol.h). What fails is said on stderr here. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wire/protocol.h"

enum {
	CLIENT_FDS_MAX = 3,
	CLIENT_DATA_MAX = 64 * 1024 * 1024, /* of a memfd that a reply carries */
};

#define CLIENT_TIMEOUT (UINT64_C(10) * 1000 * 1000) /* microseconds */

struct reply {
	unsigned char data[WIRE_REPLY_MAX];
	struct wire_reader fields; /* behind the text */
	const char *text;
	size_t fd_count;
	int fds[CLIENT_FDS_MAX];
};

/* Closes the descriptors that were not taken. */
void reply_done(struct reply *reply);
#define _cleanup_reply_ __attribute__((cleanup(reply_done)))

/* A request of OP in the caller's BUFFER, its header written. */
void client_request(struct wire_writer *w, void *buffer, size_t size, enum wire_op op);

/*
 * Sends the request REQUEST, with the descriptor SEND_FD unless it is negative, and waits at most
 * TIMEOUT microseconds for the reply, which must carry FD_COUNT descriptors. 0, or CTL_FAILED
 * (refused, or a reply that makes no sense), or CTL_NO_BROKER.
 */
int client_call(const char *socket, enum wire_op op, const struct wire_writer *request, int send_fd,
	uint64_t timeout, size_t fd_count, struct reply *ret);

/* The content of the sealed memfd that is REPLY's only descriptor, in a new buffer. 0 or
 * CTL_FAILED. */
int client_read_memfd(const struct reply *reply, char **ret_data, size_t *ret_size);
