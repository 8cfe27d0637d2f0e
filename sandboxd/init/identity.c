/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a child of PID 1 gives up being uid 0 of the sandbox. Runs in the child, but for the part
 * that PID 1 does once for all, with raw system calls: nothing here opens a file.
 */
#include "init/identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What the broker's child had in its keyring must not be found by the login. The sandbox's outer
 * filter denies keyctl(2) as a whole, and then nobody finds anything.
 */
static int leave_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return 0;
	return errno == EPERM || errno == ENOSYS ? 0 : -errno;
}

int identity_prepare(void)
{
	for (unsigned long capability = 0; capability < 64; capability++)
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) {
			/* EINVAL: the kernel has no more of them. */
			if (errno == EINVAL && capability > CAP_SETPCAP)
				return 0;
			return -errno;
		}
	return 0;
}

static int clear_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static bool is_student(const struct settings *s)
{
	uid_t real_uid, uid, saved_uid;
	gid_t real_gid, gid, saved_gid;

	return getresuid(&real_uid, &uid, &saved_uid) == 0 &&
	       getresgid(&real_gid, &gid, &saved_gid) == 0 && real_uid == s->start.uid &&
	       uid == s->start.uid && saved_uid == s->start.uid && real_gid == s->start.gid &&
	       gid == s->start.gid && saved_gid == s->start.gid && uid != 0;
}

int identity_become(const struct settings *s)
{
	int r = leave_keyring();

	if (r < 0)
		return r;
	if (setgroups(s->start.group_count, s->start.groups) < 0 ||
		setresgid(s->start.gid, s->start.gid, s->start.gid) < 0)
		return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
		prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0 ||
		setresuid(s->start.uid, s->start.uid, s->start.uid) < 0)
		return -errno;
	/* Its memory still has what PID 1 knows: nobody of the same uid may read it before the
	 * execve. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	r = clear_capabilities();
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return is_student(s) ? 0 : -EPERM;
}
