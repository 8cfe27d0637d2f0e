/* SPDX-License-Identifier: Apache-2.0 */
/* In the broker: pure checks, no NSS, no file of a student's. */
#include "broker/identity.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "broker/ids.h"

void identity_new(char *buffer)
{
	uint32_t random;

	/* Never blocks once the machine is up, and never fails then (getrandom(2)). */
	while (getrandom(&random, sizeof(random), 0) != sizeof(random))
		;
	snprintf(buffer, WIRE_ID_LENGTH + 1, "%08x", random);
}

bool identity_service_counts(const char *service)
{
	static const char *const uncounted[] = {"cron", "crond", "sandboxctl"};

	for (size_t i = 0; i < ELEMENTS(uncounted); i++)
		if (str_eq(service, uncounted[i]))
			return false;
	return true;
}

static bool is_plain_path(const char *path)
{
	size_t length = strlen(path);

	if (path[0] != '/' || length < 2)
		return false;
	for (const char *s = path; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return !strstr(path, "/../") && !(length >= 3 && str_eq(path + length - 3, "/.."));
}

static bool is_plain_name(const char *name)
{
	if (!*name || *name == '-' || *name == '.')
		return false;
	for (const char *s = name; *s; s++)
		if ((unsigned char)*s <= 0x20 || *s == 0x7f || *s == ':' || *s == '/')
			return false;
	return true;
}

char *identity_problem(const struct service *service, const struct wire_open *open, int terminal)
{
	if (open->uid == 0 || open->uid == UINT32_MAX || open->gid == UINT32_MAX)
		return str_format("uid %u, gid %u cannot be sandboxed", open->uid, open->gid);
	if (open->gid == 0)
		return str_format("an account whose primary group is root's cannot be sandboxed");
	if (!is_plain_name(open->user))
		return str_format("the user name is not one that can be sandboxed");
	if (ids_contains(service, open->uid) || ids_contains(service, open->gid))
		return str_format("uid %u or gid %u lies in service.ids, the ranges of the "
				  "sandboxes; tell your administrator",
			open->uid, open->gid);
	if (!is_plain_path(open->home))
		return str_format("the home directory of %s is no absolute path", open->user);
	if (!is_plain_path(open->shell))
		return str_format("the shell of %s is no absolute path", open->user);
	/* The view's root would follow the student's own links on the way to it. */
	if (str_starts(open->shell, open->home) && open->shell[strlen(open->home)] == '/')
		return str_format("the shell of %s lies in the home directory", open->user);
	if (terminal >= 0 && !isatty(terminal))
		return str_format("what came along as a terminal is none");
	return NULL;
}

int identity_terminal_name(int fd, char *buffer)
{
	char link[32], path[WIRE_NAME_MAX + 1];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	if (!isatty(fd) || !str_starts(path, "/dev/"))
		return -ENOTTY;
	snprintf(buffer, WIRE_NAME_MAX + 1, "%s", path + strlen("/dev/"));
	return 0;
}
