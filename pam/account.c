/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts and their groups. Part of pam_sandbox.so: root, inside sshd, login, su and cron. What a
 * lookup cannot tell is never taken for a no.
 */
#include "pam/account.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

enum {
	GROUP_FILE_MAX = 8 * 1024 * 1024,
	RECORD_MIN = 1024,
	RECORD_MAX = 8 * 1024 * 1024, /* one passwd or group record with its members */
	GIDS_MAX = 65536,	      /* NGROUPS_MAX */
};

#define ASK_ADMIN "ask the administrator"

void account_done(struct account *account)
{
	free(account->buffer);
	free(account->gids);
	free(account->group_names);
	*account = ACCOUNT_NONE;
}

bool is_clean_text(const char *s, size_t max)
{
	size_t length = strnlen(s, max + 1);

	if (length == 0 || length > max)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* Is USER in LIST, "a,b,c"? */
static bool list_has(char *list, const char *user)
{
	char *name;

	while ((name = strsep(&list, ",")))
		if (str_eq(name, user))
			return true;
	return false;
}

int group_file_has_member(const char *path, const char *group, const char *user)
{
	/* O_NONBLOCK: a FIFO in its place must not hold the login up. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *data = NULL;
	bool found = false;
	char *at, *line;
	struct stat st;
	size_t size;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADF;
	r = fd_read_all(fd, GROUP_FILE_MAX, &data, &size);
	if (r < 0)
		return r;
	at = data;
	while ((line = strsep(&at, "\n"))) {
		char *name = strsep(&line, ":");

		if (!str_eq(name, group) || !strsep(&line, ":") || !strsep(&line, ":") || !line)
			continue;
		if (list_has(line, user))
			return 1;
		found = true;
	}
	return found ? 0 : -ENOENT;
}

/* Doubles *SIZE and makes *BUFFER that large; its content is not kept. */
static int grow_buffer(char **buffer, size_t *size)
{
	size_t larger = *size ? *size * 2 : RECORD_MIN;

	if (larger > RECORD_MAX)
		return -ERANGE;
	free(*buffer);
	*buffer = malloc(larger);
	*size = *buffer ? larger : 0;
	return *buffer ? 0 : -ENOMEM;
}

/* A negative errno of a lookup; -ENOENT if the answer is that there is none. */
static int lookup_result(int error, const void *found)
{
	if (found)
		return 0;
	/* EBADF and EPERM, which getpwnam(3) has for "not found" too, are not sure enough. */
	return error == 0 || error == ESRCH ? -ENOENT : -error;
}

int account_find(const char *user, struct account *ret, struct refusal *refusal)
{
	_cleanup_free_ char *buffer = NULL;
	struct passwd record, *found = NULL;
	size_t size = 0;
	int r;

	do {
		r = grow_buffer(&buffer, &size);
		if (r >= 0)
			r = -getpwnam_r(user, &record, buffer, size, &found);
	} while (r == -ERANGE && buffer && size < RECORD_MAX);
	r = lookup_result(-r, found);
	if (r == -ENOENT)
		return refuse(refusal, "there is no account \"%.64s\": " ASK_ADMIN, user);
	if (r < 0)
		return refuse(refusal,
			"the account \"%.64s\" cannot be looked up (%s): try again later", user,
			strerrordesc_np(-r));
	*ret = (struct account){
		.uid = record.pw_uid,
		.gid = record.pw_gid,
		.user = record.pw_name,
		.gecos = record.pw_gecos ? record.pw_gecos : "",
		.home = record.pw_dir ? record.pw_dir : "",
		.shell = record.pw_shell && *record.pw_shell ? record.pw_shell : "/bin/sh",
		.buffer = take_ptr(&buffer),
	};
	return 0;
}

/* Looks a group up by NAME, or by GID where NAME is NULL; *BUFFER and *SIZE serve further calls. */
static int find_group(const char *name, gid_t gid, char **buffer, size_t *size, struct group *ret)
{
	struct group *found = NULL;
	int r = *size ? 0 : grow_buffer(buffer, size);

	while (r >= 0) {
		r = name ? -getgrnam_r(name, ret, *buffer, *size, &found)
			 : -getgrgid_r(gid, ret, *buffer, *size, &found);
		if (r != -ERANGE)
			break;
		r = grow_buffer(buffer, size);
	}
	return lookup_result(-r, found);
}

/* Fills gids by getgrouplist(3). */
static int list_gids(struct account *account)
{
	int capacity = 64;

	for (;;) {
		_cleanup_free_ gid_t *gids = calloc((size_t)capacity, sizeof(*gids));
		int count = capacity;

		if (!gids)
			return -ENOMEM;
		if (getgrouplist(account->user, account->gid, gids, &count) >= 0) {
			account->gids = take_ptr(&gids);
			account->gid_count = (size_t)count;
			return 0;
		}
		/* The number needed is told, but it may have grown by the next call. */
		if (count <= capacity)
			return -EIO;
		if (count > GIDS_MAX)
			return -E2BIG;
		capacity = count;
	}
}

int account_is_in_group(
	struct account *account, const char *group, bool *ret_member, struct refusal *refusal)
{
	_cleanup_free_ char *buffer = NULL;
	bool member = false;
	struct group record;
	size_t size = 0;
	int r = find_group(group, 0, &buffer, &size, &record);

	if (r == -ENOENT)
		return refuse(refusal,
			"the group \"%.64s\" of sandboxed users does not exist, so nobody can "
			"tell who is in it: an administrator must create it or correct group= of "
			"pam_sandbox.so",
			group);
	if (r >= 0)
		r = list_gids(account);
	if (r < 0)
		return refuse(refusal,
			"it cannot be looked up whether you are in the group \"%.64s\" (%s): "
			"try again later, or " ASK_ADMIN,
			group, strerrordesc_np(-r));
	for (size_t i = 0; i < account->gid_count; i++)
		member |= account->gids[i] == record.gr_gid;
	/* Two services of NSS may disagree: either's yes counts. */
	for (char **name = record.gr_mem; *name; name++)
		member |= str_eq(*name, account->user);
	*ret_member = member;
	return 0;
}

int account_name_groups(struct account *account, struct refusal *refusal)
{
	_cleanup_free_ char *buffer = NULL;
	size_t size = 0;

	if (account->gid_count > WIRE_GROUPS_MAX)
		return refuse(refusal, "you are in %zu groups, more than %d: " ASK_ADMIN,
			account->gid_count, WIRE_GROUPS_MAX);
	account->group_names = calloc(account->gid_count + 1, sizeof(*account->group_names));
	if (!account->group_names)
		return refuse(refusal, "no memory for the list of your groups: try again later");
	for (size_t i = 0; i < account->gid_count; i++) {
		struct group record;
		int r = find_group(NULL, account->gids[i], &buffer, &size, &record);

		if (r == -ENOENT)
			continue;
		if (r >= 0 && !is_clean_text(record.gr_name, WIRE_NAME_MAX))
			r = -EINVAL;
		if (r < 0)
			return refuse(refusal,
				"your group %u cannot be looked up (%s): try again later, "
				"or " ASK_ADMIN,
				account->gids[i], strerrordesc_np(-r));
		snprintf(account->group_names[i], ACCOUNT_NAME_SIZE, "%s", record.gr_name);
	}
	return 0;
}

static bool is_listed_shell(const char *shell)
{
	bool listed = false;
	const char *line;

	setusershell();
	while (!listed && (line = getusershell()))
		listed = str_eq(line, shell);
	endusershell();
	return listed;
}

int account_check_shell(const struct account *account, struct refusal *refusal)
{
	const char *slash = strrchr(account->shell, '/');
	const char *name = slash ? slash + 1 : account->shell;
	struct stat st;

	if (str_eq(name, "nologin") || str_eq(name, "false"))
		return refuse(refusal,
			"the shell of this account, %.200s, is not for logins: " ASK_ADMIN,
			account->shell);
	if (!slash || stat(account->shell, &st) < 0 || !S_ISREG(st.st_mode) ||
		!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return refuse(refusal,
			"the shell of this account, %.200s, is not a program on this "
			"host: " ASK_ADMIN,
			account->shell);
	if (!is_listed_shell(account->shell))
		return refuse(refusal,
			"the shell of this account, %.200s, is not in /etc/shells: " ASK_ADMIN,
			account->shell);
	return 0;
}
