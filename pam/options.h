/* SPDX-License-Identifier: Apache-2.0 */
/* The words behind pam_sandbox.so in a PAM file; pam_sandbox(8) documents them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pam/refusal.h"

struct options {
	const char *group;  /* whose members are sandboxed */
	const char *exempt; /* whose members, by /etc/group, are left alone */
	const char *as;	    /* the service to be, or NULL */
	const char *socket;
	uint64_t deadline; /* microseconds for all of a login's opening */
	bool gate;
	bool debug;
};

/*
 * Reads the arguments. *RET is always usable: what is not or wrongly given has its default. 0, or
 * REFUSED with the first mistake.
 */
int options_parse(int argc, const char **argv, struct options *ret, struct refusal *refusal);
