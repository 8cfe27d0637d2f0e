/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in a child of the broker, before it leaves the host's mount namespace. Whatever hangs here
 * (an NFS server, an automount) costs this login its deadline and nobody else anything.
 */
#include "broker/sources.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "build_config.h"
#include "isolate/mount.h"

enum { TERMINAL_NAME_MAX = 64 };

/* Opens PATH with the rights of the account: its ids and all its groups, no capability of root's.
 */
static int open_as_account(const struct account *account, const char *path, int flags)
{
	gid_t groups[WIRE_GROUPS_MAX];
	int fd, error;

	for (size_t i = 0; i < account->group_count; i++)
		groups[i] = account->groups[i].gid;
	if (setgroups(account->group_count, groups) < 0)
		return -errno;
	setfsgid(account->gid);
	setfsuid(account->uid);
	fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	error = errno;
	setfsuid(0);
	setfsgid(0);
	if (setgroups(0, NULL) < 0) {
		close_fd(fd);
		return -errno;
	}
	return fd < 0 ? -error : fd;
}

int sources_open_home(struct build *b)
{
	const struct account *account = b->account;
	_cleanup_close_ int home = -EBADF;
	struct stat st;

	/* A real open, since O_PATH does not set off an automount. */
	home = open_as_account(account, account->home, O_RDONLY | O_DIRECTORY);
	if (home == -ENOENT || home == -EACCES || home == -ENOTDIR)
		return 0;
	if (home < 0)
		return child_fail(b->result, home, "the home directory %s cannot be opened: %s",
			account->home, strerror(-home));
	if (fstat(home, &st) < 0)
		return -errno;
	if (st.st_uid != account->uid)
		return child_fail(b->result, -EPERM,
			"the home directory %s belongs to uid %u, not to %s", account->home,
			st.st_uid, account->name);
	b->tree.home = mount_clone(home, false, MOUNT_SAFE);
	return b->tree.home < 0 ? b->tree.home : 0;
}

/* Binds are the admin's words, so root opens them; where root may not look (NFS) the student may.
 */
static int open_bind(const struct build *b, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd >= 0)
		return (int)fd;
	return errno == EACCES ? open_as_account(b->account, path, O_PATH) : -errno;
}

static int clone_bind(struct build *b, const char *path, uint64_t attrs, int *ret)
{
	_cleanup_close_ int fd = open_bind(b, path);

	if (fd < 0)
		return child_fail(b->result, fd,
			"%s, which the configuration binds, cannot be opened: %s", path,
			strerror(-fd));
	*ret = mount_clone(fd, true, attrs);
	return *ret < 0 ? *ret : 0;
}

static bool is_below_or_same(const char *path, const char *parent)
{
	size_t length = strlen(parent);

	return strncmp(path, parent, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

int sources_open_binds(struct build *b)
{
	const struct policy *policy = b->policy;
	int r;

	if (policy->bind_count > BUILD_BINDS_MAX)
		return child_fail(b->result, -E2BIG, "more than %d binds", BUILD_BINDS_MAX);
	for (size_t i = 0; i < policy->bind_count; i++) {
		const struct policy_bind *bind = &policy->binds[i];

		/* Below the home the way to the target is the student's; at it or above it, the
		 * home would be hidden. */
		if (is_below_or_same(bind->target, b->account->home) ||
			is_below_or_same(b->account->home, bind->target))
			return child_fail(b->result, -EINVAL,
				"the configuration binds %s on %s, which overlaps the home "
				"directory %s",
				bind->source, bind->target, b->account->home);
		r = clone_bind(b, bind->source, MOUNT_SAFE | (bind->write ? 0 : MOUNT_ATTR_RDONLY),
			&b->tree.binds[i]);
		if (r < 0)
			return r;
	}
	if (b->view.terminal >= 0) {
		b->tree.terminal = sources_clone_terminal(b->view.terminal, b->view.tty);
		if (b->tree.terminal < 0)
			return child_fail(b->result, b->tree.terminal,
				"the terminal %s cannot be taken along", b->view.tty);
	}
	b->tree.init = mount_clone_at(AT_FDCWD, SANDBOXD_PROGRAMS_DIR "/sandbox-init", false,
		MOUNT_SAFE | MOUNT_ATTR_RDONLY);
	if (b->tree.init < 0)
		return child_fail(b->result, b->tree.init,
			SANDBOXD_PROGRAMS_DIR "/sandbox-init: %s", strerror(-b->tree.init));
	return 0;
}

static bool tty_name_is_plain(const char *tty)
{
	size_t length = strlen(tty);

	return length > 0 && length < TERMINAL_NAME_MAX && tty[0] != '/' && !strstr(tty, "..") &&
	       strspn(tty, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") ==
		       length;
}

int sources_clone_terminal(int terminal, const char *tty)
{
	struct stat st;

	if (fstat(terminal, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode) || !isatty(terminal) || !tty_name_is_plain(tty))
		return -EINVAL;
	return mount_clone(terminal, false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
}
