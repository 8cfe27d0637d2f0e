/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in `sandboxd --check-config`, with the rights of who calls it; never in the daemon. */
#include "broker/config_names.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

/* NSS says "not found" by NULL and one of these, see getpwnam(3). */
static bool is_not_found(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

const char *names_check_user(const char *name)
{
	errno = 0;
	if (getpwnam(name))
		return NULL;
	return is_not_found(errno) ? "is no user of this host" : "cannot be looked up just now";
}

const char *names_check_group(const char *name)
{
	errno = 0;
	if (getgrnam(name))
		return NULL;
	return is_not_found(errno) ? "is no group of this host" : "cannot be looked up just now";
}

const char *names_check_kept_group(const char *name)
{
	return str_eq(name, "*") ? NULL : names_check_group(name);
}

const char *names_check_directory_or_file(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return errno == ENOENT ? "does not exist" : "cannot be looked at";
	return S_ISDIR(status.st_mode) || S_ISREG(status.st_mode) ? NULL
								  : "is no directory and no file";
}

const char *names_check_device(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return errno == ENOENT ? "does not exist" : "cannot be looked at";
	return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode) ? NULL : "is not a device";
}

const char *names_check_shell(const char *path)
{
	return access(path, X_OK) == 0 ? NULL : "cannot be executed";
}
