/* SPDX-License-Identifier: Apache-2.0 */
/* The login view, from outside it. Part of pam_sandbox.so: root, inside sshd, login, su and cron.
 */
#include "pam/view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define WRONG_ANSWER "the sandbox service gave a login what is not a sandbox"
#define OWN_MOUNTS "/proc/thread-self/ns/mnt"
#define OWN_NETWORK "/proc/thread-self/ns/net"

void view_done(struct view *view)
{
	for (size_t i = 0; i < VIEW_FD_COUNT; i++)
		view->fds[i] = close_fd(view->fds[i]);
}

static bool is_lease(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	/* An O_PATH descriptor has no access mode, which reads as O_RDONLY. */
	return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fstat(fd, &st) == 0 &&
	       S_ISFIFO(st.st_mode);
}

/* A namespace of TYPE that is not the one at the path OWN: else the login would be on the host. */
static bool is_other_namespace(int fd, int type, const char *own)
{
	struct stat theirs, ours;
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0 || fs.f_type != NSFS_MAGIC || ioctl(fd, NS_GET_NSTYPE) != type)
		return false;
	if (fstat(fd, &theirs) < 0 || stat(own, &ours) < 0)
		return false;
	return theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino;
}

int view_check(const struct view *view, struct refusal *refusal)
{
	const char *wrong = NULL;

	if (!is_lease(view->fds[VIEW_LEASE]))
		wrong = "lease";
	else if (!is_other_namespace(view->fds[VIEW_MOUNTS], CLONE_NEWNS, OWN_MOUNTS))
		wrong = "login view";
	else if (!is_other_namespace(view->fds[VIEW_NETWORK], CLONE_NEWNET, OWN_NETWORK))
		wrong = "network";
	if (!wrong)
		return 0;
	return refuse(
		refusal, WRONG_ANSWER " (its %s): an administrator must look at sandboxd", wrong);
}

int view_join(const struct view *view, struct refusal *refusal)
{
	_cleanup_close_ int own = open(OWN_NETWORK, O_RDONLY | O_CLOEXEC);
	bool back;
	int r;

	if (own < 0 || setns(view->fds[VIEW_NETWORK], CLONE_NEWNET) < 0)
		return refuse(refusal,
			"the login cannot join the sandbox's network (%s): an administrator "
			"must look at sandboxd",
			strerrordesc_np(errno));
	if (setns(view->fds[VIEW_MOUNTS], CLONE_NEWNS) == 0)
		return 0;
	r = -errno;
	back = setns(own, CLONE_NEWNET) == 0;
	return refuse(refusal,
		"the login cannot join its view of the sandbox (%s)%s: an administrator must "
		"look at sandboxd",
		strerrordesc_np(-r), back ? "" : ", nor leave the sandbox's network again");
}
