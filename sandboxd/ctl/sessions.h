/* SPDX-License-Identifier: Apache-2.0 */
/* What runs, as the broker's LIST tells it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/protocol.h"

struct sessions {
	char *data; /* what the strings of the items point into */
	struct wire_session *items;
	size_t count;
};

/* 0, or what sandboxctl exits with, said. */
int sessions_get(const char *socket, struct sessions *ret);
void sessions_done(struct sessions *sessions);
#define _cleanup_sessions_ __attribute__((cleanup(sessions_done)))

/* Reads the records in DATA, which becomes the result's on success. 0, -EBADMSG or -ENOMEM. */
int sessions_parse(char *data, size_t size, struct sessions *ret);

/* True if TARGET, the argument of kill or enter, names SESSION: its id or its user. NULL names all.
 */
bool session_is_target(const struct wire_session *session, const char *target);

/*
 * Waits until nothing that BEFORE has of TARGET runs any more, at most TIMEOUT microseconds. 0, or
 * what sandboxctl exits with, said.
 */
int sessions_wait_gone(
	const char *socket, const struct sessions *before, const char *target, uint64_t timeout);
