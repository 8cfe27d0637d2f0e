/* SPDX-License-Identifier: Apache-2.0 */
/* What the broker hands over for a login: its three descriptors, how they are checked, and the step
 * in. */
#pragma once

#include "pam/refusal.h"
#include "wire/protocol.h"

/* In the order of the reply (wire/protocol.h, WIRE_OPEN). */
enum view_fd { VIEW_LEASE, VIEW_MOUNTS, VIEW_NETWORK, VIEW_FD_COUNT };

struct view {
	int fds[VIEW_FD_COUNT];
	char session[WIRE_SESSION_MAX + 1];
};

#define VIEW_NONE ((struct view){.fds = {-EBADF, -EBADF, -EBADF}})

void view_done(struct view *view);

/*
 * Are these a FIFO's write end, and a mount and a network namespace other than our own? 0 or
 * REFUSED.
 */
int view_check(const struct view *view, struct refusal *refusal);

/*
 * Moves the calling process into the sandbox's network and the login view. Touches no path once it
 * has begun, as those are the view's then. 0, or REFUSED and the process is where it was, unless
 * the kernel refused the way back.
 */
int view_join(const struct view *view, struct refusal *refusal);
