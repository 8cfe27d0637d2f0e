/* SPDX-License-Identifier: Apache-2.0 */
/* The module's one question to the broker (wire/protocol.h, WIRE_OPEN). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "pam/refusal.h"
#include "pam/view.h"
#include "wire/protocol.h"

/*
 * Reads the reply to an OPEN that came with FD_COUNT descriptors and copies the session's id.
 * 0, or REFUSED in the broker's words or because it is no such reply.
 */
int broker_read_reply(
	const void *data, size_t size, size_t fd_count, char *ret_session, struct refusal *refusal);

/*
 * Asks the broker at SOCKET, with the terminal TTY unless that is negative, until it has answered
 * or DEADLINE (microseconds of CLOCK_MONOTONIC) has passed. A broker that is not there, or goes
 * away without an answer, is asked again. Sets OPEN's deadline_msec. 0, or REFUSED.
 */
int broker_open(const char *socket, struct wire_open *open, int tty, uint64_t deadline,
	struct view *ret, struct refusal *refusal);
