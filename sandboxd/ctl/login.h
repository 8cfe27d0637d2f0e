/* SPDX-License-Identifier: Apache-2.0 */
/* What ENTER answers, checked, and the process that goes into the login view as the student. */
#pragma once

#include <sys/types.h>

#include "ctl/client.h"

enum { LOGIN_FDS = 3, LOGIN_ENVIRONMENT_MAX = 8 };

/* Strings point into the reply that was read. */
struct login {
	const char *session;
	uid_t uid;
	gid_t gid;
	const char *user;
	const char *home;
	const char *shell;
	int lease; /* a FIFO; held until the program has ended */
	int view;  /* mount namespace */
	int netns; /* network namespace */
};

/* REPLY's fields and descriptors, which stay REPLY's. 0, or -EBADMSG: they cannot be a student's
 * login. */
int login_read(struct reply *reply, struct login *ret);

/*
 * A login shell, or with COUNT WORDS the command that they make, joined by blanks as ssh joins
 * them: a new NULL-terminated array. NULL: out of memory.
 */
char **login_arguments(const struct login *login, char *const *words, size_t count);
void login_strings_free(char ***strings);

/* TERM of ours, the rest from the account. A new array, or NULL. */
char **login_environment(const struct login *login);

/*
 * In a child: joins network and view, becomes the student for good (no groups, no capability,
 * no_new_privs), and executes the shell, which in a view is the shim. Nothing of the caller may
 * stay open but 0, 1 and 2. Returns only on failure: *RET_WHAT (a literal) says which step, the
 * result -errno.
 */
int login_exec(const struct login *login, char **argv, char **envp, const char **ret_what);
