/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two seccomp programs of a sandbox, compiled once when the broker starts (libseccomp).
 * OUTER is put on PID 1 before it is executed and is inherited by all, containers too; SESSION is
 * added by PID 1 to each login. What each denies, and why, is a table in seccomp.c.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>

enum seccomp_program_id { SECCOMP_OUTER, SECCOMP_SESSION, SECCOMP_PROGRAM_COUNT };

enum seccomp_abi {
	SECCOMP_ABI_NATIVE = 0,
	SECCOMP_ABI_I386 = 1 << 0, /* 32-bit programs too, for courses that compile with -m32 */
};

struct seccomp_program {
	struct sock_filter *filter;
	size_t count;
};

/* A new program; free with seccomp_program_done(). -errno of libseccomp. */
int seccomp_program_build(enum seccomp_program_id id, unsigned abi, struct seccomp_program *ret);
void seccomp_program_done(struct seccomp_program *program);

/* Installs it on the calling thread for good; the caller has no_new_privs or CAP_SYS_ADMIN in its
 * user namespace. */
int seccomp_program_load(const struct seccomp_program *program);
