/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account that logs in, as NSS and /etc/group tell. NSS is asked here, in the login's own
 * process, so that a directory that hangs holds up one login and never the broker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pam/refusal.h"
#include "wire/protocol.h"

enum { ACCOUNT_NAME_SIZE = WIRE_NAME_MAX + 1 };

struct account {
	uid_t uid;
	gid_t gid;
	const char *user; /* NSS's spelling of the name; the strings lie in buffer */
	const char *gecos;
	const char *home;
	const char *shell;
	char *buffer;
	gid_t *gids; /* the primary one, too */
	size_t gid_count;
	char (*group_names)[ACCOUNT_NAME_SIZE]; /* of gids, "" where a number has no name */
};

#define ACCOUNT_NONE ((struct account){.uid = (uid_t)-1, .gid = (gid_t)-1})

void account_done(struct account *account);

/* True for 1 to MAX bytes without control characters. */
bool is_clean_text(const char *s, size_t max);

/*
 * Does the group file PATH itself, not NSS, name USER as a member of GROUP? 1 or 0, or -errno
 * (-ENOENT: no such group; -EBADF: not a regular file; -EFBIG).
 */
int group_file_has_member(const char *path, const char *group, const char *user);

/* Looks USER up and fills all but the groups. 0, or REFUSED (no such user, cannot tell). */
int account_find(const char *user, struct account *ret, struct refusal *refusal);

/* Fills gids and tells whether GROUP is among them. 0, or REFUSED (no such group, cannot tell). */
int account_is_in_group(
	struct account *account, const char *group, bool *ret_member, struct refusal *refusal);

/* Fills the names of the groups. 0 or REFUSED. */
int account_name_groups(struct account *account, struct refusal *refusal);

/* Has the account a shell that is there, listed in /etc/shells, and meant for logins? 0 or REFUSED.
 */
int account_check_shell(const struct account *account, struct refusal *refusal);
