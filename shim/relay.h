/* SPDX-License-Identifier: Apache-2.0 */
/* Copies bytes between a terminal of the host and a pseudo-terminal of the sandbox. */
#pragma once

#include <poll.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "shim/terminal.h"

enum { RELAY_BUFFER = 1024, RELAY_POLLS = 2 };

struct relay {
	int master;	      /* -EBADF: not received yet */
	int input, output;    /* the terminal, for each direction */
	size_t length;	      /* typed, and not taken by the pty yet */
	uint64_t quiet_until; /* nobody inside has the pty open just now; 0: somebody has */
	char typed[RELAY_BUFFER];
};

void relay_init(struct relay *relay, const struct terminal *t);

/* Takes MASTER if it is a pty's master, else closes it: -EPROTO. */
int relay_take_master(struct relay *relay, int master, const struct terminal *t);

/* Fills RELAY_POLLS entries. Returns in how many milliseconds it wants to be called at the latest,
 * -1: never. */
int relay_prepare(const struct relay *relay, struct pollfd *polls);

/* Copies what is ready. -EPIPE: the caller's terminal has gone. */
int relay_copy(struct relay *relay, const struct pollfd *polls);

/* The program has ended: what it has still written is shown. */
void relay_drain(struct relay *relay);
