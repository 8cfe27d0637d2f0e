/* SPDX-License-Identifier: Apache-2.0 */
/* The login's terminal as the host side sees it: the sandbox's, which is given up, or the host's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>
#include <sys/ioctl.h>

struct terminal {
	int own;       /* which of 0 to 2 is a terminal of the sandbox, else -1 */
	int foreign;   /* the first that is a terminal of the host, else -1 */
	unsigned mask; /* all that are: bit 0 for descriptor 0 */
	int input;     /* the one that is read from, else -1: nothing typed is the program's */
	bool is_raw;
	struct termios saved;
	struct winsize size;
};

/* Looks at descriptors 0 to 2, which are open. */
void terminal_inspect(struct terminal *ret);

/* Lets go of the sandbox's terminal, so that a process inside can take it. */
void terminal_give_up(const struct terminal *t);

/* From now on every byte is the program's; a caller in the background is stopped here as any other.
 */
void terminal_make_raw(struct terminal *t);
void terminal_restore(struct terminal *t);
