/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the shim share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shim/terminal.h"

enum {
	SHIM_REFUSED = 126, /* no program was started */
	SHIM_LOST = 255,    /* it was, and nobody knows how it ended */
	SHIM_SECONDS = 15,  /* until the sandbox has taken the request */
};

struct shim {
	uint64_t deadline; /* CLOCK_MONOTONIC, of the start */
	int door;	   /* the connection to PID 1 */
	int signals;	   /* signalfd of what is passed on */
	int words; /* where one may complain: descriptor 2, or -EBADF once it is the program's */
	bool is_taken; /* PID 1's child has read the request */
	struct terminal terminal;
};

/* One line, "sandbox: WHAT" and behind a colon WHY unless it is NULL; exits with STATUS. */
_Noreturn void shim_die(const struct shim *shim, int status, const char *what, const char *why);
