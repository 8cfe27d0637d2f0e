/* SPDX-License-Identifier: Apache-2.0 */
/* Who logs in: what the PAM module told of the account, copied, and the supplementary groups that
 * stay. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "broker/policy.h"
#include "wire/protocol.h"

struct account_group {
	gid_t gid;
	char *name;
};

struct account {
	uid_t uid;
	gid_t gid;
	char *name;
	char *gecos;
	char *home;
	char *shell;
	struct account_group *groups; /* all supplementary ones */
	size_t group_count;
};

/* A new copy of what OPEN says; -ENOMEM. */
int account_new(const struct wire_open *open, struct account **ret);
void account_free(struct account *account);
/* What account_new() was told, to be told again; the strings stay the account's. Only the account's
 * fields are set. */
void account_describe(const struct account *account, struct wire_open *ret);

/* The policy of the account (groups by name). */
int account_policy(const struct account *account, const struct config *config, struct policy **ret);

enum { ACCOUNT_KEPT_MAX = 64 };

/*
 * The gids that stay inside by policy.groups_keep ("*": all from 1000 on), without the primary one.
 * Returns their number, -E2BIG beyond ACCOUNT_KEPT_MAX.
 */
int account_kept_groups(
	const struct account *account, const struct policy *policy, gid_t *ret_gids);
