/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: plain data about an account; NSS was asked by the login's own process. */
#include "broker/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

enum { FIRST_KEPT_BY_STAR = 1000 };

void account_free(struct account *account)
{
	if (!account)
		return;
	for (size_t i = 0; i < account->group_count; i++)
		free(account->groups[i].name);
	free(account->groups);
	free(account->name);
	free(account->gecos);
	free(account->home);
	free(account->shell);
	free(account);
}

static void cleanup_account(struct account **account)
{
	account_free(*account);
}

int account_new(const struct wire_open *open, struct account **ret)
{
	_cleanup_(cleanup_account) struct account *account = calloc(1, sizeof(*account));

	if (!account)
		return -ENOMEM;
	account->uid = open->uid;
	account->gid = open->gid;
	account->name = strdup(open->user);
	account->gecos = strdup(open->gecos);
	account->home = strdup(open->home);
	account->shell = strdup(open->shell);
	account->groups = calloc(open->group_count + 1, sizeof(*account->groups));
	if (!account->name || !account->gecos || !account->home || !account->shell ||
		!account->groups)
		return -ENOMEM;
	for (size_t i = 0; i < open->group_count; i++) {
		account->groups[i].gid = open->groups[i].gid;
		account->groups[i].name = strdup(open->groups[i].name);
		account->group_count++;
		if (!account->groups[i].name)
			return -ENOMEM;
	}
	*ret = take_ptr(&account);
	return 0;
}

void account_describe(const struct account *account, struct wire_open *ret)
{
	ret->uid = account->uid;
	ret->gid = account->gid;
	ret->user = account->name;
	ret->gecos = account->gecos;
	ret->home = account->home;
	ret->shell = account->shell;
	ret->group_count = account->group_count;
	for (size_t i = 0; i < account->group_count; i++)
		ret->groups[i] =
			(struct wire_group){account->groups[i].gid, account->groups[i].name};
}

int account_policy(const struct account *account, const struct config *config, struct policy **ret)
{
	_cleanup_free_ const char **names = calloc(account->group_count + 1, sizeof(*names));

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < account->group_count; i++)
		names[i] = account->groups[i].name;
	return config_policy(config, account->name, names, account->group_count, ret);
}

static bool is_kept(const struct account_group *group, const struct policy *policy)
{
	for (size_t i = 0; i < policy->groups_keep.count; i++) {
		const char *keep = policy->groups_keep.items[i];

		if (str_eq(keep, "*") ? group->gid >= FIRST_KEPT_BY_STAR
				      : str_eq(keep, group->name))
			return true;
	}
	return false;
}

int account_kept_groups(const struct account *account, const struct policy *policy, gid_t *ret_gids)
{
	int count = 0;

	for (size_t i = 0; i < account->group_count; i++) {
		const struct account_group *group = &account->groups[i];

		if (group->gid == 0 || group->gid == account->gid || !is_kept(group, policy))
			continue;
		if (count == ACCOUNT_KEPT_MAX)
			return -E2BIG;
		ret_gids[count++] = group->gid;
	}
	return count;
}
