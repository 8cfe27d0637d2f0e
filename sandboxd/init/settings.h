/* SPDX-License-Identifier: Apache-2.0 */
/* What PID 1 was given when it was executed: wire/start.h, read once and never changed. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "wire/start.h"

struct settings {
	struct wire_start start;	  /* its strings lie in the mapped memfd */
	const struct sock_filter *filter; /* the session's seccomp program, mapped too */
	size_t filter_count;
};

/* Reads both memfds and closes them; everything unexpected behind the run of descriptors is closed.
 */
int settings_read(struct settings *ret);

static inline bool settings_has(const struct settings *s, enum start_flag flag)
{
	return s->start.flags & (uint32_t)flag;
}
