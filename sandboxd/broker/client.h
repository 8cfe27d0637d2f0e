/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to the broker's socket: root's alone, one request, one answer. A request must come
 * within a deadline; unfinished connections are capped, and beyond the cap they wait in the
 * kernel's queue.
 */
#pragma once

#include "broker/broker.h"
#include "wire/message.h"
#include "wire/protocol.h"

enum { CLIENTS_MAX = 256 };

struct client {
	struct broker *broker;
	struct client *next;
	int fd;
	pid_t pid;
	int pidfd; /* of the peer, opened when it connected */
	enum wire_op op;
	int terminal;	     /* a descriptor that came along, or -EBADF */
	struct login *login; /* the request that is not answered yet */
	sd_event_source *source;
	sd_event_source *timer;
};

/* Makes the socket and starts to accept. */
int client_listen(struct broker *broker);

/* Answers with STATUS (0 or a positive errno) and TEXT, and closes the connection. */
void client_refuse(struct client *client, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Begins an answer of status 0; the caller adds fields and calls client_answer(). BUFFER:
 * WIRE_REPLY_MAX bytes. */
void client_begin(struct client *client, struct wire_writer *w, void *buffer, const char *text);
int client_answer(struct client *client, const struct wire_writer *w, const int *fds, size_t count);

void client_free(struct client *client);
